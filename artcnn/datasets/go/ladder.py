"""Ladders: whether a chain is captured by repeated atari. They extend beyond the receptive field of a network."""

from collections.abc import Iterator
from itertools import count

import numpy as np

from artcnn.datasets.go.board import AROUND, BLACK, CELLS, EMPTY, POINTS, WHITE, chain_at, play
from artcnn.datasets.go.jit import Bytes, Numbers, jit

_MOST_MOVES, _DEEPEST = 400, 160
"""Limits of the search: moves in total, and depth. A chain that is not captured within them escapes.

Ko is ignored, and would not terminate otherwise.
"""


def is_caught(board: Bytes, cell: int) -> bool:
    """Return whether the chain at ``cell`` is captured in a ladder, with the opponent to play."""
    return _is_captured(board, cell, True, count(_MOST_MOVES, -1), _DEEPEST)


# Not compiled: numba cannot cache mutually recursive functions. A ladder across the board takes 2 ms.
def _is_captured(board: Bytes, cell: int, attack: bool, left: Iterator[int], depth: int) -> bool:
    """Return whether the chain at ``cell`` is captured if the attacker (or its owner) plays; ``left`` counts down."""
    color = int(board[cell])
    stones, free = np.empty(POINTS, np.int32), np.empty(3, np.int32)
    size = chain_at(board, cell, stones)
    liberties = _liberties(board, stones, size, free)
    if next(left) < 0 or not depth or liberties > 2 or (liberties == 2 and not attack):
        return False
    if attack and liberties == 1:
        return True
    if attack:
        for index in range(2):
            after = board.copy()
            legal = play(after, free[index], WHITE + BLACK - color, np.empty(POINTS, np.int32))[0] >= 0
            if legal and _is_captured(after, cell, False, left, depth - 1):
                return True
        return False
    moves = np.empty(4 * POINTS, np.int32)  # it extends, or captures an attacking chain
    moves[0] = free[0]
    options = 1 + _captures(board, stones, size, moves[1:])
    return not any(_escapes(board, cell, int(move), left, depth) for move in moves[:options])


def _escapes(board: Bytes, cell: int, move: int, left: Iterator[int], depth: int) -> bool:
    """Return whether the chain at ``cell`` escapes by its owner's move."""
    after = board.copy()
    if play(after, move, int(board[cell]), np.empty(POINTS, np.int32))[0] < 0:
        return False
    return not _is_captured(after, cell, True, left, depth - 1)


@jit
def _liberties(board: Bytes, stones: Numbers, size: int, free: Numbers) -> int:
    """Return the number of liberties of a chain, at most 3, and write them into ``free``."""
    seen, count = np.zeros(CELLS, np.bool_), 0
    for index in range(size):
        for step in AROUND:
            near = stones[index] + step
            if board[near] == EMPTY and not seen[near]:
                seen[near] = True
                free[count] = near
                count += 1
                if count == 3:
                    return 3
    return count


@jit
def _captures(board: Bytes, stones: Numbers, size: int, moves: Numbers) -> int:
    """Return the number of moves that capture an adjacent chain, and write them into ``moves``."""
    near, free, count = np.empty(POINTS, np.int32), np.empty(3, np.int32), 0
    seen = np.zeros(CELLS, np.bool_)
    for index in range(size):
        for step in AROUND:
            beside = stones[index] + step
            if board[beside] != WHITE + BLACK - board[stones[index]] or seen[beside]:
                continue
            of_it = chain_at(board, beside, near)
            for other in range(of_it):
                seen[near[other]] = True
            if _liberties(board, near, of_it, free) == 1:
                moves[count] = free[0]
                count += 1
    return count
