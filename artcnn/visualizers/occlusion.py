"""Occlusion: how an output changes when a square hides a part of the picture.

Zeiler and Fergus 2013, arXiv:1311.2901, figure 7.

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

from artcnn.visualizers.layer import Layer
from artcnn.visualizers.network import Network
from artcnn.visualizers.receptive_field import receptive_fields

_MAPS_AT_ONCE = 64
"""Places whose whole maps are computed together, after the incremental layers."""

_PIXELS = 1 << 19
"""Pixels of all places together that are run through a whole network."""

_PATCHES_AT_ONCE = 16
"""Patches that go through a layer together: then its weights are read less often, and the patches fit the cache."""

_MAX_FRACTION = 0.9
"""A map of which a larger part changes is computed whole."""

_MAX_NUMBERS = 1 << 26
"""About how many numbers the changed parts of one layer, for all places that are done together, may be."""

_STEPS = 4, 1
"""In each pass, one place of so many along each axis is computed."""


def window_positions(length: int, window: int, stride: int) -> list[int]:
    """Return where the square begins along a side: every ``stride`` pixels, the last one cut off by the edge."""
    count = max(0, -(-(length - window) // stride)) + 1
    return [index * stride for index in range(count) if index * stride < length]


def occlude(network: Network, image: Tensor, window: int, stride: int, fill: Tensor | float) -> Iterator[Tensor]:
    """Yield the probability of each class for every place of the square, from coarse to fine.

    Args:
        network: with classes.
        image: shape (1, C, H, W), in [0, 1].
        window: side of the square, in pixels.
        stride: pixels from one place to the next.
        fill: what the square shows: a number, or a picture of the image's shape, of which it shows what is there.

    Yields:
        Shape (rows, columns, classes): first every fourth place of a row and of a column is its own and stands for its
        neighbors too, then, in the last, each.

    Raises:
        ArtcnnError: the network has no classes.
    """
    rows, columns = (window_positions(length, window, stride) for length in image.shape[2:])
    with torch.no_grad():
        change = _IncrementalForward(network, image, rows, columns, window, fill)
        found = torch.full((len(rows), len(columns), len(change.whole)), torch.nan)
        for step in _STEPS:
            row, column = torch.meshgrid(*(torch.arange(0, len(side), step) for side in (rows, columns)), indexing="ij")
            new = found[row, column, 0].isnan()
            row, column = row[new], column[new]
            corners = [(rows[r], columns[c]) for r, c in zip(row.tolist(), column.tolist(), strict=True)]
            for numbers, logits in change.logits(corners):
                found[row[numbers], column[numbers]] = logits.softmax(1).to(found)
            nearest = (torch.arange(len(side)).div(step, rounding_mode="floor") * step for side in (rows, columns))
            yield found[torch.meshgrid(*nearest, indexing="ij")]


class _Interval(NamedTuple):
    """Rows, or columns, of a map that change: the first, and the one behind the last."""

    start: int
    stop: int

    @property
    def size(self) -> int:
        return self.stop - self.start

    def grow(self, first: int, behind: int) -> "_Interval":
        """Return the interval from ``first`` to ``behind``, both relative to the start."""
        return _Interval(self.start + first, self.start + behind)


@dataclass(frozen=True)
class _Propagation:
    """How a change goes through a layer along one axis; equal ones are computed together.

    Attributes:
        context: input rows that the changed outputs see, relative to the first changed one; they begin at a multiple
            of the stride.
        core: the changed ones of the outputs computed from the context.
        padding: rows of zeros to put before and behind the changed rows, to convolve these alone.
    """

    context: _Interval
    core: _Interval
    padding: tuple[int, int]


def _propagate(layer: Layer, axis: int, span: _Interval, length: int, outputs: int) -> tuple[_Interval, _Propagation]:
    """Return the outputs that a change of a layer's input reaches, and how.

    Args:
        layer: the layer.
        axis: 0 for rows, 1 for columns.
        span: the changed inputs.
        length: number of inputs.
        outputs: number of outputs.
    """
    kernel, stride, padding = layer.kernel[axis], layer.stride[axis], layer.padding[axis]
    start = max(0, -(-(span.start + padding - kernel + 1) // stride))
    stop = max(start, min(outputs, (span.stop - 1 + padding) // stride + 1))
    first, behind = start * stride - padding, (stop - 1) * stride - padding + kernel
    begin = min(max(0, first), span.start) // stride * stride
    context = _Interval(begin - span.start, min(length, max(behind, span.stop)) - span.start)
    core = _Interval(start - begin // stride, stop - begin // stride)
    return _Interval(start, stop), _Propagation(context, core, (span.start - first, behind - span.stop))


_Box = tuple[_Interval, _Interval]
"""Rows and columns."""

_AxisPath = tuple[list[_Interval], list[_Propagation]]
"""Along one axis: what changes in the picture and in each layer, and how the change goes through each layer."""


class _IncrementalForward:
    """A network that was run on a picture, and computes its outputs again when a square of the picture changes."""

    def __init__(
        self, network: Network, image: Tensor, rows: list[int], columns: list[int], window: int, fill: Tensor | float
    ) -> None:
        self._network, self._window = network, window
        network.check_classes()
        self._filled = network.prepare(torch.as_tensor(fill).to(image).expand_as(image))
        fields = receptive_fields(network)
        local = [layer for layer in network.layers if network.is_chain and fields[layer.name] is not None]
        last = network.layers[-1].name
        outputs = network.run(image, [*(layer.name for layer in local), last])
        self.whole = outputs[last][0]
        """Outputs for the picture as it is, before the softmax: shape (classes,)."""
        self._maps = [network.prepare(image), *(outputs[layer.name] for layer in local)]
        self._tops, self._lefts = (
            {start: self._trace_axis(local, axis, start) for start in starts}
            for axis, starts in enumerate((rows, columns))
        )
        self._local = self._choose_incremental(local)
        parts = [maps[0, :, : window + 2, : window + 2].numel() for maps in self._maps]
        self._block = max(1, _MAX_NUMBERS // max(parts))
        # What is run from the picture on holds many maps of each place at a time.
        whole = max(1, min(_MAPS_AT_ONCE, _PIXELS // image[0, 0].numel()))
        self._at_once = _MAPS_AT_ONCE if network.is_chain else whole

    def _choose_incremental(self, local: list[Layer]) -> list[Layer]:
        """Return the layers before the first one of which a square changes nearly everything, on average."""
        parts = torch.ones(len(local) + 1)
        for axis, ways in enumerate((self._tops, self._lefts)):
            lengths = torch.tensor([maps.shape[2 + axis] for maps in self._maps])
            reached = [[span.size for span in spans] for spans, _ in ways.values() if spans]
            if not reached:
                return local
            parts *= torch.tensor(reached).double().mean(0) / lengths
        count = int((parts < _MAX_FRACTION).long().cumprod(0).sum())  # maps of which a part changes, the picture first
        return local[: max(0, count - 1)]

    def _trace_axis(self, layers: list[Layer], axis: int, start: int) -> _AxisPath:
        """Follow a square that begins at ``start`` through the layers, along one axis."""
        lengths = [maps.shape[2 + axis] for maps in self._maps]
        spans, reaches = [_Interval(start, min(start + self._window, lengths[0]))], list[_Propagation]()
        for layer, (length, outputs) in zip(layers, pairwise(lengths), strict=True):
            span, reach = _propagate(layer, axis, spans[-1], length, outputs)
            if span.start == span.stop:  # where a pooling drops the last row
                return [], []
            spans.append(span)
            reaches.append(reach)
        return spans, reaches

    def logits(self, corners: list[tuple[int, int]]) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield numbers of places (their top left corners) and the outputs for the square there, batch by batch."""
        ways = [(self._tops[top], self._lefts[left]) for top, left in corners]
        touched = [number for number, (rows, columns) in enumerate(ways) if rows[0] and columns[0]]
        if len(touched) < len(ways):
            untouched = sorted(set(range(len(ways))) - set(touched))
            yield torch.tensor(untouched), self.whole.expand(len(untouched), -1)
        for first in range(0, len(touched), self._block):
            numbers = touched[first : first + self._block]
            changes = self._update_patches([ways[number] for number in numbers])
            for start in range(0, len(numbers), self._at_once):
                x = self._paste(changes[start : start + self._at_once])
                yield torch.tensor(numbers[start : start + self._at_once]), self._network.finish(x, len(self._local))

    def _update_patches(self, ways: list[tuple[_AxisPath, _AxisPath]]) -> list[tuple[Tensor, _Interval, _Interval]]:
        """Return the changed part of the last incremental layer's maps for each place, and where it is."""
        patches = [self._filled[..., slice(*rows[0][0]), slice(*columns[0][0])] for rows, columns in ways]
        for depth in range(len(self._local)):
            groups = defaultdict[tuple[torch.Size, _Propagation, _Propagation], list[int]](list)
            for number, (rows, columns) in enumerate(ways):
                groups[patches[number].shape, rows[1][depth], columns[1][depth]].append(number)
            for (_, vertical, horizontal), alike in groups.items():
                for first in range(0, len(alike), _PATCHES_AT_ONCE):
                    numbers = alike[first : first + _PATCHES_AT_ONCE]
                    before, after = ([_box(ways[number], at) for number in numbers] for at in (depth, depth + 1))
                    together = torch.cat([patches[number] for number in numbers])
                    changed = self._forward_patches(depth, together, before, after, vertical, horizontal)
                    for number, patch in zip(numbers, torch.split(changed, 1), strict=True):
                        patches[number] = patch
        return [(patch, *_box(way, len(self._local))) for patch, way in zip(patches, ways, strict=True)]

    def _paste(self, changes: list[tuple[Tensor, _Interval, _Interval]]) -> Tensor:
        maps = self._maps[len(self._local)].repeat(len(changes), 1, 1, 1)
        for one, (patch, rows, columns) in zip(maps, changes, strict=True):
            one[:, slice(*rows), slice(*columns)] = patch[0]
        return maps

    def _forward_patches(
        self,
        depth: int,
        patches: Tensor,
        before: list[_Box],
        after: list[_Box],
        vertical: _Propagation,
        horizontal: _Propagation,
    ) -> Tensor:
        """Run changed parts of a layer's input, shape (N, C, h, w), through the layer."""
        layer, inputs = self._local[depth], self._maps[depth]
        if layer.weight is not None and layer.stride == (1, 1) and layer.weight.shape[1] == inputs.shape[1]:
            # A convolution is linear: its output changes by the convolution of its input's change.
            change = patches - _crop(inputs, before)
            change = _convolve_change(change, layer.weight, vertical.padding, horizontal.padding)
            return _crop(self._maps[depth + 1], after).add_(change)
        (top, bottom), (left, right) = vertical.context, horizontal.context
        height, width = patches.shape[2:]
        if (top, bottom, left, right) == (0, height, 0, width):
            context = patches
        else:
            context = _crop(inputs, [(rows.grow(top, bottom), columns.grow(left, right)) for rows, columns in before])
            context[..., -top : height - top, -left : width - left] = patches
        return self._network.apply(layer.name, context)[..., slice(*vertical.core), slice(*horizontal.core)]


def _box(way: tuple[_AxisPath, _AxisPath], depth: int) -> _Box:
    """Return the changed rows and columns of a layer's maps."""
    (rows, _), (columns, _) = way
    return rows[depth], columns[depth]


def _crop(maps: Tensor, boxes: list[_Box]) -> Tensor:
    """Return a copy of rectangles of one size, (N, C, h, w), of a map (1, C, H, W)."""
    return torch.cat([maps[..., slice(*rows), slice(*columns)] for rows, columns in boxes])


def _convolve_change(change: Tensor, weight: Tensor, rows: tuple[int, int], columns: tuple[int, int]) -> Tensor:
    """Return the convolution of a change that is zero beyond its edges, as far as the given numbers of zeros reach."""
    even = min(rows), min(columns)
    spare = columns[0] - even[1], columns[1] - even[1], rows[0] - even[0], rows[1] - even[0]
    # The convolution pads both sides alike, and without adding zeros up; only what is uneven is padded here.
    return F.conv2d(F.pad(change, spare) if any(spare) else change, weight, padding=even)
