"""An allocation that fails is one line that says what to do, and what was reached can be gone on with."""

import os
import resource
import subprocess
import sys

import numpy as np
import pytest
import torch
from PIL import Image

from artcnn.errors import ArtcnnError, PictureError, enough_memory
from artcnn.training.loop import Training

TOO_MUCH = 1 << 50
DREAM = ("dream", "photo.png", "--size", "48", "--octaves", "1", "--steps", "5", "--precision", "float32", "-q")
FAILURES = {
    "torch": lambda: torch.empty(TOO_MUCH, dtype=torch.uint8),
    "numpy": lambda: np.empty(TOO_MUCH, np.uint8).sum(),
    "Python": lambda: bytearray(TOO_MUCH),
}


@pytest.fixture
def failing(monkeypatch):
    """Let an allocation fail at the third step of a picture; checkpoints are written at each."""
    from artcnn.cli import run
    from artcnn.jobs import checkpoints

    def at_step_3(step):
        if step.index == 3:
            torch.empty(TOO_MUCH, dtype=torch.uint8)

    monkeypatch.setattr(checkpoints, "EVERY", 0.0)
    monkeypatch.setattr(checkpoints, "RARER", 0.0)
    monkeypatch.setattr(run, "_part", lambda *_: at_step_3)


@pytest.mark.parametrize("library", FAILURES)
def test_whoever_asks_for_too_much(library):
    with (
        pytest.raises(ArtcnnError, match=r"^there is not enough memory.*: ask for less$"),
        enough_memory("ask for less"),
    ):
        FAILURES[library]()


def test_what_has_nothing_to_do_with_memory_stays_a_bug():
    with pytest.raises(RuntimeError, match="shapes differ"), enough_memory("ask for less"):
        raise RuntimeError("shapes differ")


@pytest.mark.slow
def test_a_picture_can_be_gone_on_with(artcnn, folder, failing, monkeypatch):
    result = artcnn(*DREAM, "-o", "x.png")
    assert result.exit_code == 1
    assert result.output == (
        "error: there is not enough memory for 1125899.9 GB more: use a --size below 48, or limit it by --max-memory; "
        "--resume continues where there is a checkpoint\n"
    )
    assert sorted(path.name for path in folder.glob(".*")) == [".x.png.checkpoint"]
    monkeypatch.undo()
    os.chdir(folder)
    assert artcnn(*DREAM, "-o", "x.png", "--resume").exit_code == 0
    assert not list(folder.glob(".*"))


@pytest.mark.slow
def test_of_many_pictures_the_others_are_made(artcnn, folder, monkeypatch):
    from artcnn.cli import run

    (folder / "in").mkdir()
    for name in ("a.png", "b.png"):
        Image.open(folder / "photo.png").save(folder / "in" / name)

    def part(show, job, *_):
        return lambda step: FAILURES["torch"]() if job.inputs.photo.name == "a.png" else None

    monkeypatch.setattr(run, "_part", part)
    result = artcnn("dream", "in", "-o", "out", *DREAM[2:])
    assert result.exit_code == 1
    assert "error: in/a.png: there is not enough memory" in result.stderr
    assert [path.name for path in (folder / "out").iterdir()] == ["b-dream.png"]


@pytest.mark.slow
def test_a_training_keeps_its_checkpoint(artcnn, folder, monkeypatch):
    step, taken = Training._step, 0

    def fails(self, *arguments):
        nonlocal taken
        taken += 1
        if taken == 6:  # in the second epoch of four steps
            torch.empty(TOO_MUCH, dtype=torch.uint8)
        return step(self, *arguments)

    monkeypatch.setattr(Training, "_step", fails)
    small = ["--set", "examples=200", "--set", "validation=100", "--batch", "50", "--epochs", "2"]
    result = artcnn("mnist", "train", *small, "-o", "x.safetensors", "-q")
    assert result.exit_code == 1
    assert "use a smaller batch" in result.output
    assert [path.name for path in folder.glob("x*")] == ["x.checkpoint.safetensors"]


def test_a_picture_that_does_not_fit_is_not_called_damaged(folder, monkeypatch):
    from artcnn.files import read

    monkeypatch.setattr(read, "decode", lambda *_: FAILURES["torch"]())
    with pytest.raises(PictureError, match="there is not enough memory to open it"):
        read.read_picture(folder / "photo.png")


@pytest.mark.slow
def test_ulimit(folder):
    limited = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    most = 2_500_000 * 1024
    done = subprocess.run(
        [sys.executable, "-m", "artcnn", *DREAM],
        cwd=folder,
        capture_output=True,
        text=True,
        env=os.environ | limited,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (most, most)),
    )
    assert done.returncode in (0, 1), done.stderr
    assert [line[:6] for line in done.stderr.splitlines()] == ["error:"] * done.returncode, done.stderr
    assert (folder / "photo-dream.png").exists() == (done.returncode == 0)
