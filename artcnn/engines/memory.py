"""What a run takes of memory, and how it goes through a network in as much as there is."""

from dataclasses import dataclass

from artcnn.backbones.tiles import MIN_MEMORY, UNTILED, TilePlan, TilingPolicy
from artcnn.engines.guide import MAX_SCORES
from artcnn.engines.lbfgs import history_size
from artcnn.engines.neighbor_loss import ROTATIONS
from artcnn.engines.schedule import (
    convolution_blocks,
    forward_cost_of,
    is_tiled,
    is_vgg,
    plan_schedule,
    values_per_pixel,
)
from artcnn.image import Size, fit_size
from artcnn.recipes import DreamRecipe, Recipe, StyleRecipe

AT_START = 830_000_000
"""Bytes of torch, VGG-16 and the convolutions' scratch space; measured, as are the numbers below."""

_IMAGE = 12  # bytes of a pixel: three values in float32
_DREAM_IMAGES, _STYLE_IMAGES = 6, 5  # there are at a time, besides the moves that L-BFGS learns from
_SCRATCH = 1.1  # what a network that is no VGG takes, over its weights and what its gradient needs
_SPECTRUM_IMAGES = 26  # more, of a picture with its mirror images, and of its spectrum
_MAPS = 3  # gradients of the widest layer there are at a time
_HELD = 1.7  # memory that a pass took, over its maps, where what was freed is not given back: it does not fit exactly
_MATCHED = 12  # bytes of each number of a layer that is matched with a guide: it, its match, their product, in float32
_AROUND = 1.4  # what a tile is with what is seen around it, of what it holds, at most
_TILE_MAPS = 36  # numbers of a tile there are at a time, its gradients' included, for each of its widest layer

_LEFT_OVER = 100_000_000  # bytes of what was freed and is not given back, for it lies between what is in use

_CHOICES = (UNTILED, *(TilePlan(stages) for stages in range(1, 6)), TilePlan(5, 3 * 2**19), MIN_MEMORY)
"""Ways to run a picture through a network, the fastest first; nearly each takes less memory than the one before."""


def choose_tiles(recipe: Recipe, photo: Size, memory: int, guide: Size | None = None) -> TilePlan:
    """Return the fastest way to make a picture of ``photo`` (height, width) that takes ``memory`` bytes at most.

    Where none does it is the one that takes the least. ``guide`` is a dream's, before it is resized.
    """
    ways = _CHOICES if is_vgg(recipe) else (UNTILED,)
    costs = {tiles: bytes_needed(recipe, photo, tiles, guide) for tiles in ways}
    return next((tiles for tiles, cost in costs.items() if cost <= memory), min(costs, key=lambda tiles: costs[tiles]))


@dataclass(frozen=True)
class WithinMemory:
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

    def plan(self, size: Size) -> TilePlan:
        """Return how a picture of (height, width) pixels is run."""
        return choose_tiles(self.recipe, size, self.memory - _held_besides(size, self.photo), self.guide)


def _held_besides(size: Size, photo: Size) -> int:
    """Return the bytes of what waits at a smaller size for the largest: the photo, and the photo recoloured."""
    pixels = photo[0] * photo[1]
    return 2 * _IMAGE * pixels if size[0] * size[1] < pixels else 0


def peak_bytes(recipe: Recipe, photo: Size, tiling: TilingPolicy, guide: Size | None = None) -> int:
    """Return an estimate of a run's peak memory in bytes, over all sizes that it goes through up to the photo's."""
    sizes = {size for _, size, _ in plan_schedule(recipe, photo, (), None)}
    return max(bytes_needed(recipe, size, tiling.plan(size), guide) + _held_besides(size, photo) for size in sizes)


def bytes_needed(recipe: Recipe, photo: Size, tiles: TilePlan = UNTILED, guide: Size | None = None) -> int:
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
        moves = min(recipe.fine_steps - 1, history_size(photo) - 1) if recipe.optimizer == "lbfgs" else 1
        each = _IMAGE * (_STYLE_IMAGES + 2 * moves) + size * sum(values_per_pixel(recipe, recipe.content_layers))
        if recipe.method == "neighbors":
            each += size * sum(values_per_pixel(recipe, recipe.style_layers)) * _neighbours_held(recipe, photo, tiles)
    else:
        each = _IMAGE * _DREAM_IMAGES
        if isinstance(recipe, DreamRecipe) and recipe.optimizer == "spectral_adam":
            each += _IMAGE * _SPECTRUM_IMAGES
    working = _TILE_MAPS * size * tiles.values + _LEFT_OVER if tiles.stages else 0
    least = 0.0
    if guide is not None and isinstance(recipe, DreamRecipe):
        whole = [layer for layer in recipe.layers if not is_tiled(recipe, layer, tiles)]
        # Where a VGG's widest maps have their gradients, what was matched is gone again.
        gone = _MAPS * size * convolution_blocks(recipe)[0][0] if is_vgg(recipe) and not tiles.stages else 0
        each += max(0.0, _MATCHED * sum(values_per_pixel(recipe, whole)) - gone)
        working += (_MATCHED * tiles.values if len(whole) < len(recipe.layers) else 0) + size * MAX_SCORES
        least = AT_START + working + _guiding(recipe, guide, tiles, size)
    if is_vgg(recipe):
        kept = _passing(convolution_blocks(recipe), tiles.stages, size)
        return round(max(least, AT_START + pixels * (each + kept) + working))
    forward = forward_cost_of(recipe)
    run = pixels * each + working + _SCRATCH * (forward.weight_bytes + pixels * forward.saved_bytes) * size / 4
    return round(max(least, AT_START + run))


def block_bytes(recipe: Recipe, tiles: TilePlan) -> int | None:
    """Return the bytes of the largest block that a tile takes, with what is seen around it; None without tiles."""
    size = 2 if recipe.precision == "bfloat16" else 4
    return round(_AROUND * size * tiles.values) if tiles.stages else None


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
    return _HELD * kept + (size * (sum(entering) + max(entering)) if tiled else 0)


def _guiding(recipe: DreamRecipe, guide: Size, tiles: TilePlan, size: int) -> float:
    """Return the bytes that a guide's passage takes, without a gradient, and what is kept of it, before the first step.

    Of a network that is no VGG it is taken to be no more than a passage with a gradient.
    """
    height, width = fit_size(guide, recipe.guide_size)
    if not is_vgg(recipe):
        passing = _SCRATCH * forward_cost_of(recipe).saved_bytes * size / 4
    elif tiles.stages:
        passing = _passing(convolution_blocks(recipe), tiles.stages, size)
    else:
        passing = _MAPS * size * convolution_blocks(recipe)[0][0]
    return height * width * (passing + (size + 4) * sum(values_per_pixel(recipe, recipe.layers)))


def _neighbours_held(recipe: StyleRecipe, photo: Size, tiles: TilePlan) -> float:
    """Return how many times a picture's style layers are held: the targets, what is put into them, and a painting's.

    It is held in each of its turns, or, where memory is to be saved, once, and in the tiles that it is put together of.
    It is taken to be a square.
    """
    painting = (max(photo) * recipe.style_scale) ** 2 / (photo[0] * photo[1])
    return 2 + painting * (2 if tiles.stages else ROTATIONS)
