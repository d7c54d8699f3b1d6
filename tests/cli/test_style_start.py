"""``artcnn style --init instant``: the descent begins from the picture of a network that has learned the painting."""

from pathlib import Path

import pytest
import torch
from PIL import Image

from artcnn.engines.guidance import Masks
from artcnn.engines.instant import instant
from artcnn.engines.style import scale_sizes
from artcnn.files.instant import load_blend
from artcnn.files.read import read_picture
from artcnn.files.write import write_picture
from artcnn.image import fit, resize, size_of
from artcnn.jobs.start import paint_start, recognize
from artcnn.presets import load_recipe

QUICK = ("--size", "48", "--precision", "float32", "--set", "min_size=48", "--set", "fine_steps=2")


@pytest.fixture
def learned(tiny_styles, folder, painting):
    """Return the file of a painting that the style wave was learned from, at another size."""
    return write_picture(folder / "hokusai.png", resize(painting, (104, 80)))


def test_a_painting_is_recognized_whatever_its_file(learned, folder, painting):
    assert [*recognize([read_picture(learned).pixels], [])] == ["wave"]
    Image.open(learned).convert("RGB").save("again.jpg", quality=80)
    assert [*recognize([read_picture(Path("again.jpg")).pixels], [])] == ["wave"]


def test_the_start_is_the_instant_picture(learned, photo, painting):
    recipe = load_recipe("style", size=48, min_size=48, precision="float32", init="instant")
    blend, content = load_blend("wave"), fit(photo, 48)
    painter = load_recipe("instant", size=48, precision="float32")
    (wanted,) = instant(content, blend.network, blend.weights, painter)
    assert torch.equal(paint_start(recipe, photo, [painting], Masks(), []), wanted.image)
    mask = (torch.arange(48) < 24).float().expand(1, 1, 37, 48)
    masked = paint_start(recipe, photo, [painting], Masks((mask,), None), [])
    assert size_of(masked) == size_of(content)
    torch.testing.assert_close(masked[..., :16], wanted.image[..., :16])


@pytest.mark.slow
def test_a_style_begins_there_and_can_be_made_again(artcnn, learned, folder):
    command = "style", "photo.png", "hokusai.png", *QUICK
    made = artcnn(*command, "--init", "instant", "-o", "a.png")
    assert made.exit_code == 0, made.output
    assert artcnn(*command, "-o", "b.png").exit_code == 0
    assert artcnn("again", "a.png", "-o", "c.png").exit_code == 0
    assert Path("a.png").read_bytes() == Path("c.png").read_bytes()
    assert (read_picture(Path("a.png")).pixels - read_picture(Path("b.png")).pixels).abs().mean() > 0.01


@pytest.mark.slow
def test_a_style_of_ones_own_is_a_start(artcnn, learned, make_style, folder):
    Image.open("painting.png").save("other.png")
    make_style("other.safetensors", 1, painting=read_picture(Path("painting.png")))
    command = "style", "photo.png", "other.png", *QUICK
    made = artcnn(*command, "--init", "other.safetensors", "-o", "a.png")
    assert made.exit_code == 0, made.output
    assert artcnn("again", "a.png", "-o", "c.png").exit_code == 0
    assert Path("a.png").read_bytes() == Path("c.png").read_bytes()
    blended = artcnn(
        "style", "photo.png", "hokusai.png", "other.png", "--blend", "1,2", *QUICK, "--init", "other.safetensors"
    )
    assert blended.exit_code == 0, blended.output


@pytest.mark.parametrize(
    ("init", "complaint"),
    [
        ("instant", "--init instant: the painting is none of those that were learned (wave, cafe, night-cafe): let"),
        ("no.safetensors", "no such file: no.safetensors"),
        ("photo.safetensors", "photo.safetensors is not a model file, or a damaged one"),
        ("contents", "init: should be 'content', 'noise', 'painting' or 'instant'"),
    ],
)
def test_a_painting_that_was_not_learned_is_told_before_anything_slow(refused, learned, folder, init, complaint):
    (folder / "photo.safetensors").write_bytes(b"nothing")
    refused(complaint, "style", "photo.png", "painting.png", *QUICK, "--init", init)


def test_large_forms_are_there_at_once():
    def scales(size: int, **settings: object) -> list[int]:
        return scale_sizes((size, size), [(600, 600)], load_recipe("style", "gatys", size=size, **settings))

    assert scales(512) == [256, 512]
    assert scales(512, init="instant") == [512]
    assert scales(300, init="instant") == [300]
    assert scales(1024, init="instant") == [512, 1024]
    assert scales(1024, init="instant", min_size=1024) == [1024]
