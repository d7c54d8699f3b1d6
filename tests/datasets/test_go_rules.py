"""The rules of Go: by hand, by properties, and against GNU Go over whole games."""

import random
import shutil
import subprocess

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sgfmill import boards

from artcnn.datasets.go.board import (
    AROUND,
    BLACK,
    CELLS,
    EMPTY,
    NO_KO,
    OF_WHITE,
    PASS,
    POINT,
    POINTS,
    SIZE,
    WHITE,
    area,
    board_points,
    chain_at,
    clear,
    has_liberty,
    move_color,
    play,
    replay,
    to_cell,
)
from artcnn.datasets.go.game_state import GameState
from artcnn.datasets.go.points import NAMES, parse_point

GNUGO = shutil.which("gnugo", path="/usr/games:/usr/local/bin:/usr/bin")
needs_gnugo = pytest.mark.skipif(GNUGO is None, reason="GNU Go is not installed")


def board_of(text: str) -> np.ndarray:
    """Return a board with a drawing in its upper left corner: X black, O white."""
    board = np.empty(CELLS, np.int8)
    clear(board, SIZE)
    for row, line in enumerate(text.split()):
        for column, letter in enumerate(line):
            board[to_cell(row * SIZE + column)] = {".": EMPTY, "X": BLACK, "O": WHITE}[letter]
    return board


def at(row: int, column: int) -> int:
    return to_cell(row * SIZE + column)


def set_stone(board: np.ndarray, cell: int, color: int) -> tuple[int, int]:
    return play(board, cell, color, np.empty(POINTS, np.int32))


def test_a_stone_without_liberties_is_taken():
    board = board_of(".X. X..")
    assert set_stone(board, at(0, 0), WHITE) == (-1, NO_KO), "suicide in the corner"
    assert board[at(0, 0)] == EMPTY
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
    moves = [3, 4 | OF_WHITE, PASS, 4]
    assert first_wrong(moves[:3]) == -1
    assert first_wrong(moves) == 3
    assert first_wrong([511]) == 0, "there is no such point"
    assert first_wrong([0], size=13) == 0, "it is outside of the board"
    assert first_wrong([POINTS - SIZE], size=7) == -1, "A1"


def first_wrong(moves: list[int], size: int = SIZE, *, suicide: bool = False) -> int:
    room = np.empty(CELLS, np.int8), np.empty(POINTS, np.int32)
    return replay(np.array(moves, np.uint16), size, suicide, *room)[0]


def moves_of(text: str) -> list[int]:
    """Return moves as people write them: a color and a point."""
    return [parse_point(word[1:]) | (OF_WHITE if word[0] == "w" else 0) for word in text.split()]


KO = moves_of("bB19 bA18 bB17 wC19 wD18 wC17 wB18 bC18")  # Black took at C18 what stood at B18


def test_only_the_opponent_may_not_take_a_ko_back_and_only_at_once():
    assert first_wrong([*KO, *moves_of("wB18")]) == len(KO)
    assert first_wrong([*KO, *moves_of("bB18")]) == -1, "who took it may fill it"
    assert first_wrong([*KO, *moves_of("wT1 bT2 wB18")]) == -1, "after a threat"
    assert first_wrong([*KO, *moves_of("bT1 wB18")]) == -1, "after another move of the same player"
    assert first_wrong([*KO, PASS | OF_WHITE, *moves_of("bT1 wB18")]) == -1
    assert first_wrong([*KO, *moves_of("wT1 bT2 wB18 bC18")]) == len(KO) + 3, "and back again"


def test_a_record_keeps_the_ko_from_the_opponent_alone():
    record = GameState()
    for move in KO:
        record.play(move & POINT, move_color(move))
    before = list(record.moves)
    with pytest.raises(ValueError, match="B18 is not a legal move"):
        record.play(parse_point("B18"), WHITE)
    assert not record.legal(WHITE)[parse_point("B18")]
    assert record.legal(BLACK)[parse_point("B18")]
    record.play(parse_point("B18"), BLACK)
    record.undo()
    assert record.moves == before
    assert not record.allows(parse_point("B18"), WHITE), "after an undo, too"
    again = GameState(before)
    assert (again.allows(parse_point("B18"), BLACK), again.allows(parse_point("B18"), WHITE)) == (True, False)


