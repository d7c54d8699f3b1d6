"""Numbers to light to sRGB, against formulas and matrices as the standards print them."""

import math

import numpy as np
import pytest

from artcnn.files.encoding import ColorEncoding, encode_srgb, find_encoding
from artcnn.files.primaries import ADOBE_RGB, BT709, H273

P3_TO_BT709 = [[1.2249, -0.2247, 0.0], [-0.0420, 1.0419, 0.0], [-0.0197, -0.0786, 1.0979]]
"""CSS Color 4, section 17, its two matrices multiplied."""

BT2020_TO_BT709 = [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]]
"""ITU-R BT.2087-0, section 4."""

ADOBE_TO_XYZ = [[0.57667, 0.18556, 0.18823], [0.29734, 0.62736, 0.07529], [0.02703, 0.07069, 0.99134]]
"""Adobe RGB (1998), section 4.3.5.3."""

XYZ_TO_BT709 = [[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]]
"""IEC 61966-2-1."""

COLORS = np.random.default_rng(2).integers(0, 256, (9, 11, 3), np.uint8)


def srgb(light):
    """Return 8 bits of sRGB for light, clipped."""
    light = np.clip(light, 0, 1)
    return 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def light_of_srgb(values):
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


@pytest.mark.parametrize(
    ("code", "published"), [(12, P3_TO_BT709), (9, BT2020_TO_BT709), (1, np.eye(3)), (2, np.eye(3))]
)
def test_primaries_of_the_same_white(code, published):
    light = light_of_srgb(COLORS / 255) @ np.array(published).T
    assert np.abs(find_encoding(code, 13).to_srgb(COLORS, 255) * 255 - srgb(light)).max() < 0.6
    assert find_encoding(code, 13).is_srgb == (code <= 2)


def test_adobe_rgb():
    light = (COLORS / 255) ** (563 / 256) @ np.array(ADOBE_TO_XYZ).T @ np.array(XYZ_TO_BT709).T
    assert np.abs(ColorEncoding(ADOBE_RGB, 563 / 256).to_srgb(COLORS, 255) * 255 - srgb(light)).max() < 0.6


@pytest.mark.parametrize("code", H273)
@pytest.mark.parametrize("gray", [0, 64, 200, 255])
def test_gray_stays_gray_whatever_the_white(code, gray):
    seen = find_encoding(code, 13).to_srgb(np.full((2, 2, 3), gray, np.uint8), 255) * 255
    assert np.abs(seen - gray).max() < 0.01


@pytest.mark.parametrize(
    ("code", "light"),
    [
        (1, None),
        (6, None),
        (13, None),
        (14, None),
        (15, None),
        (4, lambda v: v**2.2),
        (5, lambda v: v**2.8),
        (8, lambda v: v),
        (9, lambda v: 10 ** ((v - 1) * 2) if v else 0),
        (10, lambda v: 10 ** ((v - 1) * 2.5) if v else 0),
        (17, lambda v: 52.37 / 48 * v**2.6),
    ],
)
@pytest.mark.parametrize("white", [255, 65535])
def test_transfers(code, light, white):
    values = np.linspace(0, white, 33).round()
    seen = find_encoding(1, code).to_srgb(values.astype(np.uint16).reshape(1, -1, 1), white).ravel() * 255
    expected = values / white * 255 if light is None else srgb(np.array([light(v / white) for v in values]))
    assert np.abs(seen - expected).max() < 0.02


def test_codes_that_nobody_knows():
    assert find_encoding(3, 13) is None
    assert find_encoding(1, 3) is None
    assert find_encoding(200, 200) is None


@pytest.mark.parametrize(("white", "black_and_white"), [(255, (16, 235)), (65535, (16 * 256, 235 * 256))])
def test_a_narrow_range_is_stretched(white, black_and_white):
    values = np.array([0, *black_and_white, white], np.uint16).reshape(1, -1, 1)
    assert find_encoding(1, 13, narrow=True).to_srgb(values, white).ravel().tolist() == pytest.approx([0, 0, 1, 1])
    assert not find_encoding(1, 13, narrow=True).is_srgb


def pq(nits):
    """Return the number, in [0, 1], of a luminance: SMPTE ST 2084, equation 5."""
    power = (nits / 10_000) ** 0.1593017578125
    return ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375


def nits(number):
    """Return the luminance of a number: SMPTE ST 2084, equation 4."""
    power = number ** (1 / 78.84375)
    return 10_000 * (max(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)) ** (1 / 0.1593017578125)


def toned(luminance, peak, target=203.0):
    """Return a luminance as BT.2390-11, section 5.4.1, has it, black being 0: in scalars, step by step."""
    if peak <= target:
        return luminance
    e1, max_lum = min(pq(luminance) / pq(peak), 1), pq(target) / pq(peak)
    ks = 1.5 * max_lum - 0.5
    if e1 < ks:
        return luminance
    t = (e1 - ks) / (1 - ks)
    p = (2 * t**3 - 3 * t**2 + 1) * ks + (t**3 - 2 * t**2 + t) * (1 - ks) + (-2 * t**3 + 3 * t**2) * max_lum
    return nits(p * pq(peak))


