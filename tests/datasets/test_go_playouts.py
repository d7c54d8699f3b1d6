"""Random games: the fast board keeps the rules of the slow one, and what must come out of a position comes out."""

import random

import numpy as np
import pytest

from artcnn.datasets.go.board import (
    AROUND,
    BLACK,
    CELLS,
    EMPTY,
    NO_KO,
    POINTS,
    WHITE,
    board_points,
    chain_at,
    clear,
    play,
    to_cell,
)
from artcnn.datasets.go.fast_board import BOARD, HEAD, KO, NOW, begin, only_liberty, put
from artcnn.datasets.go.game_state import GameState


def liberties(board: np.ndarray, cell: int) -> set[int]:
    room = np.empty(POINTS, np.int32)
    stones = room[: chain_at(board, cell, room)]
    return {int(stone) + step for stone in stones for step in AROUND if board[stone + step] == EMPTY}


@pytest.mark.parametrize("size", [7, 13])
def test_the_fast_board_is_the_slow_one(size):
    draw, room = random.Random(size), np.empty(POINTS, np.int32)  # noqa: S311
    board = np.empty(CELLS, np.int8)
    clear(board, size)
    game, ko = begin(board, NO_KO), NO_KO
    taken = 0
    for number in range(6 * size * size):
        color = BLACK if number % 2 == 0 else WHITE
        cell = to_cell(int(draw.choice(board_points(size).flatten())))
        after = board.copy()
        if board[cell] != EMPTY or cell == ko or (captured := play(after, cell, color, room)[0]) < 0:
            continue
        _, ko = play(board, cell, color, room)
        put(game, cell, color)
        taken += captured
        assert (game[BOARD] == board).all()
        assert game[NOW, KO] == ko
        if number % size:
            continue  # this is slow
        for stone in np.flatnonzero((board == BLACK) | (board == WHITE)):
            free = liberties(board, int(stone))
            assert only_liberty(game, game[HEAD, stone]) == (free.pop() if len(free) == 1 else -1)
    assert taken > 2 * size, "chains were captured"


def test_where_nothing_is_left_to_play_the_board_counts(draw_record):
    record = draw_record("decided")
    owned, leads = record.play_out(BLACK, 20, 0)
    assert set(leads.tolist()) == {28 - 21}
    board = np.abs(owned.reshape(19, 19)[12:, :7])
    assert (board == 20).all()
    assert not owned.reshape(19, 19)[:12].any(), "there is no board"


def test_nobody_breaks_a_seki(draw_record):
    owned, leads = draw_record("seki").play_out(WHITE, 50, 3)
    assert set(leads.tolist()) == {33 - 14}
    assert (owned == 0).reshape(19, 19)[12:, :7].sum() == 2, "its two liberties are nobody's"


def test_a_stone_that_can_be_taken_in_a_ladder_of_one_is_taken(draw_record):
    record = draw_record("decided", "XXXXOOO\nXXXXOOO\n", "O.XXOOO\n..XXOOO\n")
    owned, _ = record.play_out(WHITE, 200, 0)
    assert owned.reshape(19, 19)[15, 0] > 100


def test_the_same_seed_gives_the_same_games_and_another_one_others():
    record = GameState(size=9)
    first, again, other = (record.play_out(BLACK, 30, seed)[1] for seed in (5, 5, 6))
    assert (first == again).all()
    assert (first != other).any()
    assert abs(np.mean(record.play_out(BLACK, 2000, 0)[1])) < 10, "Black's first move is not worth ten points"
