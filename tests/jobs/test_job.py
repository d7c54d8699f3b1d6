"""A job: what it is made from, its name that is the same everywhere, and its text."""

import hashlib
import json
from io import BytesIO
from pathlib import Path

import pytest
import torch
from PIL import Image

from artcnn.errors import ArtcnnError, PictureError
from artcnn.files.read import read_picture
from artcnn.jobs.inputs import INPUTS, DreamInputs, InstantInputs, StyleInputs, StyleSource, TextureInputs
from artcnn.jobs.job import Job
from artcnn.jobs.sources import read_source
from artcnn.presets import load_recipe

SAMPLES = Path(__file__).parents[2] / "samples"
DREAM = load_recipe("dream", size=48)
STYLE = load_recipe("style", size=48)
VIDEO = {"zoom": 1.02, "frames": 3}


def dream(source, **settings) -> Job:
    return Job(load_recipe("dream", **{"size": 48, **settings}), DreamInputs(source))


@pytest.mark.parametrize(
    "inputs",
    [
        DreamInputs(1),
        DreamInputs(1, 2, 3, 4),
        DreamInputs(1, mask=2),
        StyleInputs(1, (StyleSource(2),)),
        StyleInputs(1, (StyleSource(2), StyleSource(3, 4)), 5),
        StyleInputs(1, (StyleSource(2), StyleSource(3)), 4, (5, 6)),
        TextureInputs((1, 2, 3)),
        InstantInputs(1),
        InstantInputs(1, (2, 3), 4),
    ],
)
def test_inputs_have_names_and_are_found_by_them(inputs):
    named = inputs.named()
    assert sorted(named.values()) == list(range(1, len(named) + 1))
    assert type(inputs).from_named(named) == inputs
    shuffled = dict(sorted(named.items(), reverse=True))
    assert type(inputs).from_named(shuffled) == inputs


def test_the_names_are_those_of_0_1_0():
    styles = StyleInputs("a", (StyleSource("b", "m"), StyleSource("c")), "p").named()
    assert styles == {"photo": "a", "painting": "b", "painting2": "c", "painting_mask": "m", "protect": "p"}
    assert [*DreamInputs("a", "g", "h", "m").named()] == ["photo", "guide", "guide_mask", "mask"]


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("dream", {"painting"}),
        ("dream", {"photo", "painting"}),
        ("style", {"photo"}),
        ("style", {"painting"}),
        ("style", {"photo", "painting", "painting3"}),
        ("style", {"photo", "painting", "painting2_mask"}),
        ("texture", {"photo", "painting"}),
        ("texture", set()),
        ("instant", {"style"}),
        ("instant", {"photo", "style2"}),
        ("instant", {"photo", "painting"}),
    ],
)
def test_other_names_are_refused(kind, names):
    with pytest.raises((ValueError, ArtcnnError)):
        INPUTS[kind].from_named(dict.fromkeys(names, 1))


def test_the_fingerprint_is_that_of_bytes_and_of_the_recipe(folder):
    path, content = Path("photo.png"), (folder / "photo.png").read_bytes()
    job = dream(path)
    assert job.fingerprint() == dream(content).fingerprint() == dream(folder / "photo.png").fingerprint()
    assert len(job.fingerprint()) == 64
    others = [
        dream(path, seed=1),
        dream(path, precision="float32"),
        dream(Path("painting.png")),
        Job(DREAM, DreamInputs(path, mask=path)),
        Job(DREAM, DreamInputs(path, guide=path)),
        Job(STYLE, StyleInputs(path, (StyleSource(path),))),
    ]
    assert len({one.fingerprint() for one in [job, *others]}) == 1 + len(others)


