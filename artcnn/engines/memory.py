"""The memory of a run, estimated; and the fastest way to run the network in the memory there is."""

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
from artcnn.recipes import BackboneRecipe, DreamRecipe, StyleRecipe

BASE_BYTES = 830_000_000
"""Bytes of torch, VGG-16 and the convolutions' scratch space. Measured, as all constants below."""

_IMAGE = 12  # bytes per pixel of an image: three values in float32
_DREAM_IMAGES, _STYLE_IMAGES = 6, 5  # images in memory at a time, besides the optimizer's history
_SCRATCH = 1.1  # memory of a network that is no VGG, relative to its weights and what its gradient needs
_SPECTRUM_IMAGES = 26  # more images with a spectral Adam: the mirrored picture and its spectra
_MAPS = 3  # gradients of the widest layer in memory at a time
_FRAGMENTATION = 1.7  # memory of a pass relative to its maps: what is freed is not always reused
_MATCHED = 12  # bytes of a value that is matched with a guide: it, its match and their product, in float32
_HALO = 1.4  # largest size of a tile with its halo, relative to the tile
_TILE_MAPS = 36  # values in memory while a tile is run, relative to its widest layer, gradients included
_UNUSED = 100_000_000  # bytes freed but not returned, since they lie between blocks in use

_CHOICES = (UNTILED, *(TilePlan(stages) for stages in range(1, 6)), TilePlan(5, 3 * 2**19), MIN_MEMORY)
"""Ways to run a picture through a VGG, the fastest first; nearly each takes less memory than the one before."""


def choose_tiles(recipe: BackboneRecipe, photo: Size, memory: int, guide: Size | None = None) -> TilePlan:
    """Return the fastest way to run a picture of (height, width) in ``memory`` bytes, or the one that takes least.

    Args:
        recipe: every setting, its precision resolved.
        photo: (height, width) of the picture, in pixels.
        memory: bytes that the run may take.
        guide: (height, width) of a dream's guide, before it is resized.
    """
    ways = _CHOICES if is_vgg(recipe) else (UNTILED,)
    costs = {tiles: bytes_needed(recipe, photo, tiles, guide) for tiles in ways}
    return next((tiles for tiles, cost in costs.items() if cost <= memory), min(costs, key=lambda tiles: costs[tiles]))


@dataclass(frozen=True)
class WithinMemory:
    """A tiling policy: for each size of a run the fastest way that fits into the memory.

    Attributes:
        recipe: every setting, its precision resolved.
        photo: (height, width) of the result, in pixels.
        memory: bytes that the run may take.
        guide: (height, width) of a dream's guide, before it is resized.
    """

    recipe: BackboneRecipe
    photo: Size
    memory: int
    guide: Size | None = None

    def plan(self, size: Size) -> TilePlan:
        """Return how a picture of (height, width) pixels is run."""
        return choose_tiles(self.recipe, size, self.memory - _full_size_bytes(size, self.photo), self.guide)


def _full_size_bytes(size: Size, photo: Size) -> int:
    """Return the bytes of full-size images kept at a smaller size: the photo, and the photo with matched colors."""
    pixels = photo[0] * photo[1]
    return 2 * _IMAGE * pixels if size[0] * size[1] < pixels else 0


def peak_bytes(recipe: BackboneRecipe, photo: Size, tiling: TilingPolicy, guide: Size | None = None) -> int:
    """Return the estimated peak memory of a run, in bytes, over all its sizes up to that of ``photo``."""
    sizes = {stage.size for stage in plan_schedule(recipe, photo, (), None)}
    return max(bytes_needed(recipe, size, tiling.plan(size), guide) + _full_size_bytes(size, photo) for size in sizes)


