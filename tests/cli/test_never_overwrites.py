"""No file is lost: not one that is there, not one of two runs at once, not what a link leads to."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest
import soundfile
import torch
from PIL import Image

from artcnn.files.read import read_picture

QUICK = ("--size", "48", "--octaves", "1", "--steps", "1")
OLD = b"what was there before"


@pytest.fixture
def inputs(folder):
    """Add a game, recordings and a picture that artcnn made to the photo and the painting."""

    from artcnn.files.write import write_picture
    from artcnn.hashes import sha256_of
    from artcnn.jobs.inputs import DreamInputs
    from artcnn.jobs.job import Job
    from artcnn.jobs.provenance import provenance_of
    from artcnn.presets import load_recipe

    (folder / "game.sgf").write_text("(;GM[1]SZ[19];B[pd];W[dp])")
    (folder / "words").mkdir()
    for name in ("one_anna_0", "one_bert_0", "one_anna_1", "one_bert_1"):
        for path in (f"{name}.wav", f"{name.replace('one', 'two')}.wav"):
            soundfile.write(folder / "words" / path, [0.0] * 8000, 8000)
    job = Job(load_recipe("dream", size=48, octaves=1, steps=1), DreamInputs(Path("photo.png")))
    made = provenance_of(job, job.recipe, {"photo": sha256_of(folder / "photo.png")}).to_json(Path("made.png"))
    write_picture(folder / "made.png", torch.zeros(1, 3, 40, 40), provenance=made)
    return folder


WRITERS = {
    "dream": ["dream", "photo.png", "-o", "old.png"],
    "jpeg": ["dream", "photo.png", "-o", "old.jpg", "--resume"],
    "style": ["style", "photo.png", "painting.png", "-o", "old.png"],
    "texture": ["texture", "painting.png", "-o", "old.png"],
    "film": ["dream", "photo.png", "--zoom", "1.02", "-o", "old.webp"],
    "again": ["again", "made.png", "-o", "old.png"],
    "sheet dream": ["sheet", "dream", "photo.png", "-o", "old.png"],
    "sheet style": ["sheet", "style", "photo.png", "painting.png", "-o", "old.png"],
    "mnist train": ["mnist", "train", "-o", "old.safetensors"],
    "the curve beside a model": ["mnist", "train", "-o", "old.safetensors"],
    "mnist show": ["mnist", "show", "-o", "old.png"],
    "mnist compare": ["mnist", "compare", "-o", "old.png"],
    "mnist predict": ["mnist", "predict", "mnist-lecture", "photo.png", "-o", "old.png"],
    "mnist test": ["mnist", "test", "mnist-lecture", "--predictions", "old.csv"],
    "speech train": ["speech", "train", "words", "-o", "old.safetensors"],
    "speech predict": ["speech", "predict", "speech-digits", "words/one_anna_0.wav", "-o", "old.png"],
    "speech compare": ["speech", "compare", "words", "-o", "old.png"],
    "speech test": ["speech", "test", "speech-digits", "words", "--predictions", "old.csv"],
    "go train": ["go", "train", "game.sgf", "-o", "old.safetensors"],
    "go suggest": ["go", "suggest", "go-moves", "game.sgf", "-o", "old.png"],
}


@pytest.mark.parametrize("name", WRITERS)
def test_what_is_there_is_named_and_stays(artcnn, inputs, name):
    arguments = WRITERS[name]
    old = next(Path(argument) for argument in arguments if argument.startswith("old."))
    if name == "the curve beside a model":
        old = Path("old-curve.png")
    old.write_bytes(OLD)
    before = sorted(path.name for path in inputs.iterdir())
    result = artcnn(*arguments)
    assert result.exit_code == 1, result.output
    assert result.output == f"error: {old} already exists: choose another name, or replace it with --force\n"
    assert old.read_bytes() == OLD
    assert sorted(path.name for path in inputs.iterdir()) == before


@pytest.mark.parametrize("arguments", [["inspect", "layers"], ["go", "match"]])
def test_a_folder_that_is_there_stays(artcnn, folder, arguments):
    (folder / "old").mkdir()
    (folder / "old" / "file").write_bytes(OLD)
    result = artcnn(*arguments, "-o", "old")
    assert result.exit_code == 1
    assert result.output == "error: old already exists: choose another --out, or delete it\n"
    assert (folder / "old" / "file").read_bytes() == OLD


@pytest.mark.slow
def test_force_replaces_what_is_there(artcnn, inputs):
    forced = {
        "old.png": ["dream", "photo.png", *QUICK, "-q"],
        "sheet.png": ["mnist", "show", "--part", "test", "-q"],
        "film.webp": ["dream", "photo.png", "--zoom", "1.02", "--frames", "2", "--size", "48", "-q"],
    }
    for name, arguments in forced.items():
        (inputs / name).write_bytes(OLD)
        (inputs / name).chmod(0o600)
        result = artcnn(*arguments, "-o", name, "--force")
        assert (result.exit_code, result.output) == (0, ""), name
        with Image.open(inputs / name) as image:
            assert image.width >= 48
        assert (inputs / name).stat().st_mode & 0o777 == 0o600


@pytest.mark.slow
def test_a_file_that_came_while_the_run_worked_stays(artcnn, folder, monkeypatch):
    from artcnn.cli import run

    monkeypatch.setattr(run, "_part", lambda *_: lambda step: Path("late.png").write_bytes(OLD))
    result = artcnn("dream", "photo.png", *QUICK, "-o", "late.png", "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["out"] == "late-2.png"
    assert (folder / "late.png").read_bytes() == OLD
    assert read_picture(folder / "late-2.png").pixels.shape == (1, 3, 32, 48)


@pytest.mark.slow
def test_two_runs_at_once_make_two_pictures(folder, begin):
    quickly = "from artcnn.jobs import estimate; estimate._measure_speed = lambda *_: 1e11; "
    command = "-c", f"{quickly}from artcnn.cli import main; main()", "dream", "photo.png", *QUICK
    with begin(*command) as one, begin(*command) as other:
        told = [run.communicate() for run in (one, other)]
    assert (one.returncode, other.returncode) == (0, 0), told
    names = {out.strip() for out, _ in told}
    assert names == {"photo-dream.png", "photo-dream-2.png"}
    assert {path.name for path in folder.iterdir()} == names | {"photo.png", "painting.png"}


@pytest.mark.slow
def test_a_link_is_followed_and_a_pipe_is_written_into(artcnn, folder):
    (folder / "elsewhere").mkdir()
    (folder / "link.png").symlink_to("elsewhere/real.png")
    assert artcnn("dream", "photo.png", *QUICK, "-q", "-o", "link.png").exit_code == 0
    assert (folder / "link.png").is_symlink()
    os.mkfifo(folder / "pipe")
    with ThreadPoolExecutor() as pool:
        read = pool.submit((folder / "pipe").read_bytes)
        assert artcnn("dream", "photo.png", *QUICK, "-q", "-o", "pipe").exit_code == 0
        piped = read.result()
    assert (folder / "pipe").is_fifo()
    with Image.open(BytesIO(piped)) as of_pipe, Image.open(folder / "elsewhere" / "real.png") as of_link:
        assert of_pipe.tobytes() == of_link.tobytes()
    result = artcnn("dream", "photo.png", *QUICK, "-o", "pipe", "--json")
    assert (result.exit_code, "--json judges the picture as it stands in its file" in result.stderr) == (1, True)


@pytest.mark.slow
def test_a_long_name_is_shortened_wherever_it_becomes_another(artcnn, folder, monkeypatch):
    from artcnn.jobs import checkpoints

    monkeypatch.setattr(checkpoints, "EVERY", 0.0)
    monkeypatch.setattr(checkpoints, "RARER", 0.0)
    name = "山" * 80
    for suffix in (".png", ".webp"):
        Image.open(folder / "photo.png").save(folder / f"{name}{suffix}", lossless=True)
    style = ("--size", "48", "--set", "min_size=48", "--set", "fine_steps=3")
    for arguments in (
        ["dream", f"{name}.png", "--size", "48", "--octaves", "1", "--steps", "3", "--save-every", "1"],
        ["style", f"{name}.png", f"{name}.webp", *style],
        ["dream", f"{name}.png", "--zoom", "1.02", "--frames", "3", "--size", "48"],
        ["inspect", "saliency", f"{name}.png"],
    ):
        result = artcnn(*arguments)
        assert result.exit_code == 0, result.output
    made = [path for path in folder.iterdir() if path.name not in ("photo.png", "painting.png")]
    assert len(made) == 2 + 3 + 1 + 1 + 1
    assert all("山" * 50 in path.name for path in made)
