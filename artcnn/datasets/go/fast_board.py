"""A board with incremental liberties of chains, for thousands of playouts. Compiled functions on arrays.

A game is one array with a row for each property of the cells. Chains are circular linked lists of stones, one of which
is the head. Pseudo-liberties count a liberty once for each adjacent stone. With their sum and the sum of their squares,
atari is detected at once: by Cauchy-Schwarz, count * squares == sum ** 2 only if all are the same point.
"""

import numpy as np
from numpy.typing import NDArray

from artcnn.datasets.go.board import AROUND, BLACK, CELLS, EMPTY, NO_KO, WALL, WHITE
from artcnn.datasets.go.jit import Bytes, jit

BOARD, HEAD, BEHIND, FREE, PLACE, NOW = 0, 1, 2, 3, 4, 5
"""Rows: the cell's content; its chain's head; the next stone of the chain; the list of empty points, unordered; each
point's index in that list; and the row of the four values below."""
SIZE, LIBERTIES, SUMS, SQUARES = 6, 7, 8, 9
"""Rows of a chain, stored at its head."""
_ROWS = 10
COUNT, KO, LAST, RANDOM = 0, 1, 2, 3
"""In the row ``NOW``: number of empty points, ko, last move (0 for a pass), state of the random generator."""

Game = NDArray[np.int64]


@jit
def begin(board: Bytes, ko: int) -> Game:
    """Return a game at a position."""
    game, colors = np.zeros((_ROWS, CELLS), np.int64), board.astype(np.int64)
    for cell in range(CELLS):
        game[BOARD, cell] = WALL
        if board[cell] != WALL:
            _clear(game, cell)
    for cell in range(CELLS):
        if colors[cell] in (BLACK, WHITE):
            put(game, cell, colors[cell])
    game[NOW, KO], game[NOW, LAST] = ko, 0
    return game


@jit
def copy(source: Game, target: Game) -> None:
    """Copy a game into another."""
    for row in range(_ROWS):  # assigning the whole array takes numba six seconds to compile
        for cell in range(CELLS):
            target[row, cell] = source[row, cell]


@jit
def _clear(game: Game, cell: int) -> None:
    """Make a point empty."""
    count = game[NOW, COUNT]
    game[BOARD, cell], game[FREE, count], game[PLACE, cell] = EMPTY, cell, count
    game[NOW, COUNT] = count + 1


@jit
def put(game: Game, cell: int, color: int) -> None:
    """Place a stone at an empty point where that is legal, and remove captured stones."""
    count = game[NOW, COUNT] - 1
    last = game[FREE, count]
    game[NOW, COUNT], game[FREE, game[PLACE, cell]], game[PLACE, last] = count, last, game[PLACE, cell]
    game[BOARD, cell], game[HEAD, cell], game[BEHIND, cell], game[SIZE, cell] = color, cell, cell, 1
    game[LIBERTIES, cell], game[SUMS, cell], game[SQUARES, cell] = 0, 0, 0
    for step in AROUND:
        near = cell + step
        if game[BOARD, near] == EMPTY:
            _add_liberty(game, cell, near, 1)
        elif game[BOARD, near] != WALL:
            _add_liberty(game, game[HEAD, near], cell, -1)
    captured, ko = 0, 0
    for step in AROUND:
        near = cell + step
        head = game[HEAD, near]
        if game[BOARD, near] == color:
            if head != game[HEAD, cell]:
                _join(game, head, game[HEAD, cell])
        elif game[BOARD, near] == BLACK + WHITE - color and game[LIBERTIES, head] == 0:
            captured, ko = captured + game[SIZE, head], near
            _remove_chain(game, head)
    head = game[HEAD, cell]
    alone = captured == 1 and game[SIZE, head] == 1 and game[LIBERTIES, head] == 1
    game[NOW, KO], game[NOW, LAST] = (ko if alone else NO_KO), cell


@jit
def _add_liberty(game: Game, head: int, cell: int, sign: int) -> None:
    game[LIBERTIES, head] += sign
    game[SUMS, head] += sign * cell
    game[SQUARES, head] += sign * cell * cell


@jit
def _join(game: Game, one: int, other: int) -> None:
    """Merge two chains."""
    if game[SIZE, one] < game[SIZE, other]:
        one, other = other, one
    cell = other
    while game[HEAD, cell] != one:
        game[HEAD, cell] = one
        cell = game[BEHIND, cell]
    game[BEHIND, one], game[BEHIND, other] = game[BEHIND, other], game[BEHIND, one]
    for row in range(SIZE, SQUARES + 1):
        game[row, one] += game[row, other]


@jit
def _remove_chain(game: Game, head: int) -> None:
    """Remove a chain."""
    other, cell = BLACK + WHITE - game[BOARD, head], head
    for _ in range(game[SIZE, head]):
        _clear(game, cell)
        for step in AROUND:
            near = cell + step
            if game[BOARD, near] == other:
                _add_liberty(game, game[HEAD, near], cell, 1)
        cell = game[BEHIND, cell]


@jit
def only_liberty(game: Game, head: int) -> int:
    """Return the only liberty of a chain, or -1 if it has several."""
    count, total = game[LIBERTIES, head], game[SUMS, head]
    return total // count if count * game[SQUARES, head] == total * total else -1


@jit
def other_liberty(game: Game, head: int, cell: int) -> int:
    """Return the only liberty of a chain other than ``cell``; 0 for none, -1 for several."""
    count, total, squares = game[LIBERTIES, head], game[SUMS, head], game[SQUARES, head]
    for step in AROUND:
        if game[HEAD, cell + step] == head and game[BOARD, cell + step] == game[BOARD, head]:
            count, total, squares = count - 1, total - cell, squares - cell * cell
    if count == 0:
        return 0
    return total // count if count * squares == total * total else -1
