"""The eight symmetries of the board: a position turned or mirrored is as good an example as it is."""

from functools import cache

import torch
from torch import Tensor

from artcnn.datasets.go.board import PASS, SIZE, points_of
from artcnn.datasets.go.planes import BOARD

COUNT = 8


def transform(planes: Tensor, number: int) -> Tensor:
    """Return planes (..., S, S) under a symmetry: ``number`` % 4 quarter turns, mirrored before from 4 on."""
    return torch.rot90(planes.flip(-1) if number >= 4 else planes, number % 4, (-2, -1))


@cache
def symmetry_table(size: int = SIZE) -> Tensor:
    """Return where each symmetry takes each point of a board of that size, shape (COUNT, POINTS + 1).

    All other points, and the pass, stay where they are.
    """
    square = torch.from_numpy(points_of(size))
    table = torch.arange(PASS + 1).repeat(COUNT, 1)
    for number in range(COUNT):
        table[number, transform(square, number).flatten()] = square.flatten()
    return table


def random_symmetry(planes: Tensor, points: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return positions and their moves, each under a symmetry of its own that is drawn at random.

    Args:
        planes: shape (B, C, S, S); a board smaller than S is in the lower left corner and stays there.
        points: shape (B,), 361 for a pass.
        generator: what is drawn from.
    """
    drawn = torch.randint(COUNT, (len(points),), generator=generator).to(planes.device)
    result, moved = torch.zeros_like(planes), torch.empty_like(points)
    sizes = sizes_in(planes)
    for size in set(sizes.tolist()):
        table = symmetry_table(size).to(points.device)
        for number in range(COUNT):
            of_it = ((drawn == number) & (sizes == size)).nonzero().flatten()
            result[of_it, :, -size:, :size] = transform(planes[of_it, :, -size:, :size], number)
            moved[of_it] = table[number, points[of_it]]
    return result, moved


def sizes_in(planes: Tensor) -> Tensor:
    """Return the size of each board in planes (B, C, S, S): as far as the plane of the board goes, S without it."""
    if planes.shape[1] <= BOARD:
        return torch.full((len(planes),), planes.shape[-1], device=planes.device)
    return planes[:, BOARD, -1].sum(1).long()
