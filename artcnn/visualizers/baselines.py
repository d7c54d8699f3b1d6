"""What a picture shows where something is taken away from it."""

import torch
from torch import Tensor

from artcnn.image import blur

_OUT_OF_FOCUS = 12  # pixels: what is left of a photo of 224 are its colors


def background(picture: Tensor) -> Tensor:
    """Return what is least a thing of its own: nothing but the paper of a digit, silence, or a photo out of focus.

    Args:
        picture: shape (1, C, H, W), in [0, 1]; ink and sound are bright on 0.

    Returns:
        Of the same shape.
    """
    return torch.zeros_like(picture) if picture.shape[1] == 1 else blur(picture, _OUT_OF_FOCUS)