def test_suicide_removes_ones_own_stones_where_it_is_allowed():
    moves = moves_of("bA18 wT1 bB19 wA19 wA19")
    assert first_wrong(moves) == 3
    assert first_wrong(moves, suicide=True) == -1, "the point is empty again"
    board = board_of("XXO OO.")
    board[at(0, 0)], board[at(1, 2)] = EMPTY, WHITE
    assert set_stone(board, at(0, 0), BLACK) == (-2, NO_KO)
    assert board[at(0, 1)] == EMPTY


def test_area_counts_stones_and_what_they_alone_surround():
    assert area(board_of("")) == (0, 0)
    assert area(board_of("X")) == (POINTS, 0)
    board = board_of("\n".join(["." * 3 + "X" + "." * 5 + "O" + "." * 9] * SIZE))
    assert area(board) == (4 * SIZE, 10 * SIZE)


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32))
def test_every_chain_on_a_board_lives_and_marks_are_put_back(seed):
    board = np.empty(CELLS, np.int8)
    replay(np.array(random_game(seed, 300)[0], np.uint16), SIZE, False, board, np.empty(POINTS, np.int32))
    before, room = board.copy(), np.empty(POINTS, np.int32)
    for point in range(POINTS):
        if board[to_cell(point)] == EMPTY:
            continue
        count = chain_at(board, to_cell(point), room)
        assert has_liberty(board, to_cell(point), np.empty(POINTS, np.int32))
        assert count == len(set(room[:count].tolist()))
        chain = set(room[:count].tolist())
        assert {c + s for c in chain for s in AROUND if board[c + s] == board[to_cell(point)]} <= chain
    assert (board == before).all()


def legal_points(board: np.ndarray, ko: int, color: int) -> list[int]:
    empty = [p for p in range(POINTS) if board[to_cell(p)] == EMPTY and to_cell(p) != ko]
    return [p for p in empty if set_stone(board.copy(), to_cell(p), color)[0] >= 0]


def random_game(seed: int, length: int, size: int = SIZE, changing: float = 1.0) -> tuple[list[int], list[int]]:
    """Return the moves of a random game, which is full of captures, and how many stones each took.

    Whose turn it is changes with a probability, so that kos are filled by who took them.
    """
    rng = random.Random(seed)  # noqa: S311
    board, ko, barred, moves, captures, color = np.empty(CELLS, np.int8), NO_KO, EMPTY, [], [], BLACK
    clear(board, size)
    for _ in range(length):
        empty = [p for p in range(POINTS) if board[to_cell(p)] == EMPTY and (color != barred or to_cell(p) != ko)]
        shuffled = rng.sample(empty, len(empty))
        point = next((p for p in shuffled if set_stone(board.copy(), to_cell(p), color)[0] >= 0), None)
        if point is None:
            break
        captured, ko = set_stone(board, to_cell(point), color)
        barred = BLACK + WHITE - color
        moves.append(point | (OF_WHITE if color == WHITE else 0))
        captures.append(captured)
        color = barred if rng.random() < changing else color
    return moves, captures


@pytest.mark.parametrize("size", [7, 8, 9, 13, 19])
def test_boards_kos_and_suicide_are_sgfmills(size):
    """Random games around the mouth of a ko in a corner, so that much is taken, taken back, or filled."""
    shape = [("w", 0, 2), ("b", 0, 1), ("b", 1, 0), ("b", 2, 1), ("w", 1, 3), ("w", 2, 2), ("w", 1, 1), ("b", 1, 2)]
    captures = kos = filled = 0
    for seed in range(6):
        rng = random.Random(seed)  # noqa: S311
        theirs, simple_ko, barred, moves = boards.Board(size), None, "", list[int]()
        near = [(row, column) for row in range(5) for column in range(5)]
        for number in range(300):
            color = "bw"[number % 2] if rng.random() < 0.7 else rng.choice("bw")
            row, column = simple_ko if simple_ko and rng.random() < 0.3 else rng.choice(near)
            if number < len(shape):
                color, row, column = shape[number]
            move = (SIZE - 1 - row) * SIZE + column | (OF_WHITE if color == "w" else 0)
            if theirs.get(row, column) is not None or ((row, column) == simple_ko and color == barred):
                assert first_wrong([*moves, move], size) == len(moves)
                continue
            before = theirs.copy()
            filled += (row, column) == simple_ko
            ko = theirs.play(row, column, color)
            if theirs.get(row, column) is None:
                assert first_wrong([*moves, move], size) == len(moves), "suicide"
                assert (stones_of([*moves, move], size) == as_array(theirs)).all()
                theirs = before
                continue
            simple_ko, barred = ko, "wb"["bw".index(color)]
            moves.append(move)
            captures += len(before.list_occupied_points()) >= len(theirs.list_occupied_points())
            kos += simple_ko is not None
            assert (stones_of(moves, size) == as_array(theirs)).all()
    assert captures > 10
    assert kos > 5
    assert filled > 0, "some are filled by who took them"


