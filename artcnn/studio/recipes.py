"""Recipes in the server, which never loads torch: what layers a classifier has, it asks the decoder."""

from collections.abc import Mapping
from itertools import count
from typing import Any

from anyio.from_thread import run

from artcnn.backbones.layers import BLOCKS
from artcnn.backbones.weights import WEIGHTS
from artcnn.presets import RECIPES, PictureKind, make_recipe
from artcnn.recipes import BackboneRecipe, Recipe
from artcnn.studio.desk import Desk
from artcnn.studio.orders import known_recipe

_numbers = count()


def recipe_without_torch(desk: Desk, kind: PictureKind, settings: Mapping[str, Any]) -> Recipe:
    """Return what :func:`artcnn.presets.make_recipe` does; in a thread of the server's own that may wait.

    Args:
        desk: of the decoder.
        kind: of the recipe.
        settings: as plain data.

    Raises:
        RecipeError: settings are wrong.
        ArtcnnError: the decoder says so, or does not answer.
    """
    if _knows_layers(kind, settings):
        return make_recipe(kind, settings)
    request = {"kind": kind, "settings": settings}
    return known_recipe(kind, run(desk.ask, f"recipe {next(_numbers)}", "recipe", request, {}).plain())


def _knows_layers(kind: PictureKind, settings: Mapping[str, Any]) -> bool:
    """Return whether the layers of a recipe's network are known without torch: those of a VGG, or none."""
    model = RECIPES[kind]
    if not issubclass(model, BackboneRecipe):
        return True
    weights = WEIGHTS.get(str(settings.get("backbone", model.model_fields["backbone"].default)))
    return weights is not None and weights.architecture in BLOCKS
