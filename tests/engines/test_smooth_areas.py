"""Smooth places and the gradient in them: closed forms, and what a step changes elsewhere."""

import math

import pytest
import torch

from artcnn.engines.dream import DreamObjective, gradient_step
from artcnn.engines.smooth_areas import DAMPING_SIGMA, DETAILED, damp_texture, smoothness_mask
from artcnn.recipes import DreamRecipe
from artcnn.settings import parse

STILL = {"jitter": 0, "max_rotation": 0, "max_scale_change": 0, "smoothing": 0, "palette": 0, "layers": ["relu2_1"]}


def wave(period, height=96, width=160):
    return torch.cos(2 * math.pi * torch.arange(width, dtype=torch.float64) / period).expand(1, 3, height, width)


def test_a_plain_color_and_an_even_slope_are_smooth_and_texture_is_not():
    slope = torch.linspace(0.2, 0.8, 160).expand(1, 3, 96, 160)
    noise = torch.randn((1, 3, 96, 160), generator=torch.Generator().manual_seed(0))
    assert smoothness_mask(torch.full((1, 3, 96, 160), 0.9)).min() == 1
    assert smoothness_mask(slope)[..., 32:-32].min() == 1
    assert smoothness_mask(0.5 + 0.004 * noise).min() == 1  # the grain of a sensor
    assert smoothness_mask(0.5 + 3 * DETAILED * noise).max() == 0
    assert smoothness_mask(0.5 + 3 * DETAILED * wave(8).float()).max() == 0


def test_smoothness_is_of_the_place():
    photo = torch.full((1, 3, 96, 160), 0.5)
    photo[..., 80:] += 0.2 * wave(6, width=80).float()
    smooth = smoothness_mask(photo)
    assert smooth.shape == (1, 1, 96, 160)
    assert smooth[..., :56].min() == 1
    assert smooth[..., 80:].max() == 0


@pytest.mark.parametrize("period", [8, 16, 32, 80])
def test_a_wave_is_damped_by_the_gaussians_own_factor(period):
    """Of a wave with a period of T pixels a Gaussian of sigma leaves exp(-2 pi**2 sigma**2 / T**2)."""
    where = torch.zeros(1, 1, 96, 160, dtype=torch.float64)
    where[..., 80:] = 1
    gradient = wave(period)
    after = damp_texture(gradient, where)
    left = math.exp(-2 * (math.pi * DAMPING_SIGMA / period) ** 2)
    assert torch.equal(after[..., :80], gradient[..., :80])
    inside = slice(80, 160 - 3 * round(DAMPING_SIGMA))  # the edge is replicated, the wave is not
    torch.testing.assert_close(after[..., inside], left * gradient[..., inside], atol=5e-3, rtol=0)


def test_a_large_sky_makes_steps_no_larger_elsewhere(tiny, photo):
    """Where there is detail a step is the same, to the bit, whatever becomes of it in smooth places."""
    chosen = parse(DreamRecipe, STILL)
    objective = DreamObjective(photo, tiny, chosen)
    smooth = torch.zeros(1, 1, *photo.shape[-2:])
    smooth[..., : smooth.shape[3] // 2] = 1
    plain, _ = gradient_step(photo, objective, torch.eye(3), chosen, torch.Generator())
    still, _ = gradient_step(photo, objective, torch.eye(3), chosen, torch.Generator(), smooth=smooth)
    half = smooth.shape[3] // 2
    assert torch.equal(plain[..., half:], still[..., half:])
    before, after = ((x - photo)[..., :half].diff(dim=3).abs().mean() for x in (plain, still))
    assert after < 0.5 * before
