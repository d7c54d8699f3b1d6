"""What a recipe leads to, without a network: the sizes and steps of a run, and the layers up to the deepest."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from artcnn.backbones.flops import ForwardCost, count_forward
from artcnn.backbones.layers import BLOCKS, layer_channels
from artcnn.backbones.tiles import TilePlan
from artcnn.backbones.weights import find
from artcnn.engines.dream import octave_sizes
from artcnn.engines.painting_scale import painting_size
from artcnn.engines.style import plan_scales
from artcnn.image import Size, fit_size, video_size
from artcnn.objectives import WeightedLayer
from artcnn.recipes import BackboneRecipe, DreamRecipe, StyleRecipe, VideoRecipe


class Stage(NamedTuple):
    """The part of a run at one size.

    Attributes:
        steps: made at this size.
        size: (height, width) of the image.
        painting_pixels: of all paintings at this scale, together.
    """

    steps: int
    size: Size
    painting_pixels: int = 0


def plan_schedule(
    recipe: BackboneRecipe, photo: Size, paintings: Sequence[Size], video: VideoRecipe | None
) -> list[Stage]:
    """Return the stages of a run: a dream's octaves, or a style's scales.

    Args:
        recipe: every setting.
        photo: (height, width) of the photo, before it is resized.
        paintings: of the paintings.
        video: of a zoom video; None for a picture.
    """
    if isinstance(recipe, DreamRecipe):
        if video is not None:  # its first frame is the photo
            steps, largest = video.steps * (video.frames - 1), video_size(photo, recipe.size)
            return [Stage(steps, size) for size in octave_sizes(largest, recipe)]
        return [Stage(recipe.steps, size) for size in octave_sizes(fit_size(photo, recipe.size), recipe)]
    assert isinstance(recipe, StyleRecipe)  # noqa: S101 - there are these two
    stages = []
    for scale in plan_scales(photo, paintings, recipe):
        resized = [fit_size(painting, painting_size(scale.long_side, recipe)) for painting in paintings]
        stages.append(Stage(scale.steps, scale.size, sum(height * width for height, width in resized)))
    return stages


def is_tiled(recipe: BackboneRecipe, layer: WeightedLayer, tiles: TilePlan) -> bool:
    """Return whether a layer is run in tiles, and so computed twice."""
    return is_vgg(recipe) and _block(layer.layer) <= tiles.stages


def values_per_pixel(recipe: BackboneRecipe, layers: Sequence[WeightedLayer]) -> list[float]:
    """Return for each layer how many values it has per pixel of the picture."""
    if not is_vgg(recipe):
        return [forward_cost_of(recipe).values[layer.layer] for layer in layers]
    channels = layer_channels(architecture_of(recipe))
    return [channels[layer.layer] * 4.0 ** (1 - _block(layer.layer)) for layer in layers]


def convolution_blocks(recipe: BackboneRecipe) -> list[tuple[int, ...]]:
    """Return the numbers of channels of a VGG's convolutions up to the recipe's deepest layer, block by block."""
    layers = list(layer_channels(architecture_of(recipe)))
    deepest = max((layer.layer for layer in _layers(recipe)), key=layers.index)
    convolutions = sum(layer.startswith("conv") for layer in layers[: layers.index(deepest) + 1])
    blocks = []
    for widths in BLOCKS[architecture_of(recipe)]:
        if convolutions > 0:
            blocks.append(widths[:convolutions])
        convolutions -= len(widths)
    return blocks


def _layers(recipe: BackboneRecipe) -> Sequence[WeightedLayer]:
    if isinstance(recipe, DreamRecipe):
        return recipe.layers
    assert isinstance(recipe, StyleRecipe)  # noqa: S101 - there are these two
    return recipe.content_layers + recipe.style_layers


def is_vgg(recipe: BackboneRecipe) -> bool:
    """Return whether a recipe's network is a VGG, which can be run in tiles."""
    return architecture_of(recipe) in BLOCKS


def forward_cost_of(recipe: BackboneRecipe) -> ForwardCost:
    """Return the cost of a forward pass of a network that is no VGG, up to the recipe's layers."""
    return count_forward(architecture_of(recipe), frozenset(layer.layer for layer in _layers(recipe)), recipe.padding)


def architecture_of(recipe: BackboneRecipe) -> str:
    """Return the architecture of a recipe's network."""
    return find(recipe.backbone).architecture


def _block(layer: str) -> int:
    """Return the number of a layer's block in a VGG, from 1."""
    return int(re.findall(r"\d", layer)[0])
