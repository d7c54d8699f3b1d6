"""Smooth areas of a photo, such as skies and walls, in which a dream's fine texture is suppressed.

There the network finds no shape to exaggerate. What is left of its gradient is the texture that its poolings respond to
most: rows of dots, 8 and 16 pixels apart along the axes. So where there is no detail, only the long waves of the
gradient are used.
"""

import torch
from torch import Tensor

from artcnn.image import blur

DETAIL_SIGMA = 4.0
"""Standard deviation of the Gaussian window in which detail is measured, in pixels of the octave."""

SMOOTH, DETAILED = 0.012, 0.035
"""Root mean square of the detail, of the range 0 to 1: up to the first an area is smooth, from the second it is not.

The first is about the grain of a clear sky; leaves, cloth and masonry are above the second.
"""

DAMPING_SIGMA = 6.0
"""Standard deviation of the Gaussian that smooths the gradient in smooth areas, in pixels.

It leaves 6 % of a wave of 16 pixels and nothing of one of 8: these are the strides of VGG's fourth and fifth block.
"""


def smoothness_mask(photo: Tensor) -> Tensor:
    """Return how smooth each place of a photo is, shape (1, 1, H, W): 1 without detail, 0 with enough of it.

    Detail is the difference from the local mean. An even slope, such as a sky that gets lighter downwards, has none.

    Args:
        photo: shape (1, 3, H, W), sRGB in [0, 1].
    """
    detail = blur((photo - blur(photo, DETAIL_SIGMA)).square(), DETAIL_SIGMA).mean(1, keepdim=True).sqrt()
    share = ((detail - SMOOTH) / (DETAILED - SMOOTH)).clamp(0, 1)
    return 1 - share.square() * (3 - 2 * share)


def damp_texture(gradient: Tensor, smooth: Tensor) -> Tensor:
    """Return a gradient, shape (1, 3, H, W), with only its long waves where ``smooth``, (1, 1, H, W), is 1."""
    return torch.lerp(gradient, blur(gradient, DAMPING_SIGMA), smooth)
