"""The rules of Go on square boards of 7 to 19 lines: captures, ko, suicide. Compiled functions of arrays.

A board is 21 x 21 bytes in a row, a wall around the points, so that a point's neighbors are always there: ``AROUND``
away. Points and moves are numbers from 0 to 360, row by row from the upper left of the board of 19 x 19. A smaller
board is the lower left corner of that one, the rest is wall: so a point has the same name and number on every board.
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
"""The move that sets no stone."""

EMPTY, BLACK, WHITE, WALL = 0, 1, 2, 3

WIDTH = SIZE + 2
CELLS = WIDTH * WIDTH
AROUND = (-WIDTH, -1, 1, WIDTH)

POINT, OF_WHITE, SETUP, FIRST = 511, 512, 1024, 2048
"""A move in two bytes: the point, whose it is, whether it is a stone of the handicap, whether a game begins with it.

The first of a game has in its four highest bits how many lines the board lacks to 19.
"""
LACKING = 12
"""Where these bits begin."""

NO_KO = 0
"""What stands for the cell of a ko where there is none: a corner of the wall."""


def color_of(move: int) -> int:
    """Return whose move it is."""
    return WHITE if move & OF_WHITE else BLACK


@jit
def size_of(first: int) -> int:
    """Return the size of the board from the first move of a game."""
    return SIZE - (first >> LACKING)


def first_of(move: int, size: int) -> int:
    """Return a move as the first of a game on a board of that size."""
    return move | FIRST | (SIZE - size) << LACKING


@jit
def cell_of(point: int) -> int:
    """Return where a point lies on the board."""
    return (point // SIZE + 1) * WIDTH + point % SIZE + 1


def points_of(size: int) -> NDArray[np.int64]:
    """Return the points of a board of that size, row by row from its upper left, shape (size, size)."""
    return np.arange(POINTS).reshape(SIZE, SIZE)[SIZE - size :, :size]


@jit
def clear(board: Bytes, size: int) -> None:
    """Make an empty board of that size of an array of shape (CELLS,)."""
    board[:] = WALL
    for row in range(SIZE - size + 1, SIZE + 1):
        board[row * WIDTH + 1 : row * WIDTH + 1 + size] = EMPTY


@jit
def chain_at(board: Bytes, cell: int, stones: Numbers) -> int:
    """Return how many stones hang together with the one at ``cell``, and write where they are into ``stones``."""
    color = board[cell]
    board[cell] = -color  # what is found is marked by its sign, and unmarked below
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
def lives(board: Bytes, cell: int, stones: Numbers) -> bool:
    """Return whether the chain at ``cell`` has a liberty; ``stones`` is room to work in."""
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
    """Set a stone and take what it captures, or its own chain where that has no liberty then.

    Args:
        board: is changed.
        cell: an empty point.
        color: whose move it is.
        stones: room to work in, shape (POINTS,).

    Returns:
        How many stones were captured, below 0 for suicide; the cell where the opponent, but nobody else, may not take
        back at once, or ``NO_KO``.
    """
    board[cell] = color
    captured, last = 0, NO_KO
    for step in AROUND:
        near = cell + step
        if board[near] == WHITE + BLACK - color and not lives(board, near, stones):
            captured, last = captured + _take(board, near, stones), near
    if captured == 0 and not lives(board, cell, stones):
        return -_take(board, cell, stones), NO_KO
    if captured == 1 and _alone_with_one_liberty(board, cell, color):
        return captured, last
    return captured, NO_KO


@jit
def _take(board: Bytes, cell: int, stones: Numbers) -> int:
    """Remove the chain at ``cell``; return how many stones it had."""
    count = chain_at(board, cell, stones)
    for index in range(count):
        board[stones[index]] = EMPTY
    return count


@jit
def _alone_with_one_liberty(board: Bytes, cell: int, color: int) -> bool:
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
        moves: in their two bytes each.
        size: of the board.
        suicide: whether it is allowed.
        board: is filled, shape (CELLS,).
        stones: room to work in, shape (POINTS,).

    Returns:
        The index of the first move that breaks the rules, or -1; the cell of a ko, or ``NO_KO``; the color that may
        not play there.
    """
    clear(board, size)
    ko, barred = NO_KO, EMPTY
    for index in range(len(moves)):
        point = moves[index] & POINT
        color = WHITE if moves[index] & OF_WHITE else BLACK
        if point == PASS:
            ko = NO_KO
            continue
        cell = cell_of(point) if point < PASS else NO_KO
        if board[cell] != EMPTY or (cell == ko and color == barred and not moves[index] & SETUP):
            return index, ko, barred
        captured, ko = play(board, cell, color, stones)
        barred = WHITE + BLACK - color
        if captured < 0 and not suicide:
            return index, ko, barred
    return -1, ko, barred


@jit
def area(board: Bytes) -> tuple[int, int]:
    """Return the points of Black and of White: stones, and empty points that reach stones of one color only."""
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
