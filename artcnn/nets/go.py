"""Networks that play the next move of Go: (N, C, S, S) planes to (N, 362) logits, one a point and one for the pass.

No layer shrinks the board: a stone one row further is another position. None but the last knows its size, so that any
board of up to 19 lines will do, or a batch of several sizes. Layers by name, in order.
"""

from collections import OrderedDict
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SIDE = 19
"""Height and width of the largest board, in points."""

CHANNELS = {"stones": 1, "all": 21}
"""Planes of the input, by the name of what is told of a position."""
BOARD = 3
"""Of the planes called all, the one that is 1 on the board and 0 around it."""
_NEVER = -1e4
"""The logit of a point that is not on the board."""


class Shape(NamedTuple):
    """How large a network is: filters a layer, layers, and what stands between them."""

    width: int
    depth: int
    residual: bool
    pool_stride: int
    """Of the max pooling behind the first layer; 0 for none."""


class Inside(NamedTuple):
    """Where the boards of a batch are, whose sizes differ: in the lower left corner of their planes.

    Attributes:
        points: which points are on the board, shape (N, S, S).
        rows: their indices in N x S x S.
    """

    points: Tensor
    rows: Tensor


class Chain(nn.Sequential):
    """Layers in order, which see of a board that is smaller than its planes what they would see of it alone."""

    def forward(self, planes: Tensor) -> Tensor:
        """Return what the last layer gives for planes (N, C, S, S)."""
        return self.run(planes, _inside(planes))

    def run(self, features: Tensor, inside: Inside | None) -> Tensor:
        """Return what the last layer gives, where the boards are known."""
        side = features.shape[-1]
        for layer in self:
            if isinstance(layer, Move):
                features = layer(features, inside)
            elif isinstance(layer, Residual):
                features = F.relu(features + layer.run(features, inside))
            elif isinstance(layer, nn.BatchNorm2d) and inside is not None:
                features = _normalize(layer, features, inside)
            elif isinstance(layer, Unpool):
                features = layer(features)[:, :, :side, :side]
            else:
                features = layer(features)
        return features


def _inside(planes: Tensor) -> Inside | None:
    """Return where the boards of a batch are, or None where they fill their planes, or the planes do not tell."""
    points = planes[:, BOARD : BOARD + 1].flatten(0, 1) != 0
    return None if points.all() else Inside(points, points.flatten().nonzero()[:, 0])


def _normalize(layer: nn.BatchNorm2d, features: Tensor, inside: Inside) -> Tensor:
    """Normalize by what is on the boards, and set what is around them to the zeros that a convolution expects there."""
    rows = features.permute(0, 2, 3, 1)
    flat = rows.reshape(-1, rows.shape[-1])
    found = layer(flat[inside.rows].T[None, :, None])[0, :, 0].T
    return torch.zeros_like(flat).index_copy(0, inside.rows, found).view(rows.shape).permute(0, 3, 1, 2)


class Residual(Chain):
    """Two convolutions whose input is added to what they give, before the last ReLU (arXiv:1512.03385)."""

    def forward(self, features: Tensor) -> Tensor:
        """Return features of the same shape."""
        return F.relu(features + self.run(features, None))


class Move(nn.Module):
    """The answer: a logit for each point from the features there and a bias of its own, one for the pass from all."""

    def __init__(self, width: int, classes: int) -> None:
        super().__init__()
        self.points = nn.Conv2d(width, 1, 1, bias=False)
        self.leave = nn.Conv2d(width, 1, 1, bias=False)
        self.bias = nn.Parameter(torch.zeros(classes))

    def forward(self, features: Tensor, inside: Inside | None = None) -> Tensor:
        """Return logits (N, 362) of features (N, width, S, S): of a smaller board in the corner of the largest."""
        points, leave, side = self.points(features)[:, 0], self.leave(features)[:, 0], features.shape[-1]
        if inside is None:
            points, leave = points + self._bias(side, side), leave.mean((1, 2))
        else:
            sizes: list[int] = inside.points[:, -1].sum(1).tolist()
            biases = {size: self._bias(size, side) for size in set(sizes)}
            points = (points + torch.stack([biases[size] for size in sizes])).masked_fill(~inside.points, _NEVER)
            leave = (leave * inside.points).sum((1, 2)) / inside.points.sum((1, 2))
        whole = _in_corner(points, SIDE, _NEVER)
        return torch.cat([whole.flatten(1), leave[:, None] + self.bias[-1]], dim=1)

    def _bias(self, size: int, side: int) -> Tensor:
        """Return the points' biases of a board of a size in the corner of another: those as far from the edges."""
        lines = [line if line < (size + 1) // 2 else SIDE - size + line for line in range(size)]
        return _in_corner(self.bias[:-1].view(SIDE, SIDE)[lines][:, lines], side, 0)


def _in_corner(maps: Tensor, side: int, value: float) -> Tensor:
    """Return maps (..., S, S) in the lower left corner of larger ones."""
    more = side - maps.shape[-1]
    return F.pad(maps, (0, more, more, 0), value=value) if more else maps


class DensePool2d(nn.MaxPool2d):
    """Max pooling of 2 x 2 at every point, of what a ReLU gives: zeros beyond the last row and column."""

    def forward(self, features: Tensor) -> Tensor:
        """Return features of the same shape."""
        return F.max_pool2d(F.pad(features, (0, 1, 0, 1)), 2, 1)


class Unpool(nn.Module):
    """Each group of four maps as one of twice the height and width, as far as the largest board goes."""

    def forward(self, features: Tensor) -> Tensor:
        """Return features (N, C // 4, SIDE, SIDE) of features (N, C, H, W)."""
        return F.pixel_shuffle(features, 2)[:, :, :SIDE, :SIDE]


def build(channels: int, shape: Shape, classes: int) -> nn.Sequential:
    """Return the network, its weights at random."""
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    width = shape.width
    _convolve(layers, "1", nn.Conv2d(channels, width, 5, padding=2, bias=False))
    if shape.pool_stride == 1:
        layers["pool1"] = DensePool2d(2, 1)  # (N, width, 19, 19)
    elif shape.pool_stride == 2:
        layers["pool1"] = nn.MaxPool2d(2, ceil_mode=True)  # (N, width, 10, 10)
    last = shape.depth
    if shape.residual:
        for number in range(2, last, 2):
            layers[f"block{number // 2}"] = _block(width)
    else:
        for number in range(2, last + 1):
            _convolve(layers, f"{number}", nn.Conv2d(width, width, 3, padding=1, bias=False))
    if shape.pool_stride == 2:
        # Each place on the small board gives its own features to each of its four points: nothing else is lost.
        layers["spread"] = nn.Conv2d(width, 4 * width, 1)
        layers["unpool"] = Unpool()  # (N, width, 19, 19) again
    layers["move"] = Move(width, classes)
    return Chain(layers)


def _convolve(layers: OrderedDict[str, nn.Module], name: str, convolution: nn.Conv2d) -> None:
    """Add a convolution, batch normalization (arXiv:1502.03167) and a ReLU."""
    layers[f"conv{name}"] = convolution
    layers[f"norm{name}"] = nn.BatchNorm2d(convolution.out_channels)
    layers[f"relu{name}"] = nn.ReLU()


def _block(width: int) -> Residual:
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    for name in ("1", "2"):
        _convolve(layers, name, nn.Conv2d(width, width, 3, padding=1, bias=False))
    layers.popitem()  # the ReLU comes after the sum
    return Residual(layers)
