"""Networks that play the next move of Go: (N, C, 19, 19) planes to (N, 362) logits, one a point and one for the pass.

No layer shrinks the board: a stone one row further is another position. Layers by name, in order.
"""

from collections import OrderedDict
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SIDE = 19
"""Height and width of the input, in points."""

CHANNELS = {"stones": 1, "all": 21}
"""Planes of the input, by the name of what is told of a position."""


class Shape(NamedTuple):
    """How large a network is: filters a layer, layers, and what stands between them."""

    width: int
    depth: int
    residual: bool
    pool: bool


class Residual(nn.Sequential):
    """Two convolutions whose input is added to what they give, before the last ReLU (arXiv:1512.03385)."""

    def forward(self, features: Tensor) -> Tensor:
        """Return features of the same shape."""
        return F.relu(features + super().forward(features))  # type: ignore[no-untyped-call]


class Move(nn.Module):
    """The answer: a logit for each point from the features there and a bias of its own, one for the pass from all."""

    def __init__(self, width: int, classes: int) -> None:
        super().__init__()
        self.points = nn.Conv2d(width, 1, 1, bias=False)
        self.leave = nn.Conv2d(width, 1, 1, bias=False)
        self.bias = nn.Parameter(torch.zeros(classes))

    def forward(self, features: Tensor) -> Tensor:
        """Return logits (N, H x W + 1) of features (N, width, H, W)."""
        leave = self.leave(features).mean((2, 3))
        return torch.cat([self.points(features).flatten(1), leave], dim=1) + self.bias


class Unpool(nn.Module):
    """Each group of four maps as one of twice the height and width, as far as the board goes."""

    def forward(self, features: Tensor) -> Tensor:
        """Return features (N, C // 4, SIDE, SIDE) of features (N, C, H, W)."""
        return F.pixel_shuffle(features, 2)[:, :, :SIDE, :SIDE]


def build(channels: int, shape: Shape, classes: int) -> nn.Sequential:
    """Return the network, its weights at random."""
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    width = shape.width
    _convolve(layers, "1", nn.Conv2d(channels, width, 5, padding=2, bias=False))
    if shape.pool:
        layers["pool1"] = nn.MaxPool2d(2, ceil_mode=True)  # (N, width, 10, 10)
    last = shape.depth
    if shape.residual:
        for number in range(2, last, 2):
            layers[f"block{number // 2}"] = _block(width)
    else:
        for number in range(2, last + 1):
            _convolve(layers, f"{number}", nn.Conv2d(width, width, 3, padding=1, bias=False))
    if shape.pool:
        # Each place on the small board gives its own features to each of its four points: nothing else is lost.
        layers["spread"] = nn.Conv2d(width, 4 * width, 1)
        layers["unpool"] = Unpool()  # (N, width, 19, 19)
    layers["move"] = Move(width, classes)
    return nn.Sequential(layers)


def _convolve(layers: OrderedDict[str, nn.Module], name: str, convolution: nn.Conv2d) -> None:
    """Add a convolution, batch normalisation (arXiv:1502.03167) and a ReLU."""
    layers[f"conv{name}"] = convolution
    layers[f"norm{name}"] = nn.BatchNorm2d(convolution.out_channels)
    layers[f"relu{name}"] = nn.ReLU()


def _block(width: int) -> Residual:
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    for name in ("1", "2"):
        _convolve(layers, name, nn.Conv2d(width, width, 3, padding=1, bias=False))
    layers.popitem()  # the ReLU comes after the sum
    return Residual(layers)
