"""The engine, told in GTP: the protocol and the rules it keeps; its handicap stones are GNU Go's."""

import shutil
import subprocess
from functools import partial

import pytest
import torch
from torch import Tensor, nn

from artcnn.datasets.go.board import BLACK, PASS, WHITE
from artcnn.datasets.go.game_state import GameState
from artcnn.datasets.go.points import parse_point
from artcnn.errors import DataError
from artcnn.playing.gtp import GtpEngine, format_score
from artcnn.playing.match import play_game
from artcnn.playing.player import MoveSelection, Player

GNUGO = shutil.which("gnugo", path="/usr/games:/usr/local/bin:/usr/bin")
STIFF = MoveSelection()


class Wishes(nn.Module):
    """A network that wants points in an order of its own, whatever the position."""

    def __init__(self, *names: str) -> None:
        super().__init__()
        self.logits = nn.Parameter(-torch.arange(PASS + 1) * 1e-3)
        for place, name in enumerate(names):
            self.logits.data[parse_point(name)] = 100 - place

    def forward(self, planes: Tensor) -> Tensor:
        return self.logits.expand(len(planes), -1)


def load(name: str, before: int | None) -> tuple[GameState, float | None]:
    """Return a game of two moves on a board of 9 x 9; there is one other file, which tells no komi."""
    if name not in ("a game.sgf", "no komi.sgf"):
        raise DataError(f"no such file: {name}")
    record = GameState(size=9)
    for point, color in ((parse_point("E5"), BLACK), (parse_point("C3"), WHITE))[: (before or 3) - 1]:
        record.play(point, color)
    return record, 5.5 if name == "a game.sgf" else None


def engine(*names: str, selection: MoveSelection = STIFF) -> GtpEngine:
    return GtpEngine(Player(Wishes(*names), "stones", selection), "1.2", load)


def said(engine: GtpEngine, *lines: str) -> list[str]:
    return [(engine.answer(line) or "").removesuffix("\n\n") for line in lines]


@pytest.mark.slow
def test_the_protocol():
    it = engine("D4")
    assert said(it, "protocol_version", "17 name", "  version # why", "", "# nothing") == [
        "= 2",
        "=17 artcnn",
        "= 1.2",
        "",
        "",
    ]
    assert said(it, "known_command genmove", "known_command fly", "fly", "3", "4 fly") == [
        "= true",
        "= false",
        "? unknown command",
        "?3 unknown command",
        "?4 unknown command",
    ]
    for command in said(it, "list_commands")[0].removeprefix("= ").split():
        assert said(it, f"known_command {command}") == ["= true"]
    assert said(it, "boardsize 19", "komi 6.5", "komi x") == ["=", "=", "? syntax error"]
    assert said(it, "time_settings 300 30 5", "time_left b 280 0") == ["=", "="]
    assert "fly" not in said(it, "list_commands")[0]
    assert not it.done
    assert said(it, "quit") == ["="]
    assert it.done


NONSENSE = [
    "play",
    "play b",
    "play x D4",
    "play b I5",
    "play b D4 E5",
    "genmove",
    "genmove x",
    "undo",
    "komi",
    "komi nan",
]
NONSENSE += ["fixed_handicap", "fixed_handicap 10", "fixed_handicap " + "9" * 9999, "set_free_handicap"]
NONSENSE += ["boardsize", "boardsize 6", "boardsize 20", "boardsize 09", "place_free_handicap 1"]
NONSENSE += ["loadsgf", "loadsgf none.sgf", "loadsgf a game.sgf 0", "final_status_list", "final_status_list some"]
NONSENSE += ["set_free_handicap D4 D4", "set_free_handicap pass"]


@pytest.mark.parametrize("line", NONSENSE)
def test_what_makes_no_sense_is_refused_and_changes_nothing(line):
    it = engine("D4")
    before = said(it, "showboard")
    assert said(it, line)[0].startswith("? ")
    assert said(it, "showboard") == before


@pytest.mark.slow
def test_it_plays_what_it_wants_and_never_what_is_illegal():
    it = engine("D4", "Q16")
    assert said(it, "genmove b", "genmove w", "play b D4", "play B q3", "undo", "genmove w") == [
        "= D4",
        "= Q16",
        "? illegal move",
        "=",
        "=",
        "= A19",
    ]


def test_it_takes_no_ko_back_at_once():
    it = engine("C3", "A1")
    for move in ("b B3", "b C4", "b C2", "w D2", "w D4", "w E3", "w C3", "b D3"):
        assert said(it, f"play {move}") == ["="]
    assert said(it, "genmove w") == ["= A1"]


