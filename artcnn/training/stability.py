"""Small movements of a picture, along which what a network paints should move too."""

import torch
import torch.nn.functional as F
from torch import Tensor

MARGIN = 16
"""Pixels of the photo around a picture, from which its movement brings something in."""

_FARTHEST = 8
"""Pixels of the longest shift along each axis."""
_LARGEST_ZOOM, _LARGEST_ANGLE = 0.04, 0.03
"""Relative to 1, and in radians."""
_BORDER = 24
"""Pixels at each side that are not compared: something else is seen there, and it may change what is near."""


def random_movement(generator: torch.Generator) -> Tensor:
    """Return a matrix (2, 3) that maps (x, y, 1) in the moved picture to (x, y) before, in pixels from the middle.

    Half of the movements are shifts by whole pixels, the others turn and zoom as well.
    """
    kind, across, down, zoom, angle = torch.rand(5, generator=generator, dtype=torch.float64).tolist()
    shift = torch.tensor([across, down]).mul(2 * _FARTHEST + 1).floor() - _FARTHEST
    if kind < 0.5:
        return torch.cat([torch.eye(2), shift[:, None]], 1)
    turned = torch.tensor((2 * angle - 1) * _LARGEST_ANGLE)
    cos, sin = turned.cos(), turned.sin()
    turn = torch.stack([torch.stack([cos, -sin]), torch.stack([sin, cos])]) * (1 + (2 * zoom - 1) * _LARGEST_ZOOM)
    return torch.cat([turn, 0.7 * shift[:, None]], 1)


def move(image: Tensor, movement: Tensor, side: int) -> Tensor:
    """Return the middle of a square picture (1, C, H, H), moved, by bicubic interpolation: (1, C, side, side)."""
    at = torch.arange(side, device=image.device) - (side - 1) / 2
    y, x = torch.meshgrid(at, at, indexing="ij")
    places = torch.stack([x, y, torch.ones_like(x)], -1) @ movement.to(image).T
    grid = places[None] * (2 / image.shape[-1])
    return F.grid_sample(image, grid, mode="bicubic", padding_mode="reflection", align_corners=False)


def change(painted: Tensor, painted_moved: Tensor, movement: Tensor) -> Tensor:
    """Return the mean squared difference, shape (), of a painted picture, moved, and what was painted of the moved one.

    Args:
        painted: shape (1, 3, H, H).
        painted_moved: of the same shape.
        movement: between the pictures that were painted.
    """
    difference = painted_moved - move(painted, movement, painted.shape[-1])
    return difference[..., _BORDER:-_BORDER, _BORDER:-_BORDER].square().mean()
