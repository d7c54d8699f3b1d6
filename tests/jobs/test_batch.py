"""Which results exist already: by the fingerprint they carry, or, made by 0.1.0, by recipe and inputs."""

import json
import threading
from pathlib import Path

import pytest
import torch
from PIL import Image

from artcnn.errors import PictureError
from artcnn.files.write import write_picture
from artcnn.hashes import sha256_of
from artcnn.jobs.batch import destination, is_done, read_ahead
from artcnn.jobs.inputs import DreamInputs, InstantInputs, StyleInputs, StyleSource, TextureInputs
from artcnn.jobs.job import Job
from artcnn.jobs.provenance import Input, Provenance, provenance_of, read_provenance
from artcnn.jobs.runtime import Runtime
from artcnn.presets import load_recipe

MADE = Path(__file__).parents[1] / "data" / "made-by-0.1.0"
SAMPLES = Path(__file__).parents[2] / "samples"
CASTLE, CAFE = SAMPLES / "castle.jpg", SAMPLES / "cafe_terrace.jpg"
INPUTS = {
    "dream.png": DreamInputs(CASTLE),
    "style.png": StyleInputs(CASTLE, (StyleSource(CAFE),)),
    "texture.png": TextureInputs((CAFE,)),
    "zoom.webp": DreamInputs(CASTLE),
}


@pytest.mark.parametrize("name", INPUTS)
def test_what_0_1_0_made_is_known_by_its_recipe_and_its_inputs(name):
    made = read_provenance(MADE / name)
    assert made.fingerprint is None
    job = Job(made.recipe, INPUTS[name], made.video)
    assert made.is_of(job, job.fingerprint())
    # As it is asked for today: 0.1.0 kept only what the machine had decided on.
    auto = Job(made.recipe.model_copy(update={"precision": "auto"}), INPUTS[name], made.video)
    assert made.is_of(auto, auto.fingerprint())
    other = Job(made.recipe.model_copy(update={"seed": 77}), INPUTS[name], made.video)
    assert not made.is_of(other, other.fingerprint())
    changed = type(INPUTS[name]).from_named(dict.fromkeys(INPUTS[name].named(), SAMPLES / "harvest.jpg"))
    assert not made.is_of(Job(made.recipe, changed, made.video), Job(made.recipe, changed, made.video).fingerprint())


@pytest.fixture
def make(folder):
    """Return what puts a picture of a job into a file, made in bfloat16."""

    def make(job: Job, out: str, stopped_after: int | None = None) -> Provenance:
        decided = job.recipe.model_copy(update={"precision": "bfloat16"})
        sha256s = {name: sha256_of(path) for name, path in job.sources().items()}
        made = json.loads(provenance_of(job, decided, sha256s).to_json(Path(out)))
        text = json.dumps(made if stopped_after is None else made | {"stopped_after": stopped_after})
        write_picture(folder / out, torch.zeros(1, 3, 40, 40), provenance=text)
        return read_provenance(Path(out))

    return make


def test_a_result_is_found_wherever_it_was_made(folder, make):
    """On another machine another precision may have been faster: it is the same work."""
    job = Job(load_recipe("dream", size=48), DreamInputs(Path("photo.png")))
    made = make(job, "photo-dream.png")
    assert made.fingerprint == job.fingerprint()
    assert (made.recipe.precision, made.asked) == ("bfloat16", job.recipe)
    assert destination(job, None, many=True) == Path("photo-dream.png")
    assert is_done(Path("photo-dream.png"))
    other = Job(load_recipe("dream", size=48, precision="float32"), job.inputs)
    assert destination(other, None, many=True) == Path("photo-dream-2.png")
    assert destination(job, None) == Path("photo-dream-2.png")


def test_one_that_was_stopped_is_made_again_in_its_place(folder, make):
    job = Job(load_recipe("dream", size=48), DreamInputs(Path("photo.png")))
    make(job, "photo-dream.png", stopped_after=3)
    assert destination(job, None, many=True) == Path("photo-dream.png")
    assert not is_done(Path("photo-dream.png"))


def test_a_picture_in_memory_has_a_place_too(folder):
    content = (folder / "photo.png").read_bytes()
    assert destination(Job(load_recipe("dream", size=48), DreamInputs(content)), None) == Path("picture-dream.png")
    assert destination(Job(load_recipe("dream", size=48), DreamInputs(content)), folder).parent == folder


def test_a_file_that_changed_has_another_fingerprint(folder):
    job = Job(load_recipe("dream", size=48), DreamInputs(Path("photo.png")))
    before = job.fingerprint()
    (folder / "photo.png").write_bytes((folder / "painting.png").read_bytes())
    assert job.fingerprint() != before


@pytest.mark.parametrize("path", ["/dev/zero", "-", ".", "lost.png"])
def test_what_is_no_file_is_missing(folder, path):
    assert Input("photo", Path(path), "0" * 64).state(Path(path)) == "missing"


def test_the_next_photo_is_read_while_one_is_made(folder, tiny_styles, monkeypatch):
    from artcnn.jobs import runtime as module

    with Image.open("photo.png") as photo:
        photo.rotate(180).save("b.png")
    content = Path("b.png").read_bytes()
    Path("cut.png").write_bytes(content[: len(content) // 2])
    recipe = load_recipe("instant", size=48)
    jobs = [Job(recipe, InstantInputs(Path(name))) for name in ("photo.png", "cut.png", "b.png")]
    names, ahead = list[str](), threading.Event()

    def read(source, *arguments):
        names.append(source.name)
        picture = read_source(source, *arguments)
        if threading.current_thread() is not threading.main_thread():
            ahead.set()
        return picture

    read_source = module.read_source
    monkeypatch.setattr(module, "read_source", read)
    runtime, made = Runtime("cpu"), []
    for job in read_ahead(jobs, runtime):
        try:
            made.append(runtime.prepare(job).pictures["photo"].pixels.shape)
        except PictureError as error:
            made.append(str(error))
            assert ahead.wait(60)  # b.png is read, though its turn has not come
    assert made[0] == made[2] == (1, 3, 48, 72)
    assert "cut.png" in made[1]
    assert (names.count("photo.png"), names.count("b.png")) == (1, 1)
