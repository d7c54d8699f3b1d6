"""What a run takes of time: multiplications, and what costs as much as some of them."""

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
from artcnn.recipes import DreamRecipe, Recipe, StyleRecipe, VideoRecipe

_SCORE = 130  # multiplications that take as long as looking whether a score is the largest

SIZE_SECONDS = 0.15
"""What a first step at a new size costs: the convolutions are compiled for it, at about the same speed anywhere."""


def count_multiplications(
    recipe: Recipe,
    photo: Size,
    paintings: Sequence[Size] = (),
    tiling: TilingPolicy = UNTILED,
    film: VideoRecipe | None = None,
    guide: Size | None = None,
) -> float:
    """Return how many multiplications a run makes, and what takes as long as them at any speed.

    Args:
        recipe: the settings.
        photo: (height, width) of the photo, in pixels, before it is resized.
        paintings: of the paintings, for a style.
        tiling: how pictures are run through the network; what it does twice counts twice, and what tiles see of
            their neighbours counts.
        film: of a dream, where there is to be one.
        guide: (height, width) of a dream's guide, before it is resized; all of it is taken to guide.
    """
    by_layer = _by_layer(recipe)
    once = _sum(by_layer)
    total = 0.0
    if guide is not None and isinstance(recipe, DreamRecipe):
        height, width = guide = fit_size(guide, recipe.guide_size)
        total += once * height * width
    for steps, size, target in plan_schedule(recipe, photo, paintings, film):
        pixels, tiles = size[0] * size[1], tiling.plan(size)
        twice = [*_in_tiles(recipe, size, tiles)]
        each = 2 * _sum(by_layer[len(twice) :]) + 3 * sum(twice)
        if isinstance(recipe, StyleRecipe) and recipe.method == "neighbors":
            searches = -(-steps // SEARCH_INTERVAL) if size == fit_size(photo, recipe.size) else 1
            total += _searching(recipe, size, target, searches, tiled=tiles.stages > 0)
        if guide is not None and isinstance(recipe, DreamRecipe):
            total += steps * sum(_matching(recipe, objective, size, guide, tiles) for objective in recipe.layers)
        total += each * steps * (pixels + STEP_PIXELS) + once * (pixels + target)
    return total


def fixed_seconds(
    recipe: Recipe, photo: Size, paintings: Sequence[Size] = (), film: VideoRecipe | None = None
) -> float:
    """Return the seconds of a run that do not depend on how fast multiplications are made."""
    return SIZE_SECONDS * len(plan_schedule(recipe, photo, paintings, film))


def _searching(recipe: StyleRecipe, size: Size, target: int, searches: int, *, tiled: bool) -> float:
    """Return the multiplications of searches for neighbours at one scale, and of the targets made of them."""
    passes = ROTATIONS * (2 * searches if tiled else 1)
    cell = cell_size(size)
    products = ROTATIONS * (size[0] // cell) * (size[1] // cell) * (target / cell**2)
    channels = layer_channels(architecture_of(recipe))
    numbers = sum(channels[layer.layer] for layer in recipe.style_layers)
    return _sum(_by_layer(recipe)) * (passes * target + searches * size[0] * size[1]) + searches * products * numbers


def _matching(recipe: DreamRecipe, objective: Objective, size: Size, guide: Size, tiles: TilePlan) -> float:
    """Return what one step's search costs for what matches each place of a layer best among those of a guide."""
    channels = (layer_channels if is_vgg(recipe) else classifier_channels)(architecture_of(recipe))[objective.layer]
    places = values_per_pixel(recipe, [objective])[0] / channels
    seen = [length + min(recipe.jitter, min(size) - 1) for length in size]
    pairs = seen[0] * seen[1] * places * min(MAX_GUIDE_VECTORS, guide[0] * guide[1] * places)
    match objective:
        case ChannelActivation():
            channels = 1
        case ChannelsActivation():
            channels = len(objective.channels)
        case RankedChannels():
            channels = objective.count
    return pairs * (channels + _SCORE) * (2 if is_tiled(recipe, objective, tiles) else 1)


def _in_tiles(recipe: Recipe, size: Size, tiles: TilePlan) -> Iterator[float]:
    """Yield the multiplications of a pixel, forward, for each block that is run in tiles, whose surroundings count."""
    if not is_vgg(recipe):
        return
    circular = recipe.padding == "circular"
    for number, by_layer in enumerate(_by_layer(recipe)[: tiles.stages]):
        cut = [
            *tiles.split_stage(
                (size[0] >> number, size[1] >> number), convolution_blocks(recipe)[number], circular=circular
            )
        ]
        places = [sum(tile.area(halo) for tile in cut) for halo in reversed(range(len(by_layer)))]
        yield sum(map(mul, by_layer, places)) * 4.0**number / (size[0] * size[1])


def step_multiplications(recipe: Recipe, size: Size) -> float:
    """Return how many of them a single step makes on a picture of (height, width) pixels, run as a whole."""
    return 2 * _sum(_by_layer(recipe)) * (size[0] * size[1] + STEP_PIXELS)


def _sum(by_layer: Sequence[Sequence[float]]) -> float:
    return sum(map(sum, by_layer))


def _by_layer(recipe: Recipe) -> list[list[float]]:
    """Return the multiplications of a pixel, forward, of the convolutions up to the deepest layer, block by block.

    A network that is no VGG is run as a whole, and counts as a single convolution.
    """
    if not is_vgg(recipe):
        return [[forward_cost_of(recipe).macs]]
    found, entering = [], 3
    for number, widths in enumerate(convolution_blocks(recipe)):
        channels = [entering, *widths]
        found.append([9 * a * b * 4.0**-number for a, b in zip(channels, widths, strict=False)])
        entering = widths[-1]
    return found
