"""Random games from a position to its end: how likely each point ends as Black's. Compiled functions of arrays."""

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
"""Stones that may be put into atari: what kills inside an eye is seldom larger. More would fill a seki."""
_LONGEST = 3
"""Moves of a game, per point, after which it is counted as it is: a triple ko has no end."""
_CORNERS = (-WIDTH - 1, -WIDTH + 1, WIDTH - 1, WIDTH + 1)
"""Steps to the four points across."""
_PRIME = (1 << 31) - 1


@jit
def play_out(board: Bytes, color: int, ko: int, count: int, seed: int) -> tuple[Numbers, Numbers]:
    """Play games to their end, each side at random but for captures and what is in atari, and no eye filled.

    Args:
        board: the position, which stays as it is, shape (CELLS,).
        color: who moves.
        ko: the cell where they may not, or ``NO_KO``.
        count: how many games.
        seed: of what is random, 0 or more.

    Returns:
        In how many games each cell was Black's at the end less in how many it was White's, shape (CELLS,); and Black's
        points less White's in each game, shape (count,).
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
    """Play until nobody has a move left."""
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
    """Return a move that takes the last stone, or saves what it put into atari; 0 for none."""
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
            move = _take_beside(game, head)
            if move:
                return move
            if _room(game, free, color) > 1:
                return free
    return 0


@jit
def _take_beside(game: Game, head: int) -> int:
    """Return a move that takes a chain beside this one, or 0."""
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
    """Return how many liberties, 2 for more, a chain has after a move at its only one."""
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
    """Return whether a move is allowed and puts no more than a few own stones into atari without taking any."""
    if cell == game[NOW, KO]:
        return False
    first, size, several = 0, 1, False
    for step in AROUND:
        near = cell + step
        if game[BOARD, near] == EMPTY:
            found = near
        elif game[BOARD, near] == color:
            found = other_liberty(game, game[HEAD, near], cell)
            size += game[SIZE, game[HEAD, near]]  # twice where the chain is on two sides: it is an estimate
        else:
            if game[BOARD, near] != WALL and other_liberty(game, game[HEAD, near], cell) == 0:
                return True
            continue
        several |= found < 0 or (found > 0 and first > 0 and found != first)
        first = max(first, found)
    return several or (first > 0 and size <= _SMALL)


@jit
def _is_eye(game: Game, cell: int, color: int) -> bool:
    """Return whether a point is an eye: own stones around it, and on all corners but one, at the rim on all."""
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
    """Return a number from 0 on below a bound (Park and Miller's "minimal standard" generator, as of 1993)."""
    state = game[NOW, RANDOM] * 48271 % _PRIME
    game[NOW, RANDOM] = state
    return int(state * below >> 31)


@jit
def _owner(game: Game, cell: int) -> int:
    """Return whose a cell is at the end: 1 for Black, -1 for White, 0 for nobody or both."""
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
