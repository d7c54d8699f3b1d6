"""The loss of style transfer by nearest neighbors: each place of the picture comes close to one of the painting."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from artcnn.backbones.base import Backbone
from artcnn.backbones.tiled_autograd import features
from artcnn.backbones.tiles import Offset, view_at
from artcnn.engines.guidance import Region, resize_share
from artcnn.engines.neighbors import (
    assign_paintings,
    cell_size,
    gather_features,
    grid_size,
    hypercolumns,
    nearest_neighbors,
    pool_cells,
)
from artcnn.engines.painting_scale import scale_painting
from artcnn.engines.step import State
from artcnn.engines.style_loss import StyleLoss
from artcnn.image import Size, size_of
from artcnn.losses import alignment
from artcnn.spatial import at_least_float32

ROTATIONS = 4
"""Quarter turns in which a painting is searched, as in the paper: strokes may run in any direction."""

SEARCH_INTERVAL = 4
"""Steps between two searches at the last scale."""

_PARTS = 2
"""Where each layer is searched alone, a cell is described by this many parts down and across."""


class Match(NamedTuple):
    """The nearest neighbor of each cell of a picture.

    Attributes:
        source: index of the painting times ``ROTATIONS``, plus the number of its quarter turns, shape (cells,).
        cell: index of the cell in that painting, turned, shape (cells,).
    """

    source: Tensor
    cell: Tensor


class NeighborLoss(StyleLoss):
    """The loss of an image at one scale (Kolkin et al. 2022, "Neural Neighbor Style Transfer", arXiv:2203.13215).

    The style term is the weighted sum over the layers l, and the mean over the places p, of 1 - cos(F_l(p), T_l(p)).
    F are the image's features; T_l(p) are the painting's features at the place most similar to p. :meth:`retarget`
    searches for neighbors; before the first search there is no loss.

    The content term, total variation, masks, blends and strength are as in :class:`StyleLoss`. In a region only its
    paintings are searched, and each gets its weight's share of the places. A strength below 1 mixes T with the photo's
    own features.
    """

    _matches: Sequence[list[Match]] = ()  # by region, then by group of layers
    _targets: Mapping[str, Tensor]
    _areas: Mapping[str, Tensor]

    def retarget(self, image: Tensor, step: int, steps_left: int) -> bool:
        """Search for the neighbors of an image where it is due, and return whether there are new ones.

        They are searched once at the start of a scale. At the last scale they are searched every few steps, and each
        layer has its own neighbors ("feature splitting" in the paper).
        """
        split = steps_left <= self.recipe.fine_steps
        if step % SEARCH_INTERVAL if split else step:
            return False
        with torch.no_grad():
            self._matches = self._search(self.restore_protected(image), split=split)
            self._gather_targets()
        return True

    def state(self) -> State:
        """Return the matches."""
        return {
            f"match.{region}.{group}.{name}": x
            for region, of_region in enumerate(self._matches)
            for group, match in enumerate(of_region)
            for name, x in match._asdict().items()
        }

    def restore(self, state: State) -> None:
        """Load matches, and gather their targets."""
        groups = len({name.split(".")[2] for name in state if name.startswith("match.")})
        self._matches = [
            [Match(*(state[f"match.{region}.{group}.{name}"] for name in Match._fields)) for group in range(groups)]
            for region in range(len(self._regions))
        ]
        self._gather_targets()

    def _set_style_targets(
        self, photo: Tensor, paintings: Sequence[Tensor], regions: Sequence[Region], long_side: int
    ) -> None:
        """Prepare the search; the targets are set by :meth:`retarget`."""
        self._regions, self._device = regions, photo.device
        self._grid = grid_size(self.size, cell_size(self.size))
        self._paintings = [
            [
                scale_painting(painting, photo, long_side, self.recipe, region.share) if weight > 0 else None
                for painting, weight in zip(paintings, region.weights, strict=True)
            ]
            for region in regions
        ]
        self._feature_cache: dict[tuple[int, int], dict[str, Tensor]] = {}
        self._keep_features = self.tiling.plan(self.size).stages == 0  # without tiles there is enough memory

    def _mix_style(self, photo: Tensor) -> None:
        """Keep the photo for the targets, which the next search puts together."""
        self._photo = photo if self.recipe.strength < 1 else None

    def _reduce_style(self, layer: str, features: Tensor, at: Offset) -> Sequence[Tensor]:
        return (alignment(features, view_at(features, at, self._targets[layer])),)

    def _style_distances(self, layer: str, means: Sequence[Tensor]) -> Sequence[Tensor]:
        return (self._areas[layer] - means[0],)

    def _search(self, image: Tensor, *, split: bool) -> list[list[Match]]:
        """Return, for each region, the matches of all layers together, or of each layer by itself."""
        layers = list(self._style_weights)
        groups = [[layer] for layer in layers] if split else [layers]
        parts = _PARTS if split else 1
        queries = self._describe_cells(self._features(image, self.backbone), self._grid, groups, parts)
        return [self._search_region(region, queries, groups, parts) for region in range(len(self._regions))]

    def _search_region(
        self, index: int, queries: Sequence[Tensor], groups: Sequence[Sequence[str]], parts: int
    ) -> list[Match]:
        """Return the matches of each group of layers in a region's paintings."""
        region = self._regions[index]
        shape = len(groups), len(self._paintings[index]), len(queries[0])
        best = torch.full(shape, -torch.inf, device=self._device)
        source, cell = (torch.zeros(shape, dtype=torch.int32, device=self._device) for _ in range(2))
        for number in self._sources(index):
            cells, found = self._painting_features(index, number)
            keys = self._describe_cells(found, cells, groups, parts)
            for group in range(len(groups)):
                similarity, at = nearest_neighbors(queries[group], keys[group])
                here = group, number // ROTATIONS
                better = similarity > best[here]
                best[here] = torch.where(better, similarity, best[here])
                source[here] = source[here].masked_fill(better, number)
                cell[here] = torch.where(better, at.int(), cell[here])
        area = None if region.share is None else resize_share(region.share, self._grid).flatten()
        chosen = [assign_paintings(similarity, region.weights, area)[None] for similarity in best]
        return [Match(*(x[group].gather(0, chosen[group])[0] for x in (source, cell))) for group in range(len(groups))]

    def _gather_targets(self) -> None:
        """Put the targets together from the paintings' features at the matches."""
        layers = list(self._style_weights)
        sizes = {layer: self.backbone.size_at(layer, self.size) for layer in layers}
        targets = {layer: self._empty_target(layer, size) for layer, size in sizes.items()}
        for index, (region, matches) in enumerate(zip(self._regions, self._matches, strict=True)):
            match_of = dict(zip(layers, matches if len(matches) > 1 else matches * len(layers), strict=True))
            for number in self._sources(index):
                if not any((match.source == number).any() for match in matches):
                    continue
                cells, found = self._painting_features(index, number)
                for layer, x in found.items():
                    cell, taken = match_of[layer].cell.long(), match_of[layer].source == number
                    part = gather_features(x, cell, taken, self._grid, cells, sizes[layer])
                    targets[layer] += part if region.share is None else part * resize_share(region.share, sizes[layer])
        if self._photo is not None:
            for layer, x in self._features(self._photo, self._target_backbone).items():
                own = F.normalize(at_least_float32(x), dim=1) * self._style_share(sizes[layer])
                targets[layer] = torch.lerp(own, at_least_float32(targets[layer]), self.recipe.strength).to(x.dtype)
        self._targets = targets
        self._areas = {layer: self._style_share(size).mean() for layer, size in sizes.items()}

    def _empty_target(self, layer: str, size: Size) -> Tensor:
        shape = 1, self.backbone.channels[layer], *size
        empty = torch.zeros(shape, dtype=self.backbone.dtype, device=self._device)
        return empty.to(memory_format=torch.channels_last)

    def _style_share(self, size: Size) -> Tensor:
        """Return how much style each place of a layer gets, of all regions, shape (1, 1, height, width)."""
        shares = [region.share for region in self._regions if region.share is not None]
        if not shares:
            return torch.ones(1, 1, *size, device=self._device)
        return torch.stack([resize_share(share, size) for share in shares]).sum(0)

    def _sources(self, region: int) -> Iterator[int]:
        """Yield the source numbers of a region's paintings, each in all its rotations."""
        for index, painting in enumerate(self._paintings[region]):
            if painting is not None:
                yield from range(index * ROTATIONS, (index + 1) * ROTATIONS)

    def _painting_features(self, region: int, source: int) -> tuple[Size, dict[str, Tensor]]:
        """Return the grid of cells and the features by layer of a region's painting, rotated."""
        painting = self._paintings[region][source // ROTATIONS]
        assert painting is not None  # noqa: S101 - it is one of the sources
        rotated = torch.rot90(painting, source % ROTATIONS, (2, 3))
        found = self._feature_cache.get((region, source)) or self._features(rotated, self._target_backbone)
        if self._keep_features:
            self._feature_cache[region, source] = found
        return grid_size(size_of(rotated), cell_size(self.size)), found

    def _features(self, image: Tensor, backbone: Backbone) -> dict[str, Tensor]:
        return features(image, backbone, self._style_weights.keys(), self.tiling)

    def _describe_cells(
        self, found: Mapping[str, Tensor], grid: Size, groups: Sequence[Sequence[str]], parts: int
    ) -> list[Tensor]:
        """Return one vector for each cell, shape (cells, numbers), for each group of layers."""
        cells = {layer: pool_cells(x, grid, parts=parts) for layer, x in found.items()}
        return [hypercolumns(cells, {layer: self._style_weights[layer] for layer in group}) for group in groups]
