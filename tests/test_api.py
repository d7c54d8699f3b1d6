import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw
from typer.testing import CliRunner

import artcnn
from artcnn.cli import app

STYLE = {"size": 64, "min_size": 48, "coarse_steps": 1, "fine_steps": 2}
DREAM = {"size": 64, "octaves": 1, "steps": 2}


def test_importing_artcnn_imports_no_torch():
    code = "import sys, artcnn; print('torch' in sys.modules, artcnn.__version__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", artcnn.__version__]


def test_every_public_name_is_there_and_has_a_docstring():
    for name in artcnn.__all__:
        assert getattr(artcnn, name) is not None
        assert name in dir(artcnn)
        if name != "__version__":
            assert getattr(artcnn, name).__doc__
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        artcnn.nothing  # noqa: B018 - the access is what is tested


def test_a_star_takes_every_public_name():
    names = {}
    exec("from artcnn import *", names)  # noqa: S102 - a star is allowed nowhere else
    assert set(artcnn.__all__) == names.keys() - {"__builtins__"}
    assert names["losses"].gram_matrix.__module__ == "artcnn.losses"


def test_the_masks_that_style_takes_are_public():
    assert artcnn.Masks().paintings == ()


@pytest.mark.slow
def test_a_dream_in_a_notebook(samples, tmp_path):
    photo = artcnn.read_picture(samples / "castle.jpg").pixels
    recipe = artcnn.DreamRecipe(size=64, octaves=1, steps=2)
    for step in artcnn.dream(photo, artcnn.load_backbone(recipe), recipe):
        assert isinstance(step, artcnn.Step)
    artcnn.write_picture(tmp_path / "dream.png", step.image)
    assert artcnn.read_picture(tmp_path / "dream.png").pixels.shape == step.image.shape


@pytest.fixture
def desk(tmp_path, monkeypatch) -> Path:
    """Return a folder with a photo, two paintings and a mask, as the current one."""
    photo = Image.new("RGBA", (72, 48), (90, 140, 210, 255))
    ImageDraw.Draw(photo).polygon([(10, 44), (36, 8), (62, 44)], fill=(200, 120, 60, 128))
    photo.save(tmp_path / "photo.png")
    for name, color in (("painting.png", (20, 30, 90)), ("other.png", (120, 20, 20))):
        painting = Image.new("RGB", (40, 60), color)
        for y in range(0, 60, 6):
            ImageDraw.Draw(painting).line([(0, y), (40, (y * 7) % 60)], fill=(240, 200, 40), width=2)
        painting.save(tmp_path / name)
    mask = Image.new("L", (72, 48))
    mask.paste(255, (0, 0, 36, 48))
    mask.save(tmp_path / "mask.png")
    for folder in ("function", "command"):
        (tmp_path / folder).mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def options(settings: dict[str, object]) -> list[str]:
    return [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "make"),
    [
        (
            ["style", "photo.png", "painting.png", "--preset", "gatys", "--protect", "mask.png", *options(STYLE)],
            lambda: artcnn.stylize("photo.png", "painting.png", preset="gatys", protect="mask.png", **STYLE),
        ),
        (
            ["style", "photo.png", "painting.png", "other.png", "--mask", "painting2=mask.png", *options(STYLE)],
            lambda: artcnn.stylize(
                Path("photo.png"), ["painting.png", Path("other.png")], masks=[None, "mask.png"], **STYLE
            ),
        ),
        (
            ["dream", "photo.png", "--layer", "relu3_3=0.5", "--layer", "conv4_1:7", "--seed", "3", *options(DREAM)],
            lambda: artcnn.deepdream(
                "photo.png", 0.5 * artcnn.layer("relu3_3") + artcnn.channel("conv4_1", 7), seed=3, **DREAM
            ),
        ),
        (
            ["dream", "photo.png", "--guide", "other.png", "--mask", "mask.png", *options(DREAM)],
            lambda: artcnn.deepdream("photo.png", guide="other.png", mask="mask.png", **DREAM),
        ),
        (
            ["dream", "photo.png", "--class", "castle", "--class", "tabby", *options(DREAM)],
            lambda: artcnn.deepdream("photo.png", classes=["castle", "tabby"], **DREAM),
        ),
        (
            ["texture", "painting.png", "--tileable", *options({"size": 64, "coarse_steps": 2})],
            lambda: artcnn.texture("painting.png", padding="circular", size=64, coarse_steps=2),
        ),
    ],
    ids=["style", "style of two", "dream", "guided dream", "classes", "texture"],
)
def test_a_function_makes_the_file_of_its_command(command, make, desk):
    make().save("function/made.png")
    done = CliRunner().invoke(app, [*command, "-o", "command/made.png"])
    assert done.exit_code == 0, done.output
    assert Path("function/made.png").read_bytes() == Path("command/made.png").read_bytes()


def test_an_instant_style_is_the_file_of_its_command(desk, tiny_styles):
    settings = {"size": 48, "strength": 0.75}
    artcnn.instant("photo.png", {"wave": 1, "cafe": 3}, protect="mask.png", **settings).save("function/made.png")
    command = ["instant", "photo.png", "--style", "wave=1,cafe=3", "--protect", "mask.png", *options(settings)]
    done = CliRunner().invoke(app, [*command, "-o", "command/made.png"])
    assert done.exit_code == 0, done.output
    assert Path("function/made.png").read_bytes() == Path("command/made.png").read_bytes()
    assert list(artcnn.instant_styles()) == ["wave", "cafe", "night-cafe"]
    result = artcnn.instant("photo.png", size=48)
    assert (result.complete, result.metrics) == (True, {"steps": 1})
    with pytest.raises(artcnn.ArtcnnError, match="there is no style 'wavy': did you mean 'wave'?"):
        artcnn.instant("photo.png", "wavy")
    with pytest.raises(artcnn.ArtcnnError, match="a recipe has every setting"):
        artcnn.instant("photo.png", "wave", recipe=artcnn.InstantRecipe())


