"""Runs that were killed, and what is told and limited before one begins."""

import json
import time

import pytest
import torch

from artcnn.cli.options import bytes_of
from artcnn.errors import ArtcnnError
from artcnn.files import checkpoint
from artcnn.jobs import checkpoints
from artcnn.jobs.estimate import format_duration
from artcnn.machine.memory import peak_memory

LONG = {
    "dream": ["dream", "photo.png", "--size", "48", "--octaves", "2", "--steps", "20"],
    "style": ["style", "photo.png", "painting.png", "--size", "48", "--set", "min_size=48", "--set", "fine_steps=30"],
}
LONG["neighbors"] = [*LONG["style"], "--method", "neighbors"]
KILLED = """
import sys
from artcnn.cli import main
from artcnn.jobs import checkpoints, estimate
checkpoints.EVERY = checkpoints.RARER = 0.0
estimate._measure_speed = lambda *_: 1e11
sys.argv[0] = "artcnn"
main()
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind", ["dream", *(pytest.param(kind, marks=pytest.mark.exhaustive) for kind in ("style", "neighbors"))]
)
def test_a_killed_run_is_taken_up_and_ends_with_the_same_bytes(artcnn, folder, begin, kind):
    command = [*LONG[kind], "--precision", "float32", "-q"]
    assert artcnn(*command, "-o", "whole.png").exit_code == 0
    left = folder / ".killed.png.checkpoint"
    with begin("-c", KILLED, *command, "-o", "killed.png") as process:
        while not left.exists():
            assert process.poll() is None, "it ended before it could be killed"
            time.sleep(0.01)
        process.kill()
    assert not (folder / "killed.png").exists()
    result = artcnn(*command, "-o", "killed.png", "--resume")
    assert result.exit_code == 0, result.output
    whole, killed = ((folder / name).read_bytes() for name in ("whole.png", "killed.png"))
    assert whole == killed
    assert not left.exists()


@pytest.fixture
def killed(artcnn, folder, monkeypatch):
    """Leave the checkpoint of a run that died at its third step."""
    from artcnn.cli import run

    class DiedError(Exception):
        pass

    def die(step):
        if step.index == 3:
            raise DiedError

    monkeypatch.setattr(checkpoints, "EVERY", 0.0)
    monkeypatch.setattr(checkpoints, "RARER", 0.0)
    with monkeypatch.context() as patch:
        patch.setattr(run, "_part", lambda *_: die)
        result = artcnn("dream", "photo.png", "--size", "48", "--octaves", "1", "--steps", "9", "-o", "out.png", "-q")
    assert isinstance(result.exception, DiedError)
    assert (folder / ".out.png.checkpoint").exists()
    return folder / ".out.png.checkpoint"


def again(artcnn, *options):
    return artcnn("dream", "photo.png", "--size", "48", "--octaves", "1", "-o", "out.png", *options)


@pytest.mark.slow
def test_other_settings_are_not_mixed_with_those_of_the_killed_run(artcnn, killed):
    result = again(artcnn, "--steps", "10", "--resume")
    assert result.exit_code == 1
    assert "is of a run with other settings" in result.output
    assert killed.exists()


@pytest.mark.parametrize("then", ["written", "removed"])
def test_what_was_being_written_when_a_run_was_killed_is_found_again(folder, then):
    kept = checkpoints.FileStore(folder / "x.png")
    before = sorted(folder.iterdir())
    part = folder / ".x.png.checkpoint.part"
    part.mkdir()
    (part / ".tmp123456").write_bytes(b"half")
    if then == "written":
        checkpoint.write_checkpoint(kept.path, {"x": torch.ones(2)}, "run")
        assert sorted(folder.iterdir()) == sorted([kept.path, *before])
    kept.clear()
    assert sorted(folder.iterdir()) == before


@pytest.mark.slow
def test_a_damaged_checkpoint_is_one_clear_line(artcnn, killed):
    killed.write_bytes(b"\x08\0\0\0\0\0\0\0{}      nonsense")
    result = again(artcnn, "--steps", "9", "--resume")
    assert result.exit_code == 1
    assert "delete it, or leave --resume out, to begin anew" in result.output


@pytest.mark.slow
def test_without_resume_it_is_told_and_begun_anew(artcnn, killed):
    result = again(artcnn, "--steps", "9")
    assert result.exit_code == 0
    assert "use --resume to continue one" in result.output
    assert not killed.exists()


def test_nothing_to_resume(artcnn, folder):
    result = again(artcnn, "--steps", "9", "--resume")
    assert result.exit_code == 1
    assert "there is nothing to resume" in result.output


@pytest.mark.slow
def test_of_many_those_that_were_not_begun_are_begun(artcnn, folder):
    (folder / "in").mkdir()
    for name in ("a.png", "b.png"):
        (folder / "in" / name).write_bytes((folder / "photo.png").read_bytes())
    result = artcnn("dream", "in", "-o", "made", "--size", "48", "--octaves", "1", "--steps", "2", "--resume")
    assert result.exit_code == 0, result.output
    assert len(list((folder / "made").glob("*.png"))) == 2


@pytest.mark.parametrize(
    ("text", "count"), [("2GB", 2e9), ("1.5 gb", 1.5e9), ("800MB", 8e8), ("3G", 3e9), ("512MiB", 512e6)]
)
def test_max_memory_as_people_write_it(text, count):
    assert bytes_of(text) == count


@pytest.mark.parametrize("text", ["", "2", "GB", "-1GB", "two GB", "1e3GB"])
def test_max_memory_that_says_nothing(text):
    with pytest.raises(ArtcnnError, match="write it as 2GB or 800MB"):
        bytes_of(text)


def test_too_little_memory_is_said_before_the_work(artcnn, folder):
    result = artcnn("dream", "photo.png", "--max-memory", "1.5GB", "--size", "4096")
    assert result.exit_code == 1
    assert "use --size" in result.output
    result = artcnn("dream", "photo.png", "--max-memory", "100MB")
    assert "less than any picture needs" in result.output


@pytest.mark.slow
def test_a_limit_changes_the_way_and_not_the_picture(artcnn, folder, monkeypatch):
    from artcnn.backbones.tiles import TilePlan
    from artcnn.engines import memory
    from artcnn.files.read import read_picture

    command = ["dream", "photo.png", "--size", "64", "--octaves", "1", "--steps", "2", "--precision", "float32", "-q"]
    assert artcnn(*command, "-o", "whole.png").exit_code == 0
    monkeypatch.setattr(memory, "_CHOICES", (TilePlan(5, 64 * 64 * 8),))
    assert artcnn(*command, "-o", "tiled.png").exit_code == 0
    whole, tiled = (read_picture(folder / name).pixels for name in ("whole.png", "tiled.png"))
    assert (whole - tiled).abs().max() <= 2 / 255


@pytest.mark.slow
def test_what_it_will_take_is_told(artcnn, folder):
    result = artcnn("dream", "photo.png", "--size", "48", "--octaves", "1", "--steps", "2", "--json")
    report = json.loads(result.stdout)
    estimate, usage = report["estimate"], report["usage"]
    assert 0 < estimate["seconds"] < 600
    assert 5e8 < estimate["bytes"] < 2e9
    assert 0 < usage["seconds"] < report["seconds"]
    assert 1e8 < usage["bytes"] <= peak_memory()
    assert "it will take about" in result.stderr


def test_times_as_people_say_them():
    assert [format_duration(s) for s in (0.2, 14.4, 89, 100, 3500, 4800)] == [
        "1 s",
        "14 s",
        "89 s",
        "2 min",
        "58 min",
        "1 h 20 min",
    ]
