"""Positions to look at, of files as they are: set up, cut short, or with something wrong in them."""

from pathlib import Path

import pytest

from artcnn.datasets.go.board import BLACK, EMPTY, OF_WHITE, POINT, SETUP, WHITE
from artcnn.datasets.go.encodings import decode
from artcnn.datasets.go.game_state import GameState
from artcnn.datasets.go.points import NAMES, parse_point
from artcnn.datasets.go.position import Position, position_in
from artcnn.datasets.go.sgf import MainLine, SgfError, main_lines, parse_games

FILES = Path(__file__).parents[1] / "data" / "go"
WRONG = "of it breaks the rules: this is how far it makes sense"


def in_file(name: str) -> Position:
    (line,) = main_lines(decode((FILES / name).read_bytes()))
    assert isinstance(line, MainLine)
    return position_in(line)


def in_text(text: str, before: int | None = None) -> Position:
    (line,) = main_lines(text)
    assert isinstance(line, MainLine), line
    return position_in(line, before)


def stones(position: Position) -> dict[str, int]:
    record = GameState(position.moves, position.size)
    return {NAMES[point]: color for point in range(361) if (color := record.color_at(point)) in (BLACK, WHITE)}


def strict(name: str) -> str:
    """Return how many moves training takes from a file, or why none."""
    (game,) = parse_games(decode((FILES / name).read_bytes()))
    return game.reason if isinstance(game, SgfError) else f"{sum(not move & SETUP for move in game.tolist())} moves"


@pytest.mark.parametrize(
    ("name", "count", "color", "notes", "train"),
    [
        ("13.sgf", 2, BLACK, (), "2 moves"),
        ("big5_no_ca_backslash.sgf", 8, BLACK, (), "8 moves"),
        ("sjis_no_ca_backslash.sgf", 8, BLACK, (), "8 moves"),
        ("fox.sgf", 8, BLACK, (), "8 moves"),
        ("no_root_semicolon.sgf", 8, BLACK, (), "8 moves"),
        ("ko_filled_by_same_color.sgf", 2, WHITE, (), "2 moves"),
        ("ko_retake_illegal.sgf", 1, WHITE, (f"move 2 {WRONG}",), "move 2 of it breaks the rules"),
        ("occupied_at_end.sgf", 3, WHITE, (f"move 4 {WRONG}",), "move 4 of it breaks the rules"),
        ("setup_black_first.sgf", 2, BLACK, (), "2 moves"),
        ("setup_mid_AE.sgf", 3, BLACK, (), "stones are set in the middle of it"),
        ("setup_only_PL_B.sgf", 0, BLACK, (), "nobody moves in it"),
        ("setup_only_PL_W.sgf", 0, WHITE, (), "nobody moves in it"),
        ("suicide.sgf", 5, WHITE, (), "5 moves"),
    ],
)
def test_files_of_all_kinds(name, count, color, notes, train):
    position = in_file(name)
    assert (position.count, position.color, position.notes, position.played) == (count, color, notes, None)
    assert strict(name) == train


def test_every_file_is_looked_at():
    assert len(list(FILES.glob("*.sgf"))) == 14, "the one left is of no square board"
    assert strict("rect.sgf") == "it is on a board of '19:13', not of 7 to 19 lines each way"


@pytest.mark.parametrize(
    "name", ["big5_no_ca_backslash.sgf", "sjis_no_ca_backslash.sgf", "fox.sgf", "no_root_semicolon.sgf"]
)
def test_the_first_move_is_not_lost(name):
    assert [NAMES[move & POINT] for move in in_file(name).moves] == ["Q16", "D4", "C3", "D3", "C4", "D5", "B6", "D16"]


