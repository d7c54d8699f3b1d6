"""Maps of a network that are computed in strips of rows, so that even a large picture's need little memory.

Strips of a few hundred kilobytes stay in the processor's cache from one operation to the next. The values are those of
the whole maps, to rounding: a normalization first measures all of its map.
"""

from collections.abc import Iterator
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from artcnn.image import Size, size_of
from artcnn.nets.instant import EPSILON, StyledConv, upsample

STRIP_VALUES = 1 << 18
"""Numbers in a strip: half a megabyte in bfloat16, which leaves room in a core's cache for what is made of it."""

_LEAST_ROWS = 16
"""Of a strip, so that few rows are computed twice, for two strips."""


class Map(Protocol):
    """A map of which any rows can be had."""

    @property
    def size(self) -> Size:
        """Height and width."""

    def rows(self, top: int, bottom: int) -> Tensor:
        """Return these rows, shape (1, C, bottom - top, W)."""


class StoredMap:
    """A map that is there: a tensor of shape (1, C, H, W)."""

    def __init__(self, values: Tensor) -> None:
        self.values = values
        self.size = size_of(values)

    def rows(self, top: int, bottom: int) -> Tensor:
        """Return these rows, as a view."""
        return self.values[:, :, top:bottom]


class StyledMap:
    """The output of a convolution, normalized and styled.

    Args:
        source: its input.
        layer: the convolution and its norm.
        styles: the weight of each style, shape (1, styles).
        dtype: to compute in.
        relu: set what is below 0 to 0.
        keep: keep the output of the convolution; else it is computed again for each use.
        strip: numbers in a strip.
    """

    def __init__(
        self,
        source: Map,
        layer: StyledConv,
        styles: Tensor,
        dtype: torch.dtype,
        *,
        relu: bool = True,
        keep: bool = True,
        strip: int = STRIP_VALUES,
    ) -> None:
        conv, self._source, self._relu = layer.conv, source, relu
        self.size = source.size[0] // conv.stride[0], source.size[1] // conv.stride[1]
        self._margins, self._stride = conv.margins, conv.stride[0]
        self._weight = conv.weight.detach().to(dtype, memory_format=torch.channels_last)
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
        """Return these rows of the convolution's output."""
        before, after = self._margins
        first, last = top * self._stride - before, bottom * self._stride + after
        height = self._source.size[0]
        rows = self._source.rows(max(first, 0), min(last, height))
        rows = F.pad(rows, (before, after, max(-first, 0), max(last - height, 0)), mode="reflect")
        return F.conv2d(rows, self._weight, None, self._stride)

    def _measure(self, strip: int, *, keep: bool) -> tuple[Tensor, Tensor]:
        """Return the mean and the inverse of the standard deviation of the convolution's output, each (1, C)."""
        channels = self._weight.shape[0]
        if keep:
            self._kept = _empty(self._weight, channels, self.size)
        heights, means, variances = list[int](), list[Tensor](), list[Tensor]()
        for top, bottom in strips(self.size, channels, strip):
            raw = self._raw(top, bottom)
            mean, variance = _moments(raw)
            heights.append(bottom - top)
            means.append(mean)
            variances.append(variance)
            if self._kept is not None:
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
        self.size = 2 * source.size[0], 2 * source.size[1]

    def rows(self, top: int, bottom: int) -> Tensor:
        """Return these rows: between the source's nearest two, one more of which is read on either side."""
        first = max(top // 2 - 1, 0)
        last = min((bottom + 1) // 2 + 1, self._source.size[0])
        return upsample(self._source.rows(first, last))[:, :, top - 2 * first : bottom - 2 * first]


class SumMap:
    """The sum of two maps."""

    def __init__(self, first: Map, second: Map) -> None:
        self._first, self._second = first, second
        self.size = first.size

    def rows(self, top: int, bottom: int) -> Tensor:
        """Return these rows."""
        return self._first.rows(top, bottom) + self._second.rows(top, bottom)


class JoinedMap:
    """The channels of two maps, one after the other."""

    def __init__(self, first: Map, second: Map) -> None:
        self._first, self._second = first, second
        self.size = first.size

    def rows(self, top: int, bottom: int) -> Tensor:
        """Return these rows."""
        return torch.cat([self._first.rows(top, bottom), self._second.rows(top, bottom)], 1)


def _moments(rows: Tensor) -> tuple[Tensor, Tensor]:
    """Return the mean and the variance of each channel of rows (1, C, h, W), in float32, of float64 in float64."""
    precise = torch.promote_types(rows.dtype, torch.float32)
    if rows.device.type == "cpu":  # a third of the time of two sums, as batch normalization needs just this
        unused = torch.zeros(2, rows.shape[1], dtype=precise)
        mean, variance = torch.batch_norm_update_stats(rows, unused[0], unused[1], 0.0)
    else:
        variance, mean = torch.var_mean(rows.to(precise), (0, 2, 3), correction=0)
    return mean, variance


def strips(size: Size, channels: int, values: int = STRIP_VALUES) -> Iterator[tuple[int, int]]:
    """Yield the first row of each strip of a map, and the row after its last.

    Args:
        size: (height, width) of the map.
        channels: of the map.
        values: numbers in a strip, about.
    """
    height, width = size
    rows = max(_LEAST_ROWS, values // (width * channels))
    for top in range(0, height, rows):
        yield top, min(top + rows, height)


def store(source: Map, values: int = STRIP_VALUES) -> Tensor:
    """Return all of a map, shape (1, C, H, W), computed in strips of so many numbers, about."""
    rows = source.rows(0, 1)
    stored = _empty(rows, rows.shape[1], source.size)
    for top, bottom in strips(source.size, rows.shape[1], values):
        stored[:, :, top:bottom] = source.rows(top, bottom)
    return stored


def add_residual(stored: Tensor, residual: Map, values: int = STRIP_VALUES) -> None:
    """Add a map to a tensor of its shape, in place, in strips of so many numbers, about."""
    for top, bottom in strips(residual.size, stored.shape[1], values):
        stored[:, :, top:bottom] += residual.rows(top, bottom)


def _empty(like: Tensor, channels: int, size: Size) -> Tensor:
    """Return a map that is to be filled, of another tensor's type and device."""
    return torch.empty(1, channels, *size, dtype=like.dtype, device=like.device, memory_format=torch.channels_last)