def stones_of(moves: list[int], size: int) -> np.ndarray:
    board = np.empty(CELLS, np.int8)
    assert replay(np.array(moves, np.uint16), size, True, board, np.empty(POINTS, np.int32))[0] == -1
    return board[[to_cell(point) for point in board_points(size).flatten()]].reshape(size, size)


def as_array(board: boards.Board) -> np.ndarray:
    marks = {None: EMPTY, "b": BLACK, "w": WHITE}
    return np.array([[marks[board.get(row, c)] for c in range(board.side)] for row in reversed(range(board.side))])


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
@pytest.mark.parametrize(("size", "length", "seed"), [(7, 150, 0), (9, 200, 1), (13, 250, 2), (19, 420, 4)])
def test_legal_moves_and_captures_are_gnugos(size, length, seed):
    moves, captures = random_game(seed, length, size, changing=1.0 if seed % 2 else 0.8)
    assert sum(captures) > 5
    commands = [f"boardsize {size}", "clear_board"]
    for move in moves:
        commands += [as_gtp(move), "all_legal black", "all_legal white"]
    commands += ["list_stones black", "list_stones white", "captures black", "captures white"]
    answers = ask_gnugo(commands)
    board, compared = np.empty(CELLS, np.int8), 0
    clear(board, size)
    for number, move in enumerate(moves):
        color = WHITE if move & OF_WHITE else BLACK
        _, ko = set_stone(board, to_cell(move & 511), color)
        black, white = answers[2 + 3 * number + 1], answers[2 + 3 * number + 2]
        for told, who in ((black, BLACK), (white, WHITE)):
            # After a move, a ko forbids the other player only.
            ours = legal_points(board, ko if who != color else NO_KO, who)
            assert {parse_point(name) for name in told.split()} == set(ours), (number, who)
            compared += len(ours)
    assert compared > 2_000
    stones = [[p for p in range(POINTS) if board[to_cell(p)] == who] for who in (BLACK, WHITE)]
    assert [{parse_point(name) for name in told.split()} for told in answers[-4:-2]] == [set(s) for s in stones]
    taken = [sum(n for n, move in zip(captures, moves, strict=True) if move & OF_WHITE == who) for who in (0, OF_WHITE)]
    assert [int(told) for told in answers[-2:]] == taken


@pytest.mark.slow
@needs_gnugo
def test_the_area_is_gnugos_where_nothing_is_dead():
    """A wall of each color with two eyes: nothing on the board can be taken, so that there is nothing to judge."""
    rows = ["X.X.XXXXXXXXXXXXXXX", "XXXXXXXXXXXXXXXXXXX"] + ["." * 19] * 3 + ["X" * 19, "O" * 19]
    rows += ["." * 19] * 4 + ["OOOOOOOOOOOOOOOOOOO", "O.O.OOOOOOOOOOOOOOO"] + ["." * 19] * 6
    board = board_of("\n".join(rows))
    commands = ["boardsize 19", "clear_board", "komi 0"]
    for point in range(POINTS):
        if board[to_cell(point)] != EMPTY:
            commands.append(as_gtp(point | (OF_WHITE if board[to_cell(point)] == WHITE else 0)))
    black, white = area(board)
    (answer,) = ask_gnugo([*commands, "final_score"], "--chinese-rules")[-1:]
    winner = "B" if black > white else "W"
    assert answer == f"{winner}+{abs(black - white)}.0"
