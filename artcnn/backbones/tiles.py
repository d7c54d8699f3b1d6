"""Means over the places of a picture's features, and their gradient, in as little memory as there is.

What an objective wants to know of a picture, of whatever size, are a few means over the places of a layer: a Gram
matrix, a mean square, a mean squared difference. The mean over a picture is that over its tiles, weighed by their
areas. So the first stages of the network, whose maps are the large ones, can be run tile by tile, keeping nothing but
the means and, from stage to stage, the pooled maps; once the gradient of the value with respect to the means is known,
they are run again to pass it down. A stage's tiles overlap by what its own convolutions see and no more, and the result
is that of the whole picture: there are no seams to hide.

So much for a VGG. Any other network is run as a whole, whatever the tiles.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Protocol

import torch
from torch import Tensor

from artcnn.backbones.convolution import part_of
from artcnn.backbones.extractor import FeatureExtractor
from artcnn.backbones.vgg import Backbone
from artcnn.image import Size, size_of

Measured = tuple[Tensor, ...]
Place = tuple[int, int]
"""Row and column, from 0."""
Measure = Callable[[str, Tensor, Place], Measured]
"""Returns means over a tile of a layer, given the layer's name, the tile, (1, C, h, w), and where it begins."""


class Objective(Protocol):
    """A value of a picture that depends on means over places alone."""

    @property
    def layers(self) -> Collection[str]:
        """The layers that are measured."""

    def measure(self, layer: str, features: Tensor, at: Place) -> Measured:
        """Return means over the places of a tile of a layer."""

    def value(self, measured: Mapping[str, Measured]) -> Tensor:
        """Return the value, shape ``()``, to which the means over all places add up."""


@dataclass(frozen=True)
class Tiles:
    """How a picture is run through a network.

    Attributes:
        stages: how many of the first stages, which poolings end, are run in tiles, and again for the gradient; the
            others, and by default all, are run once, and what their gradient needs is kept.
        values: numbers of a layer that a tile holds, of two rows and columns at the least.
    """

    stages: int = 0
    values: int = 2**22

    def at(self, size: Size) -> "Tiles":  # noqa: ARG002
        """Return itself, whatever the size."""
        return self


class Tiling(Protocol):
    """How pictures are run through a network, by their size."""

    def at(self, size: Size) -> Tiles:
        """Return how one of (height, width) pixels is run."""


WHOLE = Tiles()
FRUGAL = Tiles(5, 2**21)
"""The ways that take the most memory, and the least."""


def measured(
    image: Tensor, backbone: FeatureExtractor, layers: Collection[str], measure: Measure, tiling: Tiling = WHOLE
) -> dict[str, Measured]:
    """Return by layer what is measured on an image, shape (1, 3, H, W); no gradient will be asked for."""
    if not isinstance(backbone, Backbone):
        with torch.no_grad():
            return _measured_at_once(image, backbone, layers, measure)
    passage = _Passage(backbone, layers, measure, tiling.at(size_of(image)))
    found: dict[str, Measured] = {}
    with torch.no_grad():
        x = backbone.normalised(image)
        for stage in passage.tiled:
            x, means = passage.down(stage, x)
            found |= means
        return found | passage.at_once(x)


def features(
    image: Tensor, backbone: FeatureExtractor, layers: Collection[str], tiling: Tiling = WHOLE
) -> dict[str, Tensor]:
    """Return what the network's own ``features`` does, no other layer being held as a whole where there are tiles."""
    whole: dict[str, Tensor] = {}

    def keep(layer: str, tile: Tensor, at: Place) -> Measured:
        size = backbone.size_at(layer, size_of(image))
        if layer not in whole:
            whole[layer] = tile if size_of(tile) == size else _empty(tile, size)
        if whole[layer] is not tile:
            under(tile, at, whole[layer]).copy_(tile)
        return ()

    measured(image, backbone, layers, keep, tiling)
    return whole


def value_and_gradient(
    image: Tensor, backbone: FeatureExtractor, objective: Objective, tiling: Tiling = WHOLE
) -> tuple[Tensor, Tensor]:
    """Return an objective's value of an image, shape ``()``, and its gradient, of the image's shape (1, 3, H, W)."""
    image = image.detach().requires_grad_(True)
    if not isinstance(backbone, Backbone):
        with torch.enable_grad():
            value = objective.value(_measured_at_once(image, backbone, objective.layers, objective.measure))
        return value.detach(), torch.autograd.grad(value, image)[0]
    passage = _Passage(backbone, objective.layers, objective.measure, tiling.at(size_of(image)))
    with torch.enable_grad():
        first = backbone.normalised(image)
    entering, found = [first.detach()], {}  # type: tuple[list[Tensor], dict[str, Measured]]
    with torch.no_grad():
        for stage in passage.tiled:
            x, means = passage.down(stage, entering[-1])
            entering.append(x)
            found |= {layer: tuple(mean.requires_grad_(True) for mean in of_layer) for layer, of_layer in means.items()}
    last = entering.pop().requires_grad_(True)
    with torch.enable_grad():
        value = objective.value(found | passage.at_once(last))
    flat = [(layer, mean) for layer, of_layer in found.items() for mean in of_layer]
    gradient, *pulls = torch.autograd.grad(value, [last, *(mean for _, mean in flat)], allow_unused=True)
    del last
    for stage in reversed(passage.tiled):
        of_stage = {layer: [p for (name, _), p in zip(flat, pulls, strict=True) if name == layer] for layer in stage}
        gradient = passage.up(stage, entering.pop(), gradient, of_stage)
    (gradient,) = torch.autograd.grad(first, image, gradient)
    return value.detach(), gradient


