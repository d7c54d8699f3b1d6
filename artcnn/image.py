"""Pure tensor work on images: sizes, resizing, padding, blur, colour.

An image is a float tensor of shape ``(1, 3, height, width)``, sRGB, values in [0, 1]. Sizes are ``(height, width)``
in pixels. Nothing here reads a file or changes its argument.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from artcnn.errors import ArtcnnError

Size = tuple[int, int]

SMALLEST_SIDE = 32
"""Pixels below which VGG's five poolings leave nothing to look at."""


def size_of(image: Tensor) -> Size:
    """Return the ``(height, width)`` of an image."""
    return image.shape[-2], image.shape[-1]


def fit_size(size: Size, long_side: int) -> Size:
    """Return ``size`` scaled so that its longer side is ``long_side``, the shape kept to the nearest pixel."""
    height, width = size
    scale = long_side / max(height, width)
    return max(1, round(height * scale)), max(1, round(width * scale))


def fit(image: Tensor, long_side: int) -> Tensor:
    """Return ``image`` resized so that its longer side is ``long_side`` pixels.

    Raises:
        ArtcnnError: the other side would be shorter than 32 pixels.
    """
    height, width = fit_size(size_of(image), long_side)
    if min(height, width) < SMALLEST_SIDE:
        enough = -(-SMALLEST_SIDE * max(size_of(image)) // min(size_of(image)))
        raise ArtcnnError(
            f"the picture would be {width} x {height} pixels, and its short side needs {SMALLEST_SIDE}: "
            f"use size {enough} or more"
        )
    return resize(image, (height, width))


def resize(image: Tensor, size: Size) -> Tensor:
    """Return ``image`` at ``size``, bicubic, antialiased when it shrinks, kept in [0, 1]; itself at its own size."""
    if size_of(image) == size:
        return image
    return F.interpolate(image, size, mode="bicubic", antialias=True).clamp(0, 1)
