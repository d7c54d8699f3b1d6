"""Encode positions as input planes: the stones, and features that follow from the rules."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from artcnn.datasets.go.board import (
    AROUND,
    BLACK,
    CELLS,
    EMPTY,
    NO_KO,
    OF_WHITE,
    PASS,
    POINT,
    POINTS,
    SETUP,
    SIZE,
    WALL,
    WHITE,
    board_size,
    chain_at,
    replay,
    to_cell,
)
from artcnn.datasets.go.jit import Bytes, Moves, Numbers, jit

Planes = Literal["stones", "all"]

STONES = ("stones",)
"""One plane: 1 for own stones, -1 for the opponent's, 0 elsewhere."""

ALL = (
    "own",
    "theirs",
    "empty",
    "board",
    *("1 liberty", "2 liberties", "3 liberties", "4 or more"),
    *("last move", "2 ago", "3 ago", "4 ago", "5 ago"),
    *("ko", "legal"),
    *("takes 1", "takes 2", "takes 3+"),
    *("then 1 lib.", "then 2 lib.", "then 3+"),
)
"""Binary planes. Liberties are those of the chain at the point; the last seven planes describe a move at the point.
"board" is 1 on the board and 0 outside."""

NAMES: dict[Planes, tuple[str, ...]] = {"stones": STONES, "all": ALL}

BOARD = ALL.index("board")
"""Index of the plane that marks the board."""

_EMPTY, _ONES, _LIBERTIES, _AGO, _KO, _LEGAL, _CAPTURES, _AFTER = 2, 3, 4, 8, 13, 14, 15, 18
_REMEMBERED = 5
_MOST = 4 * POINTS  # most liberties of all chains together: an empty point has four neighbors


@jit
def fill(moves: Moves, first: Numbers, which: Numbers, planes: NDArray[np.int8]) -> None:
    """Compute the planes of positions.

    Args:
        moves: of all games, two bytes each.
        first: for each position, the index of its game's first move.
        which: for each position, the index of the move that was played.
        planes: is filled, shape (N, 1 or 21, POINTS); must be zero, and stays zero outside smaller boards.
    """
    board, stones = np.empty(CELLS, np.int8), np.empty(POINTS, np.int32)
    for index in range(len(which)):
        before, size = moves[first[index] : which[index]], board_size(moves[first[index]])
        _, ko, barred = replay(before, size, True, board, stones)
        own = WHITE if moves[which[index]] & OF_WHITE else BLACK
        if planes.shape[1] == 1:
            _write_stones(board, own, planes[index])
        else:
            _write_all(board, own, ko if own == barred else NO_KO, before, planes[index])


@jit
def _write_stones(board: Bytes, own: int, planes: Bytes) -> None:
    for point in range(POINTS):
        color = board[to_cell(point)]
        if color in (BLACK, WHITE):
            planes[0, point] = 1 if color == own else -1


@jit
def _write_all(board: Bytes, own: int, ko: int, before: Moves, planes: Bytes) -> None:
    chains = _chains(board)
    number, starts = chains[0], chains[2]
    seen = np.zeros(CELLS, np.int32)
    for point in range(POINTS):
        cell = to_cell(point)
        if board[cell] == WALL:
            continue
        planes[_ONES, point] = 1
        if board[cell] != EMPTY:
            planes[0 if board[cell] == own else 1, point] = 1
            chain = number[cell]
            planes[_LIBERTIES - 1 + min(4, starts[chain + 1] - starts[chain]), point] = 1
            continue
        planes[_EMPTY, point] = 1
        if cell == ko:
            planes[_KO, point] = 1
            continue
        captured, after = _consequences(board, cell, own, chains, seen)
        if after > 0:
            planes[_LEGAL, point] = 1
            planes[_AFTER - 1 + after, point] = 1
        if captured > 0:
            planes[_CAPTURES - 1 + min(3, captured), point] = 1
    for ago in range(min(_REMEMBERED, len(before))):
        move = before[len(before) - 1 - ago]
        if move & SETUP:
            break
        if move & POINT != PASS:
            planes[_AGO + ago, move & POINT] = 1


@jit
def _chains(board: Bytes) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Return each cell's chain (from 1; 0 for none), the chains' sizes, and their liberties as offsets and values."""
    number, sizes = np.zeros(CELLS, np.int32), np.zeros(POINTS + 2, np.int32)
    starts, liberties = np.zeros(POINTS + 2, np.int32), np.empty(_MOST, np.int32)
    seen, stones = np.zeros(CELLS, np.int32), np.empty(POINTS, np.int32)
    count, end = 0, 0
    for point in range(POINTS):
        cell = to_cell(point)
        if board[cell] not in (BLACK, WHITE) or number[cell]:
            continue
        count += 1
        sizes[count], starts[count] = chain_at(board, cell, stones), end
        for index in range(sizes[count]):
            number[stones[index]] = count
            for step in AROUND:
                near = stones[index] + step
                if board[near] == EMPTY and seen[near] != count:
                    seen[near], liberties[end] = count, near
                    end += 1
        starts[count + 1] = end
    return number, sizes, starts, liberties


@jit
def _consequences(
    board: Bytes, cell: int, own: int, chains: tuple[Numbers, Numbers, Numbers, Numbers], seen: Numbers
) -> tuple[int, int]:
    """Return the stones captured by a move, and the liberties of its chain then: 0 for suicide, at most 3.

    Of the captured stones, only those adjacent to the move count as liberties, not those adjacent to the rest of its
    chain.
    """
    number, sizes, starts, liberties = chains
    captured, after, taken = 0, 0, (0, 0, 0, 0)
    seen[cell] = cell  # the move itself is no liberty
    for step in AROUND:
        near = cell + step
        chain = number[near]
        if board[near] == EMPTY:
            after += seen[near] != cell
            seen[near] = cell
        elif board[near] == own:
            for index in range(starts[chain], min(starts[chain + 1], starts[chain] + 4)):
                after += seen[liberties[index]] != cell
                seen[liberties[index]] = cell
        elif chain and starts[chain + 1] - starts[chain] == 1:
            after += 1
            if chain not in taken:
                captured += sizes[chain]
            taken = (chain, taken[0], taken[1], taken[2])
    return captured, min(3, after)


def as_maps(planes: NDArray[np.int8], size: int = SIZE) -> NDArray[np.int8]:
    """Reshape planes to maps of boards up to a size: shape (N, C, size, size)."""
    return planes.reshape(*planes.shape[:2], SIZE, SIZE)[:, :, SIZE - size :, :size]
