"""Networks that predict the next move of Go: (N, C, S, S) planes to (N, 362) logits, for each point and the pass.

No layer shrinks the board, because a stone one row further is another position. Only the last layer depends on the
size, so boards of up to 19 lines are possible, also of several sizes in a batch. Layers by name, in order.
"""

from collections import OrderedDict
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from artcnn.nets.blocks import add_convolution

SIDE = 19
"""Height and width of the largest board, in points."""

CHANNELS = {"stones": 1, "all": 21}
"""Planes of the input, by the name of the encoding."""
BOARD = 3
"""The plane of the encoding ``all`` that is 1 on the board and 0 around it."""
_OFF_BOARD = -1e4
"""The logit of a point that is not on the board."""


class Shape(NamedTuple):
    """The architecture of a network: filters in a layer, layers, and what is between them."""

    width: int
    depth: int
    residual: bool
    pool_stride: int
    """Of the max pooling behind the first layer; 0 for none."""


class BoardMask(NamedTuple):
    """The points of a batch that are on the board: smaller boards are in the lower left corner of their planes.

    Attributes:
        points: whether a point is on the board, shape (N, S, S), bool.
        indices: the indices of those that are, in N x S x S.
    """

    points: Tensor
    indices: Tensor


class BoardSequential(nn.Sequential):
    """Layers in order; a board that is smaller than its planes gives what it would give alone."""

    def forward(self, planes: Tensor) -> Tensor:
        """Return the output of the last layer for planes (N, C, S, S)."""
        return self.run(planes, _board_mask(planes))

    def run(self, features: Tensor, mask: BoardMask | None) -> Tensor:
        """Return the output of the last layer for features (N, C, S, S) of boards that are known."""
        side = features.shape[-1]
        for layer in self:
            if isinstance(layer, MoveHead):
                features = layer(features, mask)
            elif isinstance(layer, ResidualBlock):
                features = F.relu(features + layer.run(features, mask))
            elif isinstance(layer, nn.BatchNorm2d) and mask is not None:
                features = _normalize(layer, features, mask)
            elif isinstance(layer, Unpool):
                features = layer(features)[:, :, :side, :side]
            else:
                features = layer(features)
        return features


def _board_mask(planes: Tensor) -> BoardMask | None:
    """Return which points are on the boards, or None if all are, or the planes do not tell."""
    points = planes[:, BOARD : BOARD + 1].flatten(0, 1) != 0
    return None if points.all() else BoardMask(points, points.flatten().nonzero()[:, 0])


def _normalize(layer: nn.BatchNorm2d, features: Tensor, mask: BoardMask) -> Tensor:
    """Normalize by the points on the boards, and set those around them to zero, as a convolution pads."""
    rows = features.permute(0, 2, 3, 1)
    flat = rows.reshape(-1, rows.shape[-1])
    found = layer(flat[mask.indices].T[None, :, None])[0, :, 0].T
    return torch.zeros_like(flat).index_copy(0, mask.indices, found).view(rows.shape).permute(0, 3, 1, 2)


class ResidualBlock(BoardSequential):
    """Two convolutions; their input is added to their output, before the last ReLU (arXiv:1512.03385)."""

    def forward(self, features: Tensor) -> Tensor:
        """Return features of the same shape."""
        return F.relu(features + self.run(features, None))


class MoveHead(nn.Module):
    """The logits: of each point from the features there and a bias, of the pass from the mean of all."""

    def __init__(self, width: int, classes: int) -> None:
        super().__init__()
        self.points = nn.Conv2d(width, 1, 1, bias=False)
        self.leave = nn.Conv2d(width, 1, 1, bias=False)
        self.bias = nn.Parameter(torch.zeros(classes))

    def forward(self, features: Tensor, mask: BoardMask | None = None) -> Tensor:
        """Return logits (N, 362) of features (N, width, S, S); a smaller board is the corner of the largest."""
        points, leave, side = self.points(features)[:, 0], self.leave(features)[:, 0], features.shape[-1]
        if mask is None:
            points, leave = points + self._bias(side, side), leave.mean((1, 2))
        else:
            sizes: list[int] = mask.points[:, -1].sum(1).tolist()
            biases = {size: self._bias(size, side) for size in set(sizes)}
            points = (points + torch.stack([biases[size] for size in sizes])).masked_fill(~mask.points, _OFF_BOARD)
            leave = (leave * mask.points).sum((1, 2)) / mask.points.sum((1, 2))
        whole = _in_corner(points, SIDE, _OFF_BOARD)
        return torch.cat([whole.flatten(1), leave[:, None] + self.bias[-1]], dim=1)

    def _bias(self, size: int, side: int) -> Tensor:
        """Return the biases of a board's points, by their distance from the edges, in the corner of a larger board."""
        lines = [line if line < (size + 1) // 2 else SIDE - size + line for line in range(size)]
        return _in_corner(self.bias[:-1].view(SIDE, SIDE)[lines][:, lines], side, 0)


def _in_corner(maps: Tensor, side: int, value: float) -> Tensor:
    """Return maps (..., S, S) in the lower left corner of larger ones."""
    more = side - maps.shape[-1]
    return F.pad(maps, (0, more, more, 0), value=value) if more else maps


class DensePool2d(nn.MaxPool2d):
    """Max pooling of 2 x 2 at every point, after a ReLU: with zeros beyond the last row and column."""

    def forward(self, features: Tensor) -> Tensor:
        """Return features of the same shape."""
        return F.max_pool2d(F.pad(features, (0, 1, 0, 1)), 2, 1)


class Unpool(nn.Module):
    """Four maps as one of twice the height and width, cropped to the largest board."""

    def forward(self, features: Tensor) -> Tensor:
        """Return features (N, C // 4, SIDE, SIDE) of features (N, C, H, W)."""
        return F.pixel_shuffle(features, 2)[:, :, :SIDE, :SIDE]


def build(channels: int, shape: Shape, classes: int) -> nn.Sequential:
    """Return the network, its weights at random."""
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    width = shape.width
    add_convolution(layers, "1", nn.Conv2d(channels, width, 5, padding=2, bias=False))
    if shape.pool_stride == 1:
        layers["pool1"] = DensePool2d(2, 1)  # (N, width, 19, 19)
    elif shape.pool_stride == 2:
        layers["pool1"] = nn.MaxPool2d(2, ceil_mode=True)  # (N, width, 10, 10)
    last = shape.depth
    if shape.residual:
        for number in range(2, last, 2):
            layers[f"block{number // 2}"] = _residual_block(width)
    else:
        for number in range(2, last + 1):
            add_convolution(layers, f"{number}", nn.Conv2d(width, width, 3, padding=1, bias=False))
    if shape.pool_stride == 2:
        # Each position on the small map has its own features for each of its four points: nothing else is lost.
        layers["spread"] = nn.Conv2d(width, 4 * width, 1)
        layers["unpool"] = Unpool()  # (N, width, 19, 19) again
    layers["move"] = MoveHead(width, classes)
    return BoardSequential(layers)


def _residual_block(width: int) -> ResidualBlock:
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    for name in ("1", "2"):
        add_convolution(layers, name, nn.Conv2d(width, width, 3, padding=1, bias=False))
    layers.popitem()  # the ReLU comes after the sum
    return ResidualBlock(layers)
