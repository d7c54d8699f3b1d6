"""Transparency is kept, and what it hides has no say."""

import numpy as np
import pytest
import torch
from PIL import Image

from artcnn.files.read import read_picture
from artcnn.files.write import write_picture


@pytest.fixture
def alpha():
    """Return opacity, shape (36, 48): nothing at the left, all at the right."""
    return np.broadcast_to(np.clip(np.arange(48) * 8 - 64, 0, 255), (36, 48)).astype(np.uint8)


@pytest.mark.parametrize("suffix", ["png", "tif", "webp"])
def test_alpha_is_kept_and_hidden_colors_become_the_mean_of_the_visible(tmp_path, grid, alpha, suffix):
    image = Image.fromarray(np.dstack([grid, alpha]))
    image.save(tmp_path / f"x.{suffix}", **({"lossless": True, "exact": True} if suffix == "webp" else {}))
    picture = read_picture(tmp_path / f"x.{suffix}")
    assert np.array_equal((picture.alpha * 255).round()[0, 0], alpha)
    seen = picture.pixels[0].permute(1, 2, 0).numpy() * 255
    assert np.allclose(seen[alpha > 0], grid[alpha > 0], atol=1e-4)
    assert np.allclose(seen[alpha == 0], grid[alpha > 0].mean(axis=0), atol=1e-2)


def test_a_picture_of_which_nothing_is_visible_is_mid_grey(tmp_path, grid):
    Image.fromarray(np.dstack([grid, np.zeros_like(grid[..., 0])])).save(tmp_path / "x.png")
    picture = read_picture(tmp_path / "x.png")
    assert torch.equal(picture.pixels, torch.full_like(picture.pixels, 0.5))
    assert not picture.alpha.any()


def test_an_alpha_that_is_opaque_everywhere_is_none(tmp_path, grid):
    Image.fromarray(np.dstack([grid, np.full_like(grid[..., 0], 255)])).save(tmp_path / "x.png")
    assert read_picture(tmp_path / "x.png").alpha is None


@pytest.mark.parametrize("mode", ["L", "RGB", "P", "1", "I;16"])
def test_one_transparent_color(tmp_path, mode):
    values = np.zeros((40, 40), np.uint16 if mode == "I;16" else np.uint8)
    values[:, 20:] = 255
    image = Image.fromarray(values) if mode == "I;16" else Image.fromarray(values).convert(mode)
    clear = {"RGB": (255, 255, 255), "1": 1}.get(mode, 255)
    image.save(tmp_path / "x.png", transparency=clear)
    picture = read_picture(tmp_path / "x.png")
    assert picture.alpha[..., :20].min() == 1
    assert picture.alpha[..., 20:].max() == 0


def test_an_animated_picture_with_transparency(tmp_path):
    image = Image.new("P", (40, 40), 0)
    image.putpalette([200, 0, 0, 0, 0, 200])
    image.paste(1, (0, 0, 20, 40))
    image.save(tmp_path / "x.gif", transparency=1)
    picture = read_picture(tmp_path / "x.gif")
    assert not picture.alpha[..., :20].any()
    assert torch.allclose(picture.pixels[0, :, 0, 0] * 255, torch.tensor([200.0, 0, 0]))


@pytest.mark.parametrize("suffix", [".png", ".tif", ".webp"])
def test_alpha_survives_being_written(tmp_path, grid, alpha, suffix):
    opacity = torch.from_numpy(alpha / np.float32(255))[None, None]
    pixels = torch.from_numpy(grid / np.float32(255)).permute(2, 0, 1)[None]
    write_picture(tmp_path / f"x{suffix}", pixels, opacity)
    assert torch.allclose(read_picture(tmp_path / f"x{suffix}").alpha, opacity)


def test_jpeg_is_laid_on_white(tmp_path):
    alpha = torch.full((1, 1, 40, 40), 0.25)
    write_picture(tmp_path / "x.jpg", torch.zeros(1, 3, 40, 40), alpha)
    picture = read_picture(tmp_path / "x.jpg")
    assert picture.alpha is None
    assert torch.allclose(picture.pixels, torch.tensor(0.75), atol=0.01)
