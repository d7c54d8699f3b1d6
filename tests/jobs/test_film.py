"""Films of clips as jobs: the same work in one go, cancelled, resumed, and sent as text."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from PIL import Image

import artcnn
from artcnn.engines.film import film_bytes
from artcnn.engines.shots import shots_between
from artcnn.errors import ArtcnnError, OutOfMemoryError
from artcnn.files.clips.clip import open_clip
from artcnn.files.films.join import join_film
from artcnn.image import fit_size
from artcnn.jobs.checkpoints import MemoryStore
from artcnn.jobs.estimate import tiling_within
from artcnn.jobs.events import Checkpointed, Finished, Progress, Started
from artcnn.jobs.film import find_cuts, plan_film
from artcnn.jobs.inputs import InstantInputs, TextureInputs
from artcnn.jobs.job import Job
from artcnn.jobs.provenance import read_provenance
from artcnn.jobs.runner import run
from artcnn.jobs.runtime import Runtime
from artcnn.recipes import FilmRecipe, InstantRecipe, TextureRecipe

pytestmark = pytest.mark.usefixtures("tiny_styles")


@pytest.fixture
def clip(folder: Path) -> Path:
    """Return a GIF of six frames, in which a photo moves upwards."""
    pytest.importorskip("cv2", reason="the extra 'video' is not installed")
    with Image.open(folder / "photo.png") as photo:
        pixels = torch.frombuffer(bytearray(photo.convert("RGB").tobytes()), dtype=torch.uint8).view(48, 72, 3)
    frames = [Image.fromarray(pixels.roll(-number, 0).numpy()) for number in range(6)]
    frames[0].save(folder / "clip.gif", save_all=True, append_images=frames[1:], duration=40, loop=0)
    return folder / "clip.gif"


@pytest.fixture
def job(clip: Path) -> Job:
    return Job(InstantRecipe(size=48, precision="float32"), InstantInputs(clip), FilmRecipe())


def consume(events, out: Path) -> tuple[list, torch.Tensor]:
    """Return the events of a run, and the frames of its film, which is saved."""
    seen = []
    for event in events:
        seen.append(event)
        if isinstance(event, Finished):
            frames = torch.cat(list(event.result.frames))
            event.result.save(out)
    return seen, frames


def test_a_film_that_was_stopped_goes_on_with_the_same_frames(job, folder):
    prepared = Runtime("cpu").prepare(job)
    events, whole = consume(run(prepared), folder / "whole.webp")
    assert (len(whole), events[-1].result.complete) == (6, True)
    store, made = MemoryStore(), 0
    unfinished = run(prepared, checkpoints=store)
    for event in unfinished:  # a worker that dies behind its third frame
        made += isinstance(event, Progress)
        if made == 3:
            break
    unfinished.close()
    (started, *rest), frames = consume(run(prepared, checkpoints=store), folder / "rest.webp")
    assert isinstance(started, Started)
    assert started.resumed_at == 3
    assert sum(isinstance(event, Progress) for event in rest) == 3
    assert torch.equal(frames, whole)


def test_cancelled_it_is_a_shorter_film_that_says_so(job, folder):
    stop = iter([False, False, True])
    run_of_two = run(Runtime("cpu").prepare(job), checkpoints=MemoryStore(), cancelled=lambda: next(stop))
    events, frames = consume(run_of_two, folder / "x.webp")
    assert sum(isinstance(event, Checkpointed) for event in events) == 1
    result = events[-1].result
    assert (len(frames), result.complete, result.provenance.stopped_after) == (2, False, 2)
    assert len(open_clip(folder / "x.webp").times) == 2


@pytest.fixture
def shots(folder: Path) -> Path:
    """Return a PNG of five shots: 4, 1, 3, 2 and 4 frames of pictures that have nothing to do with each other."""
    pytest.importorskip("cv2", reason="the extra 'video' is not installed")
    torch.manual_seed(3)
    frames = []
    for length in (4, 1, 3, 2, 4):
        scene = torch.nn.functional.interpolate(torch.rand(1, 3, 8, 12), (48, 72), mode="bicubic").clamp(0, 1)
        pixels = scene[0].permute(1, 2, 0).mul(255).byte()
        frames += [Image.fromarray(pixels.roll(number, 1).numpy()) for number in range(length)]
    frames[0].save(folder / "shots.png", save_all=True, append_images=frames[1:], duration=40)
    return folder / "shots.png"


@pytest.mark.slow
@pytest.mark.parametrize(("passes", "suffix"), [(1, ".mp4"), (2, "")])
def test_the_shots_of_a_film_made_one_by_one_are_the_film(shots, folder, passes, suffix):
    job = Job(InstantRecipe(size=72, precision="float32"), InstantInputs(shots), FilmRecipe(passes=passes))
    prepared = Runtime("cpu").prepare(job)
    _, whole = consume(run(prepared), folder / f"whole{suffix}")
    cuts = [cut for first in range(0, 14, 5) for cut in find_cuts(prepared, first, min(first + 5, 14))]
    assert cuts == [4, 5, 8, 10]
    made, pieces = [], []
    for shot in shots_between(cuts, 14):
        piece = prepared.of_shot(shot.start, shot.stop)
        pieces.append(folder / f"{shot.start}{suffix}")
        events, frames = consume(run(piece), pieces[-1])
        made.append(frames)
        result = events[-1].result
        assert (result.complete, result.provenance) == (True, prepared.provenance)
    assert torch.equal(torch.cat(made), whole)
    film = folder / f"film{suffix}"
    join_film(pieces, film, plan_film(prepared.clip), prepared.provenance.to_json(film))
    assert read_provenance(film) == read_provenance(folder / f"whole{suffix}")
    assert read_provenance(film).is_of(job, job.fingerprint())
    assert open_clip(film).times == open_clip(folder / f"whole{suffix}").times
    shown = torch.cat([frame.image for frame in open_clip(film).frames()])
    assert (shown - whole).abs().mean() < (0.02 if suffix else 1e-6)


def test_a_checkpoint_of_a_shot_is_not_that_of_another(job):
    prepared = Runtime("cpu").prepare(job)
    shots = [prepared, prepared.of_shot(0, 3), prepared.of_shot(3, 6), prepared.of_shot(3, 5)]
    assert len({shot.key for shot in shots}) == 4
    assert prepared.of_shot(0, 3).key == prepared.of_shot(0, 3).key


def test_a_job_is_sent_as_text_and_is_the_same_work(job):
    again = Job.from_json(job.to_json())
    assert (again.video, again.fingerprint()) == (job.video, job.fingerprint())
    other = Job(job.recipe, job.inputs, FilmRecipe(coherence=0.5))
    assert other.fingerprint() != job.fingerprint()


def test_the_estimate_counts_frames(job):
    prepared = Runtime("cpu").prepare(job)
    seconds = [prepared.estimate_rest(begun, None).seconds for begun in range(6)]
    each = seconds[4] - seconds[5]
    assert each > 0
    assert [a - b for a, b in pairwise(seconds[1:])] == pytest.approx([each] * 4)
    assert seconds[0] - seconds[1] == pytest.approx(each / 2)  # of the first frame no motion is searched
    assert prepared.estimate.disk == 6 * 3 * 32 * 48


def test_the_estimate_counts_what_a_film_takes_beside_its_frames(job):
    prepared = Runtime("cpu").prepare(job)
    frame = prepared.engine.costs.peak_bytes(prepared.recipe, (32, 48), prepared.tiling, None)
    assert prepared.estimate.memory == frame + film_bytes((32, 48))
    with pytest.raises(OutOfMemoryError, match=r"needs about .* GB"):
        Runtime("cpu", max_memory=frame + film_bytes((32, 48)) // 2).prepare(job)


def test_a_film_needs_a_clip_in_a_file(clip):
    with pytest.raises(ArtcnnError, match="a film is made of a clip"):
        Job(InstantRecipe(), InstantInputs(clip.read_bytes()), FilmRecipe())
    with pytest.raises(ArtcnnError, match="a film is made of a clip"):
        Job(TextureRecipe(), TextureInputs((clip,)), FilmRecipe())


def test_in_python_a_clip_becomes_a_film(clip, folder):
    result = artcnn.instant(clip, size=48)
    assert len(open_clip(result.save(folder / "x.gif")).times) == 6
    still = artcnn.instant(clip, size=48, film=FilmRecipe(still=0.1))
    assert still.save(folder / "still.png").exists()


def test_too_large_a_film_is_told_which_size_fits():
    recipe = InstantRecipe(size=1280, precision="float32")
    with pytest.raises(OutOfMemoryError) as told:
        tiling_within(recipe, (720, 1280), 1_000_000_000, film=True)
    size = int(re.fullmatch(r"use --size (\d+) or less", told.value.hint)[1])
    tiling_within(recipe.model_copy(update={"size": size}), fit_size((720, 1280), size), 1_000_000_000, film=True)
