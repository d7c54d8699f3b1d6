"""What a run will cost: multiplications, and from them its time; memory, and how it is run in as much as there is."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from artcnn.backbones.counts import Pass, count_pass
from artcnn.backbones.layers import BLOCKS, layer_channels
from artcnn.backbones.tiles import FRUGAL, WHOLE, Tiles, Tiling
from artcnn.backbones.trunk import trunk_channels
from artcnn.backbones.weights import find
from artcnn.engines.descent import moves_kept
from artcnn.engines.dream import octave_sizes
from artcnn.engines.guide import MOST_PLACES, SCORES_AT_ONCE
from artcnn.engines.neighbor_objective import SEARCH_EVERY, TURNS
from artcnn.engines.neighbors import cell_of
from artcnn.engines.step import STEP_PIXELS
from artcnn.engines.style import scale_sizes, steps_per_scale
from artcnn.engines.style_objective import painting_size
from artcnn.engines.zoom import film_size
from artcnn.image import Size, fit_size
from artcnn.objectives import ChannelActivation, ChannelsActivation, Objective, RankedChannels, WeightedLayer
from artcnn.recipes import DreamRecipe, FilmSettings, Recipe, StyleRecipe

AT_START = 830_000_000
"""Bytes of torch, VGG-16 and the convolutions' scratch space; measured, as are the numbers below."""

_IMAGE = 12  # bytes of a pixel: three values in float32
_DREAM_IMAGES, _STYLE_IMAGES = 6, 4  # there are at a time, besides the moves that L-BFGS learns from
_SCRATCH = 1.1  # what a network that is no VGG takes, over its weights and what its gradient needs
_SPECTRUM_IMAGES = 26  # more, of a picture with its mirror images, and of its spectrum
_MAPS = 3  # gradients of the widest layer there are at a time
_HELD = 1.7  # memory that a pass took, over its maps, where what was freed is not given back: it does not fit exactly
_MATCHED = 12  # bytes of each number of a layer that is matched with a guide: it, its match, their product, in float32
_SCORE = 130  # multiplications that take as long as looking whether a score is the largest
_TILE_MAPS = 18  # numbers of a tile there are at a time, its gradients' included, for each of its widest layer

SIZE_SECONDS = 0.15
"""What a first step at a new size costs: the convolutions are compiled for it, at about the same speed anywhere."""

_CHOICES = (WHOLE, *(Tiles(stages) for stages in range(1, 6)), FRUGAL)
"""Ways to run a picture through a network, the fastest first; nearly each takes less memory than the one before."""


def choose_tiles(recipe: Recipe, photo: Size, memory: int, guide: Size | None = None) -> Tiles:
    """Return the fastest way to make a picture of ``photo`` (height, width) that takes ``memory`` bytes at most.

    Where none does it is the one that takes the least. ``guide`` is a dream's, before it is resized.
    """
    ways = _CHOICES if _is_vgg(recipe) else (WHOLE,)
    costs = {tiles: bytes_needed(recipe, photo, tiles, guide) for tiles in ways}
    return next((tiles for tiles, cost in costs.items() if cost <= memory), min(costs, key=lambda tiles: costs[tiles]))


@dataclass(frozen=True)
class Within:
    """The fastest way for each size of a run to go through a network, in the memory that there is.

    Attributes:
        recipe: the settings, its precision decided.
        photo: (height, width) of the result, in pixels.
        memory: bytes that the run may take.
        guide: (height, width) of a dream's guide, before it is resized.
    """

    recipe: Recipe
    photo: Size
    memory: int
    guide: Size | None = None

    def at(self, size: Size) -> Tiles:
        """Return how a picture of (height, width) pixels is run."""
        return choose_tiles(self.recipe, size, self.memory - _held_besides(size, self.photo), self.guide)


def _held_besides(size: Size, photo: Size) -> int:
    """Return the bytes of what waits at a smaller size for the largest: the photo, and the photo recoloured."""
    pixels = photo[0] * photo[1]
    return 2 * _IMAGE * pixels if size[0] * size[1] < pixels else 0


