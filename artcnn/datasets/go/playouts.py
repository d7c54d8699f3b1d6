"""Random playouts, to estimate the owner of each point. Compiled functions on arrays."""

import numpy as np

from artcnn.datasets.go.board import AROUND, BLACK, CELLS, EMPTY, NO_KO, WALL, WHITE, WIDTH
from artcnn.datasets.go.fast_board import (
    BEHIND,
    BOARD,
    COUNT,
    FREE,
    HEAD,
    KO,
    LAST,
    NOW,
    RANDOM,
    SIZE,
    Game,
    begin,
    copy,
    only_liberty,
    other_liberty,
    put,
)
from artcnn.datasets.go.jit import Bytes, Numbers, jit

_SMALL = 5
"""Most own stones that may be put into atari: enough to kill inside an eye, too few to fill a seki."""
_LONGEST = 3
"""Most moves of a playout, per point: a triple ko would not end."""
_CORNERS = (-WIDTH - 1, -WIDTH + 1, WIDTH - 1, WIDTH + 1)
"""Offsets of the four diagonal neighbors."""
_PRIME = (1 << 31) - 1


@jit
def play_out(board: Bytes, color: int, ko: int, count: int, seed: int) -> tuple[Numbers, Numbers]:
    """Run playouts: random moves, except that captures and saving from atari come first, and eyes are not filled.

    Args:
        board: the position, shape (CELLS,); not modified.
        color: to play.
        ko: the cell where that color may not play, or ``NO_KO``.
        count: number of playouts.
        seed: not negative.

    Returns:
        For each cell, the number of playouts in which it ends as Black's minus White's, shape (CELLS,); and Black's
        area minus White's in each playout, shape (count,).
    """
    owned, leads = np.zeros(CELLS, np.int32), np.zeros(count, np.int32)
    start, game = begin(board, ko), begin(board, ko)
    game[NOW, RANDOM] = 1 + seed * 69_621 % (_PRIME - 1)
    for number in range(count):
        start[NOW, RANDOM] = game[NOW, RANDOM]
        copy(start, game)
        _finish(game, color)
        for cell in range(CELLS):
            owner = _owner(game, cell)
            owned[cell] += owner
            leads[number] += owner
    return owned, leads


@jit
def _finish(game: Game, color: int) -> None:
    """Play until both sides pass."""
    passes = 0
    for _ in range(_LONGEST * CELLS):
        move = _choose(game, color)
        if move:
            put(game, move, color)
            passes = 0
        else:
            game[NOW, KO], game[NOW, LAST] = NO_KO, 0
            passes += 1
            if passes == 2:
                return
        color = BLACK + WHITE - color


@jit
def _choose(game: Game, color: int) -> int:
    """Return a move, or 0 for a pass."""
    urgent = _urgent(game, color)
    if urgent:
        return urgent
    count = game[NOW, COUNT]
    at = _draw(game, count)
    for _ in range(count):
        cell = int(game[FREE, at])
        if not _is_eye(game, cell, color) and _is_sound(game, cell, color):
            return cell
        at = at + 1 if at + 1 < count else 0
    return 0


@jit
def _urgent(game: Game, color: int) -> int:
    """Return a move that captures the last stone, or saves a chain that it put into atari; 0 for none."""
    last = game[NOW, LAST]
    if not last:
        return 0
    escape = only_liberty(game, game[HEAD, last])
    if escape > 0 and _is_sound(game, escape, color):
        return escape
    for step in AROUND:
        near = last + step
        if game[BOARD, near] != color:
            continue
        head = game[HEAD, near]
        free = only_liberty(game, head)
        if free > 0:
            move = _capture_adjacent(game, head)
            if move:
                return move
            if _room(game, free, color) > 1:
                return free
    return 0


@jit
def _capture_adjacent(game: Game, head: int) -> int:
    """Return a move that captures an adjacent chain, or 0."""
    other, cell = BLACK + WHITE - game[BOARD, head], head
    for _ in range(game[SIZE, head]):
        for step in AROUND:
            near = cell + step
            if game[BOARD, near] == other:
                free = only_liberty(game, game[HEAD, near])
                if free > 0 and free != game[NOW, KO]:
                    return free
        cell = game[BEHIND, cell]
    return 0


@jit
def _room(game: Game, cell: int, color: int) -> int:
    """Return the number of liberties, at most 2, of a chain after a move at its only liberty."""
    first = 0
    for step in AROUND:
        near, found = cell + step, 0
        if game[BOARD, near] == EMPTY:
            found = near
        elif game[BOARD, near] == color:
            found = other_liberty(game, game[HEAD, near], cell)
        if found < 0 or (found > 0 and first > 0 and found != first):
            return 2
        first = max(first, found)
    return int(first > 0)


@jit
def _is_sound(game: Game, cell: int, color: int) -> bool:
    """Return whether a move is legal, and does not put more than a few own stones into atari without a capture."""
    if cell == game[NOW, KO]:
        return False
    first, size, several = 0, 1, False
    for step in AROUND:
        near = cell + step
        if game[BOARD, near] == EMPTY:
            found = near
        elif game[BOARD, near] == color:
            found = other_liberty(game, game[HEAD, near], cell)
            size += game[SIZE, game[HEAD, near]]  # an estimate: a chain on two sides counts twice
        else:
            if game[BOARD, near] != WALL and other_liberty(game, game[HEAD, near], cell) == 0:
                return True
            continue
        several |= found < 0 or (found > 0 and first > 0 and found != first)
        first = max(first, found)
    return several or (first > 0 and size <= _SMALL)


@jit
def _is_eye(game: Game, cell: int, color: int) -> bool:
    """Return whether a point is an eye: own stones on all sides, and on all corners but one, or on all at the edge."""
    for step in AROUND:
        near = game[BOARD, cell + step]
        if near != color and near != WALL:
            return False
    lost, rim = 0, False
    for step in _CORNERS:
        near = game[BOARD, cell + step]
        lost += near == BLACK + WHITE - color
        rim |= near == WALL
    return lost + rim < 2


@jit
def _draw(game: Game, below: int) -> int:
    """Return a random number in [0, below), by Park and Miller's "minimal standard" generator of 1993."""
    state = game[NOW, RANDOM] * 48271 % _PRIME
    game[NOW, RANDOM] = state
    return int(state * below >> 31)


@jit
def _owner(game: Game, cell: int) -> int:
    """Return the owner of a cell at the end: 1 for Black, -1 for White, 0 for none."""
    if game[BOARD, cell] == WALL:
        return 0
    if game[BOARD, cell] != EMPTY:
        return 1 if game[BOARD, cell] == BLACK else -1
    black, white = False, False
    for step in AROUND:
        near = game[BOARD, cell + step]
        black |= near == BLACK
        white |= near == WHITE
    return int(black) - int(white)
