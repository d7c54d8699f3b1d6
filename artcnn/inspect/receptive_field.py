"""Which part of the picture a unit sees."""

from collections.abc import Iterator
from dataclasses import dataclass

from artcnn.inspect.network import Layer, Pair

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


def receptive_fields(layers: tuple[Layer, ...]) -> dict[str, ReceptiveField | None]:
    """Return the receptive field of each layer of a chain; None from the first layer on whose units see everything.

    Each layer widens the field by (kernel - 1) strides of its input, and its own stride multiplies them (Araujo, Norris
    and Sim 2019, "Computing Receptive Fields of Convolutional Neural Networks", equations 2 to 4).
    """
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