def test_boards_of_other_sizes():
    it = engine("T19", "K10", "E5")
    assert said(it, "boardsize 9", "genmove b", "play w J9", "play w T9", "clear_board", "genmove w") == [
        "=",
        "= E5",
        "=",
        "? illegal move",
        "=",
        "= E5",
    ]
    assert said(it, "showboard")[0].splitlines()[1:3] == ["   A B C D E F G H J", " 9 . . . . . . . . ."]
    for size in range(7, 20):
        assert said(it, f"boardsize {size}", "clear_board")[0] == "="
        assert len(said(it, "showboard")[0].splitlines()) == size + 3


@pytest.mark.slow
def test_a_game_is_loaded():
    it = engine("D4")
    assert said(it, "loadsgf a game.sgf", "play b E5", "play b C3", "final_score") == [
        "=",
        "? illegal move",
        "? illegal move",
        "= W+5.5",
    ]
    assert said(it, "loadsgf a game.sgf 2", "play w E5", "play w C3") == ["=", "? illegal move", "="]
    assert said(it, "komi 0.5", "loadsgf no komi.sgf", "final_score") == ["=", "=", "= W+0.5"], "the komi stays"
    assert said(it, "loadsgf other.sgf") == ["? cannot load file: no such file: other.sgf"]


@pytest.mark.slow
def test_what_became_of_stones(draw_record):
    it = engine("D4")
    assert said(it, "boardsize 7", "komi 0") == ["=", "="]
    for line in ("play w A2", "play w B2"):
        assert said(it, line) == ["="]
    rows = {7: "B D", 6: "A B C D", 5: "A B C D", 4: "A B C D", 3: "A B C D", 2: "C D", 1: "C D"}
    for row, columns in rows.items():
        for column in columns.split():
            assert said(it, f"play b {column}{row}") == ["="]
    for row, columns in {7: "EG", 6: "EFG", 5: "EF", 4: "EFG", 3: "EFG", 2: "EFG", 1: "EFG"}.items():
        for column in columns:
            assert said(it, f"play w {column}{row}") == ["="]
    assert said(it, "final_status_list dead", "final_status_list seki", "final_score") == ["= A2 B2", "=", "= B+7"]
    alive = said(it, "final_status_list alive")[0].removeprefix("= ").splitlines()
    assert sorted(len(chain.split()) for chain in alive) == [19, 22], "a chain a line"


def test_score_and_board():
    assert [format_score(3.5), format_score(-0.5), format_score(0.0), format_score(7.0)] == [
        "B+3.5",
        "W+0.5",
        "0",
        "B+7",
    ]
    it = engine("D4")
    assert said(it, "komi 7.5", "play b D4", "final_score")[-1] == "= B+353.5"
    board = said(it, "showboard")[0].splitlines()
    assert board[-5] == " 4 . . . X . . . . . . . . . . . . . . ."


@pytest.mark.slow
def test_two_of_them_come_to_an_end():
    player = Player(Wishes("E5"), "stones")
    record = GameState(size=9)
    assert play_game(partial(player.choose, komi=7.5), partial(player.choose, komi=7.5), record).reason == "passes"
    assert len(record.moves) < 2 * 81


def test_a_referee_sees_resignation_and_what_is_illegal():
    assert play_game(lambda record, color: None, lambda record, color: PASS, GameState()).reason == "resign"
    record = GameState()
    ending = play_game(lambda record, color: 0, lambda record, color: 0, record)
    assert (ending.reason, ending.loser, len(record.moves)) == ("illegal", WHITE, 1)


@pytest.mark.skipif(GNUGO is None, reason="GNU Go is not installed")
@pytest.mark.parametrize("size", [7, 8, 9, 12, 13, 19])
def test_handicap_stones_are_gnugos(size):
    counts = range(2, 10 if size % 2 and size > 7 else 5)
    asked = [f"boardsize {size}", *(line for count in counts for line in ("clear_board", f"fixed_handicap {count}"))]
    lines = "\n".join([*asked, "quit", ""])
    theirs = subprocess.run([GNUGO, "--mode", "gtp"], input=lines, capture_output=True, text=True).stdout.split("\n\n")
    ours = said(engine("D4"), *asked)
    for our, their in zip(ours, theirs[: len(ours)], strict=True):
        assert set(our.strip("= ").split()) == set(their.strip("= ").split())
    assert said(engine(), f"boardsize {size}", f"fixed_handicap {max(counts) + 1}")[1] == "? invalid number of stones"
    assert len(said(engine(), f"boardsize {size}", "place_free_handicap 40")[1].split()) == 1 + max(counts)
