"""How pictures are cut into tiles, and what a tile sees around it."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import Protocol

import torch
from torch import Tensor

from artcnn.backbones.convolution import part_of
from artcnn.image import Size

Place = tuple[int, int]
"""Row and column, from 0."""


@dataclass(frozen=True)
class Tiles:
    """How a picture is run through a network.

    Attributes:
        stages: how many of the first stages, which poolings end, are run in tiles, and again for the gradient; the
            others, and by default all, are run once, and what their gradient needs is kept.
        values: numbers of a layer that a tile holds, of two rows and columns at the least.
    """

    stages: int = 0
    values: int = 2**21

    def at(self, size: Size) -> "Tiles":  # noqa: ARG002
        """Return itself, whatever the size."""
        return self


class Tiling(Protocol):
    """How pictures are run through a network, by their size."""

    def at(self, size: Size) -> Tiles:
        """Return how one of (height, width) pixels is run."""


WHOLE = Tiles()
FRUGAL = Tiles(5, 2**20)
"""The ways that take the most memory, and the least."""


def under(tile: Tensor, at: Place, whole: Tensor) -> Tensor:
    """Return the places of a map of all places, shape (1, C, H, W), where a tile lies."""
    return whole[..., at[0] : at[0] + tile.shape[2], at[1] : at[1] + tile.shape[3]]


@dataclass(frozen=True)
class Span:
    """Places ``first`` to ``end`` of an axis of a stage, and those, ``start`` to ``stop``, that they see of its input.

    Places before the first are the last ones, and those behind the last the first, where a picture is a ring.
    """

    first: int
    end: int
    start: int
    stop: int

    def pieces(self, length: int) -> Iterator[tuple[slice, slice]]:
        """Yield where the places that are seen lie along an axis of that length, and where among each other."""
        at = self.start
        while at < self.stop:
            first = at % length
            count = min(self.stop - at, length - first)
            yield slice(first, first + count), slice(at - self.start, at - self.start + count)
            at += count

    def kept(self, step: int) -> tuple[int, int]:
        """Return which of the places that a layer gives of those seen are the span's, where it steps over so many."""
        return (self.first - self.start) // step, (self.end - self.start) // step


@dataclass(frozen=True)
class Tile:
    """Some rows of some columns."""

    rows: Span
    columns: Span

    def pieces(self, x: Tensor) -> Iterator[tuple[tuple[slice, slice], tuple[slice, slice]]]:
        """Yield where the places that are seen lie in ``x``, rows and columns, and where among each other."""
        for down, down_seen in self.rows.pieces(x.shape[2]):
            for across, across_seen in self.columns.pieces(x.shape[3]):
                yield (down, across), (down_seen, across_seen)

    def seen(self, x: Tensor) -> Tensor:
        """Return the places of ``x`` that are seen."""
        for dim, span in ((2, self.rows), (3, self.columns)):
            parts = [x.narrow(dim, at.start, at.stop - at.start) for at, _ in span.pieces(x.shape[dim])]
            x = parts[0] if len(parts) == 1 else torch.cat(parts, dim)
        return x

    def of(self, layer: str, x: Tensor) -> tuple[Tensor, Place]:
        """Return the places of a layer that was given what is seen, and where the first is."""
        step = 2 if layer.startswith("pool") else 1
        part = part_of(x, self.rows.kept(step), self.columns.kept(step))
        return part, (self.rows.first // step, self.columns.first // step)


def cut(size: Size, places: int, seen: int, *, ring: bool) -> Iterator[Tile]:
    """Yield the tiles of a map, row by row: nearly squares, of which the least is seen around what they hold.

    Args:
        size: (height, width) of the map.
        places: how many a tile holds, about; of two rows and columns at the least.
        seen: rows and columns that are seen around each.
        ring: whether the opposite borders meet.
    """
    seen += seen % 2  # so that every tile begins at an even place, as the poolings' squares do
    height, width = size
    across = _even(width / max(1, round(width / max(1, places) ** 0.5)))
    down = _even(height / ceil(height / max(2, places // across // 2 * 2)))
    for rows in _spans(height, down, seen, ring=ring):
        for columns in _spans(width, across, seen, ring=ring):
            yield Tile(rows, columns)


def _even(length: float) -> int:
    """Return the least even number that is not below, 2 at the least."""
    return max(2, 2 * ceil(length / 2))


def _spans(length: int, count: int, seen: int, *, ring: bool) -> Iterator[Span]:
    """Yield spans of ``count`` places, an even number, each with the places that it sees on both sides.

    At a border more is seen on the other side: all tiles have one size, for which the convolutions are compiled once.
    """
    firsts = range(0, max(1, length - 1), count)  # a last place alone could not be pooled: it goes with the others
    if len(firsts) == 1:
        yield Span(0, length, 0, length)
        return
    window = count + length % 2 + 2 * seen  # of an odd length a span may have a place more
    for first in firsts:
        end = length if first == firsts[-1] else first + count
        start = first - seen if ring else max(0, min(first - seen, length - window))
        yield Span(first, end, start, start + window if ring else min(length, start + window))
