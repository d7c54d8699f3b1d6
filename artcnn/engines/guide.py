"""A guide: another picture whose forms the dream is drawn towards (Mordvintsev, Olah and Tyka 2015).

The authors' notebook ("Controlling dreams") does not maximize a layer's activations but, at each place, their inner
product with the feature vector of the guide that matches best.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from artcnn.backbones.base import Backbone
from artcnn.backbones.tiled_autograd import features
from artcnn.backbones.tiles import UNTILED, TilingPolicy
from artcnn.errors import ArtcnnError
from artcnn.image import SMALLEST_SIDE, fit_size, resize, size_of
from artcnn.objectives import ChannelActivation, ChannelsActivation, ResolvedObjective
from artcnn.spatial import at_least_float32, flatten_spatial

MAX_GUIDE_VECTORS = 4096
"""Feature vectors of a guide that are compared; of a layer with more places, evenly spaced ones."""

MAX_SCORES = 2**22
"""Scores, one for each pair of places, that are in memory at a time."""


@dataclass(frozen=True)
class Guide:
    """A picture that a dream is drawn towards.

    Attributes:
        image: shape (1, 3, H, W), sRGB in [0, 1].
        mask: shape (1, 1, h, w), stretched over the image: the part that guides is white, 1; None for all of it.
        size: longer side of the image as the network sees it, in pixels.
    """

    image: Tensor
    mask: Tensor | None = None
    size: int = 384

    def check(self) -> None:
        """Check that the guide can guide.

        Raises:
            ArtcnnError: the mask is black, or the guide too narrow.
        """
        if self.mask is not None and self.mask.max() == 0:
            raise ArtcnnError("the guide's mask is black: nothing of the guide would guide")
        height, width = fit_size(size_of(self.image), self.size)
        if min(height, width) < SMALLEST_SIDE:
            enough = -(-SMALLEST_SIDE * max(size_of(self.image)) // min(size_of(self.image)))
            raise ArtcnnError(
                f"the guide would be {width} x {height} pixels, and its short side needs {SMALLEST_SIDE}: "
                f"set guide_size to {enough} or more"
            )


@dataclass(frozen=True)
class GuidedObjective:
    """Mean over a layer's places of the best match with a guide, in the unit of :class:`LayerActivation`.

    ``mean_p max_q x(p) . y(q) / sqrt(C)``, where x are the picture's features, y the guide's, and C is the number of
    channels.

    Attributes:
        layer: its name.
        weight: of the objective.
        vectors: the guide's features, shape (places, channels), of mean square length 1.
        channels: those that are compared; None for all.
    """

    layer: str
    weight: float
    vectors: Tensor = field(repr=False)
    channels: tuple[int, ...] | None = None

    def reduce(self, features: Tensor) -> Tensor:
        """Return the mean of the best matches, shape ``()``."""
        x = flatten_spatial(features)
        x = x if self.channels is None else x[:, list(self.channels)]
        # A small step does not change which vector matches best, so the gradient is that vector.
        best = self.vectors[self.best_match(x.detach())]
        # The root of the number of channels makes the gradient as long as a whole layer's.
        mean: Tensor = (at_least_float32(x) * best).sum() / (len(x) * features.shape[1] ** 0.5)
        return mean

    def best_match(self, x: Tensor) -> Tensor:
        """Return the index of the guide's vector with the largest inner product, for each row of ``x``, (P, C)."""
        count = max(1, MAX_SCORES // len(self.vectors))
        compared = self.vectors.to(x.dtype).T
        return torch.cat([(x[first : first + count] @ compared).max(1).indices for first in range(0, len(x), count)])

    def value(self, mean: Tensor) -> Tensor:
        """Return the value to maximize, shape ``()``, in the unit of the layer's activations."""
        return mean


def guide_objectives(
    guide: Guide, objectives: Sequence[ResolvedObjective], backbone: Backbone, tiling: TilingPolicy = UNTILED
) -> list[GuidedObjective]:
    """Return the objectives of matching a guide, in the layers, weights and channels of other objectives.

    Raises:
        ArtcnnError: the guide's mask is black, or the guide too narrow.
    """
    guide.check()
    image = resize(guide.image, fit_size(size_of(guide.image), guide.size))
    found = features(image, backbone, {objective.layer for objective in objectives}, tiling)
    guided = []
    for objective in objectives:
        vectors, channels = _guide_vectors(found[objective.layer], guide.mask), _channels_of(objective)
        vectors = vectors if channels is None else vectors[:, list(channels)]
        # One scale for all vectors: what stands out in the guide is longer, and wins at many places. If each had length
        # 1, every place would match what it shows already.
        length = vectors.square().sum(1).mean().sqrt().clamp_min(1e-6)
        guided.append(GuidedObjective(objective.layer, objective.weight, vectors / length, channels))
    return guided


def _channels_of(objective: ResolvedObjective) -> tuple[int, ...] | None:
    match objective:
        case ChannelActivation():
            return (objective.channel,)
        case ChannelsActivation():
            return objective.channels
    return None


def _guide_vectors(features: Tensor, mask: Tensor | None) -> Tensor:
    """Return the guide's feature vectors where its mask is white, shape (places, channels)."""
    vectors = at_least_float32(flatten_spatial(features))
    if mask is not None:
        share = resize(mask, (features.shape[2], features.shape[3])).flatten()
        vectors = vectors[share > share.max() / 2]  # a white part smaller than one place keeps that place
    if len(vectors) > MAX_GUIDE_VECTORS:
        vectors = vectors[torch.linspace(0, len(vectors) - 1, MAX_GUIDE_VECTORS, device=vectors.device).long()]
    return vectors
