"""How much memory a run takes at its largest size."""

from artcnn.image import Size
from artcnn.recipes import Recipe, StyleRecipe

BYTES_AT_START = 700_000_000
"""Measured resident memory of torch and VGG-16 before the first step."""

DREAM_BYTES_PER_PIXEL = 2900
STYLE_BYTES_PER_PIXEL = 4500
"""Measured peak beyond the start, float32 on the CPU, 512 to 1024 px; a style keeps L-BFGS's history as well."""


def bytes_needed(recipe: Recipe, photo: Size) -> int:
    """Return an estimate, rather above than below, of a run's peak memory in bytes.

    Args:
        recipe: the settings.
        photo: (height, width) of the result, in pixels.
    """
    per_pixel = STYLE_BYTES_PER_PIXEL if isinstance(recipe, StyleRecipe) else DREAM_BYTES_PER_PIXEL
    return BYTES_AT_START + per_pixel * photo[0] * photo[1]
