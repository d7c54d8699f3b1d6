"""A guide: another picture, whose features a dream is drawn towards (Mordvintsev, Olah and Tyka 2015).

The notebook that they published ("Controlling dreams") maximises, in place of the length of a layer's features, their
dot products with those features of a guide that match best, place by place.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from artcnn.backbones.bands import WHOLE, Bands, features
from artcnn.backbones.vgg import Backbone
from artcnn.errors import ArtcnnError
from artcnn.image import fit, resize
from artcnn.objectives import ChannelActivation, ChannelsActivation, Excitation, at_least_float32, by_place

_MOST_PLACES = 4096
"""Places of a guide that are looked at; of a layer with more, so many evenly spread ones."""
_SCORES_AT_ONCE = 2**22


@dataclass(frozen=True)
class Guide:
    """A picture to be guided by.

    Attributes:
        image: shape (1, 3, H, W), sRGB in [0, 1].
        mask: the part of it that guides is white, 1: shape (1, 1, h, w), stretched over it; all of it where None.
        size: its longer side as the network sees it, in pixels.
    """

    image: Tensor
    mask: Tensor | None = None
    size: int = 384


MODE = "cosine"


@dataclass(frozen=True)
class GuideMatch:
    layer: str
    weight: float
    directions: Tensor = field(repr=False)
    centre: Tensor | None = None
    channels: tuple[int, ...] | None = None
    scale: float = 1.0

    def measure(self, features: Tensor) -> Tensor:
        x = by_place(features)
        if self.channels is not None:
            x = x[:, list(self.channels)]
        x = at_least_float32(x)
        if self.centre is not None:
            x = x - self.centre
        best = self.directions[self.nearest(x.detach())]
        return (x * best).sum() / (x.shape[0] * features.shape[1] ** 0.5) * self.scale

    def nearest(self, x: Tensor) -> Tensor:
        rows = max(1, _SCORES_AT_ONCE // len(self.directions))
        return torch.cat([(part @ self.directions.T).argmax(1) for part in torch.split(x, rows)])

    def value(self, mean: Tensor) -> Tensor:
        return mean


def matches(
    guide: Guide, excitations: Sequence[Excitation], backbone: Backbone, bands: Bands = WHOLE
) -> list[GuideMatch]:
    image = fit(guide.image, guide.size)
    found = features(image, backbone, {o.layer for o in excitations}, bands)
    out = []
    for o in excitations:
        x = found[o.layer]
        y = at_least_float32(by_place(x))
        channels = (
            o.channels
            if isinstance(o, ChannelsActivation)
            else (o.channel,)
            if isinstance(o, ChannelActivation)
            else None
        )
        if channels is not None:
            y = y[:, list(channels)]
        if guide.mask is not None:
            inside = resize(guide.mask, (x.shape[2], x.shape[3])).flatten() > 0.5
            if not inside.any():
                raise ArtcnnError(f"the guide's mask leaves no place of layer '{o.layer}': make its white part larger")
            y = y[inside]
        if len(y) > _MOST_PLACES:
            y = y[torch.linspace(0, len(y) - 1, _MOST_PLACES).long()]
        centre, scale = None, 1.0
        if MODE == "dot":
            rms = y.square().mean().sqrt()
            scale = (1 / (rms * y.shape[1] ** 0.5)).item()
        else:
            if MODE == "centred":
                centre = y.mean(0)
                y = y - centre
            y = y / y.norm(dim=1, keepdim=True).clamp_min(1e-6)
        out.append(GuideMatch(o.layer, o.weight, y, centre, channels, scale))
    return out
