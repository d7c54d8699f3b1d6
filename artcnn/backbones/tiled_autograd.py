"""The gradient of an objective of means over feature maps, computed tile by tile to save memory.

An objective needs only a few means over the positions of a layer: a Gram matrix, a mean square, a mean squared
difference. The mean over a picture is the mean over its tiles, weighted by their areas. So the first stages of a VGG,
whose maps are the largest, run tile by tile and keep only those means and the pooled maps. Once the gradient with
respect to the means is known, the stages run again to pass it back. A tile's halo covers exactly what the stage's
convolutions read, so the result equals that of the whole picture, without seams.

Other networks run as a whole, whatever the plan.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Protocol

import torch
from torch import Tensor

from artcnn.backbones.base import Backbone
from artcnn.backbones.tiles import UNTILED, Offset, Tile, TilePlan, TilingPolicy, count_convolutions, view_at
from artcnn.backbones.vgg import VGGBackbone
from artcnn.backbones.vjp import vector_jacobian_product
from artcnn.image import Size, size_of

Reduced = tuple[Tensor, ...]
Reducer = Callable[[str, Tensor, Offset], Reduced]
"""Returns means over a tile, given the layer's name, the tile's features, shape (1, C, h, w), and its offset."""


class Objective(Protocol):
    """A function of a picture that depends only on means over feature maps."""

    @property
    def layers(self) -> Collection[str]:
        """The layers whose features it needs."""

    def reduce(self, layer: str, features: Tensor, at: Offset) -> Reduced:
        """Return means over the positions of a tile of a layer."""

    def value(self, measured: Mapping[str, Reduced]) -> Tensor:
        """Return the value, shape ``()``, from the means over all positions of each layer."""


def reduce_features(
    image: Tensor, backbone: Backbone, layers: Collection[str], reducer: Reducer, tiling: TilingPolicy = UNTILED
) -> dict[str, Reduced]:
    """Return means over each layer's features of an image, shape (1, 3, H, W), without a gradient."""
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
    """Return the same as the network's own ``features``, but without holding the other layers of tiled stages."""
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
    """Return an objective's value, shape ``()``, and its gradient by the image, shape (1, 3, H, W)."""
    image = image.detach().requires_grad_(True)
    if not isinstance(backbone, VGGBackbone):
        with torch.enable_grad():
            value = objective.value(_reduce_untiled(image, backbone, objective.layers, objective.reduce))
        return value.detach(), torch.autograd.grad(value, image)[0]
    tiled_pass = TiledPass(backbone, objective.layers, objective.reduce, tiling.plan(size_of(image)))
    with torch.enable_grad():
        first = backbone.normalize(image)
    inputs, found = [first.detach()], {}  # type: tuple[list[Tensor], dict[str, Reduced]]
    with torch.no_grad():
        for stage in tiled_pass.tiled:
            x, means = tiled_pass.forward(stage, inputs[-1])
            inputs.append(x)
            found |= {layer: tuple(mean.requires_grad_(True) for mean in of_layer) for layer, of_layer in means.items()}
    last = inputs.pop().requires_grad_(True)
    with torch.enable_grad():
        value = objective.value(found | tiled_pass.forward_rest(last))
    flat = [(layer, mean) for layer, of_layer in found.items() for mean in of_layer]
    gradient, *by_mean = torch.autograd.grad(value, [last, *(mean for _, mean in flat)], allow_unused=True)
    del last
    for stage in reversed(tiled_pass.tiled):
        of_stage = {layer: [g for (name, _), g in zip(flat, by_mean, strict=True) if name == layer] for layer in stage}
        gradient = tiled_pass.backward(stage, inputs.pop(), gradient, of_stage)
    return value.detach(), vector_jacobian_product([first], image, [gradient])


def _reduce_untiled(image: Tensor, network: Backbone, layers: Collection[str], reducer: Reducer) -> dict[str, Reduced]:
    return {layer: reducer(layer, x, (0, 0)) for layer, x in network.features(image, layers).items()}


