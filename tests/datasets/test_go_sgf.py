"""SGF: against sgfmill on games that hypothesis makes up, and files as servers and editors write them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sgfmill import sgf

from artcnn.datasets.go.board import FIRST, OF_WHITE, PASS, POINT, SETUP, board_points
from artcnn.datasets.go.encodings import decode
from artcnn.datasets.go.points import NAMES, parse_point, pass_or_point_in_sgf, point_in_sgf
from artcnn.datasets.go.sgf import SgfError, parse_games


def games(text: str) -> list:
    return list(parse_games(text))


def the_game(text: str) -> np.ndarray:
    (game,) = games(text)
    assert not isinstance(game, SgfError), game
    return game


def readable(game: np.ndarray) -> list[str]:
    """Return moves as GNU Go would be told them, stones of the handicap in small letters."""
    told = [("W" if move & OF_WHITE else "B") + NAMES[move & POINT] for move in game.tolist()]
    return [text.lower() if move & SETUP else text for text, move in zip(told, game.tolist(), strict=True)]


def reason(text: str) -> str:
    (broken,) = games(text)
    assert isinstance(broken, SgfError)
    return broken.reason


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(0, PASS - 1), unique=True, max_size=9),
    st.lists(st.one_of(st.integers(0, 18), st.just(PASS)), min_size=1, max_size=12, unique=True),
    st.text(max_size=30),
)
def test_what_sgfmill_writes_is_read(handicap, row, comment):
    """Points of one row and a few stones: whatever is legal comes back, whatever is not is refused."""
    game = sgf.Sgf_game(size=19)
    root = game.get_root()
    root.set_setup_stones([(18 - point // 19, point % 19) for point in handicap], [])
    root.set("C", comment)
    for number, point in enumerate(row):
        node = game.extend_main_sequence()
        node.set_move("bw"[number % 2], None if point == PASS else (18 - point // 19, point % 19))
        node.set("C", comment)
    (found,) = games(decode(game.serialise()))
    taken = {point for point in row if point in handicap}
    if isinstance(found, SgfError):
        assert "breaks the rules" in found.reason
        assert taken or handicap or len(row) > 2
        return
    assert found[0] & FIRST
    assert not any(move & FIRST for move in found[1:])
    assert {move & POINT for move in found.tolist() if move & SETUP} == set(handicap)
    assert [(move & POINT, move & OF_WHITE) for move in found.tolist() if not move & SETUP] == [
        (point, OF_WHITE * (number % 2)) for number, point in enumerate(row)
    ]


def test_main_line_comments_and_escapes():
    text = r"(;GM[1]FF[4]SZ[19]C[a \] bracket (;B[aa\])];B[pd]C[)](;W[dp];B[dd](;W[pp])(;W[qq]))(;W[cc]))"
    assert readable(the_game(text)) == ["BQ16", "WD4", "BD16", "WQ4"]


def test_a_collection_with_rubbish_between_is_its_games():
    text = "From: someone (a mail)\n(;B[aa])\n\n(;GM[1]B[ab];W[])  (;SZ[5];B[aa])(;GM[1])(;B[aa];W[aa])(;B[sa"
    found = games(text)
    assert [readable(game) for game in found[:2]] == [["BA19"], ["BA18", "Wpass"]]
    assert [game.reason for game in found[2:]] == [
        "it is on a board of '5', not of 7 to 19 lines each way",
        "nobody moves in it",
        "move 2 of it breaks the rules",
        "it is cut short",
    ]


def test_handicap_rectangles_old_names_and_passes():
    assert readable(the_game("(;SZ[19:19]HA[2]AB[dd][pp]AW[aa:ab];W[tt];B[];W[ qf ])")) == [
        "bd16", "bq4", "wa19", "wa18", "Wpass", "Bpass", "WR14"
    ]  # fmt: skip
    assert readable(the_game("(;GaMe[1] SiZe[19] ;Black[pd] ;White[dp])")) == ["BQ16", "WD4"]
    assert readable(the_game("(;B[pd];B[dp];W[dd])")) == ["BQ16", "BD4", "WD16"], "two of one player follow each other"


@pytest.mark.parametrize("content", [b"[", b"(", b"A", b"(;B[", b"a[", b"\\", b"(;C[\x83", b")  (", b"; ", b"CA[ "])
def test_much_of_what_makes_no_sense_takes_no_time(content):
    """Many of them would take hours if each were looked for to the end of the file."""
    (broken,) = games(decode(content * (300_000 // len(content))))
    assert isinstance(broken, SgfError)


def test_games_that_are_none_are_told():
    assert reason("") == "there is no game in it"
    assert reason("hello (world)") == "there is no game in it"
    assert reason("(;GM[2];B[aa])") == "it is no game of Go"
    assert reason("(;B[aa];AB[bb];W[cc])") == "stones are set in the middle of it"
    assert reason("(;B[zz])") == "there is no point 'zz'"
    assert reason("(;B[aaa])") == "there is no point 'aaa'"
    assert reason("(;AB[aa][aa];W[bb])") == "move 0 of it breaks the rules"


def test_points_by_their_names():
    assert NAMES[0] == "A19"
    assert NAMES[18] == "T19"
    assert NAMES[360] == "T1"
    assert not any("I" in name for name in NAMES[:361])
    assert [parse_point(name.lower()) for name in NAMES] == list(range(362))
    for wrong in ("", "I5", "A0", "A20", "A\x1b"):
        with pytest.raises(ValueError, match="there is no point"):
            parse_point(wrong)
    assert [pass_or_point_in_sgf(point) for point in (0, 18, 342, PASS)] == ["aa", "sa", "as", ""]


@pytest.mark.parametrize("size", [7, 9, 13, 19])
def test_points_of_a_small_board_have_the_names_that_they_have_there(size):
    for point in [*board_points(size).flatten().tolist(), PASS]:
        assert point_in_sgf(pass_or_point_in_sgf(point, size), size) == point
    assert [NAMES[point_in_sgf(value, size)] for value in ("aa", "ba", "tt")] == [f"A{size}", f"B{size}", "pass"]
    assert NAMES[point_in_sgf("a" + "abcdefghijklmnopqrs"[size - 1], size)] == "A1"
    for wrong in ("a" + "abcdefghijklmnopqrst"[size], "A1", "a"):
        with pytest.raises(ValueError, match="there is no point"):
            point_in_sgf(wrong + "x" * (size == 19), size)
