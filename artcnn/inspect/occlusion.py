"""What an output loses where a square hides the picture (Zeiler and Fergus 2013, arXiv:1311.2901, figure 7)."""

import torch
from torch import Tensor

from artcnn.inspect.network import Network

_AT_ONCE = 256


def places(length: int, window: int, stride: int) -> list[int]:
    """Return where the square begins along a side: every ``stride`` pixels, the last one cut off by the edge."""
    count = max(0, -(-(length - window) // stride)) + 1
    return [index * stride for index in range(count)]


def occlusion(network: Network, image: Tensor, window: int, stride: int, fill: float = 0.5) -> Tensor:
    """Return the probability of each class for every place of the square: shape (rows, columns, classes).

    Args:
        network: with classes.
        image: shape (1, C, H, W), in [0, 1].
        window: side of the square, in pixels.
        stride: pixels from one place to the next.
        fill: what the square is filled with; 0.5 is mid-grey.

    Raises:
        ArtcnnError: the network has no classes.
    """
    height, width = image.shape[2:]
    rows, columns = places(height, window, stride), places(width, window, stride)
    corners = [(top, left) for top in rows for left in columns]
    found = []
    with torch.no_grad():
        for start in range(0, len(corners), _AT_ONCE):
            some = corners[start : start + _AT_ONCE]
            hidden = image.repeat(len(some), 1, 1, 1)
            for one, (top, left) in zip(hidden, some, strict=True):
                one[:, top : top + window, left : left + window] = fill
            found.append(network.logits(hidden).softmax(1))
    return torch.cat(found).view(len(rows), len(columns), -1)
