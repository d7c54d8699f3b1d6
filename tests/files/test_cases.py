"""Files that other programs stumbled over, each with its right value; the stripes are red, green and blue."""

from pathlib import Path

import numpy as np
import pytest

from artcnn.files.read import read_picture

FOLDER = Path(__file__).parents[1] / "data" / "pictures"

SRGB = [[220, 40, 40], [40, 200, 40], [40, 60, 220]]
PNG_TEXT = "it holds more than 1 MB of text, which is left out"
HDR = "it has high dynamic range (PQ): tone-mapped to sRGB (ITU-R BT.2390)"


def srgb(light):
    light = np.clip(light, 0, 1)
    return 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def p3(numbers, gamma):
    """Return sRGB for numbers of P3 with a white of D65: CSS Color 4, section 17."""
    matrix = np.array([[1.2249, -0.2247, 0.0], [-0.0420, 1.0419, 0.0], [-0.0197, -0.0786, 1.0979]])
    return srgb((np.array(numbers) / 255) ** gamma @ matrix.T)


def pq(numbers, white):
    """Return sRGB for numbers of PQ and BT.2020, not brighter than 203 cd/m2: SMPTE ST 2084, ITU-R BT.2087."""
    power = (np.array(numbers) / white) ** (1 / 78.84375)
    light = 10_000 / 203 * ((power - 0.8359375) / (18.8515625 - 18.6875 * power)) ** (1 / 0.1593017578125)
    matrix = np.array([[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]])
    return srgb(light @ matrix.T)


DEEP_PQ = [[32844, 21164, 16937], [27700, 33905, 21270], [20272, 19456, 35149]]
"""The numbers in the PNG; the HEIC file has the upper 8 bits of them."""

STRIPES = {
    "adobergb_dcf_no_icc.jpg": ([[255, 35, 35], [0, 201, 0], [21, 57, 225]], 1.6, ()),
    "animated.gif": (SRGB, 0.1, ("it has 6 frames: the first is taken",)),
    "animated.webp": (SRGB, 3.1, ("it has 6 frames: the first is taken",)),
    "chrm_p3_like.png": (p3(SRGB, 1 / 0.45455), 0.6, ()),
    "cicp_p3_8bit.png": ([[240, 0, 21], [0, 204, 0], [34, 61, 229]], 0.6, ()),
    "cicp_pq_bt2020_16bit.png": (pq(DEEP_PQ, 65535), 0.6, (HDR,)),
    "gama_linear.png": (srgb(np.array(SRGB) / 255), 0.1, ()),
    "heic_nclx_pq_bt2020.heic": (pq(DEEP_PQ, 65535), 5, (HDR,)),
    "multipage.tif": (SRGB, 0.1, ("it has 6 pages: the first is taken",)),
    "png_bad_text_crc.png": (SRGB, 0.1, ("damaged metadata (tEXt) is left out",)),
    "png_itxt_1.3MB_workflow.png": (SRGB, 0.1, (PNG_TEXT,)),
    "png_no_iend.png": (SRGB, 0.1, ("the file is cut short, behind its last pixel",)),
    "png_trailing_garbage.png": (SRGB, 0.1, ()),
    "png_ztxt_1.3MB_workflow.png": (SRGB, 0.1, (PNG_TEXT,)),
}
"""The file, its colors, how near they come, and what is said."""


@pytest.mark.parametrize("name", STRIPES)
def test_three_stripes(name):
    expected, within, notes = STRIPES[name]
    if name.endswith(".heic"):
        pytest.importorskip("pillow_heif", reason="the extra 'heic' is not installed")
    picture = read_picture(FOLDER / name)
    assert picture.pixels.shape == (1, 3, 96, 96)
    for x in (16, 48, 80):
        assert np.abs(picture.pixels[0, :, 48, x].numpy() * 255 - expected[x // 32]).max() < within
    assert picture.notes == tuple(f"{FOLDER / name}: {note}" for note in notes)
    assert picture.alpha is None


@pytest.mark.parametrize(("name", "white"), [("grey_16bit_grey_icc.png", 65535), ("grey_8bit_grey_icc_trns.png", 255)])
def test_a_ramp_of_gray_whose_profile_is_linear(name, white):
    picture = read_picture(FOLDER / name)
    ramp = np.arange(96) * 65535 // 95 >> (0 if white > 255 else 8)
    expected = srgb(ramp / white)
    clear = ramp == 255 if white == 255 else np.zeros(96, bool)
    seen = picture.pixels[0].numpy() * 255
    assert np.abs(seen - expected)[..., ~clear].max() < 0.51
    if clear.any():
        assert np.array_equal(picture.alpha[0, 0, 0].numpy(), ~clear)
    else:
        assert picture.alpha is None
    assert picture.notes == ()


def test_16_bits_plane_by_plane_and_deflated():
    y, x = np.mgrid[0:96, 0:96]
    expected = np.stack([x * 65535 // 95, y * 65535 // 95, np.full_like(x, 20000)], axis=-1)
    seen = read_picture(FOLDER / "rgb16_planar_deflate.tif").pixels[0].permute(1, 2, 0).numpy()
    assert np.abs(seen * 65535 - expected).max() < 0.1


CASES = Path(__file__).parents[3] / "shared" / "data" / "cases"
there = pytest.mark.skipif(not CASES.is_dir(), reason="the larger files that showed faults are not there")


@there
@pytest.mark.parametrize("layout", ["contig", "contig_be", "planar", "planar_deflate", "tiled"])
def test_16_bits_in_every_layout(layout):
    y, x = np.mgrid[0:96, 0:96]
    expected = np.stack([x * 65535 // 95, y * 65535 // 95, np.full_like(x, 20000)])
    picture = read_picture(CASES / f"rgb16_{layout}.tif")
    assert np.abs(picture.pixels[0].numpy() * 65535 - expected).max() < 0.1
    assert picture.notes == ()


@there
def test_a_jpeg_opens_without_its_end_and_with_its_last_rows_missing():
    whole, missing, cut = (
        read_picture(CASES / f"jpeg_{name}.jpg") for name in ("leading_zero_newline", "missing_eoi", "cut_last_1pct")
    )
    assert np.array_equal(missing.pixels, whole.pixels)
    assert (len(whole.notes), len(missing.notes)) == (0, 1)
    assert "the last 1.7% of the picture are missing" in cut.notes[0]
    assert np.array_equal(cut.pixels[:, :, :112], whole.pixels[:, :, :112])
