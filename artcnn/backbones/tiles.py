"""How a picture is split into tiles, and the halo of pixels that each tile needs around it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import ceil
from typing import Protocol

import torch
from torch import Tensor

from artcnn.backbones.convolution import Border, crop
from artcnn.image import Size

Offset = tuple[int, int]
"""Row and column of a tile's upper left corner, from 0."""


@dataclass(frozen=True)
class TilePlan:
    """How a picture is run through a network.

    A stage is the layers up to and including a pooling.

    Attributes:
        stages: how many stages, from the first, are run in tiles. They are run again for the gradient. The others are
            run once, and autograd keeps what it needs. 0 runs all of them once.
        values: target number of values of a layer in a tile; a tile has at least two rows and two columns.
    """

    stages: int = 0
    values: int = 2**21

    def plan(self, size: Size) -> "TilePlan":  # noqa: ARG002
        """Return this plan, whatever the size: a plan is its own policy."""
        return self

    def split_stage(self, size: Size, channels: Iterable[int], *, circular: bool) -> "Iterator[Tile]":
        """Yield the tiles of the map that enters a stage of 3 x 3 convolutions.

        Args:
            size: (height, width) of the map.
            channels: output channels of each convolution.
            circular: whether opposite borders meet.
        """
        return split_into_tiles(size, self.values // max(channels), circular=circular)


class TilingPolicy(Protocol):
    """Chooses a plan by the size of a picture."""

    def plan(self, size: Size) -> TilePlan:
        """Return the plan for a picture of (height, width) pixels."""


UNTILED = TilePlan()
MIN_MEMORY = TilePlan(5, 2**20)
"""The plans that take the most memory and the least."""


def count_convolutions(layers: Iterable[str]) -> int:
    """Return how many of these layers are convolutions."""
    return sum(layer.startswith("conv") for layer in layers)


def view_at(tile: Tensor, at: Offset, whole: Tensor) -> Tensor:
    """Return the view of a whole map, shape (1, C, H, W), that a tile at this offset covers."""
    return whole[..., at[0] : at[0] + tile.shape[2], at[1] : at[1] + tile.shape[3]]


@dataclass(frozen=True)
class Span:
    """The interval ``[first, end)`` of one axis of a map, and the halo around it.

    Attributes:
        first: even, so that 2 x 2 poolings start at the same positions in every span.
        end: exclusive.
        count: positions that are computed, without the halo. It is the same for all spans of an axis, so that the
            convolutions are compiled for one size.
        length: of the axis.
        circular: whether the ends of the axis meet, so that the halo wraps around.
    """

    first: int
    end: int
    count: int
    length: int
    circular: bool

    def with_halo(self, halo: int) -> tuple[int, int]:
        """Return the interval with a halo on both sides: one position for each 3 x 3 convolution that follows.

        At an end of the axis that does not wrap around, the interval grows on the other side instead.
        """
        if self.circular and self.count < self.length:
            return self.first - halo, self.first + self.count + halo
        count = min(self.length, self.count + 2 * halo)
        start = max(0, min(self.first - halo, self.length - count))
        return start, start + count

    def slices(self, halo: int) -> Iterator[tuple[slice, slice]]:
        """Yield slices that together are the interval with its halo: of the axis, and of the interval itself.

        There are several where the interval wraps around.
        """
        start, stop = self.with_halo(halo)
        at = start
        while at < stop:
            first = at % self.length
            count = min(stop - at, self.length - first)
            yield slice(first, first + count), slice(at - start, at - start + count)
            at += count

    def conv_input(self, halo: int) -> tuple[tuple[int, int], tuple[bool, bool]]:
        """Return the part of the interval that the next convolution reads, and at which ends it needs padding."""
        begin, (start, stop) = self.with_halo(halo)[0], self.with_halo(halo - 1)
        ends = (start == 0, stop == self.length) if self.count == self.length or not self.circular else (False, False)
        return (start - 1 + ends[0] - begin, stop + 1 - ends[1] - begin), ends

    def core(self, halo: int, step: int) -> tuple[int, int]:
        """Return the part of the interval with its halo that is the span itself, after a layer of this stride."""
        start, _ = self.with_halo(halo)
        return (self.first - start) // step, (self.end - start) // step


@dataclass(frozen=True)
class Tile:
    """A rectangle of a map.

    Attributes:
        rows: its interval of rows.
        columns: its interval of columns.
    """

    rows: Span
    columns: Span

    def slices(self, halo: int) -> Iterator[tuple[tuple[slice, slice], tuple[slice, slice]]]:
        """Yield slices, rows and columns, that together are the tile with its halo: of the map, and of the tile."""
        for down, down_tile in self.rows.slices(halo):
            for across, across_tile in self.columns.slices(halo):
                yield (down, across), (down_tile, across_tile)

    def with_halo(self, x: Tensor, halo: int) -> Tensor:
        """Return the tile of a map, shape (1, C, H, W), with its halo."""
        for dim, span in ((2, self.rows), (3, self.columns)):
            parts = [x.narrow(dim, at.start, at.stop - at.start) for at, _ in span.slices(halo)]
            x = parts[0] if len(parts) == 1 else torch.cat(parts, dim)
        return x

    def conv_input(self, x: Tensor, halo: int) -> tuple[Tensor, Border]:
        """Return the part of a tile with its halo that the next convolution reads, and where it needs padding."""
        (down, ends_down), (across, ends_across) = (span.conv_input(halo) for span in (self.rows, self.columns))
        return crop(x, down, across), (*ends_down, *ends_across)

    def core(self, layer: str, x: Tensor, halo: int) -> tuple[Tensor, Offset]:
        """Return the tile without its halo, as a layer gives it, and its offset in the whole map of that layer."""
        step = 2 if layer.startswith("pool") else 1
        part = crop(x, self.rows.core(halo, step), self.columns.core(halo, step))
        return part, (self.rows.first // step, self.columns.first // step)

    def area(self, halo: int) -> int:
        """Return the number of positions of the tile with its halo."""
        down, across = self.rows.with_halo(halo), self.columns.with_halo(halo)
        return (down[1] - down[0]) * (across[1] - across[0])


def split_into_tiles(size: Size, positions: int, *, circular: bool) -> Iterator[Tile]:
    """Yield the tiles of a map, row by row. They are nearly square, to keep the halo small.

    Args:
        size: (height, width) of the map.
        positions: of a tile, roughly; at least two rows and two columns.
        circular: whether opposite borders meet.
    """
    height, width = size
    across = _even(width / max(1, round(width / max(1, positions) ** 0.5)))
    down = _even(height / ceil(height / max(2, positions // across // 2 * 2)))
    for rows in _spans(height, down, circular=circular):
        for columns in _spans(width, across, circular=circular):
            yield Tile(rows, columns)


def _even(length: float) -> int:
    """Round up to an even number, at least 2."""
    return max(2, 2 * ceil(length / 2))


def _spans(length: int, count: int, *, circular: bool) -> Iterator[Span]:
    """Yield the spans of an axis, each of ``count`` positions, an even number."""
    firsts = range(0, max(1, length - 1), count)  # a single last position cannot be pooled: it joins the span before
    # If the length is odd, that span has one position more, so all are computed with one more.
    most = length if len(firsts) == 1 else count + length % 2
    for first in firsts:
        yield Span(first, length if first == firsts[-1] else first + count, most, length, circular)
