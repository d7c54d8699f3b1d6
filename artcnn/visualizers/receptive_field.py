"""Receptive fields: which part of the picture a unit sees."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from artcnn.image import Size
from artcnn.visualizers.layer import Layer, Pair
from artcnn.visualizers.network import Network

Box = tuple[int, int, int, int]
"""Top, left, bottom and right in pixels, the last two just outside; it may reach beyond the picture."""


@dataclass(frozen=True)
class ReceptiveField:
    """What the units of a layer see, in pixels of the picture.

    Attributes:
        size: height and width of what one unit sees.
        stride: from one unit to the next, down and across.
        start: first row and column that the first unit sees; negative where it sees padding.
    """

    size: Pair
    stride: Pair
    start: Pair

    def box(self, row: int, column: int) -> Box:
        """Return what the unit in that place of its map sees, not clipped to the picture."""
        top, left = self.start[0] + row * self.stride[0], self.start[1] + column * self.stride[1]
        return top, left, top + self.size[0], left + self.size[1]


def receptive_fields(network: Network) -> Mapping[str, ReceptiveField | None]:
    """Return the receptive field of each layer; None where a unit sees everything.

    Each layer widens the field by (kernel - 1) strides of its input, and its own stride multiplies them (Araujo, Norris
    and Sim 2019, "Computing Receptive Fields of Convolutional Neural Networks", equations 2 to 4).
    """
    if network.fields is not None:
        return network.fields
    layers = network.layers
    down, across = (_along(layers, axis) for axis in (0, 1))
    fields: dict[str, ReceptiveField | None] = {}
    everything = False
    for layer, (height, row_step, top), (width, column_step, left) in zip(layers, down, across, strict=True):
        everything = everything or 0 in layer.kernel or layer.kind in ("flatten", "fully connected", "answer")
        field = ReceptiveField((height, width), (row_step, column_step), (top, left))
        fields[layer.name] = None if everything else field
    return fields


def _along(layers: tuple[Layer, ...], axis: int) -> Iterator[tuple[int, int, int]]:
    """Yield size, stride and start of each layer's field along an axis."""
    size, stride, start = 1, 1, 0
    for layer in layers:
        size += (layer.kernel[axis] - 1) * stride
        start -= layer.padding[axis] * stride
        stride *= layer.stride[axis]
        yield size, stride, start


def resample_centered(
    maps: Tensor,
    centers: Sequence[tuple[float, float]],
    picture: Size,
    size: Size,
    mode: Literal["bilinear", "nearest"] = "bilinear",
) -> Tensor:
    """Return maps laid over the picture, each value in the middle of what it stands for; outermost values go on.

    Stretching a map over the picture instead would move what is at its edges by up to half of what a place sees.

    Args:
        maps: shape (N, C, h, w).
        centers: down and across, the center of what the first place stands for and how far on the next is, in pixels.
        picture: height and width of the picture, in pixels.
        size: the height and width at which it is drawn.
        mode: mix values between the centers, or take the nearest.

    Returns:
        Shape (N, C, *size).
    """
    lines = []
    for (first, step), whole, drawn, count in zip(centers, picture, size, maps.shape[2:], strict=True):
        pixel = (torch.arange(drawn) + 0.5) * whole / drawn - 0.5
        lines.append((2 * (pixel - first) / step + 1) / count - 1)
    down, across = torch.meshgrid(*lines, indexing="ij")
    grid = torch.stack([across, down], -1).to(maps).expand(len(maps), -1, -1, -1)
    return F.grid_sample(maps, grid, mode, padding_mode="border", align_corners=False)


def padded_centers(count: Pair, step: Pair, picture: Size) -> list[tuple[float, float]]:
    """Return the centers of so many places down and across, so many pixels apart, in the middle of the picture.

    That is where an unpadded layer's units look, to the pixel. In padded layers of an even size the receptive fields
    lie half a step to one side, but not what units answer to: in EfficientNet-lite0 that is in the middle.
    """
    return [
        ((side - 1) / 2 - (places - 1) / 2 * apart, float(apart))
        for side, places, apart in zip(picture, count, step, strict=True)
    ]
