"""Maps of a network that are computed in strips of rows, so that even a large picture's need little memory.

Strips of about a megabyte stay in the processor's cache from one operation to the next. The values are those of
the whole maps, to rounding: a normalization first measures all of its map.
"""

from collections.abc import Iterator, Sequence
from functools import reduce
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from artcnn.image import Size, size_of
from artcnn.nets.instant import EPSILON, StyledConv, upsample

STRIP_VALUES = 1 << 19
"""Numbers in a strip, a megabyte in bfloat16: half the cache of a core.

At 512 pixels it takes four fifths of the processor time of the whole network; half as much takes nine tenths.
"""

_GPU_VALUES = 1 << 24
"""The same on a GPU, which has no such cache, and takes as long to start on a small strip as to compute it."""

_LEAST_ROWS = 16
"""Of a strip, so that few rows are computed twice, for two strips."""


def strip_values(device: torch.device) -> int:
    """Return how many numbers a strip should have on a device."""
    return STRIP_VALUES if device.type == "cpu" else _GPU_VALUES


class Map(Protocol):
    """A map of which any rows can be had."""

    @property
    def channels(self) -> int:
        """Number of channels."""

    @property
    def size(self) -> Size:
        """Height and width."""

    def rows(self, top: int, bottom: int) -> Tensor:
        """Return these rows, shape (1, C, bottom - top, W)."""


class StoredMap:
    """A map that is there: a tensor of shape (1, C, H, W)."""

    def __init__(self, values: Tensor) -> None:
        self.values = values
        self.channels, self.size = values.shape[1], size_of(values)

    def rows(self, top: int, bottom: int) -> Tensor:
        """Return these rows, as a view."""
        return self.values[:, :, top:bottom]