def bytes_needed(recipe: BackboneRecipe, photo: Size, tiles: TilePlan = UNTILED, guide: Size | None = None) -> int:
    """Return the estimated peak memory, in bytes, of the steps at one size.

    Args:
        recipe: every setting, its precision resolved.
        photo: (height, width) of the picture at that size, in pixels.
        tiles: how the picture is run through the network.
        guide: (height, width) of a dream's guide, before it is resized.
    """
    value, pixels = _value_bytes(recipe), photo[0] * photo[1]
    each = _style_pixel(recipe, photo, tiles) if isinstance(recipe, StyleRecipe) else _dream_pixel(recipe)
    fixed = _TILE_MAPS * value * tiles.values + _UNUSED if tiles.stages else 0
    before = 0.0  # the first step: the guide's own pass
    if guide is not None and isinstance(recipe, DreamRecipe):
        untiled = [layer for layer in recipe.layers if not is_tiled(recipe, layer, tiles)]
        # While a VGG's widest maps have their gradients, the matches are freed again.
        freed = _MAPS * value * convolution_blocks(recipe)[0][0] if is_vgg(recipe) and not tiles.stages else 0
        each += max(0.0, _MATCHED * sum(values_per_pixel(recipe, untiled)) - freed)
        fixed += (_MATCHED * tiles.values if len(untiled) < len(recipe.layers) else 0) + value * MAX_SCORES
        before = BASE_BYTES + fixed + _guide_bytes(recipe, guide, tiles)
    if is_vgg(recipe):
        kept = _pass_bytes(convolution_blocks(recipe), tiles.stages, value)
        return round(max(before, BASE_BYTES + pixels * (each + kept) + fixed))
    forward = forward_cost_of(recipe)
    run = pixels * each + fixed + _SCRATCH * (forward.weight_bytes + pixels * forward.saved_bytes) * value / 4
    return round(max(before, BASE_BYTES + run))


def _value_bytes(recipe: BackboneRecipe) -> int:
    """Return the bytes of a value that the network computes."""
    return 2 if recipe.precision == "bfloat16" else 4


def _dream_pixel(recipe: BackboneRecipe) -> float:
    """Return the bytes per pixel of a dream's images and optimizer."""
    spectral = isinstance(recipe, DreamRecipe) and recipe.optimizer == "spectral_adam"
    return _IMAGE * (_DREAM_IMAGES + (_SPECTRUM_IMAGES if spectral else 0))


def _style_pixel(recipe: StyleRecipe, photo: Size, tiles: TilePlan) -> float:
    """Return the bytes per pixel of a style's images, optimizer and targets."""
    value = _value_bytes(recipe)
    pairs = min(recipe.fine_steps - 1, history_size(photo) - 1) if recipe.optimizer == "lbfgs" else 1
    each = _IMAGE * (_STYLE_IMAGES + 2 * pairs) + value * sum(values_per_pixel(recipe, recipe.content_layers))
    if recipe.method == "neighbors":
        each += value * sum(values_per_pixel(recipe, recipe.style_layers)) * _neighbor_copies(recipe, photo, tiles)
    return each


def _neighbor_copies(recipe: StyleRecipe, photo: Size, tiles: TilePlan) -> float:
    """Return how many copies of the style layers there are: the target, what is added to it, and the painting's.

    The painting's are kept in all rotations; with tiles, one at a time, with its tiles. It is taken to be a square.
    """
    painting = (max(photo) * recipe.style_scale) ** 2 / (photo[0] * photo[1])
    return 2 + painting * (2 if tiles.stages else ROTATIONS)


def block_bytes(recipe: BackboneRecipe, tiles: TilePlan) -> int | None:
    """Return the bytes of the largest block of memory that a tile takes, with its halo; None without tiles."""
    return round(_HALO * _value_bytes(recipe) * tiles.values) if tiles.stages else None


def _pass_bytes(blocks: list[tuple[int, ...]], tiled: int, value: int) -> float:
    """Return the bytes per pixel that a forward pass keeps for the gradient.

    Of the blocks that are run as a whole: all maps, and the poolings' indices of maxima, in 64 bits. Of those that are
    run in tiles: the input of each, and its gradient.
    """
    kept = 0.0
    for number, widths in enumerate(blocks[tiled:], start=tiled):
        area = 4.0**-number
        kept += area * (value * sum(widths) + widths[-1] / 4 * (value + 8))
    if tiled < len(blocks):
        kept += _MAPS * value * blocks[tiled][0] * 4.0**-tiled
    inputs = [3.0] + [widths[-1] * 4.0 ** -(number + 1) for number, widths in enumerate(blocks[: min(tiled, 4)])]
    return _FRAGMENTATION * kept + (value * (sum(inputs) + max(inputs)) if tiled else 0)


def _guide_bytes(recipe: DreamRecipe, guide: Size, tiles: TilePlan) -> float:
    """Return the bytes of a guide's pass, without a gradient, and of what is kept of it.

    A network that is no VGG is taken to need as much as with a gradient.
    """
    value = _value_bytes(recipe)
    height, width = fit_size(guide, recipe.guide_size)
    if not is_vgg(recipe):
        forward = _SCRATCH * forward_cost_of(recipe).saved_bytes * value / 4
    elif tiles.stages:
        forward = _pass_bytes(convolution_blocks(recipe), tiles.stages, value)
    else:
        forward = _MAPS * value * convolution_blocks(recipe)[0][0]
    return height * width * (forward + (value + 4) * sum(values_per_pixel(recipe, recipe.layers)))
