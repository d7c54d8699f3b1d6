"""Every kind of picture against what NumPy says its pixels are."""

import hashlib
import struct
from pathlib import Path

import numpy as np
import pytest
import tifffile
import torch
from PIL import Image

from artcnn.files.read import read_picture

SUFFIXES = ["bmp", "png", "tif", "gif", "webp", "jpg", "avif"]

UPRIGHT = {
    1: lambda a: a,
    2: np.fliplr,
    3: lambda a: np.rot90(a, 2),
    4: np.flipud,
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.rot90(a.swapaxes(0, 1), 2),
    8: np.rot90,
}
"""EXIF orientation to what turns the stored array upright (EXIF 2.32, section 4.6.4)."""


@pytest.fixture
def smooth() -> np.ndarray:
    """Return 36 x 48 pixels of one slope, which every lossy format keeps well, shape (36, 48, 3)."""
    y, x = np.mgrid[0:36, 0:48]
    return np.repeat((y * 3 + x * 2 + 20)[..., None], 3, axis=-1).astype(np.uint8)


def pixels_of(path: Path) -> np.ndarray:
    """Return a picture as (H, W, 3) in 0..255."""
    picture = read_picture(path)
    assert picture.notes == ()
    assert picture.pixels.dtype == torch.float32
    assert picture.pixels.is_contiguous()
    return picture.pixels[0].permute(1, 2, 0).numpy() * 255


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_content_decides_the_format_not_the_name(tmp_path, smooth, suffix):
    path = tmp_path / "picture.xyz"
    Image.fromarray(smooth).save(tmp_path / f"x.{suffix}", quality=100)
    (tmp_path / f"x.{suffix}").rename(path)
    assert np.abs(pixels_of(path) - smooth).max() <= (1e-4 if suffix in ("bmp", "gif", "png", "tif") else 4)
    assert read_picture(str(path)).sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_heic(tmp_path, smooth):
    heif = pytest.importorskip("pillow_heif", reason="the extra 'heic' is not installed")
    heif.from_pillow(Image.fromarray(smooth)).save(tmp_path / "x.heic", quality=100)
    known = set(Image.OPEN)
    assert np.abs(pixels_of(tmp_path / "x.heic") - smooth).max() <= 4
    assert set(Image.OPEN) == known, "Pillow is left as it was"


@pytest.mark.parametrize("suffix", ["png", "tif", "webp", "jpg", "avif"])
@pytest.mark.parametrize("orientation", UPRIGHT)
def test_exif_orientation(tmp_path, suffix, orientation):
    quarters = np.zeros((40, 64, 3), np.uint8)
    quarters[:20, :32], quarters[:20, 32:], quarters[20:, :32] = (250, 10, 10), (10, 250, 10), (10, 10, 250)
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(quarters).save(tmp_path / f"x.{suffix}", exif=exif, quality=100)
    seen = pixels_of(tmp_path / f"x.{suffix}")
    expected = UPRIGHT[orientation](quarters)
    assert seen.shape == expected.shape
    assert np.abs(seen - expected).mean() < 4


def test_an_orientation_that_does_not_exist_is_upright(tmp_path, grid):
    exif = Image.Exif()
    exif[0x0112] = 77
    Image.fromarray(grid).save(tmp_path / "x.png", exif=exif)
    assert np.allclose(pixels_of(tmp_path / "x.png"), grid)


@pytest.mark.parametrize("mode", ["L", "1", "P", "LA"])
def test_grey_and_palette(tmp_path, grid, mode):
    image = Image.fromarray(grid).convert("RGBA" if mode == "LA" else "RGB").convert(mode)
    image.save(tmp_path / "x.png")
    assert np.allclose(pixels_of(tmp_path / "x.png"), np.asarray(image.convert("RGB")))


def test_ycbcr_tiff(tmp_path, grid):
    image = Image.fromarray(grid).convert("YCbCr")
    image.save(tmp_path / "x.tif")
    with Image.open(tmp_path / "x.tif") as stored:
        assert stored.mode == "YCbCr"
    assert np.allclose(pixels_of(tmp_path / "x.tif"), np.asarray(image.convert("RGB")))


@pytest.mark.parametrize("suffix", ["jpg", "tif"])
def test_cmyk_without_a_profile(tmp_path, suffix):
    ink = np.zeros((40, 40, 4), np.uint8)
    ink[..., 0], ink[..., 3] = 255, 51  # full cyan, a fifth of black
    Image.fromarray(ink, "CMYK").save(tmp_path / f"x.{suffix}", quality=100)
    assert np.abs(pixels_of(tmp_path / f"x.{suffix}") - [0, 204, 204]).max() <= 3


RAMP = np.linspace(0, 65535, 40 * 50).round().astype(np.uint16).reshape(40, 50)


def write_deep_png(path: Path) -> None:
    Image.fromarray(RAMP).save(path, "PNG")


DEEP = {
    "PNG": write_deep_png,
    "TIFF, little-endian": lambda path: tifffile.imwrite(path, RAMP, byteorder="<"),
    "TIFF, big-endian": lambda path: tifffile.imwrite(path, RAMP, byteorder=">"),
    "TIFF, big-endian, deflate": lambda path: tifffile.imwrite(path, RAMP, byteorder=">", compression="zlib"),
    "TIFF, 0 is white": lambda path: tifffile.imwrite(path, 65535 - RAMP, photometric="miniswhite"),
}