class StyledMap:
    """The output of a convolution, normalized and styled.

    Args:
        sources: its input; the channels of several follow each other.
        layer: the convolution and its norm.
        styles: the weight of each style, shape (1, styles).
        dtype: to compute in.
        relu: set what is below 0 to 0.
        keep: keep the output of the convolution; else it is computed again for each use.
        strip: numbers in a strip.
    """

    def __init__(
        self,
        sources: Sequence[Map],
        layer: StyledConv,
        styles: Tensor,
        dtype: torch.dtype,
        *,
        relu: bool = True,
        keep: bool = True,
        strip: int = STRIP_VALUES,
    ) -> None:
        conv, height, width = layer.conv, *sources[0].size
        self.channels, self.size = conv.out_channels, (height // conv.stride[0], width // conv.stride[1])
        self._margins, self._stride, self._relu = conv.margins, conv.stride[0], relu
        weights = torch.split(conv.weight.detach().to(dtype), [source.channels for source in sources], 1)
        self._inputs = [
            (source, weight.contiguous(memory_format=torch.channels_last))
            for source, weight in zip(sources, weights, strict=True)
        ]
        self._kept: Tensor | None = None
        scale, shift = layer.norm.mix(styles)
        if layer.norm.normalize:
            mean, rstd = self._measure(strip, keep=keep)
            scale, shift = scale * rstd, shift - mean * scale * rstd
        self._scale, self._shift = (row[:, :, None, None].to(dtype) for row in (scale, shift))

    def rows(self, top: int, bottom: int) -> Tensor:
        """Return these rows."""
        raw = self._raw(top, bottom) if self._kept is None else self._kept[:, :, top:bottom]
        styled = torch.addcmul(self._shift, raw, self._scale)
        return styled.relu_() if self._relu else styled

    def _raw(self, top: int, bottom: int) -> Tensor:
        """Return these rows of the convolution's output: a sum over the sources, which need not be joined for it."""
        outputs = (self._convolve(source, weight, top, bottom) for source, weight in self._inputs)
        return reduce(Tensor.add_, outputs)

    def _convolve(self, source: Map, weight: Tensor, top: int, bottom: int) -> Tensor:
        """Return these rows of the output for one source, mirrored at the picture's border."""
        before, after = self._margins
        first, last, height = top * self._stride - before, bottom * self._stride + after, source.size[0]
        rows = source.rows(max(first, 0), min(last, height))
        rows = F.pad(rows, (before, after, max(-first, 0), max(last - height, 0)), mode="reflect")
        return F.conv2d(rows, weight, None, self._stride)

    def _measure(self, strip: int, *, keep: bool) -> tuple[Tensor, Tensor]:
        """Return the mean and the inverse of the standard deviation of the convolution's output, each (1, C)."""
        heights, means, variances = list[int](), list[Tensor](), list[Tensor]()
        for top, bottom in strips(self, strip):
            raw = self._raw(top, bottom)
            mean, variance = _moments(raw)
            heights.append(bottom - top)
            means.append(mean)
            variances.append(variance)
            if keep:
                self._kept = _empty(self, raw) if self._kept is None else self._kept
                self._kept[:, :, top:bottom] = raw
        parts = means[0].new_tensor(heights)[:, None] / self.size[0]
        mean = (parts * torch.stack(means)).sum(0, keepdim=True)
        apart = torch.stack(means) - mean
        variance = (parts * (torch.stack(variances) + apart.square())).sum(0, keepdim=True)
        return mean, (variance + EPSILON).rsqrt()


class UpsampledMap:
    """A map at twice its height and width."""

    def __init__(self, source: Map) -> None:
        self._source = source
        self.channels, self.size = source.channels, (2 * source.size[0], 2 * source.size[1])

    def rows(self, top: int, bottom: int) -> Tensor:
        """Return these rows: between the source's nearest two, one more of which is read on either side."""
        first = max(top // 2 - 1, 0)
        last = min((bottom + 1) // 2 + 1, self._source.size[0])
        return upsample(self._source.rows(first, last))[:, :, top - 2 * first : bottom - 2 * first]


class SumMap:
    """The sum of two maps."""

    def __init__(self, first: Map, second: Map) -> None:
        self._first, self._second = first, second
        self.channels, self.size = first.channels, first.size

    def rows(self, top: int, bottom: int) -> Tensor:
        """Return these rows."""
        return self._first.rows(top, bottom) + self._second.rows(top, bottom)


def _moments(rows: Tensor) -> tuple[Tensor, Tensor]:
    """Return the mean and the variance of each channel of rows (1, C, h, W), in float32, of float64 in float64."""
    precise = torch.promote_types(rows.dtype, torch.float32)
    if rows.device.type == "cpu":  # a third of the time of two sums, as batch normalization needs just this
        unused = torch.zeros(2, rows.shape[1], dtype=precise)
        mean, variance = torch.batch_norm_update_stats(rows, unused[0], unused[1], 0.0)
    else:
        variance, mean = torch.var_mean(rows.to(precise), (0, 2, 3), correction=0)
    return mean, variance


def strips(source: Map, values: int = STRIP_VALUES) -> Iterator[tuple[int, int]]:
    """Yield the first row of each strip of a map, and the row after its last; a strip has so many numbers, about."""
    height, width = source.size
    rows = max(_LEAST_ROWS, values // (width * source.channels))
    for top in range(0, height, rows):
        yield top, min(top + rows, height)


def store(source: Map, values: int = STRIP_VALUES) -> StoredMap:
    """Return all of a map, computed in strips of so many numbers, about."""
    stored: Tensor | None = None
    for top, bottom in strips(source, values):
        rows = source.rows(top, bottom)
        stored = _empty(source, rows) if stored is None else stored
        stored[:, :, top:bottom] = rows
    assert stored is not None  # noqa: S101 - a map has rows
    return StoredMap(stored)


def add_residual(stored: StoredMap, residual: Map, values: int = STRIP_VALUES) -> None:
    """Add a map to one of its shape, in place, in strips of so many numbers, about."""
    for top, bottom in strips(residual, values):
        stored.values[:, :, top:bottom] += residual.rows(top, bottom)


def _empty(source: Map, like: Tensor) -> Tensor:
    """Return a tensor for all of a map, of the type of a strip of it."""
    shape = (1, source.channels, *source.size)
    return torch.empty(shape, dtype=like.dtype, device=like.device, memory_format=torch.channels_last)
