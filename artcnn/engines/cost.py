"""The cost of a run: its multiplications, and what takes as long as some of them."""

from collections.abc import Iterator, Sequence
from operator import mul

from artcnn.backbones.classifier_backbone import classifier_channels
from artcnn.backbones.layers import layer_channels
from artcnn.backbones.tiles import UNTILED, TilePlan, TilingPolicy
from artcnn.engines.guide import MAX_GUIDE_VECTORS
from artcnn.engines.neighbor_loss import ROTATIONS, SEARCH_INTERVAL
from artcnn.engines.neighbors import cell_size
from artcnn.engines.schedule import (
    architecture_of,
    convolution_blocks,
    forward_cost_of,
    is_tiled,
    is_vgg,
    plan_schedule,
    values_per_pixel,
)
from artcnn.engines.step import STEP_PIXELS
from artcnn.image import Size, fit_size
from artcnn.objectives import ChannelActivation, ChannelsActivation, Objective, RankedChannels
from artcnn.recipes import BackboneRecipe, DreamRecipe, StyleRecipe, VideoRecipe

_SCORE = 130  # multiplications that take as long as finding whether a score is the largest

SIZE_SECONDS = 0.15
"""Seconds that the first step at a new size takes on top: convolutions are compiled for it."""


def count_multiplications(
    recipe: BackboneRecipe,
    photo: Size,
    paintings: Sequence[Size] = (),
    tiling: TilingPolicy = UNTILED,
    video: VideoRecipe | None = None,
    guide: Size | None = None,
) -> float:
    """Return the number of multiplications of a run, other work converted into them.

    Args:
        recipe: every setting.
        photo: (height, width) of the photo, in pixels, before it is resized.
        paintings: of a style's paintings.
        tiling: how pictures are run through the network; tiled layers are computed twice, and tiles overlap.
        video: of a zoom video; None for a picture.
        guide: (height, width) of a dream's guide, before it is resized; taken to be without a mask.
    """
    by_layer = _by_layer(recipe)
    forward = _sum(by_layer)
    total = 0.0
    if guide is not None and isinstance(recipe, DreamRecipe):
        height, width = guide = fit_size(guide, recipe.guide_size)
        total += forward * height * width
    for steps, size, painting_pixels in plan_schedule(recipe, photo, paintings, video):
        pixels, tiles = size[0] * size[1], tiling.plan(size)
        tiled = [*_tiled_blocks(recipe, size, tiles)]
        each = 2 * _sum(by_layer[len(tiled) :]) + 3 * sum(tiled)
        if isinstance(recipe, StyleRecipe) and recipe.method == "neighbors":
            searches = -(-steps // SEARCH_INTERVAL) if size == fit_size(photo, recipe.size) else 1
            total += _neighbor_search(recipe, size, painting_pixels, searches, tiled=tiles.stages > 0)
        if guide is not None and isinstance(recipe, DreamRecipe):
            total += steps * sum(_guide_search(recipe, objective, size, guide, tiles) for objective in recipe.layers)
        total += each * steps * (pixels + STEP_PIXELS) + forward * (pixels + painting_pixels)
    return total


def fixed_seconds(
    recipe: BackboneRecipe, photo: Size, paintings: Sequence[Size] = (), video: VideoRecipe | None = None
) -> float:
    """Return the seconds of a run that do not depend on the speed of multiplications."""
    return SIZE_SECONDS * len(plan_schedule(recipe, photo, paintings, video))


def step_multiplications(recipe: BackboneRecipe, size: Size) -> float:
    """Return the number of multiplications of one step on a picture of (height, width) pixels, without tiles."""
    return 2 * _sum(_by_layer(recipe)) * (size[0] * size[1] + STEP_PIXELS)


def _neighbor_search(recipe: StyleRecipe, size: Size, painting_pixels: int, searches: int, *, tiled: bool) -> float:
    """Return the multiplications of the searches for nearest neighbors at one scale, and of gathering targets."""
    passes = ROTATIONS * (2 * searches if tiled else 1)
    cell = cell_size(size)
    pairs = ROTATIONS * (size[0] // cell) * (size[1] // cell) * (painting_pixels / cell**2)
    channels = layer_channels(architecture_of(recipe))
    length = sum(channels[layer.layer] for layer in recipe.style_layers)
    forward = _sum(_by_layer(recipe)) * (passes * painting_pixels + searches * size[0] * size[1])
    return forward + searches * pairs * length


def _guide_search(recipe: DreamRecipe, objective: Objective, size: Size, guide: Size, tiles: TilePlan) -> float:
    """Return the cost of one step's search for the guide's best match at each place of a layer."""
    channels = (layer_channels if is_vgg(recipe) else classifier_channels)(architecture_of(recipe))[objective.layer]
    places = values_per_pixel(recipe, [objective])[0] / channels
    padded = [length + min(recipe.jitter, min(size) - 1) for length in size]
    pairs = padded[0] * padded[1] * places * min(MAX_GUIDE_VECTORS, guide[0] * guide[1] * places)
    match objective:
        case ChannelActivation():
            channels = 1
        case ChannelsActivation():
            channels = len(objective.channels)
        case RankedChannels():
            channels = objective.count
    return pairs * (channels + _SCORE) * (2 if is_tiled(recipe, objective, tiles) else 1)


def _tiled_blocks(recipe: BackboneRecipe, size: Size, tiles: TilePlan) -> Iterator[float]:
    """Yield the multiplications per pixel of a forward pass through each tiled block, the tiles' overlap included."""
    if not is_vgg(recipe):
        return
    circular = recipe.padding == "circular"
    for number, by_layer in enumerate(_by_layer(recipe)[: tiles.stages]):
        block, block_size = convolution_blocks(recipe)[number], (size[0] >> number, size[1] >> number)
        split = [*tiles.split_stage(block_size, block, circular=circular)]
        areas = [sum(tile.area(halo) for tile in split) for halo in reversed(range(len(by_layer)))]
        yield sum(map(mul, by_layer, areas)) * 4.0**number / (size[0] * size[1])


def _sum(by_layer: Sequence[Sequence[float]]) -> float:
    return sum(map(sum, by_layer))


def _by_layer(recipe: BackboneRecipe) -> list[list[float]]:
    """Return the multiplications per pixel of a forward pass, of each convolution up to the deepest layer, by block.

    A network that is no VGG is never tiled, and counts as a single convolution.
    """
    if not is_vgg(recipe):
        return [[forward_cost_of(recipe).macs]]
    found, inputs = [], 3
    for number, widths in enumerate(convolution_blocks(recipe)):
        channels = [inputs, *widths]
        found.append([9 * a * b * 4.0**-number for a, b in zip(channels, widths, strict=False)])
        inputs = widths[-1]
    return found
