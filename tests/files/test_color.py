"""Color profiles against formulas, and against lcms where there is none."""

import struct
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageCms

from artcnn.files.color import srgb_profile
from artcnn.files.read import read_picture


def swapped() -> bytes:
    """Return a profile whose first channel is green and whose second is red."""
    names = {b"rXYZ": b"gXYZ", b"gXYZ": b"rXYZ"}
    profile = bytearray(srgb_profile())
    for start in range(132, 132 + 12 * struct.unpack(">I", profile[128:132])[0], 12):
        name = bytes(profile[start : start + 4])
        profile[start : start + 4] = names.get(name, name)
    return bytes(profile)


def linear() -> bytes:
    """Return a profile with the primaries of sRGB whose numbers are amounts of light."""
    profile = srgb_profile()
    start = profile.index(b"para")
    curve = struct.pack(">4sIHHi", b"para", 0, 0, 0, 1 << 16)
    return profile[:start] + curve.ljust(32, b"\0") + profile[start + 32 :]


def linear_grey() -> bytes:
    """Return the smallest gray profile that lcms takes, of light as it is."""
    white = b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061)
    tags = {b"wtpt": white, b"kTRC": b"curv\0\0\0\0\0\0\0\0"}
    table, body = struct.pack(">I", len(tags)), b""
    for name, data in tags.items():
        table += name + struct.pack(">II", 128 + 4 + 12 * len(tags) + len(body), len(data))
        body += data
    head = struct.pack(">I4sI", 128 + len(table) + len(body), b"lcms", 0x02100000) + b"mntrGRAYXYZ "
    head += struct.pack(">6H", 2000, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + white[8:]
    return head.ljust(128, b"\0") + table + body


def encoded(light):
    """Return sRGB values for amounts of light (IEC 61966-2-1)."""
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def pixels_of(path, notes=()):
    picture = read_picture(path)
    assert picture.notes == tuple(f"{path}: {note}" for note in notes)
    return picture.pixels[0].permute(1, 2, 0).numpy()


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "webp", "avif"])
def test_a_profile_in_any_format_is_followed(tmp_path, suffix):
    colors = np.full((40, 40, 3), (230, 90, 20), np.uint8)
    Image.fromarray(colors).save(tmp_path / f"x.{suffix}", icc_profile=swapped(), quality=100)
    assert np.abs(pixels_of(tmp_path / f"x.{suffix}") * 255 - [90, 230, 20]).max() <= 4


def test_light_becomes_srgb(tmp_path, grid):
    Image.fromarray(grid).save(tmp_path / "x.png", icc_profile=linear())
    assert np.abs(pixels_of(tmp_path / "x.png") - encoded(grid / 255)).max() <= 0.51 / 255


def test_alpha_passes_a_profile_by(tmp_path, grid):
    alpha = np.full_like(grid[..., :1], 77)
    Image.fromarray(np.concatenate([grid, alpha], axis=-1)).save(tmp_path / "x.png", icc_profile=swapped())
    assert np.abs(pixels_of(tmp_path / "x.png") * 255 - grid[..., [1, 0, 2]]).max() <= 1
    assert np.allclose(read_picture(tmp_path / "x.png").alpha, 77 / 255)


def test_srgb_by_another_name_changes_nothing(tmp_path, grid):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert profile != srgb_profile()
    Image.fromarray(grid).save(tmp_path / "x.png", icc_profile=profile)
    assert np.allclose(pixels_of(tmp_path / "x.png") * 255, grid)


@pytest.mark.parametrize("dtype", ["uint8", "<u2"])
def test_grey_with_a_grey_profile(tmp_path, dtype):
    white = np.iinfo(dtype).max
    ramp = np.linspace(0, white, 40 * 50).astype(dtype).reshape(40, 50)
    Image.fromarray(ramp).save(tmp_path / "x.png", icc_profile=linear_grey())
    assert np.abs(pixels_of(tmp_path / "x.png") - encoded(ramp / white)[..., None]).max() <= 0.51 / 255


def test_grey_with_the_profile_of_a_color_picture(tmp_path, grid):
    Image.fromarray(grid[..., 1]).save(tmp_path / "x.png", icc_profile=linear())
    assert np.abs(pixels_of(tmp_path / "x.png") - encoded(grid[..., 1:2] / 255)).max() <= 0.51 / 255


def test_lab_as_lcms_has_it(tmp_path, grid):
    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    image = ImageCms.profileToProfile(Image.fromarray(grid), srgb, lab, outputMode="LAB")
    image.save(tmp_path / "x.tif")
    back = ImageCms.profileToProfile(image, lab, srgb, outputMode="RGB")
    assert np.allclose(pixels_of(tmp_path / "x.tif") * 255, np.asarray(back), atol=1.01)
    # 8 bits of L*, a*, b* hold colors of sRGB within some levels.
    assert np.abs(np.asarray(back).astype(int) - grid).mean() < 3


NOTE = "its color profile cannot be read or is not for such pixels, taken as sRGB"


@pytest.mark.parametrize("profile", [b"rubbish", srgb_profile()[:200], linear_grey()], ids=["text", "cut", "grey"])
def test_a_profile_that_cannot_be_followed_is_told(tmp_path, grid, profile):
    Image.fromarray(grid).save(tmp_path / "x.png", icc_profile=profile)
    assert np.allclose(pixels_of(tmp_path / "x.png", [NOTE]) * 255, grid)


def test_a_profile_for_other_pixels_is_told_for_cmyk(tmp_path):
    Image.new("CMYK", (40, 40), (255, 0, 0, 0)).save(tmp_path / "x.tif", icc_profile=swapped())
    assert np.allclose(pixels_of(tmp_path / "x.tif", [NOTE]), [0, 1, 1])


def test_cmyk_follows_its_profile_as_lcms_has_it(tmp_path):
    profile = cmyk()
    image = Image.fromarray(np.random.default_rng(1).integers(0, 256, (40, 40, 4), np.uint8), "CMYK")
    image.save(tmp_path / "x.tif", icc_profile=profile)
    source = ImageCms.ImageCmsProfile(BytesIO(profile))
    expected = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    assert np.allclose(pixels_of(tmp_path / "x.tif") * 255, np.asarray(expected), atol=1.01)
    assert not np.allclose(np.asarray(expected), np.asarray(image.convert("RGB")), atol=50)


def cmyk() -> bytes:
    """Return a profile of four inks with a table of two nodes each: every ink takes a part of the lightness."""
    identity = struct.pack(">2H", 0, 65535)
    nodes = np.stack(np.meshgrid(*[[0, 1]] * 4, indexing="ij"), axis=-1).reshape(-1, 4)
    lightness = np.clip(1 - nodes @ [0.2, 0.3, 0.1, 0.9], 0, 1) * 65280
    table = np.stack([lightness, np.full(16, 32768), np.full(16, 32768)], axis=-1).astype(">u2").tobytes()
    matrix = struct.pack(">9i", *(65536, 0, 0, 0, 65536, 0, 0, 0, 65536))
    lut = b"mft2\0\0\0\0" + bytes([4, 3, 2, 0]) + matrix + struct.pack(">2H", 2, 2)
    lut += identity * 4 + table + identity * 3
    white = b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061)
    start = 128 + 4 + 24
    index = struct.pack(">I4sII4sII", 2, b"wtpt", start, len(white), b"A2B0", start + len(white), len(lut))
    head = struct.pack(">I4sI", start + len(white) + len(lut), b"lcms", 0x02100000) + b"prtrCMYKLab "
    head += struct.pack(">6H", 2000, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + white[8:]
    return head.ljust(128, b"\0") + index + white + lut
