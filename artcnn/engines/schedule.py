"""What a recipe comes to: the sizes that a run goes through, the layers it asks for, the network up to the deepest."""

import re
from collections.abc import Sequence

from artcnn.backbones.flops import ForwardCost, count_forward
from artcnn.backbones.layers import BLOCKS, layer_channels
from artcnn.backbones.tiles import TilePlan
from artcnn.backbones.weights import find
from artcnn.engines.camera import video_size
from artcnn.engines.dream import octave_sizes
from artcnn.engines.style import scale_sizes, steps_per_scale
from artcnn.engines.style_loss import painting_size
from artcnn.image import Size, fit_size
from artcnn.objectives import WeightedLayer
from artcnn.recipes import DreamRecipe, Recipe, StyleRecipe, VideoRecipe


def plan_schedule(
    recipe: Recipe, photo: Size, paintings: Sequence[Size], film: VideoRecipe | None
) -> list[tuple[int, Size, int]]:
    """Return, for each size there will be, the steps, the size, and the paintings' pixels."""
    if isinstance(recipe, DreamRecipe):
        if film is not None:  # its first frame is the photo
            steps, largest = film.steps * (film.frames - 1), video_size(photo, recipe.size)
            return [(steps, size, 0) for size in octave_sizes(largest, recipe)]
        return [(recipe.steps, size, 0) for size in octave_sizes(fit_size(photo, recipe.size), recipe)]
    assert isinstance(recipe, StyleRecipe)  # noqa: S101 - there are these two
    scales = scale_sizes(photo, paintings, recipe)
    plan = []
    for scale, steps in zip(scales, steps_per_scale(recipe, len(scales)), strict=True):
        seen = [fit_size(painting, painting_size(scale, recipe)) for painting in paintings]
        plan.append((steps, fit_size(photo, scale), sum(height * width for height, width in seen)))
    return plan


def is_tiled(recipe: Recipe, layer: WeightedLayer, tiles: TilePlan) -> bool:
    """Return whether a layer is run in tiles, and so is measured twice."""
    return is_vgg(recipe) and _block(layer.layer) <= tiles.stages


def values_per_pixel(recipe: Recipe, layers: Sequence[WeightedLayer]) -> list[float]:
    """Return the numbers of a pixel that each layer has."""
    if not is_vgg(recipe):
        return [forward_cost_of(recipe).values[layer.layer] for layer in layers]
    channels = layer_channels(architecture_of(recipe))
    return [channels[layer.layer] * 4.0 ** (1 - _block(layer.layer)) for layer in layers]


def convolution_blocks(recipe: Recipe) -> list[tuple[int, ...]]:
    """Return the widths of the convolutions up to the deepest layer of the recipe, block by block."""
    layers = list(layer_channels(architecture_of(recipe)))
    deepest = max((layer.layer for layer in _layers(recipe)), key=layers.index)
    convolutions = sum(layer.startswith("conv") for layer in layers[: layers.index(deepest) + 1])
    blocks = []
    for widths in BLOCKS[architecture_of(recipe)]:
        if convolutions > 0:
            blocks.append(widths[:convolutions])
        convolutions -= len(widths)
    return blocks


def _layers(recipe: Recipe) -> Sequence[WeightedLayer]:
    if isinstance(recipe, DreamRecipe):
        return recipe.layers
    assert isinstance(recipe, StyleRecipe)  # noqa: S101 - there are these two
    return recipe.content_layers + recipe.style_layers


def is_vgg(recipe: Recipe) -> bool:
    """Return whether a recipe's network is one, which can be run in tiles."""
    return architecture_of(recipe) in BLOCKS


def forward_cost_of(recipe: Recipe) -> ForwardCost:
    """Return what a passage through a network that is no VGG takes."""
    return count_forward(architecture_of(recipe), frozenset(layer.layer for layer in _layers(recipe)), recipe.padding)


def architecture_of(recipe: Recipe) -> str:
    """Return the architecture of a recipe's network."""
    return find(recipe.backbone).architecture


def _block(layer: str) -> int:
    """Return the number of a layer's block, from 1."""
    return int(re.findall(r"\d", layer)[0])