def test_what_is_on_the_board():
    black, white = ["Q16", "R17", "P17", "O16"], ["R16", "R15", "Q15", "S15"]
    expected = dict.fromkeys(["R17", "Q16", "P17", "O16"], BLACK) | dict.fromkeys(["R16", "R15", "Q15", "S15"], WHITE)
    assert set(black) | set(white) == set(expected)
    assert stones(in_file("setup_only_PL_W.sgf")) == expected
    assert stones(in_file("setup_mid_AE.sgf")) == {"D4": WHITE, "R16": BLACK, "C3": WHITE}
    assert stones(in_file("suicide.sgf")) == {"A18": BLACK, "R3": WHITE, "B19": BLACK, "D16": BLACK}
    assert stones(in_file("13.sgf")) == {"L10": BLACK, "D4": WHITE}
    ko = stones(in_file("ko_filled_by_same_color.sgf"))
    assert (ko["B18"], ko["C18"]) == (BLACK, BLACK)


@pytest.mark.parametrize(
    ("text", "color", "notes"),
    [
        ("(;SZ[9])", BLACK, 0),
        ("(;SZ[9]AB[cc][gg])", WHITE, 1),
        ("(;SZ[9]HA[2]AB[cc][gg]PL[B])", BLACK, 0),
        ("(;SZ[9]AB[cc]AW[gg])", BLACK, 1),
        ("(;SZ[9]AB[cc]AW[gg]PL[white])", WHITE, 0),
        ("(;SZ[9]PL[W];B[cc])", WHITE, 0),
        ("(;SZ[9];B[cc]PL[B])", BLACK, 0),
        ("(;SZ[9];B[cc];W[])", BLACK, 0),
        ("(;SZ[9];B[cc];AW[dd]AE[cc])", BLACK, 1),
    ],
)
def test_whose_turn_it_is(text, color, notes):
    position = in_text(text)
    assert (position.color, len(position.notes)) == (color, notes)
    if notes:
        assert f"{'Black' if color == BLACK else 'White'} is assumed" in position.notes[0]


def test_a_position_within_a_game():
    text = "(;SZ[9]AB[cc]PL[W];W[gg];B[cg];AE[gg]AW[ee]C[what if];W[gc])"
    assert [in_text(text, before).count for before in (1, 2, 3, 4, None)] == [0, 1, 2, 3, 3]
    third = in_text(text, 3)
    assert stones(third) == {"C7": BLACK, "C3": BLACK, "E5": WHITE}
    assert third.played == parse_point("G7") | OF_WHITE
    assert third.color == WHITE
    with pytest.raises(ValueError, match="there is no move 5: the game has 3 moves: give 1 to 4"):
        in_text(text, 5)
    with pytest.raises(ValueError, match="only 1 moves of the game can be read: give 1 to 2"):
        in_text("(;SZ[9];B[aa];W[aa];B[bb])", 3)


@pytest.mark.parametrize(
    ("text", "count", "note"),
    [
        ("(;SZ[9];B[aa];W[bb];B[c", 2, "cut short"),
        ("(;SZ[9];B[aa];W[bb]", 2, "cut short"),
        (";SZ[9];B[aa];W[bb]", 2, "cut short"),
        ("(;SZ[9];B[aa];W[zz];B[bb])", 1, "there is no point 'zz'"),
        ("(;SZ[9];B[ja])", 0, "there is no point 'ja'"),
        ("(;SZ[9]RU[Japanese];B[ab];W[ee];B[ba];W[aa];B[dd])", 3, "move 4"),
        ("(;SZ[9]AB[ab][ba]AW[aa]PL[W])", 0, "without a liberty"),
        ("(;SZ[9]AB[a:c])", 0, "there is no point 'a'"),
    ],
)
def test_what_makes_no_sense_is_noted_and_the_rest_shown(text, count, note):
    position = in_text(text)
    assert position.count == count
    assert note in position.notes[0]


def test_a_stone_without_a_liberty_is_not_there():
    position = in_text("(;SZ[9]AB[ab][ba]AW[aa]PL[W])")
    assert GameState(position.moves, 9).color_at(parse_point("A9")) == EMPTY
    assert len(position.moves) == 2


def test_a_game_that_says_nothing_of_its_kind_is_one_of_go():
    assert in_text("(;GM[]SZ[9];B[aa])").count == 1
    assert in_text("(SZ[9]PB[a];B[aa])").count == 1