def test_pictures_come_from_anywhere(desk):
    image = Image.open("photo.png").convert("RGB")
    image.save("opaque.png")
    array = np.asarray(image)
    tensor = torch.from_numpy(array.copy()).permute(2, 0, 1) / 255
    made = [
        artcnn.deepdream(photo, "relu3_3", **DREAM).image
        for photo in ("opaque.png", Path("opaque.png").read_bytes(), image, array, array / 255, tensor, tensor[None])
    ]
    assert all(torch.equal(one, made[0]) for one in made)


def test_steps_are_told_and_a_run_can_be_stopped(desk):
    steps = []
    whole = artcnn.deepdream("photo.png", on_step=steps.append, **DREAM)
    assert [(step.index, step.total) for step in steps] == [(1, 2), (2, 2)]
    assert whole.complete
    half = artcnn.deepdream("photo.png", on_step=steps.append, cancelled=lambda: len(steps) > 2, **DREAM)
    assert not half.complete
    assert torch.equal(half.image, steps[0].image)
    with pytest.raises(artcnn.ArtcnnError, match="no picture"):
        artcnn.deepdream("photo.png", cancelled=lambda: True, **DREAM)


def test_a_result_is_shown_and_saved(desk):
    result = artcnn.stylize("photo.png", "painting.png", **STYLE)
    assert result._repr_png_().startswith(b"\x89PNG")
    assert result.to_pil().mode == "RGBA", "the photo was"
    assert result.to_pil().size == (64, 43)
    result.save("painted.jpg")
    again = CliRunner().invoke(app, ["show", "painted.jpg", "--json"])
    assert json.loads(again.output)["recipe"]["coarse_steps"] == 1


def test_a_notebook_keeps_no_large_picture(desk):
    result = artcnn.deepdream("photo.png", **DREAM)
    larger = torch.nn.functional.interpolate(result.image, (900, 1500))
    shown = Image.open(io.BytesIO(replace(result, image=larger, alpha=None)._repr_png_()))
    assert shown.size == (1024, 614)


def test_a_recipe_takes_the_place_of_settings(desk):
    recipe = artcnn.load_recipe("dream", "swirls", **DREAM)
    by_recipe = artcnn.deepdream("photo.png", recipe=recipe)
    assert torch.equal(by_recipe.image, artcnn.deepdream("photo.png", preset="swirls", **DREAM).image)
    with pytest.raises(artcnn.ArtcnnError, match="give a recipe, or a preset and settings"):
        artcnn.deepdream("photo.png", recipe=recipe, seed=1)


def test_mistakes_are_one_line_and_come_first(desk):
    for wrong, says in (
        (lambda: artcnn.deepdream("none.png"), "no such file: none.png"),
        (lambda: artcnn.deepdream("photo.png", "relu9_9"), "unknown layer 'relu9_9'"),
        (lambda: artcnn.deepdream("photo.png", sise=3), "unknown setting 'sise': did you mean 'size'"),
        (lambda: artcnn.deepdream("photo.png", device="gpu"), "gpu"),
        (lambda: artcnn.deepdream(3), "the photo is a int"),
        (lambda: artcnn.deepdream("photo.png", classes="casle"), "did you mean"),
        (lambda: artcnn.deepdream("photo.png", "relu3_3", classes="castle"), "an objective or classes"),
        (lambda: artcnn.deepdream("photo.png", "relu3_3", layers="relu2_2"), "each says what to maximize"),
        (lambda: artcnn.stylize("photo.png", []), "give one at least"),
        (lambda: artcnn.stylize("photo.png", "painting.png", masks=["mask.png"] * 2), "there are 2, and 1 paintings"),
    ):
        with pytest.raises(artcnn.ArtcnnError, match=says) as caught:
            wrong()
        assert "\n" not in str(caught.value)


def test_features_are_the_networks(desk):
    backbone = artcnn.load_backbone(artcnn.DreamRecipe(padding="zeros", precision="float32"))
    pixels = artcnn.read_picture("painting.png").pixels
    found = artcnn.features("painting.png", ["relu2_2", "pool4"])
    expected = backbone.features(pixels, ["relu2_2", "pool4"])
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[name], expected[name]) for name in found)
    assert not found["pool4"].requires_grad
    assert artcnn.features(pixels, "pool4", backbone, size=48)["pool4"].shape == (1, 512, 3, 2)
    with pytest.raises(artcnn.ArtcnnError, match=r"vgg16 has no layer 'relu2_3'"):
        artcnn.features(pixels, "relu2_3")


def test_classes_are_those_of_the_presets_own_network(desk):
    (desk / "mine.toml").write_text('kind = "dream"\nbackbone = "vgg16"\n')
    with pytest.raises(artcnn.ArtcnnError, match="vgg16"):
        artcnn.deepdream("photo.png", classes="castle", preset="mine.toml")
