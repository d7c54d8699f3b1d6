"""A guide: another picture, whose forms a dream is drawn towards (Mordvintsev, Olah and Tyka 2015).

The notebook that they published ("Controlling dreams") does not maximise how large a layer's features are, but, at each
place, their dot product with that feature vector of the guide that matches best.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from artcnn.backbones.bands import WHOLE, Bands, features
from artcnn.backbones.vgg import Backbone
from artcnn.errors import ArtcnnError
from artcnn.image import fit, resize
from artcnn.objectives import Excitation, at_least_float32, by_place

_MOST_PLACES = 4096
"""Places of a guide that are compared; of a layer with more of them, so many that are evenly spread."""
_SCORES_AT_ONCE = 2**22
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


MODE = "cosine"


@dataclass(frozen=True)
class GuideMatch:
    """Mean over the places of a layer of the best match with a guide, in the unit of :class:`LayerActivation`.

    Attributes:
        layer: its name.
        weight: how much it counts.
        directions: the guide's feature vectors, shape (places, channels), each of length 1.
        channels: those that are compared; all if None.
    """

    layer: str
    weight: float
    directions: Tensor = field(repr=False)
    channels: tuple[int, ...] | None = None
    centre: Tensor | None = None
    scale: float = 1.0

    def measure(self, features: Tensor) -> Tensor:
        """Return the mean over the places p of max over q of x(p) . y(q), shape ``()``."""
        x = by_place(features)
        x = at_least_float32(x if self.channels is None else x[:, list(self.channels)])
        if self.centre is not None:
            x = x - self.centre
        # The gradient is the best match itself: which one it is does not change with a small step.
        match = (x * self.directions[self.nearest(x.detach())]).sum()
        # Over the root of the number of channels, so that it is as long as a whole layer's.
        mean: Tensor = match / (len(x) * features.shape[1] ** 0.5) * self.scale
        return mean

    def nearest(self, x: Tensor) -> Tensor:
        """Return the number of the guide's place that matches each of some feature vectors, shape (P, C), best."""
        count = max(1, _SCORES_AT_ONCE // len(self.directions))
        parts = [x[first : first + count] @ self.directions.T for first in range(0, len(x), count)]
        return torch.cat([part.argmax(1) for part in parts])

    def value(self, mean: Tensor) -> Tensor:
        """Return the value to maximise, shape ``()``, in the layer's own unit."""
        return mean


def matches(
    guide: Guide, excitations: Sequence[Excitation], backbone: Backbone, bands: Bands = WHOLE
) -> list[GuideMatch]:
    """Return the matches with a guide in the layers, the weights and the channels of some objectives.

    Raises:
        ArtcnnError: the guide's mask is black, or the guide too thin.
    """
    if guide.mask is not None and guide.mask.max() == 0:
        raise ArtcnnError("the guide's mask is black: nothing of the guide would guide")
    found = features(fit(guide.image, guide.size), backbone, {excitation.layer for excitation in excitations}, bands)
    out = []
    for o in excitations:
        y = _guiding(found[o.layer], guide.mask)
        channels = getattr(o, "channels", None) or ((o.channel,) if hasattr(o, "channel") else None)
        if channels is not None:
            y = y[:, list(channels)]
        centre, scale = None, 1.0
        if MODE == "dot":
            rms = y.square().mean().sqrt()
            scale = (1 / (rms * y.shape[1] ** 0.5)).item()
        else:
            if MODE == "centred":
                centre = y.mean(0)
                y = y - centre
            y = y / y.norm(dim=1, keepdim=True).clamp_min(1e-6)
        out.append(GuideMatch(o.layer, o.weight, y, channels, centre, scale))
    return out


def _guiding(features: Tensor, mask: Tensor | None) -> Tensor:
    """Return the feature vectors of a guide's places that guide, shape (places, channels)."""
    vectors = at_least_float32(by_place(features))
    if mask is not None:
        share = resize(mask, (features.shape[2], features.shape[3])).flatten()
        vectors = vectors[share > share.max() / 2]  # of a white part smaller than a place, that place
    if len(vectors) > _MOST_PLACES:
        vectors = vectors[torch.linspace(0, len(vectors) - 1, _MOST_PLACES, device=vectors.device).long()]
    return vectors
