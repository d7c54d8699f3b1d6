"""Digits of MNIST made into pictures as people take them, and found again."""

import pytest
import torch
from torch.nn import functional as F

from artcnn.datasets.handwriting import find_digit, likeness, profiles
from artcnn.datasets.mnist import load_mnist


@pytest.fixture(scope="module")
def ink():
    return load_mnist("test").batch(torch.arange(60))[0]


def similarity(a: torch.Tensor, b: torch.Tensor) -> float:
    """Return the correlation of two digits, a pixel of shift forgiven."""
    return float(likeness(a.view(1, 1, 28, 28), profiles(b.view(1, 1, 28, 28))))


def as_photo(digit: torch.Tensor, seed: int) -> torch.Tensor:
    """Return a digit written with a dark pen on paper that a lamp lights from one side, in grain."""
    grain = torch.randn(1, 1, 480, 640, generator=torch.Generator().manual_seed(seed))
    big = F.interpolate(digit, (300, 300), mode="bicubic").clamp(0, 1)
    light = torch.linspace(0.55, 0.95, 640) * torch.linspace(0.8, 1, 480).view(1, 1, -1, 1)
    return (light * (1 - 0.6 * F.pad(big, (200, 140, 80, 100))) + 0.02 * grain).clamp(0, 1)


@pytest.mark.slow
def test_a_digit_of_mnist_is_left_as_it_is(ink):
    alike = [similarity(find_digit(ink[i : i + 1]).digit, ink[i]) for i in range(len(ink))]
    assert min(alike) > 0.8
    assert sum(alike) / len(alike) > 0.99


@pytest.mark.slow
def test_black_on_white_is_the_same_as_white_on_black(ink):
    for i in range(20):
        torch.testing.assert_close(
            find_digit(1 - ink[i : i + 1]).digit, find_digit(ink[i : i + 1]).digit, atol=1e-4, rtol=0
        )


@pytest.mark.slow
def test_a_digit_is_found_in_an_unevenly_lit_photo(ink):
    alike = [similarity(find_digit(as_photo(ink[i : i + 1], i)).digit, ink[i]) for i in range(20)]
    assert min(alike) > 0.75
    assert sum(alike) / len(alike) > 0.96


@pytest.mark.parametrize("shift", [(0, 0), (30, 0), (0, 41)])
def test_where_and_how_large_it_stands_does_not_matter(ink, shift):
    large = F.pad(F.interpolate(ink[:1], (84, 84), mode="bicubic").clamp(0, 1), (50, 50, 50, 50))
    moved = find_digit(torch.roll(large, shift, (2, 3))).digit
    assert similarity(moved, ink[0]) > 0.93


@pytest.mark.slow
def test_it_is_20_pixels_long_and_centred_by_mass(ink):
    for i in range(10):
        digit = find_digit(as_photo(ink[i : i + 1], i)).digit[0, 0]
        rows, columns = digit.sum(1).nonzero(), digit.sum(0).nonzero()
        assert max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1 <= 20
        at = torch.arange(28.0)
        assert abs(float((digit.sum(1) * at).sum() / digit.sum()) - 14) <= 0.51
        assert abs(float((digit.sum(0) * at).sum() / digit.sum()) - 14) <= 0.51


def test_a_hairline_survives(ink):
    picture = torch.ones(1, 1, 200, 200)
    picture[..., 20:180, 100] = 0
    assert float(find_digit(picture).digit.sum()) > 20, "a stroke of a pixel in 160 would be an eighth of one in 20"


@pytest.mark.parametrize("level", [0.0, 0.5, 1.0])
def test_an_empty_picture_is_no_digit(level):
    found = find_digit(torch.full((1, 1, 64, 50), level))
    assert found.doubt == "there is nothing written on it"
    assert not found.digit.any()


def test_noise_is_no_digit():
    noise = torch.rand(1, 1, 64, 64, generator=torch.Generator().manual_seed(0))
    assert find_digit(noise).doubt is not None


def test_likeness_is_1_for_the_same_and_low_for_another(ink):
    alike = likeness(ink[:5], profiles(ink[:5]))
    torch.testing.assert_close(alike, torch.ones(5))
    cross = torch.zeros(1, 1, 28, 28)
    cross[..., 13:15, 4:24] = cross[..., 4:24, 13:15] = 1
    assert float(likeness(cross, profiles(ink))) < 0.8
