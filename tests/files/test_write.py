"""What is written comes back; a file is whole or not there."""

import errno
import os
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from artcnn.errors import ArtcnnError, PictureError
from artcnn.files import color as color
from artcnn.files.file_names import output_path
from artcnn.files.read import read_picture
from artcnn.files.write import WRITABLE, check_writable, quantize, write_picture

in_one_folder = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
seeds, sides = st.integers(0, 2**32 - 1), st.integers(32, 48)


def noise(seed: int, height: int, width: int) -> torch.Tensor:
    """Return pixels, some of them a little outside [0, 1]."""
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(seed)) * 1.1 - 0.05


@pytest.mark.parametrize("suffix", [".png", ".tif", ".tiff", ".PNG"])
@in_one_folder
@given(seed=seeds, height=sides, width=sides)
def test_read_of_write_is_quantize(tmp_path, suffix, seed, height, width):
    pixels = noise(seed, height, width)
    before = pixels.clone()
    write_picture(tmp_path / f"x{suffix}", pixels)
    picture = read_picture(tmp_path / f"x{suffix}")
    assert torch.equal(picture.pixels, quantize(pixels))
    assert picture.alpha is None
    assert picture.notes == ()
    assert torch.equal(pixels, before)


@pytest.mark.parametrize("suffix", [".jpg", ".jpeg", ".webp"])
def test_lossy_formats_are_close(tmp_path, suffix):
    slope = torch.linspace(0.1, 0.9, 40 * 48).reshape(1, 1, 40, 48).expand(1, 3, 40, 48)
    write_picture(tmp_path / f"x{suffix}", slope)
    assert torch.allclose(read_picture(tmp_path / f"x{suffix}").pixels, slope, atol=0.03)


def test_quantize_rounds_to_the_nearest_of_256_levels():
    levels = torch.arange(256) / 255
    assert torch.equal(quantize(levels), levels)
    assert torch.equal(quantize(levels + 0.49 / 255), levels)
    assert torch.equal(quantize(torch.tensor([-1.0, 2.0])), torch.tensor([0.0, 1.0]))


@pytest.mark.parametrize("suffix", WRITABLE)
def test_the_same_pixels_are_the_same_bytes_at_any_time(tmp_path, monkeypatch, suffix):
    path = tmp_path / f"x{suffix}"
    write_picture(path, noise(1, 40, 40), provenance="{}")
    first = path.read_bytes()
    later = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    later[24:36] = bytes(range(12))
    monkeypatch.setattr(ImageCms.ImageCmsProfile, "tobytes", lambda _: bytes(later))
    color.srgb_profile.cache_clear()
    write_picture(path, noise(1, 40, 40), provenance="{}")
    assert path.read_bytes() == first


@pytest.mark.parametrize("suffix", WRITABLE)
def test_the_profile_is_embedded_and_the_chroma_kept(tmp_path, suffix):
    write_picture(tmp_path / f"x{suffix}", noise(1, 40, 40))
    with Image.open(tmp_path / f"x{suffix}") as image:
        profile = ImageCms.getOpenProfile(BytesIO(image.info["icc_profile"]))
        assert "sRGB" in ImageCms.getProfileDescription(profile)
        if image.format == "JPEG":
            assert image.layer[1][1:3] == image.layer[0][1:3], "4:4:4"


FAILURES = {
    "a full disk": ("fsync", OSError(errno.ENOSPC, "No space left on device"), ArtcnnError),
    "a lost folder": ("replace", OSError(errno.EIO, "Input/output error"), ArtcnnError),
    "Ctrl-C": ("fsync", KeyboardInterrupt(), KeyboardInterrupt),
}


@pytest.mark.parametrize("name", FAILURES)
@pytest.mark.parametrize("old", [None, b"the old picture"])
def test_a_failure_leaves_what_was_there(tmp_path, monkeypatch, name, old):
    where, error, seen = FAILURES[name]

    def fail(*args):
        raise error

    path = tmp_path / "x.png"
    if old is not None:
        path.write_bytes(old)
    monkeypatch.setattr(*((os, "fsync") if where == "fsync" else (Path, "replace")), fail)
    with pytest.raises(seen) as caught:
        write_picture(path, noise(1, 40, 40))
    assert [p.read_bytes() for p in tmp_path.iterdir()] == ([] if old is None else [old])
    if seen is ArtcnnError:
        assert str(caught.value) == f"cannot write {path}: {error.strerror.lower()}"


@pytest.mark.parametrize("error", [OSError("encoder error -2"), ValueError("too large")])
def test_an_encoder_that_fails_leaves_nothing(tmp_path, monkeypatch, error):
    def fail(*args, **kwargs):
        raise error

    monkeypatch.setattr(Image.Image, "save", fail)
    with pytest.raises(PictureError, match="WEBP cannot hold 40 x 32 pixels"):
        write_picture(tmp_path / "x.webp", noise(1, 32, 40))
    assert not list(tmp_path.iterdir())


def test_more_pixels_across_than_webp_holds(tmp_path):
    with pytest.raises(PictureError, match=r"WEBP cannot hold 17000 x 32 pixels .*, use \.png"):
        write_picture(tmp_path / "x.webp", torch.zeros(1, 3, 32, 17_000))


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_permissions_are_those_of_any_new_file(tmp_path):
    before = os.umask(0o027)
    try:
        write_picture(tmp_path / "x.png", noise(1, 40, 40))
    finally:
        os.umask(before)
    assert (tmp_path / "x.png").stat().st_mode & 0o777 == 0o640


def test_names_that_are_free(tmp_path):
    photo = tmp_path / "my.photo.jpg"
    names = []
    for _ in range(3):
        path = output_path(photo, "dream")
        path.touch()
        names.append(path.name)
    assert names == ["my.photo-dream.png", "my.photo-dream-2.png", "my.photo-dream-3.png"]
    assert output_path(photo, "dream", ".jpg") == tmp_path / "my.photo-dream.jpg"


def test_where_a_picture_can_be_written(tmp_path, monkeypatch):
    check_writable(tmp_path / "x.PNG")
    (tmp_path / "folder.png").mkdir()
    refusals = {
        "x.bmp": "must end in one of .png, .jpg, .jpeg, .webp, .tif, .tiff",
        "x": "must end in one of .png",
        "new/x.png": f"there is no folder {tmp_path / 'new'}, make it first: mkdir -p '{tmp_path / 'new'}'",
        "folder.png": "it is a folder, choose another name",
    }
    for name, message in refusals.items():
        with pytest.raises(ArtcnnError) as caught:
            check_writable(tmp_path / name)
        assert str(caught.value).startswith(f"cannot write {tmp_path / name}: ")
        assert message in str(caught.value)
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(ArtcnnError, match="you may not write into"):
        check_writable(tmp_path / "x.png")


def test_a_gradient_and_a_transposed_tensor_can_be_written(tmp_path):
    pixels = noise(2, 40, 48).transpose(2, 3).requires_grad_()
    write_picture(str(tmp_path / "x.png"), pixels)
    assert np.array_equal(read_picture(tmp_path / "x.png").pixels, quantize(pixels).detach())
