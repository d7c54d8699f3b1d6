"""The engine, told in GTP: the protocol, the rules it keeps, when it passes; its handicap stones are GNU Go's."""

import shutil
import subprocess

import pytest
import torch
from torch import Tensor, nn

from artcnn.datasets.go.board import BLACK, PASS, WHITE
from artcnn.datasets.go.points import NAMES, point_of
from artcnn.datasets.go.record import Record
from artcnn.playing.gtp import Engine, score
from artcnn.playing.match import MOST_MOVES, play_game
from artcnn.playing.player import Player

GNUGO = shutil.which("gnugo", path="/usr/games:/usr/local/bin:/usr/bin")


class Wishes(nn.Module):
    """A network that wants points in an order of its own, whatever the position."""

    def __init__(self, *names: str, sure: float = 1.0) -> None:
        super().__init__()
        self.logits = nn.Parameter(-torch.arange(PASS + 1) * 1e-3)
        for place, name in enumerate(names):
            self.logits.data[point_of(name)] = sure * (100 - place)

    def forward(self, planes: Tensor) -> Tensor:
        return self.logits.expand(len(planes), -1)


def engine(*names: str, sure: float = 1.0) -> Engine:
    return Engine(Player(Wishes(*names, sure=sure), "stones"), "1.2")


def said(engine: Engine, *lines: str) -> list[str]:
    return [(engine.answer(line) or "").removesuffix("\n\n") for line in lines]


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
    assert said(it, "boardsize 19", "boardsize 9", "komi 6.5", "komi x") == [
        "=",
        "? unacceptable size",
        "=",
        "? syntax error",
    ]
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
NONSENSE += ["set_free_handicap D4 D4", "set_free_handicap pass"]


@pytest.mark.parametrize("line", NONSENSE)
def test_what_makes_no_sense_is_refused_and_changes_nothing(line):
    it = engine("D4")
    before = said(it, "showboard")
    assert said(it, line)[0].startswith("? ")
    assert said(it, "showboard") == before


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


def test_it_brings_no_former_board_back_and_fills_no_eye():
    record = Record()
    for number in range(361):  # White everywhere but in two corners
        if NAMES[number] not in ("A1", "T19"):
            record.play(number, WHITE)
    assert Player(Wishes("A1"), "stones").choose(record, WHITE) == PASS
    assert Player(Wishes("A1"), "stones").choose(record, BLACK) == PASS, "suicide"


def test_a_pass_is_answered_late_in_a_game_unless_a_move_is_certain():
    for moves, sure, answer in ((98, 0.0, False), (100, 0.0, True), (100, 1.0, False)):
        record = Record()
        for number in range(moves // 2):
            record.play(38 + number, BLACK)
            record.play(361 - 38 - number, WHITE)
        record.play(PASS, BLACK)
        assert (Player(Wishes("D1", sure=sure), "stones").choose(record, WHITE) == PASS) is answer


def test_score_and_board():
    assert [score(3.5), score(-0.5), score(0.0), score(7.0)] == ["B+3.5", "W+0.5", "0", "B+7"]
    it = engine("D4")
    assert said(it, "komi 7.5", "play b D4", "final_score")[-1] == "= B+353.5"
    board = said(it, "showboard")[0].splitlines()
    assert board[-5] == " 4 . . . X . . . . . . . . . . . . . . ."


def test_two_of_them_come_to_an_end():
    player = Player(Wishes("K10"), "stones")
    played = play_game(player.choose, player.choose, Record())
    assert played.how in ("passes", "length")
    assert len(played.record.moves) <= MOST_MOVES


def test_a_referee_sees_resignation_and_what_is_illegal():
    assert play_game(lambda record, colour: None, lambda record, colour: PASS, Record()).how == "resign"
    played = play_game(lambda record, colour: 0, lambda record, colour: 0, Record())
    assert (played.how, played.loser, len(played.record.moves)) == ("illegal", WHITE, 1)


@pytest.mark.skipif(GNUGO is None, reason="GNU Go is not installed")
@pytest.mark.parametrize("count", range(2, 10))
def test_handicap_stones_are_gnugos(count):
    lines = f"boardsize 19\nclear_board\nfixed_handicap {count}\nquit\n"
    theirs = subprocess.run([GNUGO, "--mode", "gtp"], input=lines, capture_output=True, text=True).stdout
    ours = said(engine("D4"), f"fixed_handicap {count}")[0]
    assert set(ours.removeprefix("= ").split()) == set(theirs.split("\n\n")[2].removeprefix("= ").split())
