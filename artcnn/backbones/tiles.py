"""How pictures are cut into tiles, and what a tile sees around it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import ceil
from typing import Protocol

import torch
from torch import Tensor

from artcnn.backbones.convolution import Border, crop
from artcnn.image import Size

Offset = tuple[int, int]
"""Row and column, from 0."""


@dataclass(frozen=True)
class TilePlan:
    """How a picture is run through a network.

    Attributes:
        stages: how many of the first stages, which poolings end, are run in tiles, and again for the gradient; the
            others, and by default all, are run once, and what their gradient needs is kept.
        values: numbers of a layer that a tile holds, of two rows and columns at the least.
    """

    stages: int = 0
    values: int = 2**21

    def plan(self, size: Size) -> "TilePlan":  # noqa: ARG002
        """Return itself, whatever the size."""
        return self

    def split_stage(self, size: Size, channels: Iterable[int], *, circular: bool) -> "Iterator[Tile]":
        """Yield the tiles of a map of (height, width) places that a stage of 3 x 3 convolutions is given.

        Args:
            size: of the map.
            channels: that each of the convolutions gives.
            circular: whether the opposite borders meet.
        """
        return split_into_tiles(size, self.values // max(channels), circular=circular)


class TilingPolicy(Protocol):
    """How pictures are run through a network, by their size."""

    def plan(self, size: Size) -> TilePlan:
        """Return how one of (height, width) pixels is run."""


UNTILED = TilePlan()
MIN_MEMORY = TilePlan(5, 2**20)
"""The ways that take the most memory, and the least."""


def count_convolutions(layers: Iterable[str]) -> int:
    """Return how many of some layers are convolutions."""
    return sum(layer.startswith("conv") for layer in layers)


def view_at(tile: Tensor, at: Offset, whole: Tensor) -> Tensor:
    """Return the places of a map of all places, shape (1, C, H, W), where a tile lies."""
    return whole[..., at[0] : at[0] + tile.shape[2], at[1] : at[1] + tile.shape[3]]


@dataclass(frozen=True)
class Span:
    """Places ``first`` to ``end`` of an axis of a stage.

    Attributes:
        first: even.
        end: one behind the last.
        count: places that each span of the axis is run with, so that the convolutions are compiled for one size.
        length: of the axis.
        circular: whether its ends meet: places before the first are the last ones, those behind the last the first.
    """

    first: int
    end: int
    count: int
    length: int
    circular: bool

    def with_halo(self, halo: int) -> tuple[int, int]:
        """Return from where to where a layer is needed, as many places on both sides as convolutions are behind it.

        At an end of the axis, beyond which there is nothing, it is more on the other side.
        """
        if self.circular and self.count < self.length:
            return self.first - halo, self.first + self.count + halo
        count = min(self.length, self.count + 2 * halo)
        start = max(0, min(self.first - halo, self.length - count))
        return start, start + count

    def slices(self, halo: int) -> Iterator[tuple[slice, slice]]:
        """Yield where the places that are seen lie along the axis, and where among each other."""
        start, stop = self.with_halo(halo)
        at = start
        while at < stop:
            first = at % self.length
            count = min(stop - at, self.length - first)
            yield slice(first, first + count), slice(at - start, at - start + count)
            at += count

    def conv_input(self, halo: int) -> tuple[tuple[int, int], tuple[bool, bool]]:
        """Return which of the places that are seen enter the next of the convolutions, and whether an end is beside.

        There it sees beyond the axis.
        """
        begin, (start, stop) = self.with_halo(halo)[0], self.with_halo(halo - 1)
        ends = (start == 0, stop == self.length) if self.count == self.length or not self.circular else (False, False)
        return (start - 1 + ends[0] - begin, stop + 1 - ends[1] - begin), ends

    def core(self, halo: int, step: int) -> tuple[int, int]:
        """Return which of the places that are seen are the span's, for a layer that steps over so many."""
        start, _ = self.with_halo(halo)
        return (self.first - start) // step, (self.end - start) // step


@dataclass(frozen=True)
class Tile:
    """Some rows of some columns."""

    rows: Span
    columns: Span

    def slices(self, halo: int) -> Iterator[tuple[tuple[slice, slice], tuple[slice, slice]]]:
        """Yield where the places that are seen lie in a map, rows and columns, and where among each other."""
        for down, down_seen in self.rows.slices(halo):
            for across, across_seen in self.columns.slices(halo):
                yield (down, across), (down_seen, across_seen)

    def with_halo(self, x: Tensor, halo: int) -> Tensor:
        """Return the places of a map that are seen by so many convolutions behind it."""
        for dim, span in ((2, self.rows), (3, self.columns)):
            parts = [x.narrow(dim, at.start, at.stop - at.start) for at, _ in span.slices(halo)]
            x = parts[0] if len(parts) == 1 else torch.cat(parts, dim)
        return x

    def conv_input(self, x: Tensor, halo: int) -> tuple[Tensor, Border]:
        """Return the places of what is seen that enter the next of the convolutions, and where the map ends there."""
        (down, ends_down), (across, ends_across) = (span.conv_input(halo) for span in (self.rows, self.columns))
        return crop(x, down, across), (*ends_down, *ends_across)

    def core(self, layer: str, x: Tensor, halo: int) -> tuple[Tensor, Offset]:
        """Return the tile's own places of a layer that so many convolutions follow, and where they begin."""
        step = 2 if layer.startswith("pool") else 1
        part = crop(x, self.rows.core(halo, step), self.columns.core(halo, step))
        return part, (self.rows.first // step, self.columns.first // step)

    def area(self, halo: int) -> int:
        """Return how many places are seen."""
        down, across = self.rows.with_halo(halo), self.columns.with_halo(halo)
        return (down[1] - down[0]) * (across[1] - across[0])


def split_into_tiles(size: Size, places: int, *, circular: bool) -> Iterator[Tile]:
    """Yield the tiles of a map, row by row: nearly squares, of which the least is seen around what they hold.

    Args:
        size: (height, width) of the map.
        places: how many a tile holds, about; of two rows and columns at the least.
        circular: whether the opposite borders meet.
    """
    height, width = size
    across = _even(width / max(1, round(width / max(1, places) ** 0.5)))
    down = _even(height / ceil(height / max(2, places // across // 2 * 2)))
    for rows in _spans(height, down, circular=circular):
        for columns in _spans(width, across, circular=circular):
            yield Tile(rows, columns)


def _even(length: float) -> int:
    """Return the least even number that is not below, 2 at the least."""
    return max(2, 2 * ceil(length / 2))


def _spans(length: int, count: int, *, circular: bool) -> Iterator[Span]:
    """Yield spans of ``count`` places, an even number, so that each begins where the poolings' squares do."""
    firsts = range(0, max(1, length - 1), count)  # a last place alone could not be pooled: it goes with the others
    # Of an odd length a span may have a place more.
    most = length if len(firsts) == 1 else count + length % 2
    for first in firsts:
        yield Span(first, length if first == firsts[-1] else first + count, most, length, circular)
