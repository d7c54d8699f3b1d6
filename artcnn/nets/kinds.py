"""The network that a recipe names, whatever it learns."""

from torch import nn

from artcnn.nets import digits, first_layer, go, speech
from artcnn.training_recipes import DigitsRecipe, FirstLayerRecipe, GoRecipe, ModelKind, SpeechRecipe, TrainRecipe

INPUT_SHAPES: dict[ModelKind, tuple[int, int, int]] = {
    "digits": (1, digits.SIDE, digits.SIDE),
    "speech": (1, speech.BANDS, speech.FRAMES),
    "go": (go.CHANNELS["all"], go.SIDE, go.SIDE),
    "features": (3, first_layer.SIDE, first_layer.SIDE),
}
"""Channels, height and width of what each kind of network takes, if its recipe says nothing else."""


def input_shape(kind: ModelKind, recipe: TrainRecipe | FirstLayerRecipe) -> tuple[int, int, int]:
    """Return channels, height and width of what the network of a recipe takes."""
    usual = INPUT_SHAPES[kind]
    return (go.CHANNELS[recipe.planes], *usual[1:]) if isinstance(recipe, GoRecipe) else usual


def build(recipe: TrainRecipe | FirstLayerRecipe, classes: int) -> nn.Sequential:
    """Return the network, its weights at random.

    Raises:
        TypeError: the recipe is of no network that is built here.
    """
    match recipe:
        case DigitsRecipe():
            return digits.build(recipe.arch, recipe.pooling, classes, permuted=recipe.permuted)
        case SpeechRecipe():
            return speech.build(recipe.filters, classes)
        case GoRecipe():
            shape = go.Shape(recipe.width, recipe.depth, recipe.residual, recipe.pool_stride if recipe.pool else 0)
            return go.build(go.CHANNELS[recipe.planes], shape, classes)
        case FirstLayerRecipe():
            return first_layer.build()
    raise TypeError(f"there is no network for a {type(recipe).__name__}")