def _measured_at_once(
    image: Tensor, network: FeatureExtractor, layers: Collection[str], measure: Measure
) -> dict[str, Measured]:
    return {layer: measure(layer, x, (0, 0)) for layer, x in network.features(image, layers).items()}


def under(tile: Tensor, at: Place, whole: Tensor) -> Tensor:
    """Return the places of a map of all places, shape (1, C, H, W), where a tile lies."""
    return whole[..., at[0] : at[0] + tile.shape[2], at[1] : at[1] + tile.shape[3]]


@dataclass(frozen=True)
class _Span:
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
class _Tile:
    """Some rows of some columns."""

    rows: _Span
    columns: _Span

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


class _Passage:
    """The way of a picture through a network."""

    def __init__(self, backbone: Backbone, layers: Collection[str], measure: Measure, tiles: Tiles) -> None:
        self.backbone, self.wanted, self.measure, self.tiles = backbone, frozenset(layers), measure, tiles
        stages = backbone.stages(layers)
        self.tiled = stages[: tiles.stages]
        self.rest = [layer for stage in stages[tiles.stages :] for layer in stage]

    def at_once(self, x: Tensor) -> dict[str, Measured]:
        """Return what is measured behind the stages that are run in tiles."""
        found = self.backbone.run(self.rest, x, self.wanted)[1]
        return {layer: self.measure(layer, x, (0, 0)) for layer, x in found.items()}

    def down(self, stage: Sequence[str], x: Tensor) -> tuple[Tensor, dict[str, Measured]]:
        """Return what leaves a stage, put together of its tiles, and what was measured in it."""
        leaving, means = x.new_empty(0), {}  # type: tuple[Tensor, dict[str, Measured]]
        for tile in self._tiles(stage, x):
            y, found = self.backbone.run(stage, tile.seen(x), self.wanted)
            for layer, new in self._means(found, tile, size_of(x)):
                means[layer] = tuple(map(torch.add, means[layer], new)) if layer in means else new
            if stage[-1].startswith("pool"):
                part, at = tile.of(stage[-1], y)
                if at == (0, 0):
                    leaving = _empty(y, (x.shape[2] // 2, x.shape[3] // 2))
                under(part, at, leaving).copy_(part)
        return leaving, means

    def up(
        self, stage: Sequence[str], x: Tensor, gradient: Tensor | None, pulls: Mapping[str, Sequence[Tensor]]
    ) -> Tensor:
        """Return the gradient with respect to what enters a stage.

        Args:
            stage: its layers.
            x: what enters it.
            gradient: with respect to what leaves it, if anything does.
            pulls: the gradient with respect to each mean that is measured in it.
        """
        total = torch.zeros_like(x)
        for tile in self._tiles(stage, x):
            entering = tile.seen(x).detach().requires_grad_(True)
            with torch.enable_grad():
                y, found = self.backbone.run(stage, entering, self.wanted)
                ends, pull = [], []  # type: tuple[list[Tensor], list[Tensor]]
                if gradient is not None:
                    part, at = tile.of(stage[-1], y)
                    ends.append(part)
                    pull.append(under(part, at, gradient))
                for layer, means in self._means(found, tile, size_of(x)):
                    ends += means
                    pull += pulls[layer]
            (below,) = torch.autograd.grad(ends, entering, pull)
            for (down, across), (down_seen, across_seen) in tile.pieces(x):
                total[..., down, across] += below[..., down_seen, across_seen]
        return total

    def _tiles(self, stage: Sequence[str], x: Tensor) -> Iterator[_Tile]:
        """Yield the tiles of a stage, row by row: nearly squares, of which the least is seen around what they hold."""
        seen = sum(layer.startswith("conv") for layer in stage)
        seen += seen % 2  # so that every tile begins at an even place, as the poolings' squares do
        places = self.tiles.values // max(self.backbone.channels[layer] for layer in stage)
        across = _even(x.shape[3] / max(1, round(x.shape[3] / max(1, places) ** 0.5)))
        ring = self.backbone.padding == "circular"
        for rows in _spans(x.shape[2], places // across // 2 * 2, seen, ring=ring):
            for columns in _spans(x.shape[3], across, seen, ring=ring):
                yield _Tile(rows, columns)

    def _means(self, found: Mapping[str, Tensor], tile: _Tile, size: Size) -> Iterator[tuple[str, Measured]]:
        """Yield by layer what a tile adds to the means over all places of a stage that a map of that size enters."""
        for layer, of_layer in found.items():
            part, at = tile.of(layer, of_layer)
            height, width = (length // 2 for length in size) if layer.startswith("pool") else size
            share = part.shape[2] * part.shape[3] / (height * width)
            yield layer, tuple(share * mean for mean in self.measure(layer, part, at))


def _spans(length: int, count: int, seen: int, *, ring: bool) -> Iterator[_Span]:
    """Yield spans of ``count`` places, two at the least, each with the places that it sees on both sides."""
    firsts = range(0, max(1, length - 1), max(2, count))  # a last place alone could not be pooled: it goes with others
    if len(firsts) == 1:
        yield _Span(0, length, 0, length)
        return
    for first in firsts:
        end = length if first == firsts[-1] else first + firsts.step
        inside = _Span(first, end, max(0, first - seen), min(length, end + seen))
        yield _Span(first, end, first - seen, end + seen) if ring else inside


def _even(length: float) -> int:
    """Return the least even number that is not below."""
    return 2 * ceil(length / 2)


def _empty(like: Tensor, size: Size) -> Tensor:
    """Return a map of (height, width) places with the channels of another, channels last in memory."""
    return like.new_empty(1, *size, like.shape[1]).permute(0, 3, 1, 2)
