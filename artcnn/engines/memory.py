"""How much memory a run takes, and how it is run in as much as there is."""

from itertools import product

from artcnn.backbones.bands import Bands
from artcnn.backbones.layers import BLOCKS
from artcnn.engines.descent import MOST_MOVES, moves_kept
from artcnn.image import Size
from artcnn.recipes import DreamRecipe, Recipe, StyleRecipe

AT_START = 640_000_000
"""Measured resident memory of torch and VGG-16 before the first step, in bytes."""

IMAGE = 12
"""Bytes of a pixel: three values in float32."""

WORKING = 12
"""Measured: so many copies of a band's widest layer there are at a time."""

MOVING = 12
"""Measured: so many copies of the image there are at a time when it is moved."""

CHOICES = [Bands(), *(Bands(stages, 2**24) for stages in range(1, 6)), *(Bands(5, 2**power) for power in (23, 22, 21))]
"""Ways to run a picture through a network, the fastest first, each in less memory than the one before."""


def bytes_needed(recipe: Recipe, photo: Size, painting: Size | None = None, bands: Bands = CHOICES[0]) -> int:
    """Return an estimate of a run's peak memory in bytes.

    Args:
        recipe: the settings.
        photo: (height, width) of the result, in pixels.
        painting: of a style, (height, width) at the largest scale.
        bands: how pictures are run through the network.
    """
    value = 2 if recipe.precision == "bfloat16" else 4
    pixels = photo[0] * photo[1]
    images = pixels * IMAGE * _images(recipe, photo)
    if isinstance(recipe, StyleRecipe):
        images += sum(pixels * _values(layer.layer) * value for layer in recipe.content_layers)
    passing = pixels * _through(bands, value, recipe.padding == "replicate") + _working(bands, value)
    return round(AT_START + images + max(passing, pixels * IMAGE * MOVING))
