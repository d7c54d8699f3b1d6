"""A guide: another picture, whose forms a dream is drawn towards (Mordvintsev, Olah and Tyka 2015).

The notebook that they published ("Controlling dreams") does not maximise how large a layer's features are, but, at each
place, their dot product with that feature vector of the guide that matches best.
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
from artcnn.objectives import (
    ChannelActivation,
    ChannelsActivation,
    ResolvedObjective,
    at_least_float32,
    flatten_spatial,
)

MAX_GUIDE_VECTORS = 4096
"""Places of a guide that are compared; of a layer with more of them, so many that are evenly spread."""
MAX_SCORES = 2**22
"""Comparisons of two places that there are in memory at a time."""


@dataclass(frozen=True)
class Guide:
    """A picture to be guided by.

    Attributes:
        image: shape (1, 3, H, W), sRGB in [0, 1].
        mask: shape (1, 1, h, w), stretched over the image: white, 1, is the part of it that guides; all of it if None.
        size: its longer side as the network sees it, in pixels.
    """

    image: Tensor
    mask: Tensor | None = None
    size: int = 384

    def check(self) -> None:
        """Check that there is something to be guided by.

        Raises:
            ArtcnnError: the mask is black, or the guide too thin.
        """
        if self.mask is not None and self.mask.max() == 0:
            raise ArtcnnError("the guide's mask is black: nothing of the guide would guide")
        whole = size_of(self.image)
        height, width = fit_size(whole, self.size)
        if min(height, width) < SMALLEST_SIDE:
            raise ArtcnnError(
                f"the guide would be {width} x {height} pixels, and its short side needs {SMALLEST_SIDE}",
                hint=f"set guide_size to {-(-SMALLEST_SIDE * max(whole) // min(whole))} or more",
            )


@dataclass(frozen=True)
class GuidedObjective:
    """Mean over the places of a layer of the best match with a guide, in the unit of :class:`LayerActivation`.

    Attributes:
        layer: its name.
        weight: how much it counts.
        vectors: the guide's features, shape (places, channels), of mean square length 1.
        channels: those that are compared; all if None.
    """

    layer: str
    weight: float
    vectors: Tensor = field(repr=False)
    channels: tuple[int, ...] | None = None

    def reduce(self, features: Tensor) -> Tensor:
        """Return the mean over the places p of max over q of x(p) . y(q), shape ``()``."""
        x = flatten_spatial(features)
        x = x if self.channels is None else x[:, list(self.channels)]
        # The gradient is the best match itself: which one it is does not change with a small step.
        best = self.vectors[self.best_match(x.detach())]
        # Over the root of the number of channels, so that the gradient is as long as a whole layer's.
        mean: Tensor = (at_least_float32(x) * best).sum() / (len(x) * features.shape[1] ** 0.5)
        return mean

    def best_match(self, x: Tensor) -> Tensor:
        """Return which of the guide's places each feature vector, shape (P, C), matches best, in its own precision."""
        count = max(1, MAX_SCORES // len(self.vectors))
        compared = self.vectors.to(x.dtype).T
        return torch.cat([(x[first : first + count] @ compared).max(1).indices for first in range(0, len(x), count)])

    def value(self, mean: Tensor) -> Tensor:
        """Return the value to maximise, shape ``()``, in the layer's own unit."""
        return mean


def guide_objectives(
    guide: Guide, resolve_objectives: Sequence[ResolvedObjective], backbone: Backbone, tiling: TilingPolicy = UNTILED
) -> list[GuidedObjective]:
    """Return the matches with a guide in the layers, the weights and the channels of some objectives.

    Raises:
        ArtcnnError: the guide's mask is black, or the guide too thin.
    """
    guide.check()
    image = resize(guide.image, fit_size(size_of(guide.image), guide.size))
    found = features(image, backbone, {excitation.layer for excitation in resolve_objectives}, tiling)
    made = []
    for excitation in resolve_objectives:
        vectors, channels = _guiding(found[excitation.layer], guide.mask), _channels(excitation)
        vectors = vectors if channels is None else vectors[:, list(channels)]
        # As long as they are to each other: what a guide has of its own stands out, and should win at many places. With
        # all of length 1, each place would find what it is already.
        length = vectors.square().sum(1).mean().sqrt().clamp_min(1e-6)
        made.append(GuidedObjective(excitation.layer, excitation.weight, vectors / length, channels))
    return made


def _channels(excitation: ResolvedObjective) -> tuple[int, ...] | None:
    match excitation:
        case ChannelActivation():
            return (excitation.channel,)
        case ChannelsActivation():
            return excitation.channels
    return None


def _guiding(features: Tensor, mask: Tensor | None) -> Tensor:
    """Return the feature vectors of a guide's places that guide, shape (places, channels)."""
    vectors = at_least_float32(flatten_spatial(features))
    if mask is not None:
        share = resize(mask, (features.shape[2], features.shape[3])).flatten()
        vectors = vectors[share > share.max() / 2]  # of a white part smaller than a place, that place
    if len(vectors) > MAX_GUIDE_VECTORS:
        vectors = vectors[torch.linspace(0, len(vectors) - 1, MAX_GUIDE_VECTORS, device=vectors.device).long()]
    return vectors
