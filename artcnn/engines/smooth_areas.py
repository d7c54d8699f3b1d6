"""Where a photo is smooth, and what a dream's gradient becomes there.

In a sky or on a wall a network finds no shape to exaggerate. What is left of its gradient is the texture that its
poolings answer to most: rows of dots, 8 and 16 pixels apart and along the axes. So where there is no detail, only the
long waves of the gradient are followed.
"""

import torch
from torch import Tensor

from artcnn.image import blur

DETAIL_SIGMA = 4.0
"""Standard deviation of the Gaussian window in which detail is measured, in pixels of the octave."""

SMOOTH, DETAILED = 0.012, 0.035
"""Root mean square of the detail, of the range 0 to 1, up to which a place is smooth, and from which it is not.

The first is about what the grain of a clear sky has, the second less than leaves, cloth or masonry.
"""

DAMPING_SIGMA = 6.0
"""Standard deviation of the Gaussian that smooths the gradient in smooth places, in pixels.

Of a wave of 16 pixels it leaves 6 %, of one of 8 pixels nothing: these are the strides of VGG's fourth and fifth block.
"""


def smoothness_mask(photo: Tensor) -> Tensor:
    """Return how smooth each place of a photo is, shape (1, 1, H, W): 1 without detail, 0 with enough of it.

    Detail is what differs from the local mean. An even slope, such as a sky that gets lighter downwards, has none.

    Args:
        photo: shape (1, 3, H, W), sRGB in [0, 1].
    """
    detail = blur((photo - blur(photo, DETAIL_SIGMA)).square(), DETAIL_SIGMA).mean(1, keepdim=True).sqrt()
    share = ((detail - SMOOTH) / (DETAILED - SMOOTH)).clamp(0, 1)
    return 1 - share.square() * (3 - 2 * share)


def damp_texture(gradient: Tensor, smooth: Tensor) -> Tensor:
    """Return a gradient, shape (1, 3, H, W), with its long waves alone where ``smooth``, (1, 1, H, W), is 1."""
    return torch.lerp(gradient, blur(gradient, DAMPING_SIGMA), smooth)