def test_pq_that_is_no_brighter_than_white_is_shown_as_it_is():
    wanted = np.array([[220, 40, 40], [40, 200, 40], [40, 60, 220], [255, 255, 255], [0, 0, 0]]) / 255
    light = np.clip(light_of_srgb(wanted) @ np.linalg.inv(np.array(BT2020_TO_BT709)).T, 0, None) * 203
    numbers = np.vectorize(pq)(light) * 65535
    seen = find_encoding(9, 16).to_srgb(numbers.round().astype(np.uint16)[None], 65535)[0]
    assert np.abs(seen * 255 - wanted * 255).max() < 1


@pytest.mark.parametrize("peak", [100, 203, 400, 1000, 4000, 10_000])
def test_pq_of_gray_follows_the_curve(peak):
    luminances = np.geomspace(0.01, peak, 60)
    numbers = np.vectorize(pq)(luminances)
    numbers = np.repeat(numbers[None, :, None], 3, axis=-1)
    seen = find_encoding(9, 16).to_srgb(numbers, 1)[0, :, 0] * 255
    expected = srgb(np.array([toned(nit, peak) / 203 for nit in luminances]))
    assert np.abs(seen - expected).max() < 0.3
    assert np.all(np.diff(seen) >= 0)
    assert seen[-1] == pytest.approx(255 if peak >= 203 else srgb(peak / 203), abs=0.5)


def test_a_lamp_does_not_darken_the_room():
    """One pixel in ten thousand at 10,000 cd/m2 becomes white, and the others stay."""
    numbers = np.full((100, 100, 3), pq(100.0))
    numbers[3, 4] = 1
    seen = find_encoding(9, 16).to_srgb(numbers, 1) * 255
    assert seen[0, 0, 0] == pytest.approx(srgb(100 / 203), abs=0.3)
    assert seen[3, 4, 0] == pytest.approx(255, abs=0.01)


def test_the_tone_curve_keeps_the_hue():
    light = np.array([800.0, 100.0, 50.0])
    seen = find_encoding(1, 16).to_srgb(np.vectorize(pq)(light).reshape(1, 1, 3), 1).ravel()
    linear = light_of_srgb(seen)
    assert linear / linear[0] == pytest.approx(light / light[0], rel=1e-2)
    assert seen[0] == pytest.approx(1, abs=1e-3)


def hlg(signal):
    """Return the scene's light of a signal: BT.2100, table 5, HLG's inverse OETF."""
    a = 0.17883277
    b, c = 1 - 4 * a, 0.5 - a * math.log(4 * a)
    return signal**2 / 3 if signal <= 0.5 else (math.exp((signal - c) / a) + b) / 12


def test_hlg_has_its_white_at_three_quarters():
    assert 1000 * hlg(0.75) ** 1.2 == pytest.approx(203, abs=1)  # BT.2408, table 1
    gray = np.full((4, 4, 3), 0.75)
    assert find_encoding(9, 18).to_srgb(gray, 1) * 255 == pytest.approx(255, abs=0.5)


@pytest.mark.parametrize("signal", [0.1, 0.3, 0.5, 0.6, 0.7])
def test_hlg_of_gray_below_white(signal):
    expected = srgb(1000 * hlg(signal) ** 1.2 / 203)
    assert find_encoding(9, 18).to_srgb(np.full((4, 4, 3), signal), 1)[0, 0] * 255 == pytest.approx(expected, abs=0.1)
    assert find_encoding(9, 18).to_srgb(np.full((4, 4, 1), signal), 1)[0, 0] * 255 == pytest.approx(expected, abs=0.1)


def test_hlg_of_a_color_by_the_ootf():
    signal = np.array([0.6, 0.3, 0.2])
    scene = np.array([hlg(value) for value in signal])
    luminance = scene @ [0.2627, 0.6780, 0.0593]
    expected = srgb(np.array(BT2020_TO_BT709) @ (1000 * luminance**0.2 * scene) / 203)
    assert find_encoding(9, 18).to_srgb(signal.reshape(1, 1, 3), 1).ravel() * 255 == pytest.approx(expected, abs=0.6)


def test_a_large_picture_is_converted_in_bands():
    tall = np.random.default_rng(1).integers(0, 256, (700, 3, 3), np.uint8)
    encoding = find_encoding(12, 13)
    rows = np.concatenate([encoding.to_srgb(row[None], 255) for row in tall])
    assert np.array_equal(encoding.to_srgb(tall, 255), rows)


def test_srgb_is_clipped():
    assert encode_srgb(np.array([-1.0, 0.0, 1.0, 2.0])).tolist() == pytest.approx([0, 0, 1, 1])
    assert BT709.to_bt709() == pytest.approx(np.eye(3), abs=1e-12)
