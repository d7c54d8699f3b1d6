"""The rules of Go: by hand, by properties, and against GNU Go over whole games."""

import random
import shutil
import subprocess

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artcnn.datasets.go.board import (
    AROUND,
    BLACK,
    CELLS,
    EMPTY,
    NO_KO,
    OF_WHITE,
    PASS,
    POINTS,
    SIZE,
    WHITE,
    area,
    cell_of,
    chain_at,
    lives,
    play,
    replay,
)
from artcnn.datasets.go.points import NAMES, point_of

GNUGO = shutil.which("gnugo", path="/usr/games:/usr/local/bin:/usr/bin")
needs_gnugo = pytest.mark.skipif(GNUGO is None, reason="GNU Go is not installed")


def board_of(text: str) -> np.ndarray:
    """Return a board with a drawing in its upper left corner: X black, O white."""
    board = np.empty(CELLS, np.int8)
    replay(np.empty(0, np.uint16), board, np.empty(POINTS, np.int32))
    for row, line in enumerate(text.split()):
        for column, letter in enumerate(line):
            board[cell_of(row * SIZE + column)] = {".": EMPTY, "X": BLACK, "O": WHITE}[letter]
    return board


def at(row: int, column: int) -> int:
    return cell_of(row * SIZE + column)


def set_stone(board: np.ndarray, cell: int, colour: int) -> tuple[int, int]:
    return play(board, cell, colour, np.empty(POINTS, np.int32))


def test_a_stone_without_liberties_is_taken():
    board = board_of(".X. X..")
    assert set_stone(board, at(0, 0), WHITE) == (-1, NO_KO), "suicide in the corner"
    board = board_of(".X XO X")
    assert set_stone(board, at(1, 2), BLACK)[0] == 0
    assert set_stone(board, at(2, 1), BLACK)[0] == 1
    assert board[at(1, 1)] == EMPTY


def test_a_capture_goes_before_suicide():
    board = board_of(".OX OX. X..")
    captured, ko = set_stone(board, at(0, 0), BLACK)
    assert (captured, ko) == (2, NO_KO)
    assert board[at(0, 1)] == board[at(1, 0)] == EMPTY


def test_a_ko_may_not_be_taken_back_at_once():
    board = board_of(".XO. X.XO .XO.")  # Black has the mouth of a ko at (1, 1)
    board[at(1, 1)] = WHITE
    board[at(1, 2)] = EMPTY
    captured, ko = set_stone(board, at(1, 2), BLACK)
    assert (captured, ko) == (1, at(1, 1))


def test_two_stones_taken_are_no_ko():
    board = board_of(".XXO XOO. .XXO")
    captured, ko = set_stone(board, at(1, 3), BLACK)
    assert (captured, ko) == (2, NO_KO)


def test_moves_that_break_the_rules_are_found():
    board, stones = np.empty(CELLS, np.int8), np.empty(POINTS, np.int32)
    moves = np.array([3, 4 | OF_WHITE, PASS, 4], np.uint16)
    assert replay(moves[:3], board, stones) == (-1, NO_KO)
    assert replay(moves, board, stones)[0] == 3
    assert replay(np.array([511], np.uint16), board, stones)[0] == 0, "there is no such point"


def test_area_counts_stones_and_what_they_alone_surround():
    assert area(board_of("")) == (0, 0)
    assert area(board_of("X")) == (POINTS, 0)
    board = board_of("\n".join(["." * 3 + "X" + "." * 5 + "O" + "." * 9] * SIZE))
    assert area(board) == (4 * SIZE, 10 * SIZE)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32))
def test_every_chain_on_a_board_lives_and_marks_are_put_back(seed):
    board = np.empty(CELLS, np.int8)
    replay(np.array(random_game(seed, 300)[0], np.uint16), board, np.empty(POINTS, np.int32))
    before, room = board.copy(), np.empty(POINTS, np.int32)
    for point in range(POINTS):
        if board[cell_of(point)] == EMPTY:
            continue
        count = chain_at(board, cell_of(point), room)
        assert lives(board, cell_of(point), np.empty(POINTS, np.int32))
        assert count == len(set(room[:count].tolist()))
        chain = set(room[:count].tolist())
        assert {c + s for c in chain for s in AROUND if board[c + s] == board[cell_of(point)]} <= chain
    assert (board == before).all()


