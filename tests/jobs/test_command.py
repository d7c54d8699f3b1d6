"""What is typed for a job makes that job: the command line itself reads it."""

import shlex
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from artcnn.cli import app
from artcnn.jobs.command import command_line
from artcnn.jobs.inputs import DreamInputs, InstantInputs, StyleInputs, StyleSource, TextureInputs
from artcnn.jobs.job import Job
from artcnn.presets import load_recipe
from artcnn.recipes import FilmRecipe

PHOTO, OTHER, MASK, DASH = Path("my photo's.png"), Path("b $(x).png"), Path("mask=1.png"), Path("-m.png")

JOBS = {
    "preset": (Job(load_recipe("dream", "animals", size=300, seed=4), DreamInputs(PHOTO, mask=MASK)), "animals"),
    "layers": (
        Job(load_recipe("dream", layers=["relu4_3:3+17=0.5", "relu3_1"]), DreamInputs(PHOTO, OTHER, guide_mask=MASK)),
        None,
    ),
    "class": (Job(load_recipe("dream", "class", layers=["class:483"], strength=0.5), DreamInputs(PHOTO)), "class"),
    "paintings": (
        Job(
            load_recipe("style", "painterly", method="neighbors", blend=[2, 1], style_crop=[0, 0, 0.5, 1]),
            StyleInputs(PHOTO, (StyleSource(OTHER, MASK), StyleSource(DASH)), DASH),
        ),
        "painterly",
    ),
    "defaults": (Job(load_recipe("style", "default"), StyleInputs(PHOTO, (StyleSource(OTHER),))), "default"),
    "instant": (Job(load_recipe("instant", style="cafe=0.3,wave=0.7"), InstantInputs(PHOTO, protect=MASK)), None),
    "texture": (Job(load_recipe("texture", padding="circular"), TextureInputs((OTHER, PHOTO))), None),
}


@pytest.mark.parametrize("name", JOBS)
def test_the_command_line_reads_what_is_typed_as_the_job(name, tmp_path, monkeypatch):
    job, preset = JOBS[name]
    read = []
    monkeypatch.setattr("artcnn.cli.run.run", lambda jobs, options, **_: read.extend(jobs))
    monkeypatch.chdir(tmp_path)
    for file in (PHOTO, OTHER, MASK, DASH):
        Image.new("RGB", (32, 32)).save(file)
    typed = shlex.split(command_line(job, preset))
    assert typed.pop(0) == "artcnn"
    ran = CliRunner().invoke(app, typed, catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    assert read == [job]


def test_only_what_differs_is_typed():
    job, _ = JOBS["defaults"]
    assert command_line(job, "default") == "artcnn style 'my photo'\"'\"'s.png' 'b $(x).png'"
    neighbors = Job(load_recipe("style", method="neighbors"), job.inputs)  # other defaults follow from it
    assert command_line(neighbors).endswith(" --set method=neighbors")
    film = Job(load_recipe("instant"), InstantInputs(Path("a.mp4")), FilmRecipe(start=1.5, coherence=0.5))
    assert command_line(film) == "artcnn instant a.mp4 --from=1.5 --coherence=0.5"
