"""SIGTERM and SIGHUP end a run as Ctrl-C does: what was reached is kept."""

import json
import os
import signal
from dataclasses import replace

import pytest

from artcnn.cli.signals import cancelling, ending_as_by_ctrl_c
from artcnn.files.read import read_picture
from artcnn.training.loop import Training

ENDING = {"Ctrl-C": (signal.SIGINT, 130), "SIGTERM": (signal.SIGTERM, 143), "SIGHUP": (signal.SIGHUP, 129)}
DREAM = ("dream", "photo.png", "--size", "48", "--octaves", "1", "--steps", "9")


def send(number: int) -> None:
    os.kill(os.getpid(), number)


@pytest.fixture
def at_step_3(monkeypatch):
    """Return what lets a signal come at the third step of a picture."""
    from artcnn.cli import run

    def come(number: int) -> None:
        monkeypatch.setattr(run, "_part", lambda *_: lambda step: send(number) if step.index == 3 else None)

    return come


@pytest.mark.slow
@pytest.mark.parametrize("name", ENDING)
def test_the_picture_reached_is_kept(artcnn, folder, at_step_3, name):
    number, code = ENDING[name]
    handlers = [signal.getsignal(each) for each, _ in ENDING.values()]
    at_step_3(number)
    result = artcnn(*DREAM)
    assert (result.exit_code, result.stdout) == (code, "photo-dream.png\n")
    assert "stopped after step 3 of 9" in result.stderr
    assert json.loads(artcnn("show", "photo-dream.png", "--json").stdout)["stopped_after"] == 3
    assert sorted(path.name for path in folder.iterdir()) == ["painting.png", "photo-dream.png", "photo.png"]
    assert [signal.getsignal(each) for each, _ in ENDING.values()] == handlers


@pytest.mark.slow
def test_a_terminal_that_closes_twice_is_no_reason_to_lose_the_picture(artcnn, folder, at_step_3, monkeypatch):
    from artcnn.files import write

    whole = write.write_atomic

    def again(*arguments):
        send(signal.SIGHUP)
        send(signal.SIGTERM)
        return whole(*arguments)

    monkeypatch.setattr(write, "write_atomic", again)
    at_step_3(signal.SIGHUP)
    assert artcnn(*DREAM).exit_code == 129
    assert read_picture(folder / "photo-dream.png").pixels.shape == (1, 3, 32, 48)


@pytest.mark.slow
def test_a_second_ctrl_c_ends_a_step_at_once_and_leaves_the_checkpoint(artcnn, folder, monkeypatch):
    from artcnn.jobs import checkpoints, engines, runner

    def slow(recipe):
        engine = engines.engine_of(recipe)

        def steps(*arguments):
            for step in engine.steps(*arguments):
                yield step
                if step.index == 3:  # the next takes long, and the user presses Ctrl-C again
                    send(signal.SIGINT)
                    send(signal.SIGINT)

        return replace(engine, steps=steps)

    monkeypatch.setattr(checkpoints, "EVERY", 0.0)
    monkeypatch.setattr(checkpoints, "RARER", 0.0)
    with monkeypatch.context() as patch:
        patch.setattr(runner, "engine_of", slow)
        result = artcnn(*DREAM, "-o", "x.png")
    assert (result.exit_code, result.stdout) == (130, "")
    assert sorted(path.name for path in folder.iterdir()) == [".x.png.checkpoint", "painting.png", "photo.png"]
    resumed = artcnn(*DREAM, "-o", "x.png", "--resume")
    assert (resumed.exit_code, resumed.stdout) == (0, "x.png\n")


@pytest.mark.slow
def test_what_nohup_ignores_stays_ignored(artcnn, folder, at_step_3):
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        at_step_3(signal.SIGHUP)
        result = artcnn(*DREAM)
    finally:
        signal.signal(signal.SIGHUP, before)
    assert (result.exit_code, result.stdout) == (0, "photo-dream.png\n")


def test_a_film_ends_with_a_whole_frame(artcnn, folder, monkeypatch):
    from artcnn.files.frame_store import FrameStore
    from artcnn.files.video import count_frames

    add = FrameStore.add

    def stopped(self, frame):
        send(signal.SIGTERM)
        add(self, frame)

    monkeypatch.setattr(FrameStore, "add", stopped)
    result = artcnn("dream", "photo.png", "--zoom", "1.05", "--frames", "9", "--size", "48", "-o", "film.webp")
    assert (result.exit_code, result.stdout) == (143, "film.webp\n")
    assert count_frames(folder / "film.webp") == 1


@pytest.mark.slow
def test_a_training_keeps_its_last_good_epoch_and_its_checkpoint(artcnn, folder, monkeypatch):
    step, taken = Training._step, 0

    def terminated(self, *arguments):
        nonlocal taken
        taken += 1
        if taken == 10:  # in the third epoch of four steps
            send(signal.SIGTERM)
        return step(self, *arguments)

    monkeypatch.setattr(Training, "_step", terminated)
    small = ["--set", "examples=200", "--set", "validation=100", "--batch", "50", "--epochs", "4"]
    result = artcnn("mnist", "train", *small, "-o", "part.safetensors")
    assert result.exit_code == 143, result.output
    assert "stopped after epoch 2 of 4" in result.output
    for name in ("part.safetensors", "part.checkpoint.safetensors", "part-curve.png"):
        assert (folder / name).exists()


def test_what_asks_for_the_end_is_noted_and_a_second_ctrl_c_ends_it_at_once():
    with ending_as_by_ctrl_c(), cancelling() as cancelled:
        assert not cancelled()
        for number in (signal.SIGHUP, signal.SIGTERM):
            send(number)
            assert cancelled()
        with pytest.raises(KeyboardInterrupt):
            send(signal.SIGINT)
