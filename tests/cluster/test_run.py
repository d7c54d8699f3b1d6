"""Jobs as works and back, with workers in this process: what travels, what is written, and what is kept."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from fake_cluster import FakeCluster, FakeRunner
from PIL import Image

from artcnn.cluster.films import FilmOrder
from artcnn.cluster.machines import Machine
from artcnn.cluster.orders import Destination, SingleOrder, Written
from artcnn.cluster.pool import Pool
from artcnn.cluster.run import Mistake, Opened, Run, job_memory
from artcnn.cluster.shipping import Shipping
from artcnn.cluster.worker import Worker
from artcnn.errors import ArtcnnError, CheckpointError
from artcnn.files.films.join import join_film
from artcnn.jobs.inputs import DreamInputs, InstantInputs, StyleInputs, StyleSource
from artcnn.jobs.job import Job
from artcnn.jobs.runner import run
from artcnn.jobs.runtime import Runtime
from artcnn.recipes import DreamRecipe, FilmRecipe, InstantRecipe, StyleRecipe

GB = 1_000_000_000
DREAM = DreamRecipe(size=48, octaves=1, steps=2, precision="float32")
PAINTED = InstantRecipe(size=64, precision="float32")


class InProcess(FakeCluster):
    """A cluster whose workers are real ones, in this process."""

    def __init__(self, folder: Path) -> None:
        super().__init__([Machine("a", "1", 1, 8 * GB)])
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.worker = Worker("cpu", 2 * GB, folder, self.fetch)
        self.fetched: list[bytes] = []

    def fetch(self, content: bytes) -> bytes:
        self.fetched.append(content)
        return content

    def start(self, machine, needs, facts) -> FakeRunner:
        runner = super().start(machine, needs, facts)
        runner.give = lambda work: (self.begun.append(work), runner.answers.append(self.worker.do(work)))
        return runner


@pytest.fixture
def cluster(tmp_path):
    return InProcess(tmp_path / "worker")


def make(cluster, jobs, out, *, shared=False, cancelled=lambda: False, **where):
    """Make jobs on a cluster; ``out`` returns the file of each. Return what happened."""
    shipping = Shipping(cluster, shared=shared)

    def open_order(job):
        destination = Destination(out(job), replace=False, **where)
        return (FilmOrder if job.makes_video else SingleOrder)(job, destination, shipping)

    work = Run(jobs, open_order, lambda job: None)
    return [*work.events(Pool(cluster, work, GB), cancelled)]


def make_here(job, out):
    for event in run(Runtime("cpu").prepare(job)):
        if getattr(event, "result", None) is not None:
            event.result.save(out)


def written(events):
    return [event for event in events if isinstance(event, Written)]


@pytest.fixture
def photos(tmp_path, photo_file):
    """Return three photos of different shapes, the second of which is cut short."""
    paths = []
    for number, size in enumerate([(60, 40), (52, 44), (44, 60)]):
        path = tmp_path / "in" / f"{number}.png"
        path.parent.mkdir(exist_ok=True)
        Image.open(photo_file).resize(size).save(path)
        paths.append(path)
    whole = paths[1].read_bytes()
    paths[1].write_bytes(whole[: len(whole) // 2])
    return paths


@pytest.fixture
def photo_file(tmp_path):
    path = tmp_path / "source.png"
    Image.effect_noise((30, 20), 80).convert("RGB").resize((90, 60)).save(path)
    return path


@pytest.mark.slow
@pytest.mark.parametrize("shared", [False, True])
def test_pictures_are_those_made_here_and_files_have_the_users_names(cluster, tmp_path, photos, monkeypatch, shared):
    monkeypatch.chdir(tmp_path)
    names = [Path(os.path.relpath(path)) for path in photos]
    mask = Path("mask.png")
    Image.linear_gradient("L").save(mask)
    jobs = [Job(DREAM, DreamInputs(name, mask=mask)) for name in names]
    deep = Path(*"123456789")  # deeper than the folder in which a worker writes
    Path("out", deep).mkdir(parents=True)
    events = make(cluster, jobs, lambda job: Path("out", deep, job.inputs.photo.name), shared=shared, describe=True)
    (mistake,) = [event for event in events if isinstance(event, Mistake)]
    assert mistake.error.messages[0].startswith("in/1.png: damaged or cut short")
    Path("here", deep).mkdir(parents=True)
    for event in written(events):
        here = Path("here", deep, event.path.name)
        make_here(event.job, here)
        assert event.path.read_bytes() == here.read_bytes()
        assert (event.made.report["photo"], event.made.report["out"]) == (str(event.job.inputs.photo), str(event.path))
        assert event.made.report["objective"]["after"] > event.made.report["objective"]["before"]
        json.dumps(event.made.report)
        assert all(str(cluster.folder) not in note for note in event.made.notes)
        assert any(note.startswith("the mask mask.png has another shape") for note in event.made.notes)
    assert [event.path.name for event in written(events)] == ["0.png", "2.png"]
    kept = [path for path in cluster.folder.rglob("*") if path.is_file()]
    if shared:
        assert (kept, cluster.fetched) == ([], [])
    else:
        assert [path.name for path in kept] == ["mask.png"]
        assert cluster.fetched.count(mask.read_bytes()) == 1


def test_what_cannot_be_sent_is_a_mistake_of_its_job_alone(cluster, tmp_path, photos):
    lost = tmp_path / "in" / "lost.png"
    jobs = [Job(DREAM, DreamInputs(path)) for path in (lost, photos[0])]
    events = make(cluster, jobs, lambda job: tmp_path / job.inputs.photo.name)
    assert [str(event.error) for event in events if isinstance(event, Mistake)] == [f"no such file: {lost}"]
    assert len(written(events)) == 1


def test_a_result_does_not_replace_what_came_in_between(cluster, tmp_path, photos):
    out = tmp_path / "0-dream.png"

    def destination(job):
        return out

    job = Job(DREAM, DreamInputs(photos[0]))
    shipping = Shipping(cluster, shared=False)
    order = SingleOrder(job, Destination(out, replace=False), shipping)
    out.write_bytes(b"somebody's")
    work = Run([job], lambda job: order, lambda job: None)
    (event,) = written([*work.events(Pool(cluster, work, GB))])
    assert event.path == tmp_path / "0-dream-2.png"
    assert out.read_bytes() == b"somebody's"


def test_memory_is_estimated_for_the_largest_and_kept_below_a_limit(photos):
    small = [Job(DREAM, DreamInputs(photos[0]))]
    large = [*small, Job(DREAM.model_copy(update={"size": 64}), DreamInputs(photos[2]))]
    style = StyleRecipe(size=1024, precision="float32")
    painted = [Job(style, StyleInputs(photos[0], (StyleSource(photos[2]),)))]
    assert 0.2 * GB < job_memory(small, None) <= job_memory(large, None) < job_memory(painted, None)
    assert job_memory(painted, GB) == GB


@pytest.fixture
def film(tmp_path, tiny_styles):
    """Return a job of a film of three shots of 30 frames, and a name for the film."""
    pytest.importorskip("cv2", reason="the extra 'video' is not installed")
    scenes = [Image.effect_noise((8, 6), 90 + n).convert("RGB").rotate(90 * n).resize((160, 120)) for n in range(3)]
    frames = [scenes[number // 30].crop((number % 30, 0, number % 30 + 64, 48)) for number in range(90)]
    clip = tmp_path / "clip.png"
    frames[0].save(clip, save_all=True, append_images=frames[1:], duration=40)
    return Job(PAINTED, InstantInputs(clip), FilmRecipe()), tmp_path / "film"


def has_a_piece(out):
    """Return what cancels a run as soon as a piece of a film is finished."""
    return lambda: any(out.with_name(f".{out.name}.pieces").glob("0*"))


@pytest.mark.slow
def test_a_film_goes_on_with_the_pieces_that_are_there(cluster, tmp_path, film):
    job, out = film
    make_here(job, tmp_path / "here")
    assert written(make(cluster, [job], lambda job: out, cancelled=has_a_piece(out))) == []
    cluster.begun.clear()
    events = make(cluster, [job], lambda job: out, resume=True, must_resume=True)
    (event,) = written(events)
    assert event.made.summary.frames == 90
    assert [work.task.shot for work in cluster.begun] == [range(30, 60), range(60, 90)]
    frames = {path.name: path.read_bytes() for path in out.iterdir()}
    assert frames == {path.name: path.read_bytes() for path in (tmp_path / "here").iterdir()}
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


@pytest.mark.slow
def test_a_film_whose_pieces_are_all_there_is_only_joined(cluster, tmp_path, film, monkeypatch):
    job, out = film

    def fail(*arguments):
        raise ArtcnnError("the disk is full")

    monkeypatch.setattr("artcnn.cluster.films.join_film", fail)
    (mistake,) = [event for event in make(cluster, [job], lambda job: out) if isinstance(event, Mistake)]
    assert str(mistake.error) == "the disk is full"
    monkeypatch.setattr("artcnn.cluster.films.join_film", join_film)
    cluster.begun.clear()
    assert len(written(make(cluster, [job], lambda job: out, resume=True))) == 1
    assert cluster.begun == []


@pytest.mark.slow
def test_without_resume_a_film_begins_anew_and_says_so(cluster, tmp_path, film):
    job, out = film
    make(cluster, [job], lambda job: out, cancelled=has_a_piece(out))
    cluster.begun.clear()
    events = make(cluster, [job], lambda job: out)
    (opened,) = [event for event in events if isinstance(event, Opened)]
    assert "removed " in opened.notes[0]
    assert "use --resume to continue one" in opened.notes[0]
    assert len(written(events)) == 1
    other = replace(job, recipe=PAINTED.model_copy(update={"strength": 0.5}))
    (mistake,) = [
        event
        for event in make(cluster, [other], lambda job: tmp_path / "x", resume=True, must_resume=True)
        if isinstance(event, Mistake)
    ]
    assert isinstance(mistake.error, CheckpointError)
    assert "there is nothing to resume" in str(mistake.error)