def test_the_fingerprint_is_a_sha256_of_canonical_json(folder):
    recipe = load_recipe("texture", size=64, blend=[1, 3])
    job = Job(recipe, TextureInputs((Path("photo.png"), Path("painting.png"))))
    sha256s = (hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in ("photo.png", "painting.png"))
    values = recipe.model_dump(mode="json")
    settings = ",".join(f'"{name}":{json.dumps(values[name], separators=(",", ":"))}' for name in sorted(values))
    text = '{{"inputs":{{"painting":"{}","painting2":"{}"}},"kind":"texture","recipe":{{{}}},"video":null}}'
    canonical = text.format(*sha256s, settings)
    assert job.fingerprint() == hashlib.sha256(canonical.encode()).hexdigest()


def test_the_network_that_ships_is_in_the_fingerprint_of_what_it_makes(folder, tiny_styles, monkeypatch):
    def fingerprints() -> list[str]:
        starting = load_recipe("style", size=48, init="instant")
        painting = (StyleSource(Path("painting.png")),)
        jobs = [
            Job(load_recipe("instant", size=48), InstantInputs(Path("photo.png"))),
            Job(starting, StyleInputs(Path("photo.png"), painting)),
            Job(STYLE, StyleInputs(Path("photo.png"), painting)),
        ]
        return [job.fingerprint() for job in jobs]

    before = fingerprints()
    assert fingerprints() == before
    tiny_styles.write_bytes(tiny_styles.read_bytes() + b" ")
    after = fingerprints()
    assert [old == new for old, new in zip(before, after, strict=True)] == [False, False, True]


def test_a_file_of_a_style_is_in_the_fingerprint_and_its_folder_is_not(folder, tiny_styles):
    recipe = load_recipe("instant", style="own.safetensors")
    (folder / "far").mkdir()
    for path in (folder / "own.safetensors", folder / "far" / "own.safetensors"):
        path.write_bytes(b"one")
    near, far = (Job(recipe, InstantInputs(Path("photo.png"), (Path(name),))) for name in ("own.safetensors", path))
    assert near.fingerprint() == far.fingerprint()
    assert Job.from_json(near.to_json()).fingerprint() == near.fingerprint()
    path.write_bytes(b"another")
    assert near.fingerprint() != far.fingerprint()


def test_a_picture_in_memory_has_the_fingerprint_of_its_pixels(folder):
    image = torch.rand(1, 3, 40, 50, generator=torch.Generator().manual_seed(0))
    assert dream(image).fingerprint() == dream(image.clone()).fingerprint()
    assert dream(image).fingerprint() == dream(image.transpose(2, 3).contiguous().transpose(2, 3)).fingerprint()
    assert dream(image).fingerprint() != dream(image.transpose(2, 3)).fingerprint()
    photo = Image.open("photo.png")
    assert dream(photo).fingerprint() == dream(photo.copy()).fingerprint()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "I;16"])
def test_a_pillow_image_is_what_a_file_of_it_is(folder, mode):
    photo = Image.open("photo.png")
    image = photo.convert("I").point(lambda v: v * 256).convert("I;16") if mode == "I;16" else photo.convert(mode)
    (source,) = dream(image).sources().values()
    assert isinstance(source, bytes)
    read = read_source(source, "photo")
    wanted = image if mode in ("L", "LA", "RGB", "RGBA") else image.convert("RGB" if mode != "I;16" else "L")
    if mode == "I;16":
        wanted = photo.convert("L")
    if mode == "CMYK":  # through the profile of a press
        assert read.pixels.shape == (1, 3, 48, 72)
        return
    kept = BytesIO()
    wanted.save(kept, "PNG")
    same = read_picture(Path("x.png"), content=kept.getvalue())
    assert (read.pixels - same.pixels).abs().max() <= 1.5 / 255
    assert (read.alpha is None) == (same.alpha is None)


def test_a_pillow_image_is_turned_as_its_camera_says(folder):
    photo = Image.open("photo.png")
    exif = photo.getexif()
    exif[0x0112] = 6
    photo.save("turned.jpg", exif=exif, quality=95)
    (source,) = dream(Image.open("turned.jpg")).sources().values()
    assert read_source(source, "photo").pixels.shape == read_picture("turned.jpg").pixels.shape == (1, 3, 72, 48)


