"""Ladders, against GNU Go's reading of them."""

import shutil
import subprocess

import pytest

from artcnn.datasets.go.board import BLACK, CELLS, WHITE, to_cell
from artcnn.datasets.go.game_state import GameState
from artcnn.datasets.go.ladder import is_caught
from artcnn.datasets.go.points import parse_point

GNUGO = shutil.which("gnugo", path="/usr/games:/usr/local/bin:/usr/bin")
LADDER = {"D16": WHITE, "D17": BLACK, "C16": BLACK, "C15": BLACK}
BREAKERS = ["Q4", "K10", "E9", "M8", "O7", "T1", "D3", "F14"]


def record_of(stones: dict[str, int]) -> GameState:
    record = GameState()
    for name, color in stones.items():
        record.play(parse_point(name), color)
    return record


def caught(stones: dict[str, int], name: str) -> bool:
    board = record_of(stones)._board
    before = board.copy()
    result = is_caught(board, to_cell(parse_point(name)))
    assert (board == before).all()
    assert len(board) == CELLS
    return result


def test_a_ladder_works_until_a_stone_stands_in_its_way():
    assert caught(LADDER, "D16")
    assert not caught(LADDER | {"Q4": WHITE}, "D16")
    assert caught(LADDER | {"Q4": BLACK}, "D16")


def test_what_has_three_liberties_or_takes_what_holds_it_gets_away():
    assert not caught({"K10": WHITE, "K11": BLACK}, "K10")
    assert caught({"A1": WHITE, "A2": BLACK}, "A1"), "nowhere to run"
    # The black stone that gives atari can be taken itself.
    held = {"A1": WHITE, "B1": BLACK, "C1": WHITE, "B2": WHITE, "A3": BLACK}
    assert not caught(held, "A1") or record_of(held).allows(parse_point("A2"), BLACK)


@pytest.mark.skipif(GNUGO is None, reason="GNU Go is not installed")
@pytest.mark.parametrize("breaker", BREAKERS)
@pytest.mark.parametrize("color", [BLACK, WHITE])
def test_ladders_are_gnugos(breaker, color):
    stones = LADDER | {breaker: color}
    lines = ["boardsize 19", "clear_board", *(f"play {' bw'[who]} {name}" for name, who in stones.items())]
    asked = "\n".join([*lines, "ladder_attack D16", "quit", ""])
    answer = subprocess.run([GNUGO, "--mode", "gtp"], input=asked, capture_output=True, text=True).stdout
    theirs = answer.split("\n\n")[len(lines)].removeprefix("= ").split()[0]
    assert caught(stones, "D16") is (theirs == "1")


def test_running_into_a_ladder_is_a_lost_move():
    stones = LADDER | {"E16": BLACK}
    assert record_of(stones).is_lost(parse_point("D15"), WHITE) is False, "two stones may be given away"
    more = {"D14": WHITE, "C14": BLACK, "C13": BLACK, "D13": BLACK, "E14": BLACK}
    assert record_of(stones | more).is_lost(parse_point("D15"), WHITE)
    assert not record_of(stones | dict.fromkeys(more, WHITE)).is_lost(parse_point("D15"), WHITE)
