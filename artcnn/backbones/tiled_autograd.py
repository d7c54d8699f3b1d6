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
from typing import Protocol

import torch
from torch import Tensor

from artcnn.backbones.base import Backbone
from artcnn.backbones.tiles import UNTILED, Offset, Tile, TilePlan, TilingPolicy, count_convolutions, view_at
from artcnn.backbones.vgg import VGGBackbone
from artcnn.image import Size, size_of

Reduced = tuple[Tensor, ...]
Reducer = Callable[[str, Tensor, Offset], Reduced]
"""Returns means over a tile of a layer, given the layer's name, the tile, (1, C, h, w), and where it begins."""


class Objective(Protocol):
    """A value of a picture that depends on means over places alone."""

    @property
    def layers(self) -> Collection[str]:
        """The layers that are measured."""

    def reduce(self, layer: str, features: Tensor, at: Offset) -> Reduced:
        """Return means over the places of a tile of a layer."""

    def value(self, measured: Mapping[str, Reduced]) -> Tensor:
        """Return the value, shape ``()``, to which the means over all places add up."""


def reduce_features(
    image: Tensor, backbone: Backbone, layers: Collection[str], reducer: Reducer, tiling: TilingPolicy = UNTILED
) -> dict[str, Reduced]:
    """Return by layer what is measured on an image, shape (1, 3, H, W); no gradient will be asked for."""
    if not isinstance(backbone, VGGBackbone):
        with torch.no_grad():
            return _reduce_untiled(image, backbone, layers, reducer)
    tiled_pass = TiledPass(backbone, layers, reducer, tiling.plan(size_of(image)))
    found: dict[str, Reduced] = {}
    with torch.no_grad():
        x = backbone.normalize(image)
        for stage in tiled_pass.tiled:
            x, means = tiled_pass.forward(stage, x)
            found |= means
        return found | tiled_pass.forward_rest(x)


def features(
    image: Tensor, backbone: Backbone, layers: Collection[str], tiling: TilingPolicy = UNTILED
) -> dict[str, Tensor]:
    """Return what the network's own ``features`` does, no other layer being held as a whole where there are tiles."""
    whole: dict[str, Tensor] = {}

    def keep(layer: str, tile: Tensor, at: Offset) -> Reduced:
        size = backbone.size_at(layer, size_of(image))
        if layer not in whole:
            whole[layer] = tile if size_of(tile) == size else _empty(tile, size)
        if whole[layer] is not tile:
            view_at(tile, at, whole[layer]).copy_(tile)
        return ()

    reduce_features(image, backbone, layers, keep, tiling)
    return whole


def value_and_gradient(
    image: Tensor, backbone: Backbone, objective: Objective, tiling: TilingPolicy = UNTILED
) -> tuple[Tensor, Tensor]:
    """Return an objective's value of an image, shape ``()``, and its gradient, of the image's shape (1, 3, H, W)."""
    image = image.detach().requires_grad_(True)
    if not isinstance(backbone, VGGBackbone):
        with torch.enable_grad():
            value = objective.value(_reduce_untiled(image, backbone, objective.layers, objective.reduce))
        return value.detach(), torch.autograd.grad(value, image)[0]
    tiled_pass = TiledPass(backbone, objective.layers, objective.reduce, tiling.plan(size_of(image)))
    with torch.enable_grad():
        first = backbone.normalize(image)
    entering, found = [first.detach()], {}  # type: tuple[list[Tensor], dict[str, Reduced]]
    with torch.no_grad():
        for stage in tiled_pass.tiled:
            x, means = tiled_pass.forward(stage, entering[-1])
            entering.append(x)
            found |= {layer: tuple(mean.requires_grad_(True) for mean in of_layer) for layer, of_layer in means.items()}
    last = entering.pop().requires_grad_(True)
    with torch.enable_grad():
        value = objective.value(found | tiled_pass.forward_rest(last))
    flat = [(layer, mean) for layer, of_layer in found.items() for mean in of_layer]
    gradient, *pulls = torch.autograd.grad(value, [last, *(mean for _, mean in flat)], allow_unused=True)
    del last
    for stage in reversed(tiled_pass.tiled):
        of_stage = {layer: [p for (name, _), p in zip(flat, pulls, strict=True) if name == layer] for layer in stage}
        gradient = tiled_pass.backward(stage, entering.pop(), gradient, of_stage)
    (gradient,) = torch.autograd.grad(first, image, gradient)
    return value.detach(), gradient


