"""Steering a dream from the command line."""

import hashlib
import json

import numpy as np
import pytest
from PIL import Image, ImageDraw
from PIL.ExifTags import Base


@pytest.fixture
def masks(folder):
    """Put a mask of the photo's shape and a tall one into the folder: white on the right."""
    for name, size in (("mask.png", (144, 96)), ("tall.png", (40, 80))):
        mask = Image.new("L", size)
        ImageDraw.Draw(mask).rectangle([size[0] // 2, 0, *size], fill=255)
        mask.save(folder / name)


@pytest.mark.slow
def test_outside_of_the_mask_the_written_picture_is_the_photo(artcnn, folder, masks):
    """At the photo's own size, where nothing resizes it."""
    result = artcnn(
        *("dream", "photo.png", "--size", "72", "--steps", "2", "--octaves", "2"),
        *("--mask", "mask.png", "--colors", "content", "--out", "a.png"),
    )
    assert result.exit_code == 0, result.output
    assert "stretched" not in result.stderr
    photo, made = (np.asarray(Image.open(folder / name)) for name in ("photo.png", "a.png"))
    assert (made[:, :34] == photo[:, :34]).all()
    assert (made[:, 38:] != photo[:, 38:]).mean() > 0.3


@pytest.mark.slow
def test_all_that_steers_a_dream_is_in_its_story_and_makes_it_again(quick, artcnn, folder, masks):
    steered = (
        *("--guide", "painting.png", "--guide-mask", "mask.png", "--mask", "tall.png"),
        *("--channels", "strong:9", "--colors", "content", "--strength", "0.7", "--out", "a.png"),
    )
    report = quick("dream", *steered)
    assert report["recipe"]["layers"] == ["relu4_3:strong9", "relu5_1:strong9"]
    assert (report["recipe"]["strength"], report["recipe"]["colors"]) == (0.7, "content")
    story = json.loads(artcnn("show", "a.png", "--json").stdout)
    assert [entry["name"] for entry in story["inputs"]] == ["photo", "guide", "guide_mask", "mask"]
    assert artcnn("again", "a.png", "--out", "b.png").exit_code == 0
    a, b = (hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in ("a.png", "b.png"))
    assert a == b


@pytest.mark.slow
def test_a_picture_from_before_a_setting_was_there_is_made_again_as_it_was(artcnn, folder):
    """``calm`` is younger than the first pictures: a recipe without it means a dream that fills smooth places."""
    options = ("--size", "64", "--steps", "2", "--octaves", "1", "--set")
    for name, calm in (("a.png", "calm=0"), ("b.png", "calm=1")):
        assert artcnn("dream", "photo.png", *options, calm, "--out", name).exit_code == 0
    with Image.open(folder / "a.png") as picture:
        exif = picture.getexif()
        story = json.loads(exif[Base.ImageDescription])
        assert story["recipe"].pop("calm") == 0
        story["artcnn"] = "0.1.0"
        exif[Base.ImageDescription] = json.dumps(story)
        picture.save(folder / "old.png", exif=exif)
    assert artcnn("again", "old.png", "--out", "c.png").exit_code == 0
    a, b, c = (np.asarray(Image.open(folder / f"{name}.png")) for name in "abc")
    assert (a == c).all()
    assert (a != b).any()


@pytest.mark.slow
def test_a_mask_of_another_shape_is_stretched_with_a_note(artcnn, folder, masks):
    result = artcnn("dream", "photo.png", "--size", "48", "--steps", "1", "--octaves", "1", "--mask", "tall.png")
    assert result.exit_code == 0, result.output
    assert "note: the mask tall.png has another shape than the photo: it is stretched" in result.stderr


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--channels", "512"], "layers: layer 'relu4_3' has no channel 512: choose from 0 to 511"),
        (
            ["--layer", "relu1_2", "--channels", "3,64"],
            "layers: layer 'relu1_2' has no channel 64: choose from 0 to 63",
        ),
        (["--layer", "relu1_2", "--channels", "strong:65"], "layers: layer 'relu1_2' has 64 channels, not 65"),
        (["--layer", "relu1_2", "--channels", "strong:0"], "layers: 'relu1_2:strong0' chooses no channel"),
        (["--channels", "best"], "--channels best: write numbers, such as 12,45, or strong:8 or weak:8"),
        (["--guide-mask", "mask.png"], "--guide-mask is a mask for a guide: give --guide, too"),
        (["--guide", "lost.jpg"], "lost.jpg"),
        (["--mask", "lost.png"], "lost.png"),
        (["--strength", "1.5"], "strength: should be less than or equal to 1"),
        (["--colors", "mine"], "colors: should be 'dream' or 'content'"),
    ],
)
def test_what_does_not_fit_is_said_before_anything_is_loaded(artcnn, folder, masks, options, complaint):
    result = artcnn("dream", "photo.png", *options)
    assert result.exit_code == 1
    assert complaint in result.stderr
    assert "loading" not in result.stderr


def test_a_guide_of_which_nothing_guides_is_refused(artcnn, folder, masks):
    Image.new("L", (40, 60)).save(folder / "black.png")
    result = artcnn("dream", "photo.png", "--size", "48", "--guide", "painting.png", "--guide-mask", "black.png")
    assert result.exit_code == 1
    assert "the guide's mask is black" in result.stderr
