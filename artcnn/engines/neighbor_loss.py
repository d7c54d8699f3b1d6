"""What style transfer by nearest neighbours descends: each place of the picture is to be like one of the painting."""

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
from artcnn.engines.step import State
from artcnn.engines.style_loss import StyleLoss, scale_painting
from artcnn.image import Size, size_of
from artcnn.losses import alignment
from artcnn.objectives import at_least_float32

ROTATIONS = 4
"""Quarter turns in which a painting is searched: strokes may run any way, as in the paper."""

SEARCH_INTERVAL = 4
"""Steps of the last scale between two searches."""

_PARTS = 2
"""Where a layer is searched alone, a cell is known by so many parts of it down and across: where in it things are."""


class Match(NamedTuple):
    """Where each cell of a picture has its neighbour.

    Attributes:
        source: index of the painting times ``ROTATIONS``, plus the number of its quarter turns, shape (cells,).
        cell: of the painting so turned, shape (cells,).
    """

    source: Tensor
    cell: Tensor


class NeighborLoss(StyleLoss):
    """The loss of an image at one scale: Kolkin et al. 2022, "Neural Neighbor Style Transfer" (arXiv:2203.13215).

    Of layer l and place p it has 1 - cos(F_l(p), T_l(p)), the mean over the places and the weighted sum over the
    layers, where T_l(p) are the painting's features at the place that looks most like p. Neighbours are searched from
    the image by :meth:`retarget`; until then there is no loss. The photo's features, total variation, masks, several
    paintings and strength are as in :class:`StyleLoss`: in a region only its paintings are searched, of which each
    has its share of the places; between photo and painting the cosines of both are mixed.
    """

    _matches: Sequence[list[Match]] = ()
    _wanted: Mapping[str, Tensor]
    _areas: Mapping[str, Tensor]

    def retarget(self, image: Tensor, done: int, left: int) -> bool:
        """Search for neighbours of an image where it is time: first at a scale, at the last one now and again.

        There each layer has neighbours of its own, as in the paper's last pass ("feature splitting").
        """
        alone = left <= self.recipe.fine_steps
        if done % SEARCH_INTERVAL if alone else done:
            return False
        with torch.no_grad():
            self._matches = self._search(self.kept(image), alone=alone)
            self._gather()
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
        """Have the targets that matches lead to."""
        groups = len({name.split(".")[2] for name in state if name.startswith("match.")})
        self._matches = [
            [Match(*(state[f"match.{region}.{group}.{name}"] for name in Match._fields)) for group in range(groups)]
            for region in range(len(self._regions))
        ]
        self._gather()

    def _aim(self, photo: Tensor, paintings: Sequence[Tensor], regions: Sequence[Region], long_side: int) -> None:
        self._regions, self._size, self._device = regions, size_of(photo), photo.device
        self._grid = grid_size(self._size, cell_size(self._size))
        self._own = photo if self.recipe.strength < 1 else None
        self._seen = [
            [
                scale_painting(painting, photo, long_side, self.recipe, region.share) if weight > 0 else None
                for painting, weight in zip(paintings, region.weights, strict=True)
            ]
            for region in regions
        ]
        self._known: dict[tuple[int, int], dict[str, Tensor]] = {}
        self._whole = self.tiling.plan(self._size).stages == 0

    def _style_means(self, layer: str, features: Tensor, at: Offset) -> Sequence[Tensor]:
        return (alignment(features, view_at(features, at, self._wanted[layer])),)

    def _style_distances(self, layer: str, means: Sequence[Tensor]) -> Sequence[Tensor]:
        return (self._areas[layer] - means[0],)

    def _search(self, image: Tensor, *, alone: bool) -> list[list[Match]]:
        """Return, for each region, the matches of all layers together, or of each alone."""
        layers = list(self._style_weights)
        groups = [[layer] for layer in layers] if alone else [layers]
        parts = _PARTS if alone else 1
        queries = self._columns(self._features(image, self.backbone), self._grid, groups, parts)
        found = []
        for index, (region, seen) in enumerate(zip(self._regions, self._seen, strict=True)):
            shape = len(groups), len(seen), len(queries[0])
            best = torch.full(shape, -torch.inf, device=image.device)
            source, cell = (torch.zeros(shape, dtype=torch.int32, device=image.device) for _ in range(2))
            for number in self._sources(index):
                cells, features_there = self._painting(index, number)
                keys = self._columns(features_there, cells, groups, parts)
                for group in range(len(groups)):
                    similarity, at = nearest_neighbors(queries[group], keys[group])
                    here = group, number // ROTATIONS
                    better = similarity > best[here]
                    best[here] = torch.where(better, similarity, best[here])
                    source[here] = source[here].masked_fill(better, number)
                    cell[here] = torch.where(better, at.int(), cell[here])
            area = None if region.share is None else resize_share(region.share, self._grid).flatten()
            taken = [assign_paintings(similarity, region.weights, area)[None] for similarity in best]
            found.append([Match(*(x[g].gather(0, taken[g])[0] for x in (source, cell))) for g in range(len(groups))])
        return found

    def _gather(self) -> None:
        """Put the targets together of what was found."""
        layers = list(self._style_weights)
        sizes = {layer: self.backbone.size_at(layer, self._size) for layer in layers}
        targets = {
            layer: torch.zeros(
                1, self.backbone.channels[layer], *size, dtype=self.backbone.dtype, device=self._device
            ).to(memory_format=torch.channels_last)
            for layer, size in sizes.items()
        }
        for index, (region, matches) in enumerate(zip(self._regions, self._matches, strict=True)):
            of = dict(zip(layers, matches if len(matches) > 1 else matches * len(layers), strict=True))
            for number in self._sources(index):
                if not any((match.source == number).any() for match in matches):
                    continue
                cells, features_there = self._painting(index, number)
                for layer, x in features_there.items():
                    cell, taken = of[layer].cell.long(), of[layer].source == number
                    part = gather_features(x, cell, taken, self._grid, cells, sizes[layer])
                    targets[layer] += part if region.share is None else part * resize_share(region.share, sizes[layer])
        if self._own is not None:
            for layer, x in self._features(self._own, self._of_others).items():
                own = F.normalize(at_least_float32(x), dim=1) * self._asked(sizes[layer])
                targets[layer] = torch.lerp(own, at_least_float32(targets[layer]), self.recipe.strength).to(x.dtype)
        self._wanted = targets
        self._areas = {layer: self._asked(size).mean() for layer, size in sizes.items()}

    def _asked(self, size: Size) -> Tensor:
        """Return how far a style is asked for at the places of a layer, shape (1, 1, height, width)."""
        shares = [region.share for region in self._regions if region.share is not None]
        if not shares:
            return torch.ones(1, 1, *size, device=self._device)
        return torch.stack([resize_share(share, size) for share in shares]).sum(0)

    def _sources(self, region: int) -> Iterator[int]:
        """Yield the numbers by which a match knows the paintings of a region, each turned."""
        for index, painting in enumerate(self._seen[region]):
            if painting is not None:
                yield from range(index * ROTATIONS, (index + 1) * ROTATIONS)

    def _painting(self, region: int, source: int) -> tuple[Size, dict[str, Tensor]]:
        """Return the cells, down and across, and the features of a region's painting, turned as its number says."""
        painting = self._seen[region][source // ROTATIONS]
        assert painting is not None  # noqa: S101 - it is one of the sources
        turned = torch.rot90(painting, source % ROTATIONS, (2, 3))
        found = self._known.get((region, source)) or self._features(turned, self._of_others)
        if self._whole:  # there is memory to keep what the next search will need again
            self._known[region, source] = found
        return grid_size(size_of(turned), cell_size(self._size)), found

    def _features(self, image: Tensor, backbone: Backbone) -> dict[str, Tensor]:
        return features(image, backbone, self._style_weights.keys(), self.tiling)

    def _columns(
        self, found: Mapping[str, Tensor], grid: Size, groups: Sequence[Sequence[str]], parts: int
    ) -> list[Tensor]:
        """Return what is known of each cell by the layers of each group."""
        cells = {layer: pool_cells(x, grid, parts=parts) for layer, x in found.items()}
        return [hypercolumns(cells, {layer: self._style_weights[layer] for layer in group}) for group in groups]
