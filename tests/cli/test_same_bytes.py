"""The same recipe makes the same picture in Python and on the command line, whatever network it asks for."""

import json

import pytest
import torch
from PIL import Image

from artcnn import DreamRecipe, StyleRecipe, VideoRecipe, dream, load_backbone, read_picture, style, write_picture, zoom
from artcnn import load_recipe as load
from artcnn.errors import ArtcnnError

SMALL = {"size": 48, "seed": 3, "precision": "float32"}
NETWORKS = [{}, {"padding": "zeros", "pooling": "average", "precision": "bfloat16"}]


def made_by_command(artcnn_command, kind, settings, folder):
    """Return the pixels that the command makes, and the recipe that it says it made them by."""
    inputs = {"dream": ["photo.png"], "style": ["photo.png", "painting.png"], "texture": ["painting.png"]}[kind]
    chosen = [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]
    result = artcnn_command(kind, *inputs, *chosen, "--json", "-q", "-o", "made.png", "--force")
    assert result.exit_code == 0, result.output
    return Image.open(folder / "made.png").convert("RGB").tobytes(), json.loads(result.stdout)["recipe"]


def made_in_python(kind, recipe, folder):
    """Return the pixels that the engines make, with the network that ``load_backbone`` makes of the recipe."""
    network = load_backbone(recipe)
    photo, painting = (read_picture(folder / f"{name}.png").pixels for name in ("photo", "painting"))
    if kind == "dream":
        *_, last = dream(photo, network, recipe)
    else:
        if kind == "texture":
            photo = painting.mean((2, 3), keepdim=True).expand(1, 3, recipe.size, recipe.size)
        *_, last = style(photo, painting, network, recipe)
    write_picture(folder / "python.png", last.image)
    return Image.open(folder / "python.png").convert("RGB").tobytes()


@pytest.mark.slow
@pytest.mark.parametrize("network", NETWORKS, ids=str)
@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("dream", {"octaves": 2, "steps": 1}),
        ("style", {"min_size": 32, "coarse_steps": 1, "fine_steps": 1}),
        ("texture", {"min_size": 32, "coarse_steps": 1, "fine_steps": 1}),
    ],
)
def test_the_same_recipe_makes_the_same_pixels(artcnn, folder, kind, settings, network):
    wanted = SMALL | settings | network
    pixels, told = made_by_command(artcnn, kind, wanted, folder)
    recipe = load(kind, **wanted)
    assert recipe.model_dump(mode="json") == told
    assert made_in_python(kind, recipe, folder) == pixels


@pytest.mark.parametrize("kind", ["dream", "style", "zoom"])
def test_engines_refuse_a_network_of_another_recipe(tiny, kind):
    photo = torch.full((1, 3, 64, 64), 0.5)
    recipe = {"dream": DreamRecipe, "zoom": DreamRecipe, "style": StyleRecipe}[kind]()
    steps = {
        "dream": lambda: dream(photo, tiny, recipe),
        "style": lambda: style(photo, photo, tiny, recipe),
        "zoom": lambda: zoom(photo, tiny, recipe, VideoRecipe()),
    }[kind]()
    with pytest.raises(ArtcnnError, match=r"asks for backbone 'vgg16' and the network has 'tiny'"):
        next(steps)
