"""Augment digits: random rotation, shift, scale, shear and elastic distortion."""

import math

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

TURN, SHIFT, SIZE, SLANT = 8.0, 1.5, 0.08, 0.08
"""At strength 1: largest rotation in degrees, shift in pixels of 28, and change of scale and shear as a ratio."""


def distort(inputs: Tensor, generator: Generator, strength: float = 1.0, elastic: float = 0.0) -> Tensor:
    """Apply a random affine map to each picture, and a random elastic distortion if wanted.

    The elastic distortion is a grid of 5 x 5 random displacements with bicubic interpolation. (Simard, Steinkraus and
    Platt 2003 smooth a random displacement of every pixel.)

    Args:
        inputs: shape (N, C, H, W); padded with 0.
        generator: on the CPU; the only source of randomness.
        strength: multiplies every amount.
        elastic: largest displacement, as a part of half the width.
    """
    count, _, height, width = inputs.shape

    def amount(*shape: int) -> Tensor:
        return strength * (2 * torch.rand(count, *shape, generator=generator) - 1)

    turn, slant, shift = amount() * math.radians(TURN), amount() * SLANT, amount(2) * SHIFT * 2 / 28
    across, down = 1 + amount() * SIZE, 1 + amount() * SIZE
    rows = (
        torch.stack([turn.cos() * across, (slant - turn.sin()) * down, shift[:, 0]], dim=1),
        torch.stack([turn.sin() * across, turn.cos() * down, shift[:, 1]], dim=1),
    )
    grid = F.affine_grid(torch.stack(rows, dim=1), [count, 1, height, width], align_corners=False)
    if elastic:
        bend = F.interpolate(amount(2, 5, 5) * elastic, (height, width), mode="bicubic", align_corners=True)
        grid = grid + bend.permute(0, 2, 3, 1)
    return F.grid_sample(inputs, grid.to(inputs.device), align_corners=False)
