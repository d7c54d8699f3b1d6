"""Motion against closed forms: pictures moved by a known way, and places that cannot be seen in both frames."""

import pytest
import torch
import torch.nn.functional as F

from artcnn.engines.motion import Motion, pixel_grid, reliability, sample, soften, warp

HEIGHT, WIDTH = 40, 52


def constant(across, down, size=(HEIGHT, WIDTH)):
    return torch.tensor([across, down]).view(1, 2, 1, 1).expand(1, 2, *size).clone()


@pytest.mark.parametrize(("across", "down"), [(0, 0), (3, -2), (-6, 5)])
def test_by_whole_pixels_the_picture_is_the_same(across, down):
    image = torch.rand(1, 3, HEIGHT, WIDTH, generator=torch.Generator().manual_seed(1))
    moved = warp(image, constant(float(across), float(down)))
    inside = (..., slice(8, -8), slice(8, -8))
    torch.testing.assert_close(moved[inside], image.roll((-down, -across), (2, 3))[inside], atol=2e-5, rtol=0)


def test_without_motion_the_picture_is_the_same_up_to_its_borders(photo):
    torch.testing.assert_close(warp(photo, torch.zeros(1, 2, 40, 52)), photo, atol=1e-5, rtol=0)


@pytest.mark.parametrize("period", [2.6, 4.0, 20.0])
def test_a_wave_moves_by_parts_of_a_pixel_and_keeps_its_height(period):
    """After twenty moves by 0.37 pixels it is the wave at its new place: torch's own bicubic kernel loses that."""
    x = torch.arange(120, dtype=torch.float64)

    def wave(shift):
        return torch.cos(2 * torch.pi * (x + shift) / period).expand(1, 1, HEIGHT, 120)

    image = plain = wave(0.0)
    flow = constant(0.37, 0.0, (HEIGHT, 120)).double()
    grid = F.affine_grid(torch.eye(2, 3, dtype=torch.float64)[None], (1, 1, HEIGHT, 120), False)
    grid[..., 0] += 2 * 0.37 / 120
    for _ in range(20):
        image = warp(image, flow)
        plain = F.grid_sample(plain, grid, mode="bicubic", align_corners=False)
    middle = (..., slice(50, 70))
    error, of_torch = ((made - wave(20 * 0.37))[middle].abs().max().item() for made in (image, plain))
    assert error < (0.2 if period < 3 else 0.02)
    assert error < 0.5 * of_torch


@pytest.mark.parametrize("fraction", [0.25, 0.5, 0.9])
def test_a_curve_is_followed_between_its_pixels(fraction):
    """Away from the mirror at the borders, of x^3 - x from -1 to 1."""
    x = torch.linspace(-1, 1, WIDTH, dtype=torch.float64)
    step = 2 / (WIDTH - 1)
    image, want = ((v**3 - v).expand(1, 1, HEIGHT, WIDTH) for v in (x, x + fraction * step))
    got = warp(image, constant(fraction, 0.0).double())
    torch.testing.assert_close(got[..., 20:-20], want[..., 20:-20], atol=1e-4, rtol=0)


def test_samples_agree_with_torchs_own(photo):
    at = pixel_grid(photo[:, :2]) + 3.3 * torch.sin(torch.arange(2 * 40 * 52).reshape(1, 2, 40, 52) * 1.7)
    normalized = torch.stack([(2 * at[0, 0] + 1) / 52 - 1, (2 * at[0, 1] + 1) / 40 - 1], 2)[None]
    want = F.grid_sample(photo, normalized, padding_mode="border", align_corners=False)
    inside = ((at >= 0) & (at <= at.new_tensor([51, 39]).view(1, 2, 1, 1))).all(1, keepdim=True)
    torch.testing.assert_close(sample(photo, at) * inside, want * inside, atol=1e-5, rtol=0)


def test_places_that_were_hidden_are_not_reliable():
    """A square moves 6 pixels to the right over a still ground: what it uncovers was behind it, and its edges move."""
    backward, forward = constant(0.0, 0.0), constant(0.0, 0.0)
    forward[:, 0, 10:30, 10:26] = 6.0  # of the frame before, where the square is at 10 to 26
    backward[:, 0, 10:30, 16:32] = -6.0
    reliable = reliability(backward, forward)[0, 0].bool()
    assert not reliable[10:30, 10:16].any(), "uncovered"
    assert reliable[12:28, 19:29].all(), "the square"
    assert reliable[:8].all()
    assert reliable[:, 40:].all()
    assert not reliable[12:28, [15, 16, 31, 32]].any(), "edges"


def test_what_comes_in_at_the_border_is_not_reliable():
    reliable = reliability(constant(-4.0, 0.0), constant(4.0, 0.0))[0, 0].bool()
    assert not reliable[:, :4].any()
    assert reliable[:, 4:].all()


@pytest.mark.parametrize(("error", "agrees"), [(0.5, True), (0.9, False)])
def test_flows_that_do_not_cancel_are_not_reliable(error, agrees):
    """Against 0.01 (|f|^2 + |b|^2) + 0.5, with lengths of 2 and 2 plus the error."""
    reliable = reliability(constant(0.0, 2.0), constant(0.0, -2.0 + error))
    assert reliable[0, 0, 5:-5].bool().all() == agrees


def test_soft_edges_lie_inside():
    hard = torch.zeros(1, 1, HEIGHT, WIDTH)
    hard[..., 10:30, 10:40] = 1
    soft = soften(hard, 1.5)
    assert (soft[hard == 0] == 0).all()
    assert (soft[..., 15:25, 15:35] == 1).all()
    assert 0 <= soft[..., 10, 20] < 0.3 < soft[..., 12, 20] < 1


def test_less_than_four_tenths_is_a_cut():
    assert Motion(constant(0.0, 0.0), torch.full((1, 1, HEIGHT, WIDTH), 0.39)).is_cut
    assert not Motion(constant(0.0, 0.0), torch.full((1, 1, HEIGHT, WIDTH), 0.41)).is_cut