class TiledPass:
    """A pass through a VGG whose first stages run tile by tile.

    Attributes:
        tiled: the stages that run tile by tile, each a list of layers.
        rest: the layers after them.
    """

    def __init__(self, backbone: VGGBackbone, layers: Collection[str], reducer: Reducer, plan: TilePlan) -> None:
        self.backbone, self.wanted, self.reducer, self.plan = backbone, frozenset(layers), reducer, plan
        stages = backbone.stages(layers)
        self.tiled = stages[: plan.stages]
        self.rest = [layer for stage in stages[plan.stages :] for layer in stage]

    def forward_rest(self, x: Tensor) -> dict[str, Reduced]:
        """Run the layers after the tiled stages; return the means of the wanted ones."""
        found = self.backbone.run(self.rest, x, self.wanted)[1]
        return {layer: self.reducer(layer, x, (0, 0)) for layer, x in found.items()}

    def forward(self, stage: Sequence[str], x: Tensor) -> tuple[Tensor, dict[str, Reduced]]:
        """Run a stage tile by tile; return its pooled map, and the means of its wanted layers."""
        pooled, means = x.new_empty(0), {}  # type: tuple[Tensor, dict[str, Reduced]]
        for tile in self._split(stage, x):
            y, found = self.backbone.run(stage, tile.with_halo(x, count_convolutions(stage)), self.wanted, tile)
            for layer, new in self._weighted_means(found, tile, stage, size_of(x)):
                means[layer] = tuple(map(torch.add, means[layer], new)) if layer in means else new
            if stage[-1].startswith("pool"):
                part, at = tile.core(stage[-1], y, halo=0)
                if at == (0, 0):
                    pooled = _empty(y, (x.shape[2] // 2, x.shape[3] // 2))
                view_at(part, at, pooled).copy_(part)
        return pooled, means

    def backward(
        self, stage: Sequence[str], x: Tensor, gradient: Tensor | None, by_mean: Mapping[str, Sequence[Tensor]]
    ) -> Tensor:
        """Run a stage again; return the gradient with respect to its input.

        Args:
            stage: its layers.
            x: its input.
            gradient: with respect to its output; None if nothing after it needs one.
            by_mean: the gradient with respect to each mean of its layers.
        """
        total = torch.zeros_like(x)
        for tile in self._split(stage, x):
            tile_input = tile.with_halo(x, count_convolutions(stage)).detach().requires_grad_(True)
            with torch.enable_grad():
                y, found = self.backbone.run(stage, tile_input, self.wanted, tile)
                outputs, output_gradients = [], []  # type: tuple[list[Tensor], list[Tensor]]
                if gradient is not None:
                    part, at = tile.core(stage[-1], y, halo=0)
                    outputs.append(part)
                    output_gradients.append(view_at(part, at, gradient))
                for layer, means in self._weighted_means(found, tile, stage, size_of(x)):
                    outputs += means
                    output_gradients += by_mean[layer]
            tile_gradient = vector_jacobian_product(outputs, tile_input, output_gradients)
            for (down, across), (down_tile, across_tile) in tile.slices(count_convolutions(stage)):
                total[..., down, across] += tile_gradient[..., down_tile, across_tile]
        return total

    def _split(self, stage: Sequence[str], x: Tensor) -> Iterator[Tile]:
        """Yield the tiles of a stage's input."""
        channels = (self.backbone.channels[layer] for layer in stage)
        return self.plan.split_stage(size_of(x), channels, circular=self.backbone.padding == "circular")

    def _weighted_means(
        self, found: Mapping[str, Tensor], tile: Tile, stage: Sequence[str], size: Size
    ) -> Iterator[tuple[str, Reduced]]:
        """Yield a tile's means by layer, weighted by its part of the layer's area; ``size`` is the stage's input's."""
        for layer, of_layer in found.items():
            part, at = tile.core(layer, of_layer, count_convolutions(stage[stage.index(layer) + 1 :]))
            height, width = (length // 2 for length in size) if layer.startswith("pool") else size
            share = part.shape[2] * part.shape[3] / (height * width)
            yield layer, tuple(share * mean for mean in self.reducer(layer, part, at))


def _empty(like: Tensor, size: Size) -> Tensor:
    """Return an empty map of (height, width) with the channels of another, channels last in memory."""
    return like.new_empty(1, *size, like.shape[1]).permute(0, 3, 1, 2)
