"""Sheets without a command line: planned, made in any thread, cancelled between two steps."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from PIL import Image

from artcnn.errors import ArtcnnError, RecipeError
from artcnn.jobs.events import Finished
from artcnn.jobs.inputs import DreamInputs
from artcnn.jobs.job import Job
from artcnn.jobs.runner import run
from artcnn.jobs.runtime import Runtime
from artcnn.jobs.sheet import PictureDone, SheetProgress, prepare_sheet, run_sheet
from artcnn.jobs.sheet_provenance import read_sheet
from artcnn.jobs.sweep import Axis, plan_sweep

SMALL = {"size": 48, "octaves": 1, "steps": 2, "precision": "float32"}


@pytest.fixture(scope="module")
def runtime() -> Runtime:
    return Runtime("cpu")


@pytest.fixture(scope="module")
def photo() -> torch.Tensor:
    return torch.rand(1, 3, 48, 64, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def sheet(runtime, photo):
    sweep = plan_sweep("dream", [Axis("palette", ("0", "1")), Axis("strength", ("0.5", "1"))], options=SMALL)
    return prepare_sheet(runtime, sweep, DreamInputs(photo))


@pytest.mark.slow
def test_a_sheet_of_a_picture_in_memory_is_made_in_another_thread(sheet, runtime, photo, tmp_path):
    with ThreadPoolExecutor(1) as pool:
        events = pool.submit(lambda: list(run_sheet(sheet))).result()
    steps = [event for event in events if isinstance(event, SheetProgress)]
    assert [step.number for step in steps] == [0, 0, 1, 1, 2, 2, 3, 3]
    assert [step.progress for step in steps] == sorted(step.progress for step in steps)
    assert steps[-1].progress == pytest.approx(1)
    result = events[-1].result
    assert result.complete
    left, top, right, bottom = sheet.layout.boxes[3]
    *_, finished = run(runtime.prepare(Job(sheet.sweep.recipes[3], DreamInputs(photo))))
    assert isinstance(finished, Finished)
    assert torch.equal(result.pictures[3], finished.result.image)
    assert (result.image[..., top:bottom, left:right] - finished.result.image).abs().max() <= 0.5 / 255 + 1e-6
    saved = read_sheet(result.save(tmp_path / "s.png"))
    assert saved.command == "artcnn dream photo --size 48 --set octaves=1 --set steps=2 --precision float32"
    assert [one.options for one in saved.pictures][1] == "--set palette=1 --set strength=0.5"
    assert json.loads(json.dumps(result.to_json()))["width"] == result.to_pil().width
    with Image.open(tmp_path / "s.png") as file:
        assert file.size == result.to_pil().size


def test_a_cancelled_sheet_keeps_the_pictures_that_are_made(sheet):
    seen = []

    def cancelled() -> bool:
        return len(seen) >= 4  # a step and a picture are left of the second

    for event in run_sheet(sheet, cancelled=cancelled):
        seen.append(event)
    results = [event.result for event in seen if isinstance(event, PictureDone)]
    assert len(results) == 1
    assert [*results[-1].pictures] == [0]
    assert not results[-1].complete


@pytest.mark.slow
def test_a_picture_that_fails_leaves_the_others(sheet, monkeypatch):
    def fail(job, **options):
        if job is sheet.jobs[1]:
            raise ArtcnnError("no")
        yield from run(job, **options)

    monkeypatch.setattr("artcnn.jobs.sheet.run", fail)
    *_, last = run_sheet(sheet)
    assert sorted(last.result.pictures) == [0, 2, 3]
    assert last.result.to_json()["pictures"][1]["error"] == {"code": "invalid_input", "message": "no", "hint": None}


def test_mistakes_of_all_pictures_are_told_at_once(runtime, photo):
    with pytest.raises(RecipeError, match=r"octaves: .*not 0\npalette: .*not 2"):
        plan_sweep("dream", [Axis("palette", ("0", "2")), Axis("octaves", ("0", "1"))])
    with pytest.raises(RecipeError, match="give --vary once or twice, not 0 times"):
        plan_sweep("dream", [])
    sweep = plan_sweep("dream", [Axis("size", ("48", "64"))])
    with pytest.raises(ArtcnnError, match=r"(?s)would be 48 x 16.*would be 64 x 21"):
        prepare_sheet(runtime, sweep, DreamInputs(photo[:, :, :32].repeat(1, 1, 1, 2)[..., :96]))
