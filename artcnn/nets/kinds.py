"""The kinds of networks that are trained here: for each its recipe, its architecture and what it takes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import nn

from artcnn.nets import first_layer, go, instant, mnist, speech
from artcnn.training_recipes import (
    FirstLayerRecipe,
    GoRecipe,
    InstantTrainRecipe,
    MnistRecipe,
    ModelKind,
    SpeechRecipe,
    TrainRecipe,
)

AnyRecipe = TrainRecipe | FirstLayerRecipe


@dataclass(frozen=True)
class NetworkKind:
    """A kind of network.

    Attributes:
        recipe: the class of the recipes that train it.
        subject: what it learns, in a message: "a network for digits".
        build: returns a network, its weights at random, from a recipe and a number of classes.
        input_shape: returns channels, height and width of its input, or of its examples, from a recipe.
    """

    recipe: type[AnyRecipe]
    subject: str
    build: Callable[[Any, int], nn.Module]
    input_shape: Callable[[Any], tuple[int, int, int]]


def _build_mnist(recipe: MnistRecipe, classes: int) -> nn.Sequential:
    return mnist.build(recipe.arch, recipe.pooling, classes, permuted=recipe.permuted)


def _build_go(recipe: GoRecipe, classes: int) -> nn.Sequential:
    shape = go.Shape(recipe.width, recipe.depth, recipe.residual, recipe.pool_stride if recipe.pool else 0)
    return go.build(go.CHANNELS[recipe.planes], shape, classes)


def _build_instant(recipe: InstantTrainRecipe, classes: int) -> nn.Module:
    return instant.InstantNetwork(classes, recipe.widths, recipe.blocks, recipe.full_channels)


KINDS: dict[ModelKind, NetworkKind] = {
    "mnist": NetworkKind(MnistRecipe, "digits", _build_mnist, lambda _: (1, mnist.SIDE, mnist.SIDE)),
    "speech": NetworkKind(
        SpeechRecipe,
        "speech",
        lambda recipe, classes: speech.build(recipe.filters, classes),
        lambda _: (1, speech.BANDS, speech.FRAMES),
    ),
    "go": NetworkKind(GoRecipe, "go", _build_go, lambda recipe: (go.CHANNELS[recipe.planes], go.SIDE, go.SIDE)),
    "features": NetworkKind(
        FirstLayerRecipe,
        "features",
        lambda _recipe, _classes: first_layer.build(),
        lambda _: (3, first_layer.SIDE, first_layer.SIDE),
    ),
    "instant": NetworkKind(InstantTrainRecipe, "instant styles", _build_instant, lambda _: (3, 256, 256)),
}


def kind_of(recipe: AnyRecipe) -> NetworkKind:
    """Return the kind of network that a recipe trains.

    Raises:
        TypeError: no network that is built here has such a recipe.
    """
    for kind in KINDS.values():
        if type(recipe) is kind.recipe:
            return kind
    raise TypeError(f"there is no network for a {type(recipe).__name__}")


def input_shape(recipe: AnyRecipe) -> tuple[int, int, int]:
    """Return channels, height and width of the input of a recipe's network."""
    return kind_of(recipe).input_shape(recipe)


def build(recipe: AnyRecipe, classes: int) -> nn.Module:
    """Return a recipe's network, its weights at random; for instant styles, the classes are the styles.

    Raises:
        TypeError: no network that is built here has such a recipe.
    """
    return kind_of(recipe).build(recipe, classes)
