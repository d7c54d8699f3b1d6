"""What an output loses where a square hides the picture (Zeiler and Fergus 2013, arXiv:1311.2901, figure 7).

The network is run once on the whole picture. A square changes only the units whose receptive field it touches, so for
each place only these are computed again, layer by layer: the change is a rectangle of the map that grows by each
kernel and shrinks by each stride. What comes out is what running the network afresh gives, to rounding.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from artcnn.inspect.network import Layer, Network
from artcnn.inspect.receptive_field import receptive_fields

_AT_ONCE = 64
"""Places whose whole maps are computed together."""

_PASSES = 4, 2, 1
"""Every how many places, along each side, one is done in each pass."""


def places(length: int, window: int, stride: int) -> list[int]:
    """Return where the square begins along a side: every ``stride`` pixels, the last one cut off by the edge."""
    count = max(0, -(-(length - window) // stride)) + 1
    return [index * stride for index in range(count)]


def occlusion(network: Network, image: Tensor, window: int, stride: int, fill: float = 0.5) -> Iterator[Tensor]:
    """Yield the probability of each class for every place of the square, from coarse to fine.

    Args:
        network: with classes.
        image: shape (1, C, H, W), in [0, 1].
        window: side of the square, in pixels.
        stride: pixels from one place to the next.
        fill: what the square is filled with; 0.5 is mid-grey.

    Yields:
        Shape (rows, columns, classes): first every fourth place of a row and of a column is its own and stands for its
        neighbours too, then every second, then, in the last, each.

    Raises:
        ArtcnnError: the network has no classes.
    """
    rows, columns = (places(length, window, stride) for length in image.shape[2:])
    with torch.no_grad():
        change = _Change(network, image, window, fill)
        found = torch.full((len(rows), len(columns), len(change.whole)), torch.nan)
        for step in _PASSES:
            row, column = torch.meshgrid(*(torch.arange(0, len(side), step) for side in (rows, columns)), indexing="ij")
            new = found[row, column, 0].isnan()
            row, column = row[new], column[new]
            corners = [(rows[r], columns[c]) for r, c in zip(row.tolist(), column.tolist(), strict=True)]
            for numbers, logits in change.logits(corners):
                found[row[numbers], column[numbers]] = logits.softmax(1).to(found)
            nearest = (torch.arange(len(side)).div(step, rounding_mode="floor") * step for side in (rows, columns))
            yield found[torch.meshgrid(*nearest, indexing="ij")]


class _Span(NamedTuple):
    """The rows, or the columns, of a map that a change reaches: the first, and the one behind the last."""

    start: int
    stop: int


@dataclass(frozen=True)
class _Reach:
    """How a change goes through a layer along one side; what equal ones do is done at once.

    Attributes:
        context: rows of the layer's input that the changed outputs see, relative to the first changed one, within the
            map; they begin at a multiple of the stride.
        kept: which of what the layer makes of these have changed.
        around: rows of zeros that a convolution of the changed rows alone needs before and behind them.
    """

    context: _Span
    kept: _Span
    around: tuple[int, int]


def _reach(layer: Layer, axis: int, span: _Span, length: int, outputs: int) -> tuple[_Span, _Reach]:
    """Return which outputs a change reaches, of ``length`` inputs and ``outputs`` outputs, and how."""
    kernel, stride, padding = layer.kernel[axis], layer.stride[axis], layer.padding[axis]
    start = max(0, -(-(span.start + padding - kernel + 1) // stride))
    stop = max(start, min(outputs, (span.stop - 1 + padding) // stride + 1))
    first, behind = start * stride - padding, (stop - 1) * stride - padding + kernel
    begin = min(max(0, first), span.start) // stride * stride
    context = _Span(begin - span.start, min(length, max(behind, span.stop)) - span.start)
    kept = _Span(start - begin // stride, stop - begin // stride)
    return _Span(start, stop), _Reach(context, kept, (span.start - first, behind - span.stop))


class _Change:
    """A network that was run on a picture, and what becomes of its outputs where a square of it is changed."""

    def __init__(self, network: Network, image: Tensor, window: int, fill: float) -> None:
        self._network, self._window = network, window
        self.whole = network.logits(image)[0]
        """Outputs for the picture as it is, before the softmax: shape (classes,)."""
        self._filled = network.prepare(torch.full_like(image, fill))
        fields = receptive_fields(network.layers)
        local = [layer for layer in network.layers if fields[layer.name] is not None]
        outputs = network.run(image, [layer.name for layer in local])
        self._maps = [network.prepare(image), *(outputs[layer.name] for layer in local)]
        self._local = self._until_all_changes(local)

    def _until_all_changes(self, local: list[Layer]) -> list[Layer]:
        """Return the layers up to the one of which a square in the middle reaches every unit."""
        sides = self._maps[0].shape[2:]
        middle = [(side - self._window) // 2 for side in sides]
        spans = [self._spans(local, axis, start)[0] for axis, start in enumerate(middle)]
        for count, (height, width) in enumerate(zip(*spans, strict=True)):
            shape = self._maps[count].shape[2:]
            if (height.stop - height.start, width.stop - width.start) == tuple(shape):
                return local[: max(0, count - 1)]
        return local

    def _spans(self, layers: list[Layer], axis: int, start: int) -> tuple[list[_Span], tuple[_Reach, ...]]:
        """Return what a square that begins there reaches in the picture and in each layer, along one side, and how."""
        lengths = [shape.shape[2 + axis] for shape in self._maps[: len(layers) + 1]]
        spans, reaches = [_Span(start, min(start + self._window, lengths[0]))], list[_Reach]()
        for layer, (length, outputs) in zip(layers, pairwise(lengths), strict=True):
            span, reach = _reach(layer, axis, spans[-1], length, outputs)
            if span.start == span.stop:  # where a pooling drops the last row
                return [], ()
            spans.append(span)
            reaches.append(reach)
        return spans, tuple(reaches)

    def logits(self, corners: list[tuple[int, int]]) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield numbers of places (their top left corners) and the outputs for the square there, batch by batch."""
        tops = {top: self._spans(self._local, 0, top) for top, _ in corners}
        lefts = {left: self._spans(self._local, 1, left) for _, left in corners}
        groups = defaultdict[tuple[tuple[_Reach, ...], ...], list[int]](list)
        untouched = list[int]()
        for number, (top, left) in enumerate(corners):
            (rows, how_rows), (columns, how_columns) = tops[top], lefts[left]
            (groups[how_rows, how_columns] if rows and columns else untouched).append(number)
        if untouched:
            yield torch.tensor(untouched), self.whole.expand(len(untouched), -1)
        waiting: list[tuple[list[int], Tensor]] = []
        for (how_rows, how_columns), numbers in groups.items():
            for first in range(0, len(numbers), _AT_ONCE):
                some = numbers[first : first + _AT_ONCE]
                spans = [(tops[corners[number][0]][0], lefts[corners[number][1]][0]) for number in some]
                waiting.append((some, self._last_maps(spans, how_rows, how_columns)))
                if sum(len(done) for done, _ in waiting) >= _AT_ONCE:
                    yield self._rest(waiting)
                    waiting = []
        if waiting:
            yield self._rest(waiting)

    def _rest(self, waiting: list[tuple[list[int], Tensor]]) -> tuple[Tensor, Tensor]:
        """Run the layers that are left on whole maps."""
        x = torch.cat([maps for _, maps in waiting])
        for layer in self._network.layers[len(self._local) :]:
            x = self._network.apply(layer.name, x)
        return torch.tensor([number for numbers, _ in waiting for number in numbers]), x

    def _last_maps(
        self, spans: list[tuple[list[_Span], list[_Span]]], how_rows: tuple[_Reach, ...], how_columns: tuple[_Reach, ...]
    ) -> Tensor:
        """Return the whole maps of the last local layer for places at which the change goes the same way."""
        patch = _cut(self._filled, [(rows[0], columns[0]) for rows, columns in spans])
        for depth, (layer, vertical, horizontal) in enumerate(zip(self._local, how_rows, how_columns, strict=True)):
            before = [(rows[depth], columns[depth]) for rows, columns in spans]
            after = [(rows[depth + 1], columns[depth + 1]) for rows, columns in spans]
            inputs, outputs = self._maps[depth], self._maps[depth + 1]
            if layer.weight is not None and layer.stride == (1, 1) and layer.weight.shape[1] == inputs.shape[1]:
                # A convolution is linear: its output changes by the convolution of its input's change.
                change = _convolve(patch - _cut(inputs, before), layer.weight, vertical.around, horizontal.around)
                patch = _cut(outputs, after).add_(change)
            else:
                patch = self._apply(layer, patch, inputs, before, vertical, horizontal)
        maps = self._maps[len(self._local)].repeat(len(spans), 1, 1, 1)
        for one, new, (rows, columns) in zip(maps, patch, spans, strict=True):
            one[:, slice(*rows[-1]), slice(*columns[-1])] = new
        return maps

    def _apply(
        self,
        layer: Layer,
        patch: Tensor,
        inputs: Tensor,
        places: list[tuple[_Span, _Span]],
        vertical: _Reach,
        horizontal: _Reach,
    ) -> Tensor:
        """Return what a layer makes of the changed part of its input and of what lies around it."""
        (top, bottom), (left, right) = vertical.context, horizontal.context
        height, width = patch.shape[2:]
        if (top, left) == (0, 0) and (bottom, right) == (height, width):
            context = patch
        else:
            wide = [
                (_Span(rows.start + top, rows.start + bottom), _Span(columns.start + left, columns.start + right))
                for rows, columns in places
            ]
            context = _cut(inputs, wide)
            context[..., -top : height - top, -left : width - left] = patch
        return self._network.apply(layer.name, context)[..., slice(*vertical.kept), slice(*horizontal.kept)]


def _cut(maps: Tensor, boxes: list[tuple[_Span, _Span]]) -> Tensor:
    """Return a copy of rectangles of one size, (N, C, h, w), of a map (1, C, H, W)."""
    return torch.cat([maps[..., slice(*rows), slice(*columns)] for rows, columns in boxes])


def _convolve(change: Tensor, weight: Tensor, rows: tuple[int, int], columns: tuple[int, int]) -> Tensor:
    """Return the convolution of a change that is zero beyond its edges, as far as the given numbers of zeros reach."""
    even = min(rows), min(columns)
    spare = columns[0] - even[1], columns[1] - even[1], rows[0] - even[0], rows[1] - even[0]
    # Zeros that the convolution itself puts around are left out of its sums; so only what is uneven is put here.
    return F.conv2d(F.pad(change, spare) if any(spare) else change, weight, padding=even)
