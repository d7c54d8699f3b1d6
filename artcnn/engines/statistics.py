"""Statistics of features, which describe a style: Gram matrices, or means and covariances, of each region."""

from collections.abc import Collection, Iterator, Sequence

from torch import Tensor

from artcnn.backbones.base import Backbone
from artcnn.backbones.tiled_autograd import reduce_features
from artcnn.backbones.tiles import UNTILED, Offset, TilingPolicy, view_at
from artcnn.engines.guidance import Region, resize_share
from artcnn.image import Size, size_of
from artcnn.losses import channel_means, covariance, gram_matrix

Statistics = tuple[Tensor, ...]
"""A Gram matrix; or a covariance matrix and means."""

EVERYWHERE = (Region((1.0,)),)


class RegionStatistics:
    """The statistics of an image's features in each region.

    Args:
        regions: one at least.
        backbone: the network.
        layers: whose features are described.
        size: (height, width) of the images, in pixels.
        method: ``"gram"`` or ``"moments"``.

    Attributes:
        areas: by layer, the share of the places that each region has.
    """

    def __init__(
        self, regions: Sequence[Region], backbone: Backbone, layers: Collection[str], size: Size, method: str
    ) -> None:
        self.backbone, self.layers, self.method = backbone, layers, method
        self._shares: dict[str, list[Tensor | None]] = {
            layer: [
                None if region.share is None else resize_share(region.share, backbone.size_at(layer, size))
                for region in regions
            ]
            for layer in layers
        }
        # A deep layer may have no place at all in a small region.
        self.areas = {
            layer: [1.0 if share is None else max(share.mean().item(), 1e-6) for share in shares]
            for layer, shares in self._shares.items()
        }

    def reduce(self, layer: str, features: Tensor, at: Offset) -> tuple[Tensor, ...]:
        """Return means over the places of a tile of a layer; places outside of a region count as 0."""
        found: list[Tensor] = []
        for share in self._shares[layer]:
            here = None if share is None else view_at(features, at, share)
            found.append(gram_matrix(features, here))
            if self.method == "moments":
                found.append(channel_means(features, here))
        return tuple(found)

    def from_means(self, layer: str, means: Sequence[Tensor]) -> Iterator[Statistics]:
        """Yield each region's statistics, given the means of :meth:`reduce` over all places of a layer."""
        each = 2 if self.method == "moments" else 1
        for number, area in enumerate(self.areas[layer]):
            gram, *channels = (x if area == 1 else x / area for x in means[number * each : (number + 1) * each])
            yield (covariance(gram, channels[0]), channels[0]) if channels else (gram,)

    def measure(self, image: Tensor, tiling: TilingPolicy = UNTILED) -> dict[str, list[Statistics]]:
        """Return by layer each region's statistics of an image, without a gradient."""
        found = reduce_features(image, self.backbone, self.layers, self.reduce, tiling)
        return {layer: list(self.from_means(layer, means)) for layer, means in found.items()}


def compute_statistics(
    image: Tensor, backbone: Backbone, layers: Collection[str], method: str, tiling: TilingPolicy = UNTILED
) -> dict[str, Statistics]:
    """Return by layer the statistics of a whole image."""
    found = RegionStatistics(EVERYWHERE, backbone, layers, size_of(image), method).measure(image, tiling)
    return {layer: statistics for layer, (statistics,) in found.items()}