def legal_points(board: np.ndarray, ko: int, colour: int) -> list[int]:
    empty = [p for p in range(POINTS) if board[cell_of(p)] == EMPTY and cell_of(p) != ko]
    return [p for p in empty if set_stone(board.copy(), cell_of(p), colour)[0] >= 0]


def random_game(seed: int, length: int) -> tuple[list[int], list[int]]:
    """Return the moves of a random game, which is full of captures, and how many stones each took."""
    rng = random.Random(seed)  # noqa: S311
    board, ko, moves, captures = board_of(""), NO_KO, [], []
    for number in range(length):
        colour = (BLACK, WHITE)[number % 2]
        points = legal_points(board, ko, colour)
        if not points:
            break
        point = rng.choice(points)
        captured, ko = set_stone(board, cell_of(point), colour)
        moves.append(point | (OF_WHITE if colour == WHITE else 0))
        captures.append(captured)
    return moves, captures


def ask_gnugo(commands: list[str], *options: str) -> list[str]:
    """Return GNU Go's answers, without the marks of the protocol."""
    done = subprocess.run(
        [GNUGO, "--mode", "gtp", *options], input="\n".join([*commands, "quit", ""]), capture_output=True, text=True
    )
    answers = [" ".join(part.split()) for part in done.stdout.split("\n\n") if part.strip()]
    assert all(answer.startswith("=") for answer in answers), [a for a in answers if not a.startswith("=")]
    return [answer[1:].strip() for answer in answers[:-1]]


def as_gtp(move: int) -> str:
    return f"play {'white' if move & OF_WHITE else 'black'} {NAMES[move & 511]}"


@needs_gnugo
@pytest.mark.parametrize("seed", range(4))
def test_legal_moves_and_captures_are_gnugos(seed):
    moves, captures = random_game(seed, 420)
    assert sum(captures) > 50
    commands = ["boardsize 19", "clear_board"]
    for move in moves:
        commands += [as_gtp(move), "all_legal black", "all_legal white"]
    commands += ["list_stones black", "list_stones white", "captures black", "captures white"]
    answers = ask_gnugo(commands)
    board, ko, compared, kos = board_of(""), NO_KO, 0, 0
    for number, move in enumerate(moves):
        colour = WHITE if move & OF_WHITE else BLACK
        _, ko = set_stone(board, cell_of(move & 511), colour)
        black, white = answers[2 + 3 * number + 1], answers[2 + 3 * number + 2]
        for told, who in ((black, BLACK), (white, WHITE)):
            # After a move, a ko forbids the other player only.
            ours = legal_points(board, ko if who != colour else NO_KO, who)
            assert {point_of(name) for name in told.split()} == set(ours), (number, who)
            compared += len(ours)
        kos += ko != NO_KO
    assert compared > 10_000
    stones = [[p for p in range(POINTS) if board[cell_of(p)] == who] for who in (BLACK, WHITE)]
    assert [{point_of(name) for name in told.split()} for told in answers[-4:-2]] == [set(s) for s in stones]
    assert [int(told) for told in answers[-2:]] == [sum(captures[0::2]), sum(captures[1::2])]


@needs_gnugo
def test_the_area_is_gnugos_where_nothing_is_dead():
    """A wall of each colour with two eyes: nothing on the board can be taken, so that there is nothing to judge."""
    rows = ["X.X.XXXXXXXXXXXXXXX", "XXXXXXXXXXXXXXXXXXX"] + ["." * 19] * 3 + ["X" * 19, "O" * 19]
    rows += ["." * 19] * 4 + ["OOOOOOOOOOOOOOOOOOO", "O.O.OOOOOOOOOOOOOOO"] + ["." * 19] * 6
    board = board_of("\n".join(rows))
    commands = ["boardsize 19", "clear_board", "komi 0"]
    for point in range(POINTS):
        if board[cell_of(point)] != EMPTY:
            commands.append(as_gtp(point | (OF_WHITE if board[cell_of(point)] == WHITE else 0)))
    black, white = area(board)
    (answer,) = ask_gnugo([*commands, "final_score"], "--chinese-rules")[-1:]
    winner = "B" if black > white else "W"
    assert answer == f"{winner}+{abs(black - white)}.0"
