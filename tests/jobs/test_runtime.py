"""Making pictures in any thread, several at once; cancelling, checkpoints in memory, results."""

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from PIL import Image

from artcnn.errors import ArtcnnError, CheckpointError
from artcnn.files.read import read_picture
from artcnn.jobs import checkpoints, runner
from artcnn.jobs.checkpoints import MemoryStore
from artcnn.jobs.events import Checkpointed, Finished, Progress, Started
from artcnn.jobs.inputs import DreamInputs
from artcnn.jobs.job import Job
from artcnn.jobs.runner import run
from artcnn.jobs.runtime import Runtime
from artcnn.presets import load_recipe
from artcnn.recipes import VideoRecipe

QUICK = {"size": 48, "octaves": 1, "steps": 4, "precision": "float32"}
FILM = VideoRecipe(zoom=1.02, frames=4)


def dream(source="photo.png", video=None, **settings) -> Job:
    return Job(load_recipe("dream", **{**QUICK, **settings}), DreamInputs(Path(source)), video)


def finish(runtime, job, **options):
    """Return the result of a job."""
    *_, last = run(runtime.prepare(job), **options)
    assert isinstance(last, Finished)
    return last.result


@pytest.fixture(scope="module")
def runtime():
    """Return what the tests share, so that the network is loaded once."""
    return Runtime("cpu")


@pytest.mark.slow
def test_threads_make_what_one_makes(folder, runtime):
    classifier = {"backbone": "efficientnet-lite0", "steps": 2}
    jobs = [
        dream(video=FILM),
        dream("painting.png", seed=1),
        dream(layers=["block5_1"], **classifier),
        dream("painting.png", layers=["block3_2"], **classifier),
    ]
    alone = [finish(runtime, job).image for job in jobs]
    shared = Runtime("cpu")
    with ThreadPoolExecutor(len(jobs)) as pool:
        together = [result.image for result in pool.map(lambda job: finish(shared, job), jobs)]
    assert all(torch.equal(a, b) for a, b in zip(alone, together, strict=True))


@pytest.mark.slow
def test_a_network_is_loaded_once_and_a_picture_that_is_held_read_once(folder, runtime):
    first, second = runtime.prepare(dream()), runtime.prepare(dream(seed=2))
    assert first.network is second.network
    assert first.pictures["photo"] is second.pictures["photo"]
    assert runtime.prepare(dream(pooling="average")).network is not first.network
    Image.open("painting.png").save("photo.png")
    assert runtime.prepare(dream()).pictures["photo"].pixels.shape == (1, 3, 72, 48)


def test_events_come_in_order(folder, runtime, monkeypatch):
    monkeypatch.setattr(checkpoints, "EVERY", 0.0)
    monkeypatch.setattr(checkpoints, "RARER", 0.0)
    events = list(run(runtime.prepare(dream()), checkpoints=MemoryStore()))
    kinds = [type(event) for event in events]
    assert kinds == [Started, *[Checkpointed, Progress] * 3, Progress, Finished]
    assert [event.step.index for event in events if isinstance(event, Progress)] == [1, 2, 3, 4]
    assert events[0].estimate.memory > 5e8
    assert all(event.step.state() == {} for event in events if isinstance(event, Progress))


@pytest.mark.slow
def test_what_is_reached_when_it_is_cancelled_is_an_incomplete_result(folder, runtime):
    steps = []
    for event in run(runtime.prepare(dream()), cancelled=lambda: len(steps) == 2):
        if isinstance(event, Progress):
            steps.append(event.step)
    assert isinstance(event, Finished)
    assert not event.result.complete
    assert event.result.provenance.stopped_after == 2
    assert event.result.metrics == {"objective": steps[-1].value, "steps": 2}
    assert torch.equal(event.result.image, steps[-1].image)
    assert finish(runtime, dream(), cancelled=lambda: True) is None


