"""Positions judged by random games: dead stones, the score, seki, by hand and against GNU Go."""

import shutil
import subprocess

import pytest

from artcnn.datasets.go.board import BLACK, WHITE
from artcnn.datasets.go.points import NAMES, point_of
from artcnn.datasets.go.record import Record
from artcnn.playing.gtp import score
from artcnn.playing.judge import chains_that_are, dead_stones, final_lead, judge

GNUGO = shutil.which("gnugo", path="/usr/games:/usr/local/bin:/usr/bin")

DECIDED = """
.X.XO.O
XXXXOOO
XXXXOO.
XXXXOOO
XXXXOOO
XXXXOOO
XXXXOOO
"""
SEKI = """
OOOX.X.
.OOXXXX
XOOXXXX
XOOXXXX
X.OXXXX
XOOXXXX
XOOXXXX
"""
PRISONERS = """
.X.XO.O
XXXXOOO
XXXXOO.
XXXXOOO
XXXXOOO
OOXXOOO
..XXOOO
"""


def names(points: list[int]) -> set[str]:
    return {NAMES[point] for point in points}


def test_dead_stones_are_taken_off_and_their_points_counted(drawn_record):
    record = drawn_record(PRISONERS)
    assert names(dead_stones(record)) == {"A2", "B2"}
    assert final_lead(record, 7.5) == 28 - 21 - 7.5
    assert record.area(7.5) == 24 - 23 - 7.5, "all stones alive, two points nobody's"
    assert [names(chain) for chain in chains_that_are(record, "dead")] == [{"A2", "B2"}]
    assert len(chains_that_are(record, "alive")) == 2
    assert chains_that_are(record, "seki") == []


def test_a_seki_is_alive_and_told_as_such(drawn_record):
    record = drawn_record(SEKI)
    assert dead_stones(record) == []
    assert final_lead(record, 0) == 33 - 14
    black, white = sorted(chains_that_are(record, "seki"), key=lambda chain: record.colour_at(chain[0]))[:2]
    assert names(white) >= {"A7", "C1"}
    assert names(black) <= {f"A{row}" for row in range(1, 6)}
    assert all("D4" not in names(chain) for chain in chains_that_are(record, "seki"))


def test_what_a_judgement_says(drawn_record):
    judgement = judge(drawn_record(DECIDED))
    assert judgement.chances(BLACK, 6.5) == judgement.chances(WHITE, 7.5) == 1
    assert judgement.chances(BLACK, 7) == judgement.chances(WHITE, 7) == 0, "neither"
    assert judgement.is_settled(point_of("A1"))
    assert judge(Record(size=9)).is_open(point_of("E5"))


@pytest.mark.slow
@pytest.mark.skipif(GNUGO is None, reason="GNU Go is not installed")
@pytest.mark.parametrize("seed", [1, 3])
def test_the_score_of_a_finished_game_is_gnugos(seed):
    """GNU Go plays against itself, and counts."""
    asked = ["boardsize 9", "komi 5.5", *["genmove b", "genmove w"] * 50, "final_score", "quit"]
    command = [GNUGO, "--mode", "gtp", "--chinese-rules", "--level", "1", "--never-resign", "--seed", str(seed)]
    done = subprocess.run(command, input="\n".join(asked) + "\n", capture_output=True, text=True, check=True)
    answers = [answer.removeprefix("= ") for answer in done.stdout.split("\n\n")]
    record = Record(size=9)
    for number, name in enumerate(answers[2:102]):
        if record.passes < 2:
            record.play(point_of(name), WHITE if number % 2 else BLACK)
    assert record.passes == 2
    assert score(final_lead(record, 5.5)) == answers[102]
