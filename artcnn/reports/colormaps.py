"""Map values and classes to colors, with scales and legends."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from artcnn.extras import importing
from artcnn.reports.messages import EMPTY_MESSAGE, Message

Rgb = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""

Colors = Literal["sequential", "diverging", "gray"]
"""Sequential: black at 0 to yellow. Diverging: blue, white at 0, red. Gray: black, mid-gray at 0, white."""

_MAPS = {"sequential": "inferno", "diverging": "RdBu_r", "gray": "gray"}
_OTHER: Rgb = (127, 127, 127)


@dataclass(frozen=True)
class Scale:
    """A color scale for values; sheets and pages draw it beside the pictures.

    Attributes:
        colors: name of the colormap.
        low: value at the lower end.
        high: value at the upper end.
        label: of the values.
        clipped: whether values may be outside the range; they get the color of the end.
    """

    colors: Colors
    low: float
    high: float
    label: Message = EMPTY_MESSAGE
    clipped: bool = False

    def to_rgb(self, values: Tensor) -> Tensor:
        """Map values of shape (N, 1, H, W) to colors, shape (N, 3, H, W), uint8.

        For ``gray``, values may have three channels, which are mapped separately.
        """
        span = self.high - self.low
        part = (values - self.low) / span if span > 0 else torch.full_like(values, 0.0 if self.low == 0 else 0.5)
        places = (part * 255).round().clamp(0, 255).long()
        if self.colors == "gray":
            return places.byte().expand(-1, 3, -1, -1)
        return _table(_MAPS[self.colors], 256)[places[:, 0]].permute(0, 3, 1, 2)

    def bar(self, width: int) -> Tensor:
        """Return the colors from the lower to the upper end, shape (3, 1, width), uint8."""
        return _table(_MAPS[self.colors], width).T[:, None]

    @property
    def ends(self) -> tuple[str, str]:
        """The formatted values at both ends."""
        sign = "+" if self.low < 0 else ""
        more = ">= " if self.clipped else ""
        less = "<= " if self.clipped and self.low < 0 else ""
        low, high = (".3g" if abs(end) < 1000 else ",.0f" for end in (self.low, self.high))
        return f"{less}{self.low:{low}}", f"{more}{self.high:{sign}{high}}"


def fit_scale(
    values: Tensor, label: Message = EMPTY_MESSAGE, limit: float | None = None, *, signed: bool = False
) -> Scale:
    """Return a scale for values: from 0 to the maximum, or symmetric around 0 if some are negative.

    Args:
        values: any shape.
        label: of the values.
        limit: magnitude above which values are clipped; None for no limit.
        signed: whether the scale is symmetric even if no value is negative.
    """
    largest = float(values.abs().max())
    high = largest if limit is None else min(limit, largest)
    signed = signed or float(values.min()) < 0
    return Scale("diverging" if signed else "sequential", -high if signed else 0.0, high, label, high < largest)


@dataclass(frozen=True)
class Legend:
    """Colors of classes: ten, or nine and one for all others.

    Attributes:
        names: of the classes, most frequent first.
        other: label of all after the ninth, if there are more than ten.
    """

    names: Sequence[str]
    other: Message = EMPTY_MESSAGE

    def to_rgb(self, ranks: Tensor) -> Tensor:
        """Map indices into ``names``, shape (N, 1, H, W), to colors, shape (N, 3, H, W), uint8."""
        table = torch.tensor([color for _, color in self.entries], dtype=torch.uint8)
        return table[ranks[:, 0].clamp(max=len(table) - 1)].permute(0, 3, 1, 2)

    @property
    def entries(self) -> list[tuple[str | Message, Rgb]]:
        """Each label of the legend with its color."""
        colors = [(red, green, blue) for red, green, blue in _table("tab10", 10).tolist()]
        colors = [color for color in colors if color != _OTHER] + [_OTHER]
        named: Sequence[str | Message] = self.names if len(self.names) <= 10 else [*self.names[:9], self.other]
        return list(zip(named, colors, strict=False))


Key = Scale | Legend


def shared_scales(keys: Sequence[Key | None]) -> list[Scale]:
    """Return the scales of more than one picture, each once, in order."""
    every = [key for key in keys if isinstance(key, Scale)]
    found = list[Scale]()
    for key in every:
        if every.count(key) > 1 and key not in found:
            found.append(key)
    return found


def placed_scales(groups: Sequence[Sequence[Key | None]]) -> tuple[list[Scale], list[list[Scale]]]:
    """Return the scales above all groups, used by several of them, and those above each group."""
    shared = shared_scales([key for group in groups for key in group])
    common = [scale for scale in shared if sum(scale in group for group in groups) > 1]
    return common, [[scale for scale in shared if scale in group and scale not in common] for group in groups]


def _table(name: str, count: int) -> Tensor:
    """Return evenly spaced colors of a matplotlib colormap, shape (count, 3), uint8."""
    with importing("report"):
        import matplotlib

    places = torch.linspace(0, 1, count).tolist() if name != "tab10" else range(count)
    return torch.from_numpy(matplotlib.colormaps[name](places, bytes=True)[:, :3].copy())


def tile(pixels: Tensor, size: tuple[int, int]) -> Tensor:
    """Resize pictures of shape (N, 1 or 3, h, w) in [0, 1] to color tiles, shape (N, 3, *size), uint8.

    Enlarging uses nearest neighbor, reducing averages.
    """
    mode = "nearest" if size[0] > pixels.shape[2] else "area"
    return F.interpolate(pixels.expand(-1, 3, -1, -1), size, mode=mode).clamp(0, 1).mul(255).round().byte()


def enlarge(colors: Tensor, size: tuple[int, int]) -> Tensor:
    """Resize color pictures, shape (N, 3, h, w), uint8, by nearest neighbor."""
    return F.interpolate(colors.float(), size, mode="nearest").byte()


def overlay(picture: Tensor, colors: Tensor, share: Tensor | float) -> Tensor:
    """Blend colors over a picture in gray, all (N, 3, H, W), uint8; ``share`` is the opacity of the colors."""
    gray = picture.float().mean(1, keepdim=True)
    return (gray + (colors.float() - gray) * share).round().byte()


def draw_curve(values: Tensor, size: tuple[int, int]) -> Tensor:
    """Draw values in [0, 1] as a curve from left to right, blue below it: shape (1, 3, *size), uint8."""
    height, width = size
    heights = F.interpolate(values[None, None].float(), width, mode="linear", align_corners=True)[0, 0] * height
    above = torch.arange(height, 0, -1)[:, None] > heights
    colors = torch.tensor([[31, 119, 180], [240, 240, 240]], dtype=torch.uint8)
    return colors[above.long()].permute(2, 0, 1)[None]
