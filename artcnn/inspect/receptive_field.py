"""Which part of the picture a unit sees."""

from dataclasses import dataclass

from artcnn.inspect.network import Layer

Box = tuple[int, int, int, int]
"""Top, left, bottom and right in pixels, the last two just outside; it may reach beyond the picture."""


@dataclass(frozen=True)
class ReceptiveField:
    """What the units of a layer see, in pixels of the picture.

    Attributes:
        size: height and width of what one unit sees.
        stride: from one unit to the next.
        start: first row and column that the first unit sees; negative where it sees padding.
    """

    size: int
    stride: int
    start: int

    def box(self, row: int, column: int) -> Box:
        """Return what the unit in that place of its map sees, not clipped to the picture."""
        top, left = self.start + row * self.stride, self.start + column * self.stride
        return top, left, top + self.size, left + self.size


def receptive_fields(layers: tuple[Layer, ...]) -> dict[str, ReceptiveField | None]:
    """Return the receptive field of each layer of a chain; None from the first layer on whose units see everything.

    Each layer widens the field by (kernel - 1) strides of its input, and its own stride multiplies them (Araujo, Norris
    and Sim 2019, "Computing Receptive Fields of Convolutional Neural Networks", equations 2 to 4).
    """
    size, stride, start = 1, 1, 0
    fields: dict[str, ReceptiveField | None] = {}
    everything = False
    for layer in layers:
        everything = everything or layer.kernel == 0 or layer.kind in ("flatten", "fully connected")
        size += (layer.kernel - 1) * stride
        start -= layer.padding * stride
        stride *= layer.stride
        fields[layer.name] = None if everything else ReceptiveField(size, stride, start)
    return fields
