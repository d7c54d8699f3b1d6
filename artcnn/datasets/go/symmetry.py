"""The eight symmetries of the board, for augmentation and ensembles."""

from functools import cache

import torch
from torch import Tensor

from artcnn.datasets.go.board import PASS, SIZE, board_points
from artcnn.datasets.go.planes import BOARD

COUNT = 8


def transform(planes: Tensor, number: int) -> Tensor:
    """Apply a symmetry to planes (..., S, S): ``number`` % 4 quarter turns, mirrored first if 4 or more."""
    return torch.rot90(planes.flip(-1) if number >= 4 else planes, number % 4, (-2, -1))


@cache
def symmetry_table(size: int = SIZE) -> Tensor:
    """Return the image of each point of a board of this size under each symmetry, shape (COUNT, POINTS + 1).

    Points outside the board, and the pass, are unchanged.
    """
    square = torch.from_numpy(board_points(size))
    table = torch.arange(PASS + 1).repeat(COUNT, 1)
    for number in range(COUNT):
        table[number, transform(square, number).flatten()] = square.flatten()
    return table


def random_symmetry(planes: Tensor, points: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Apply a random symmetry to each position and its move.

    Args:
        planes: shape (B, C, S, S); boards smaller than S stay in the lower left corner.
        points: shape (B,), 361 for a pass.
        generator: the only source of randomness.
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
    """Return the size of each board in planes (B, C, S, S), from the plane that marks the board, or S without it."""
    if planes.shape[1] <= BOARD:
        return torch.full((len(planes),), planes.shape[-1], device=planes.device)
    return planes[:, BOARD, -1].sum(1).long()
