"""The rules of Go on a board of 19 x 19: captures, ko, suicide. Compiled functions of arrays.

A board is 21 x 21 bytes in a row, a wall around the points, so that a point's neighbours are always there: ``AROUND``
away. Points and moves are told as numbers of 0 to 360, row by row from the upper left.
"""

import numpy as np

from artcnn.datasets.go.compiled import Bytes, Moves, Numbers, compiled

SIZE = 19
POINTS = SIZE * SIZE
PASS = POINTS
"""The move that sets no stone."""

EMPTY, BLACK, WHITE, WALL = 0, 1, 2, 3

WIDTH = SIZE + 2
CELLS = WIDTH * WIDTH
AROUND = (-WIDTH, -1, 1, WIDTH)

POINT, OF_WHITE, SETUP, FIRST = 511, 512, 1024, 2048
"""A move in two bytes: the point, whose it is, whether it is a stone of the handicap, whether a game begins with it."""

NO_KO = 0
"""What stands for the cell of a ko where there is none: a corner of the wall."""


def colour_of(move: int) -> int:
    """Return whose move it is."""
    return WHITE if move & OF_WHITE else BLACK


@compiled
def cell_of(point: int) -> int:
    """Return where a point lies on the board."""
    return (point // SIZE + 1) * WIDTH + point % SIZE + 1


@compiled
def new_board() -> Bytes:
    """Return an empty board, shape (CELLS,)."""
    board = np.full(CELLS, WALL, np.int8)
    for row in range(1, SIZE + 1):
        board[row * WIDTH + 1 : row * WIDTH + 1 + SIZE] = EMPTY
    return board


@compiled
def chain_at(board: Bytes, cell: int, stones: Numbers) -> int:
    """Return how many stones hang together with the one at ``cell``, and write where they are into ``stones``."""
    colour = board[cell]
    board[cell] = -colour  # what is found is marked by its sign, and unmarked below
    stones[0], count, done = cell, 1, 0
    while done < count:
        for step in AROUND:
            near = stones[done] + step
            if board[near] == colour:
                board[near] = -colour
                stones[count] = near
                count += 1
        done += 1
    for index in range(count):
        board[stones[index]] = colour
    return count


@compiled
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


@compiled
def play(board: Bytes, cell: int, colour: int, stones: Numbers) -> tuple[int, int]:
    """Set a stone and take what it captures.

    Args:
        board: is changed, unless the move is suicide.
        cell: an empty point.
        colour: whose move it is.
        stones: room to work in, shape (POINTS,).

    Returns:
        How many stones were captured, -1 for suicide; the cell where the opponent may not take back at once, or
        ``NO_KO``.
    """
    board[cell] = colour
    captured, last = 0, NO_KO
    for step in AROUND:
        near = cell + step
        if board[near] == WHITE + BLACK - colour and not lives(board, near, stones):
            count = chain_at(board, near, stones)
            for index in range(count):
                board[stones[index]] = EMPTY
            captured, last = captured + count, near
    if captured == 0 and not lives(board, cell, stones):
        board[cell] = EMPTY
        return -1, NO_KO
    if captured == 1 and _alone_with_one_liberty(board, cell, colour):
        return captured, last
    return captured, NO_KO


@compiled
def _alone_with_one_liberty(board: Bytes, cell: int, colour: int) -> bool:
    liberties = 0
    for step in AROUND:
        if board[cell + step] == colour:
            return False
        if board[cell + step] == EMPTY:
            liberties += 1
    return liberties == 1


@compiled
def replay(moves: Moves, board: Bytes, stones: Numbers) -> tuple[int, int]:
    """Play moves on an empty board.

    Args:
        moves: in their two bytes each.
        board: is filled, shape (CELLS,).
        stones: room to work in, shape (POINTS,).

    Returns:
        The index of the first move that breaks the rules, or -1; the cell of a ko, or ``NO_KO``.
    """
    board[:] = new_board()
    ko = NO_KO
    for index in range(len(moves)):
        point = moves[index] & POINT
        colour = WHITE if moves[index] & OF_WHITE else BLACK
        if point == PASS:
            ko = NO_KO
            continue
        cell = cell_of(point) if point < PASS else NO_KO
        if board[cell] != EMPTY or (cell == ko and not moves[index] & SETUP):
            return index, ko
        captured, ko = play(board, cell, colour, stones)
        if captured < 0:
            return index, ko
    return -1, ko


@compiled
def area(board: Bytes) -> tuple[int, int]:
    """Return the points of Black and of White: stones, and empty points that reach stones of one colour only."""
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