def test_a_pillow_image_of_a_file_that_breaks_off_is_an_error_of_ours(folder):
    content = (SAMPLES / "castle.jpg").read_bytes()
    with pytest.raises(PictureError, match="the photo cannot be read"):
        dream(Image.open(BytesIO(content[: len(content) // 2])))


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("photo.png", "is a str: give a Path"),
        (torch.rand(3, 40, 40), "give floats"),
        (torch.zeros(1, 3, 40, 40, dtype=torch.uint8), "give floats"),
        (torch.full((1, 3, 40, 40), 255.0), "values outside of 0 to 1"),
        (torch.full((1, 3, 40, 40), float("nan")), "values outside of 0 to 1"),
        (torch.rand(1, 3, 8, 40), "it needs 32"),
    ],
)
def test_what_is_no_picture_is_said(source, says):
    with pytest.raises(ArtcnnError, match=says):
        dream(source)


def test_bytes_that_are_no_picture_are_called_by_the_inputs_name():
    with pytest.raises(PictureError, match="photo: not a picture"):
        read_source(b"no picture at all", "photo")


def test_parts_that_do_not_go_together_are_refused(folder):
    photo, style = Path("photo.png"), StyleSource(Path("painting.png"))
    with pytest.raises(ArtcnnError, match="a style is made from StyleInputs, not DreamInputs"):
        Job(STYLE, DreamInputs(photo))
    with pytest.raises(ArtcnnError, match="there are 2 paintings and 1 weights"):
        Job(load_recipe("style", blend=[1.0]), StyleInputs(photo, (style, style)))
    with pytest.raises(ArtcnnError, match="use --size 96"):
        Job(load_recipe("texture", padding="circular", size=100), TextureInputs((photo,)))
    own = Path("own.safetensors")
    with pytest.raises(ArtcnnError, match="is in 1 files, and there are 0"):
        Job(load_recipe("instant", style="own.safetensors"), InstantInputs(photo))
    with pytest.raises(ArtcnnError, match="a style of your own is a file: give its path"):
        Job(load_recipe("instant", style="own.safetensors"), InstantInputs(photo, (b"bytes",)))
    with pytest.raises(ArtcnnError, match="a style that was learned is for init instant"):
        Job(STYLE, StyleInputs(photo, (style,), None, (own,)))
    with pytest.raises(ArtcnnError, match="give --guide, too"):
        DreamInputs(photo, guide_mask=photo)
    with pytest.raises(ArtcnnError, match="give one at least"):
        TextureInputs(())


@pytest.mark.parametrize("kind", ["file", "bytes", "tensor", "video"])
def test_a_job_is_the_same_after_its_way_as_text(folder, kind):
    from artcnn.recipes import VideoRecipe

    photo = {"bytes": (folder / "photo.png").read_bytes(), "tensor": torch.rand(1, 3, 40, 50)}
    inputs = DreamInputs(photo.get(kind, Path("photo.png")), mask=Path("painting.png"))
    job = Job(DREAM, inputs, VideoRecipe(**VIDEO) if kind == "video" else None)
    again = Job.from_json(job.to_json())
    assert again.fingerprint() == job.fingerprint()
    assert (again.recipe, again.video) == (job.recipe, job.video)
    assert again.to_json() == job.to_json()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"kind": "rm", "recipe": {}, "video": null, "inputs": {}}',
        '{"kind": "dream", "recipe": {}, "video": null, "inputs": {}}',
        '{"kind": "dream", "recipe": {}, "video": null, "inputs": {"photo": {"url": "x"}}}',
        '{"kind": "dream", "recipe": {}, "video": null, "inputs": {"photo": {"bytes": "?"}}}',
        '{"kind": "dream", "recipe": {}, "video": null, "inputs": {"photo": {"tensor": "AAAA"}}}',
        '{"kind": "dream", "recipe": {"steps": 0}, "video": null, "inputs": {"photo": {"path": "x"}}}',
    ],
)
def test_a_text_that_is_no_job_is_refused(text):
    with pytest.raises(ArtcnnError):
        Job.from_json(text)