def peak_bytes(recipe: Recipe, photo: Size, tiling: Tiling, guide: Size | None = None) -> int:
    """Return an estimate of a run's peak memory in bytes, over all sizes that it goes through up to the photo's."""
    sizes = {size for _, size, _ in _plan(recipe, photo, (), None)}
    return max(bytes_needed(recipe, size, tiling.at(size), guide) + _held_besides(size, photo) for size in sizes)


def bytes_needed(recipe: Recipe, photo: Size, tiles: Tiles = WHOLE, guide: Size | None = None) -> int:
    """Return an estimate of the peak memory, in bytes, while a run is at a size.

    Args:
        recipe: the settings, its precision decided.
        photo: (height, width) of the picture then, in pixels.
        tiles: how pictures are run through the network.
        guide: (height, width) of a dream's guide, before it is resized.
    """
    size = 2 if recipe.precision == "bfloat16" else 4
    pixels = photo[0] * photo[1]
    if isinstance(recipe, StyleRecipe):
        moves = min(recipe.last_steps - 1, moves_kept(photo)) if recipe.optimizer == "lbfgs" else 1
        each = _IMAGE * (_STYLE_IMAGES + 2 * moves) + size * sum(_numbers(recipe, recipe.content_layers))
        if recipe.method == "neighbors":
            each += size * sum(_numbers(recipe, recipe.style_layers)) * _neighbours_held(recipe, photo, tiles)
    else:
        each = _IMAGE * _DREAM_IMAGES
        if isinstance(recipe, DreamRecipe) and recipe.ascent == "spectrum":
            each += _IMAGE * _SPECTRUM_IMAGES
    working = _TILE_MAPS * size * tiles.values if tiles.stages else 0
    least = 0.0
    if guide is not None and isinstance(recipe, DreamRecipe):
        whole = [layer for layer in recipe.layers if not _is_tiled(recipe, layer, tiles)]
        # Where a VGG's widest maps have their gradients, what was matched is gone again.
        gone = _MAPS * size * _blocks(recipe)[0][0] if _is_vgg(recipe) and not tiles.stages else 0
        each += max(0.0, _MATCHED * sum(_numbers(recipe, whole)) - gone)
        working += (_MATCHED * tiles.values if len(whole) < len(recipe.layers) else 0) + size * SCORES_AT_ONCE
        least = AT_START + working + _guiding(recipe, guide, tiles, size)
    if _is_vgg(recipe):
        kept = _passing(_blocks(recipe), tiles.stages, size) * (1 if tiles.stages else _HELD)
        return round(max(least, AT_START + pixels * (each + kept) + working))
    passage = _pass(recipe)
    run = pixels * each + working + _SCRATCH * (passage.weights + pixels * passage.kept) * size / 4
    return round(max(least, AT_START + run))


def _passing(blocks: list[tuple[int, ...]], tiled: int, size: int) -> float:
    """Return the bytes of a pixel that a passage through the network keeps.

    Of the blocks that are run once these are all maps, and where the poolings' largest were, in 64 bits; of those that
    are run in tiles what enters each, and its gradient.
    """
    kept = 0.0
    for number, widths in enumerate(blocks[tiled:], start=tiled):
        area = 4.0**-number
        kept += area * (size * sum(widths) + widths[-1] / 4 * (size + 8))
    if tiled < len(blocks):
        kept += _MAPS * size * blocks[tiled][0] * 4.0**-tiled
    entering = [3.0] + [widths[-1] * 4.0 ** -(number + 1) for number, widths in enumerate(blocks[: min(tiled, 4)])]
    return kept + (size * (sum(entering) + max(entering)) if tiled else 0)


def _guiding(recipe: DreamRecipe, guide: Size, tiles: Tiles, size: int) -> float:
    """Return the bytes that a guide's passage takes, without a gradient, and what is kept of it, before the first step.

    Of a network that is no VGG it is taken to be no more than a passage with a gradient.
    """
    height, width = fit_size(guide, recipe.guide_size)
    if not _is_vgg(recipe):
        passing = _SCRATCH * _pass(recipe).kept * size / 4
    elif tiles.stages:
        passing = _passing(_blocks(recipe), tiles.stages, size)
    else:
        passing = _MAPS * size * _blocks(recipe)[0][0]
    return height * width * (passing + (size + 4) * sum(_numbers(recipe, recipe.layers)))


