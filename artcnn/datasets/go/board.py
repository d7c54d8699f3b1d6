"""The rules of Go on square boards of 7 to 19 lines: captures, ko, suicide. Compiled functions on arrays.

A board is an array of 21 x 21 bytes with a wall around the points, so that every point has neighbors at the offsets
``AROUND``. Points are numbered from 0 to 360, row by row from the upper left of the 19 x 19 board. A smaller board is
the lower left corner of it, the rest is wall: a point has the same name and number on every board.
"""

import numpy as np
from numpy.typing import NDArray

from artcnn.datasets.go.jit import Bytes, Moves, Numbers, jit

SIZE = 19
"""Lines of the largest board."""
SMALLEST = 7
SIZES = range(SMALLEST, SIZE + 1)
POINTS = SIZE * SIZE
PASS = POINTS
"""The number of a pass."""

EMPTY, BLACK, WHITE, WALL = 0, 1, 2, 3

WIDTH = SIZE + 2
CELLS = WIDTH * WIDTH
AROUND = (-WIDTH, -1, 1, WIDTH)

POINT, OF_WHITE, SETUP, FIRST = 511, 512, 1024, 2048
"""Bits of a move in two bytes: the point; set for White; for a handicap stone; for the first move of a game.

The first move of a game has 19 minus the board size in its four highest bits.
"""
LACKING = 12
"""Shift of these bits."""

NO_KO = 0
"""The cell that stands for no ko: a corner of the wall."""


def move_color(move: int) -> int:
    """Return the color of a move."""
    return WHITE if move & OF_WHITE else BLACK


@jit
def board_size(first: int) -> int:
    """Return the board size from the first move of a game."""
    return SIZE - (first >> LACKING)


def mark_first(move: int, size: int) -> int:
    """Mark a move as the first of a game on a board of this size."""
    return move | FIRST | (SIZE - size) << LACKING


@jit
def to_cell(point: int) -> int:
    """Return the cell of a point."""
    return (point // SIZE + 1) * WIDTH + point % SIZE + 1


def board_points(size: int) -> NDArray[np.int64]:
    """Return the points of a board of this size, row by row from its upper left, shape (size, size)."""
    return np.arange(POINTS).reshape(SIZE, SIZE)[SIZE - size :, :size]


@jit
def clear(board: Bytes, size: int) -> None:
    """Make an array, shape (CELLS,), an empty board of this size."""
    board[:] = WALL
    for row in range(SIZE - size + 1, SIZE + 1):
        board[row * WIDTH + 1 : row * WIDTH + 1 + size] = EMPTY


@jit
def chain_at(board: Bytes, cell: int, stones: Numbers) -> int:
    """Return the number of stones in the chain at ``cell``, and write their cells into ``stones``."""
    color = board[cell]
    board[cell] = -color  # found stones are marked by a negative sign, and restored below
    stones[0], count, done = cell, 1, 0
    while done < count:
        for step in AROUND:
            near = stones[done] + step
            if board[near] == color:
                board[near] = -color
                stones[count] = near
                count += 1
        done += 1
    for index in range(count):
        board[stones[index]] = color
    return count


@jit
def has_liberty(board: Bytes, cell: int, stones: Numbers) -> bool:
    """Return whether the chain at ``cell`` has a liberty; ``stones`` is a work array."""
    for step in AROUND:
        if board[cell + step] == EMPTY:
            return True
    for index in range(chain_at(board, cell, stones)):
        for step in AROUND:
            if board[stones[index] + step] == EMPTY:
                return True
    return False


@jit
def play(board: Bytes, cell: int, color: int, stones: Numbers) -> tuple[int, int]:
    """Place a stone, and remove captured stones, or its own chain for suicide.

    Args:
        board: is modified.
        cell: an empty point.
        color: of the stone.
        stones: work array, shape (POINTS,).

    Returns:
        The number of captured stones, negative for suicide; and the ko, where the opponent may not recapture at once,
        or ``NO_KO``.
    """
    board[cell] = color
    captured, last = 0, NO_KO
    for step in AROUND:
        near = cell + step
        if board[near] == WHITE + BLACK - color and not has_liberty(board, near, stones):
            captured, last = captured + _remove_chain(board, near, stones), near
    if captured == 0 and not has_liberty(board, cell, stones):
        return -_remove_chain(board, cell, stones), NO_KO
    if captured == 1 and _is_lone_stone_in_atari(board, cell, color):
        return captured, last
    return captured, NO_KO


@jit
def _remove_chain(board: Bytes, cell: int, stones: Numbers) -> int:
    """Remove the chain at ``cell``; return its number of stones."""
    count = chain_at(board, cell, stones)
    for index in range(count):
        board[stones[index]] = EMPTY
    return count


@jit
def _is_lone_stone_in_atari(board: Bytes, cell: int, color: int) -> bool:
    liberties = 0
    for step in AROUND:
        if board[cell + step] == color:
            return False
        if board[cell + step] == EMPTY:
            liberties += 1
    return liberties == 1


@jit
def replay(moves: Moves, size: int, suicide: bool, board: Bytes, stones: Numbers) -> tuple[int, int, int]:
    """Play moves on an empty board.

    Args:
        moves: two bytes each.
        size: of the board.
        suicide: whether it is allowed.
        board: is filled, shape (CELLS,).
        stones: work array, shape (POINTS,).

    Returns:
        The index of the first illegal move, or -1; the ko, or ``NO_KO``; and the color that may not play there.
    """
    clear(board, size)
    ko, barred = NO_KO, EMPTY
    for index in range(len(moves)):
        point = moves[index] & POINT
        color = WHITE if moves[index] & OF_WHITE else BLACK
        if point == PASS:
            ko = NO_KO
            continue
        cell = to_cell(point) if point < PASS else NO_KO
        if board[cell] != EMPTY or (cell == ko and color == barred and not moves[index] & SETUP):
            return index, ko, barred
        captured, ko = play(board, cell, color, stones)
        barred = WHITE + BLACK - color
        if captured < 0 and not suicide:
            return index, ko, barred
    return -1, ko, barred


@jit
def area(board: Bytes) -> tuple[int, int]:
    """Return the area of Black and of White: stones, and empty points that reach only stones of that color."""
    owner, found, counts = board.copy(), np.empty(POINTS, np.int32), np.zeros(4, np.int64)
    for start in range(CELLS):
        if owner[start] != EMPTY:
            if board[start] in (BLACK, WHITE):
                counts[board[start]] += 1
            continue
        owner[start], found[0], count, done = -1, start, 1, 0
        reached = np.zeros(4, np.bool_)
        while done < count:
            for step in AROUND:
                near = found[done] + step
                if owner[near] == EMPTY:
                    owner[near], found[count] = -1, near
                    count += 1
                elif owner[near] > 0:
                    reached[owner[near]] = True
            done += 1
        if reached[BLACK] != reached[WHITE]:
            counts[BLACK if reached[BLACK] else WHITE] += count
    return counts[BLACK], counts[WHITE]