@pytest.mark.parametrize("write", DEEP.values(), ids=DEEP)
def test_grey_of_16_bits_keeps_them(tmp_path, write):
    write(tmp_path / "x")
    assert np.allclose(pixels_of(tmp_path / "x"), RAMP[..., None] / np.float32(257), atol=1e-4)


def test_a_deep_tiff_is_turned_as_well(tmp_path):
    tifffile.imwrite(tmp_path / "x", RAMP, extratags=[(274, "H", 1, 6, True)])
    assert np.allclose(pixels_of(tmp_path / "x"), np.rot90(RAMP, -1)[..., None] / np.float32(257), atol=1e-4)


@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("channels", [3, 4])
def test_color_of_16_bits_is_right_to_8(tmp_path, byteorder, channels):
    deep = np.stack([RAMP, RAMP[::-1], RAMP // 2, np.full_like(RAMP, 40000)], axis=-1)[..., :channels]
    extra = {"extrasamples": ["unassalpha"]} if channels == 4 else {}
    tifffile.imwrite(tmp_path / "x", deep, photometric="rgb", byteorder=byteorder, **extra)
    assert np.abs(pixels_of(tmp_path / "x") - deep[..., :3] / 257).max() <= 1
    alpha = read_picture(tmp_path / "x").alpha
    assert (alpha is None) if channels == 3 else np.allclose(alpha, 40000 / 65535, atol=1 / 255)


@pytest.mark.parametrize(("dtype", "white"), [("float32", 1), ("int32", 65535)])
def test_numbers_of_32_bits_within_a_known_range(tmp_path, dtype, white):
    tifffile.imwrite(tmp_path / "x", (RAMP * (white / 65535)).astype(dtype))
    assert np.allclose(pixels_of(tmp_path / "x"), RAMP[..., None] / np.float32(257), atol=1e-4)


def test_grey_of_12_bits(tmp_path):
    # Two numbers of 12 bits in three bytes: 0x000 and 0xFFF, side by side.
    stripes = np.tile(np.array([0x00, 0x0F, 0xFF], np.uint8), 40 * 20)
    tags = {256: 40, 257: 40, 258: 12, 259: 1, 262: 1, 273: 8, 277: 1, 278: 40, 279: stripes.size}
    directory = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", t, 4, 1, v) for t, v in tags.items())
    start = 8 + stripes.size
    (tmp_path / "x").write_bytes(b"II*\0" + struct.pack("<I", start) + stripes.tobytes() + directory + bytes(4))
    seen = pixels_of(tmp_path / "x")
    assert np.allclose(seen[:, ::2], 0)
    assert np.allclose(seen[:, 1::2], 255)


def test_a_large_jpeg_is_decoded_as_small_as_is_enough(tmp_path, monkeypatch):
    from artcnn.files import open as opening
    from artcnn.image import fit

    y, x = np.mgrid[0:900, 0:1203]
    pixels = np.stack([x / 5, y / 4, 100 + 60 * np.sin(x / 40) * np.cos(y / 50)], axis=-1).astype(np.uint8)
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(pixels).save(tmp_path / "x.jpg", quality=95, exif=exif)
    whole = read_picture(tmp_path / "x.jpg", long_side=128).pixels
    assert whole.shape == (1, 3, 1203, 900), "it is not large"
    monkeypatch.setattr(opening, "LARGE_JPEG", 1_000_000)
    assert read_picture(tmp_path / "x.jpg").pixels.shape == whole.shape
    for enough, height in ((700, 1203), (250, 602), (150, 301), (44, 151)):
        small = read_picture(tmp_path / "x.jpg", long_side=enough).pixels
        assert small.shape[2] == height
        difference = (fit(small, enough) - fit(whole, enough)).abs()
        assert difference.max() < 0.05, "but for a part of a pixel at the border"
        assert difference.mean() < 0.005
    monkeypatch.setattr(opening, "available_memory", lambda: 3_000_000)  # a tenth of what all the pixels need
    assert read_picture(tmp_path / "x.jpg", long_side=44).pixels.shape[2] == 151
    (tmp_path / "x.jpg").write_bytes((tmp_path / "x.jpg").read_bytes()[:-400])
    assert read_picture(tmp_path / "x.jpg", long_side=44).pixels.shape[2] == 151


@pytest.mark.parametrize("suffix", ["gif", "webp", "tif", "png", "avif"])
def test_frames_after_the_first_are_left_alone(tmp_path, smooth, suffix):
    frames = [Image.fromarray(smooth), Image.fromarray(255 - smooth)]
    path = tmp_path / f"x.{suffix}"
    frames[0].save(path, save_all=True, append_images=frames[1:], quality=100)
    picture = read_picture(path)
    assert np.abs(picture.pixels[0].permute(1, 2, 0).numpy() * 255 - smooth).max() <= 4
    assert picture.notes == (f"{path}: it has 2 {'pages' if suffix == 'tif' else 'frames'}: the first is taken",)
