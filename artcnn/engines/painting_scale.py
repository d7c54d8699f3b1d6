"""How large a painting is beside the picture that gets its style."""

from math import ceil

from torch import Tensor

from artcnn.colors import match_colors
from artcnn.errors import ArtcnnError
from artcnn.image import SMALLEST_SIDE, Size, crop, crop_size, fit, fit_size
from artcnn.recipes import CIRCULAR_UNIT, StyleRecipe


def scale_painting(
    painting: Tensor, photo: Tensor, long_side: int, recipe: StyleRecipe, share: Tensor | None = None
) -> Tensor:
    """Return a painting, cropped and resized for one scale.

    Args:
        painting: shape (1, 3, h, w), of any size.
        photo: at that scale; the painting gets its colors if the recipe says ``colors = "match"``.
        long_side: longer side of the image at that scale, in pixels.
        recipe: every setting.
        share: how much of the painting's style each place of the photo gets, shape (1, 1, H, W).
    """
    if recipe.style_crop is not None:
        painting = crop(painting, recipe.style_crop)
    resized = fit(painting, painting_size(long_side, recipe))
    return resized if recipe.colors == "style" else match_colors(resized, photo, where=share)


def check_painting(size: Size, recipe: StyleRecipe, name: str) -> None:
    """Check that a painting of (height, width) pixels is large enough at the last scale.

    Raises:
        ArtcnnError: its short side, after cropping, would be under 32 pixels.
    """
    if recipe.style_crop is not None:
        size = crop_size(size, recipe.style_crop)
    height, width = fit_size(size, painting_size(recipe.size, recipe))
    if min(height, width) < SMALLEST_SIDE:
        factor = SMALLEST_SIDE * max(size) / min(size) / painting_size(recipe.size, recipe)
        unit = CIRCULAR_UNIT if recipe.padding == "circular" else 1
        enough = ceil(recipe.size * factor / unit) * unit
        raise ArtcnnError(
            f"{name} would be seen {width} x {height} pixels large, and its short side needs {SMALLEST_SIDE}: "
            f"use --size {enough} or --style-scale {ceil(100 * recipe.style_scale * factor) / 100:g}"
        )


def painting_size(long_side: int, recipe: StyleRecipe) -> int:
    """Return the painting's longer side, in pixels, for an image whose longer side is ``long_side``."""
    return round(long_side * recipe.style_scale)