@pytest.mark.slow
def test_a_run_is_resumed_from_memory_with_the_same_bits(folder, runtime, monkeypatch):
    monkeypatch.setattr(checkpoints, "EVERY", 0.0)
    monkeypatch.setattr(checkpoints, "RARER", 0.0)
    for video in (None, FILM):
        prepared, store = runtime.prepare(dream(video=video)), MemoryStore()
        whole = finish(runtime, dream(video=video))
        for event in run(prepared, checkpoints=store):
            if isinstance(event, Progress) and event.step.index == 2:
                break  # as if the machine had failed
        with pytest.raises(CheckpointError, match="of a run with other settings"):
            list(run(runtime.prepare(dream(video=video, seed=5)), checkpoints=store))
        started, *_, last = (event for event in run(prepared, checkpoints=store))
        assert started.resumed_at == 2
        assert torch.equal(last.result.image, whole.image)
        assert last.result.complete
        if video is None:
            assert store.load(prepared.key) is None


@pytest.mark.slow
def test_a_checkpoint_behind_the_step_to_stop_after_is_not_used(folder, runtime, monkeypatch):
    monkeypatch.setattr(checkpoints, "EVERY", 0.0)
    monkeypatch.setattr(checkpoints, "RARER", 0.0)
    prepared, store = runtime.prepare(dream()), MemoryStore()
    for event in run(prepared, checkpoints=store):
        if isinstance(event, Progress) and event.step.index == 3:
            break
    started, *_, last = run(prepared, checkpoints=store, stop_after=2)
    assert started.resumed_at == 0
    assert last.result.provenance.stopped_after == 2


@pytest.mark.slow
def test_a_video_is_saved_with_all_of_its_frames_also_when_it_is_cancelled(folder, runtime):
    prepared, steps = runtime.prepare(dream(video=FILM)), []
    for event in run(prepared, cancelled=lambda: len(steps) == 3):
        if isinstance(event, Progress):
            steps.append(event.step)
    path = event.result.save("short.webp")
    with Image.open(path) as film:
        assert (film.n_frames, film.size) == (3, (48, 32))
    assert not event.result.complete
    with pytest.raises(ArtcnnError, match="a film tells nothing of the photo"):
        event.result.save("x.webp", keep_gps=True)


def test_the_frames_beside_a_video_are_gone_after_the_run(folder, runtime):
    store = checkpoints.FileStore(Path("x.webp"))
    result = finish(runtime, dream(video=FILM), checkpoints=store)
    assert not list(folder.glob(".*"))
    with pytest.raises(ArtcnnError, match="save it before"):
        result.save("x.webp")
    assert not (folder / "x.webp").exists()


@pytest.mark.slow
def test_a_result_is_saved_shown_and_evaluated(folder, runtime):
    alpha = Image.linear_gradient("L").resize((72, 48))
    photo = Image.open("photo.png")
    photo.putalpha(alpha)
    photo.save("clear.png")
    prepared = runtime.prepare(dream("clear.png"))
    *_, last = run(prepared)
    result = last.result
    assert result.to_pil().mode == "RGBA"
    with Image.open(BytesIO(result._repr_png_())) as shown, Image.open(result.save("made.png")) as saved:
        assert shown.tobytes() == saved.tobytes() == result.to_pil().tobytes()
    assert read_picture("made.png").alpha is not None
    assert result.save("made.png", replace=False) == Path("made-2.png")
    assert result.save("flat.jpg") == Path("flat.jpg")
    measured = prepared.evaluate(result.image)["objective"]
    assert measured["after"] > measured["before"]
    assert result.usage["seconds"] + 0.1 > 0
    assert result.usage["bytes"] > 1e8


def test_memory_that_does_not_suffice_is_an_error_of_ours(folder, runtime, monkeypatch):
    def fails(*_):
        torch.empty(1 << 50, dtype=torch.uint8)
        yield

    prepared = runtime.prepare(dream())
    monkeypatch.setattr(runner, "engine_of", lambda recipe: SimpleNamespace(steps=fails))
    with pytest.raises(ArtcnnError, match="there is not enough memory"):
        list(runner.run(prepared))
    with pytest.raises(ArtcnnError, match="less than any picture needs"):
        Runtime("cpu", max_memory=1_000_000).prepare(dream())
