"""Positions judged by random games: dead stones, the score, seki, by hand and against GNU Go."""

import shutil
import subprocess

import pytest

from artcnn.datasets.go.board import BLACK, WHITE
from artcnn.datasets.go.game_state import GameState
from artcnn.datasets.go.points import NAMES, parse_point
from artcnn.playing.gtp import format_score
from artcnn.playing.ownership import chains_with_status, dead_stones, estimate_ownership, final_lead

GNUGO = shutil.which("gnugo", path="/usr/games:/usr/local/bin:/usr/bin")

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


def test_dead_stones_are_taken_off_and_their_points_counted(draw_record):
    record = draw_record(PRISONERS)
    assert names(dead_stones(record)) == {"A2", "B2"}
    assert final_lead(record, 7.5) == 28 - 21 - 7.5
    assert record.area(7.5) == 24 - 23 - 7.5, "all stones alive, two points nobody's"
    assert [names(chain) for chain in chains_with_status(record, "dead")] == [{"A2", "B2"}]
    assert len(chains_with_status(record, "alive")) == 2
    assert chains_with_status(record, "seki") == []


def test_a_seki_is_alive_and_told_as_such(draw_record):
    record = draw_record("seki")
    assert dead_stones(record) == []
    assert final_lead(record, 0) == 33 - 14
    black, white = sorted(chains_with_status(record, "seki"), key=lambda chain: record.color_at(chain[0]))[:2]
    assert names(white) >= {"A7", "C1"}
    assert names(black) <= {f"A{row}" for row in range(1, 6)}
    assert all("D4" not in names(chain) for chain in chains_with_status(record, "seki"))


def test_what_a_judgement_says(draw_record):
    ownership = estimate_ownership(draw_record("decided"))
    assert ownership.win_rate(BLACK, 6.5) == ownership.win_rate(WHITE, 7.5) == 1
    assert ownership.win_rate(BLACK, 7) == ownership.win_rate(WHITE, 7) == 0, "neither"
    assert ownership.is_settled(parse_point("A1"))
    assert estimate_ownership(GameState(size=9)).is_open(parse_point("E5"))


@pytest.mark.slow
@pytest.mark.skipif(GNUGO is None, reason="GNU Go is not installed")
@pytest.mark.parametrize("seed", [1, 3])
def test_the_score_of_a_finished_game_is_gnugos(seed):
    """GNU Go plays against itself, and counts."""
    asked = ["boardsize 9", "komi 5.5", *["genmove b", "genmove w"] * 50, "final_score", "quit"]
    command = [GNUGO, "--mode", "gtp", "--chinese-rules", "--level", "1", "--never-resign", "--seed", str(seed)]
    done = subprocess.run(command, input="\n".join(asked) + "\n", capture_output=True, text=True, check=True)
    answers = [answer.removeprefix("= ") for answer in done.stdout.split("\n\n")]
    record = GameState(size=9)
    for number, name in enumerate(answers[2:102]):
        if record.passes < 2:
            record.play(parse_point(name), WHITE if number % 2 else BLACK)
    assert record.passes == 2
    assert format_score(final_lead(record, 5.5)) == answers[102]