def _reduce_untiled(image: Tensor, network: Backbone, layers: Collection[str], reducer: Reducer) -> dict[str, Reduced]:
    return {layer: reducer(layer, x, (0, 0)) for layer, x in network.features(image, layers).items()}


class TiledPass:
    """The way of a picture through a network."""

    def __init__(self, backbone: VGGBackbone, layers: Collection[str], reducer: Reducer, tiles: TilePlan) -> None:
        self.backbone, self.wanted, self.reducer, self.tiles = backbone, frozenset(layers), reducer, tiles
        stages = backbone.stages(layers)
        self.tiled = stages[: tiles.stages]
        self.rest = [layer for stage in stages[tiles.stages :] for layer in stage]

    def forward_rest(self, x: Tensor) -> dict[str, Reduced]:
        """Return what is measured behind the stages that are run in tiles."""
        found = self.backbone.run(self.rest, x, self.wanted)[1]
        return {layer: self.reducer(layer, x, (0, 0)) for layer, x in found.items()}

    def forward(self, stage: Sequence[str], x: Tensor) -> tuple[Tensor, dict[str, Reduced]]:
        """Return what leaves a stage, put together of its tiles, and what was measured in it."""
        leaving, means = x.new_empty(0), {}  # type: tuple[Tensor, dict[str, Reduced]]
        for tile in self._split(stage, x):
            y, found = self.backbone.run(stage, tile.with_halo(x, count_convolutions(stage)), self.wanted, tile)
            for layer, new in self._means(found, tile, stage, size_of(x)):
                means[layer] = tuple(map(torch.add, means[layer], new)) if layer in means else new
            if stage[-1].startswith("pool"):
                part, at = tile.core(stage[-1], y, halo=0)
                if at == (0, 0):
                    leaving = _empty(y, (x.shape[2] // 2, x.shape[3] // 2))
                view_at(part, at, leaving).copy_(part)
        return leaving, means

    def backward(
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
        for tile in self._split(stage, x):
            entering = tile.with_halo(x, count_convolutions(stage)).detach().requires_grad_(True)
            with torch.enable_grad():
                y, found = self.backbone.run(stage, entering, self.wanted, tile)
                ends, pull = [], []  # type: tuple[list[Tensor], list[Tensor]]
                if gradient is not None:
                    part, at = tile.core(stage[-1], y, halo=0)
                    ends.append(part)
                    pull.append(view_at(part, at, gradient))
                for layer, means in self._means(found, tile, stage, size_of(x)):
                    ends += means
                    pull += pulls[layer]
            (below,) = torch.autograd.grad(ends, entering, pull)
            for (down, across), (down_seen, across_seen) in tile.slices(count_convolutions(stage)):
                total[..., down, across] += below[..., down_seen, across_seen]
        return total

    def _split(self, stage: Sequence[str], x: Tensor) -> Iterator[Tile]:
        """Yield the tiles of a stage that ``x`` enters."""
        channels = (self.backbone.channels[layer] for layer in stage)
        return self.tiles.split_stage(size_of(x), channels, circular=self.backbone.padding == "circular")

    def _means(
        self, found: Mapping[str, Tensor], tile: Tile, stage: Sequence[str], size: Size
    ) -> Iterator[tuple[str, Reduced]]:
        """Yield by layer what a tile adds to the means over all places of a stage that a map of that size enters."""
        for layer, of_layer in found.items():
            part, at = tile.core(layer, of_layer, count_convolutions(stage[stage.index(layer) + 1 :]))
            height, width = (length // 2 for length in size) if layer.startswith("pool") else size
            share = part.shape[2] * part.shape[3] / (height * width)
            yield layer, tuple(share * mean for mean in self.reducer(layer, part, at))


def _empty(like: Tensor, size: Size) -> Tensor:
    """Return a map of (height, width) places with the channels of another, channels last in memory."""
    return like.new_empty(1, *size, like.shape[1]).permute(0, 3, 1, 2)
