"""The eight symmetries of the board: a position turned or mirrored is as good an example as it is."""

import torch
from torch import Tensor

from artcnn.datasets.go.board import PASS, SIZE

COUNT = 8


def turned(planes: Tensor, number: int) -> Tensor:
    """Return planes (..., SIZE, SIZE) under a symmetry: ``number`` % 4 quarter turns, mirrored before from 4 on."""
    return torch.rot90(planes.flip(-1) if number >= 4 else planes, number % 4, (-2, -1))


def _points() -> Tensor:
    """Return where each symmetry takes each point, and the pass, shape (COUNT, POINTS + 1)."""
    square = torch.arange(SIZE * SIZE).view(SIZE, SIZE)
    table = torch.full((COUNT, SIZE * SIZE + 1), PASS)
    for number in range(COUNT):
        table[number, turned(square, number).flatten()] = torch.arange(SIZE * SIZE)
    return table


POINTS_UNDER = _points()
"""Where each symmetry takes each point; a pass stays a pass."""


def turn_at_random(planes: Tensor, points: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return positions and their moves, each under a symmetry of its own that is drawn at random.

    Args:
        planes: shape (B, C, SIZE, SIZE).
        points: shape (B,), 361 for a pass.
        generator: what is drawn from.
    """
    drawn = torch.randint(COUNT, (len(points),), generator=generator)
    result = torch.empty_like(planes)
    for number in range(COUNT):
        of_it = (drawn == number).nonzero().flatten().to(planes.device)
        result[of_it] = turned(planes[of_it], number)
    return result, POINTS_UNDER.to(points.device)[drawn.to(points.device), points]