def _is_tiled(recipe: Recipe, layer: WeightedLayer, tiles: Tiles) -> bool:
    """Return whether a layer is run in tiles, and so is measured twice."""
    return _is_vgg(recipe) and _block(layer.layer) <= tiles.stages


def _numbers(recipe: Recipe, layers: Sequence[WeightedLayer]) -> list[float]:
    """Return the numbers of a pixel that each layer has."""
    if not _is_vgg(recipe):
        return [_pass(recipe).values[layer.layer] for layer in layers]
    channels = layer_channels(_architecture(recipe))
    return [channels[layer.layer] * 4.0 ** (1 - _block(layer.layer)) for layer in layers]


def _neighbours_held(recipe: StyleRecipe, photo: Size, tiles: Tiles) -> float:
    """Return how many times a picture's style layers are held: the targets, what is put into them, and a painting's.

    It is held in each of its turns, or, where memory is to be saved, once, and in the tiles that it is put together of.
    It is taken to be a square.
    """
    painting = (max(photo) * recipe.style_scale) ** 2 / (photo[0] * photo[1])
    return 2 + painting * (2 if tiles.stages else TURNS)


def multiplications(
    recipe: Recipe,
    photo: Size,
    paintings: Sequence[Size] = (),
    tiling: Tiling = WHOLE,
    film: FilmSettings | None = None,
    guide: Size | None = None,
) -> float:
    """Return how many multiplications a run makes, and what takes as long as them at any speed.

    Args:
        recipe: the settings.
        photo: (height, width) of the photo, in pixels, before it is resized.
        paintings: of the paintings, for a style.
        tiling: how pictures are run through the network; what it does twice counts twice.
        film: of a dream, where there is to be one.
        guide: (height, width) of a dream's guide, before it is resized; all of it is taken to guide.
    """
    by_stage = _by_stage(recipe)
    total = 0.0
    if guide is not None and isinstance(recipe, DreamRecipe):
        height, width = guide = fit_size(guide, recipe.guide_size)
        total += sum(by_stage) * height * width
    for steps, size, target in _plan(recipe, photo, paintings, film):
        pixels, tiles = size[0] * size[1], tiling.at(size)
        each = 2 * sum(by_stage) + sum(by_stage[: tiles.stages])
        if isinstance(recipe, StyleRecipe) and recipe.method == "neighbors":
            searches = -(-steps // SEARCH_EVERY) if size == fit_size(photo, recipe.size) else 1
            total += _searching(recipe, size, target, searches, tiled=tiles.stages > 0)
        if guide is not None and isinstance(recipe, DreamRecipe):
            total += steps * sum(_matching(recipe, objective, size, guide, tiles) for objective in recipe.layers)
        total += each * steps * (pixels + STEP_PIXELS) + sum(by_stage) * (pixels + target)
    return total


def seconds_at_any_speed(
    recipe: Recipe, photo: Size, paintings: Sequence[Size] = (), film: FilmSettings | None = None
) -> float:
    """Return the seconds of a run that do not depend on how fast multiplications are made."""
    return SIZE_SECONDS * len(_plan(recipe, photo, paintings, film))


def _searching(recipe: StyleRecipe, size: Size, target: int, searches: int, *, tiled: bool) -> float:
    """Return the multiplications of searches for neighbours at one scale, and of the targets made of them."""
    passes = TURNS * (2 * searches if tiled else 1)
    cell = cell_of(size)
    products = TURNS * (size[0] // cell) * (size[1] // cell) * (target / cell**2)
    channels = layer_channels(_architecture(recipe))
    numbers = sum(channels[layer.layer] for layer in recipe.style_layers)
    return sum(_by_stage(recipe)) * (passes * target + searches * size[0] * size[1]) + searches * products * numbers


def _matching(recipe: DreamRecipe, objective: Objective, size: Size, guide: Size, tiles: Tiles) -> float:
    """Return what one step's search costs for what matches each place of a layer best among those of a guide."""
    channels = (layer_channels if _is_vgg(recipe) else trunk_channels)(_architecture(recipe))[objective.layer]
    places = _numbers(recipe, [objective])[0] / channels
    seen = [length + min(recipe.jitter, min(size) - 1) for length in size]
    pairs = seen[0] * seen[1] * places * min(MOST_PLACES, guide[0] * guide[1] * places)
    match objective:
        case ChannelActivation():
            channels = 1
        case ChannelsActivation():
            channels = len(objective.channels)
        case RankedChannels():
            channels = objective.count
    return pairs * (channels + _SCORE) * (2 if _is_tiled(recipe, objective, tiles) else 1)


def step_multiplications(recipe: Recipe, size: Size) -> float:
    """Return how many of them a single step makes on a picture of (height, width) pixels, run as a whole."""
    return 2 * sum(_by_stage(recipe)) * (size[0] * size[1] + STEP_PIXELS)


def _plan(
    recipe: Recipe, photo: Size, paintings: Sequence[Size], film: FilmSettings | None
) -> list[tuple[int, Size, int]]:
    """Return, for each size there will be, the steps, the size, and the paintings' pixels."""
    if isinstance(recipe, DreamRecipe):
        if film is not None:  # its first frame is the photo
            steps, largest = film.steps * (film.frames - 1), film_size(photo, recipe.size)
            return [(steps, size, 0) for size in octave_sizes(largest, recipe)]
        return [(recipe.steps, size, 0) for size in octave_sizes(fit_size(photo, recipe.size), recipe)]
    assert isinstance(recipe, StyleRecipe)  # noqa: S101 - there are these two
    scales = scale_sizes(photo, paintings, recipe)
    plan = []
    for scale, steps in zip(scales, steps_per_scale(recipe, len(scales)), strict=True):
        seen = [fit_size(painting, painting_size(scale, recipe)) for painting in paintings]
        plan.append((steps, fit_size(photo, scale), sum(height * width for height, width in seen)))
    return plan


def _by_stage(recipe: Recipe) -> list[float]:
    """Return the multiplications of a pixel, forward, by the network's blocks up to the deepest layer.

    A network that is no VGG is run as a whole, and counts as a single block.
    """
    if not _is_vgg(recipe):
        return [_pass(recipe).multiplications]
    found, entering = [], 3
    for number, widths in enumerate(_blocks(recipe)):
        channels = [entering, *widths]
        found.append(9 * sum(a * b for a, b in zip(channels, widths, strict=False)) * 4.0**-number)
        entering = widths[-1]
    return found


def _blocks(recipe: Recipe) -> list[tuple[int, ...]]:
    """Return the widths of the convolutions up to the deepest layer of the recipe, block by block."""
    layers = list(layer_channels(_architecture(recipe)))
    deepest = max((layer.layer for layer in _layers(recipe)), key=layers.index)
    convolutions = sum(layer.startswith("conv") for layer in layers[: layers.index(deepest) + 1])
    blocks = []
    for widths in BLOCKS[_architecture(recipe)]:
        if convolutions > 0:
            blocks.append(widths[:convolutions])
        convolutions -= len(widths)
    return blocks


def _layers(recipe: Recipe) -> Sequence[WeightedLayer]:
    if isinstance(recipe, DreamRecipe):
        return recipe.layers
    assert isinstance(recipe, StyleRecipe)  # noqa: S101 - there are these two
    return recipe.content_layers + recipe.style_layers


def _is_vgg(recipe: Recipe) -> bool:
    return _architecture(recipe) in BLOCKS


def _pass(recipe: Recipe) -> Pass:
    """Return what a passage through a network that is no VGG takes."""
    return count_pass(_architecture(recipe), frozenset(layer.layer for layer in _layers(recipe)), recipe.padding)


def _architecture(recipe: Recipe) -> str:
    return find(recipe.backbone).architecture


def _block(layer: str) -> int:
    """Return the number of a layer's block, from 1."""
    return int(re.findall(r"\d", layer)[0])
