"""Numbers and answers as colors, and the keys that say which color stands for what."""

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
"""From black at 0 to yellow; blue below 0, white at 0, red above; black below 0, mid-gray at 0, white above."""

_MAPS = {"sequential": "inferno", "diverging": "RdBu_r", "gray": "gray"}
_OTHER: Rgb = (127, 127, 127)


@dataclass(frozen=True)
class Scale:
    """Numbers as colors: the key that a sheet and a page draw beside the pictures that use it.

    Attributes:
        colors: which.
        low: the number at the lower end.
        high: the number at the upper end.
        label: what the numbers are.
        clipped: whether there may be numbers beyond the ends, which are drawn as those at the ends.
    """

    colors: Colors
    low: float
    high: float
    label: Message = EMPTY_MESSAGE
    clipped: bool = False

    def to_rgb(self, values: Tensor) -> Tensor:
        """Return numbers of shape (N, 1, H, W) as colors, (N, 3, H, W) bytes.

        Of ``gray`` they may have three channels, a scale each.
        """
        span = self.high - self.low
        part = (values - self.low) / span if span > 0 else torch.full_like(values, 0.0 if self.low == 0 else 0.5)
        places = (part * 255).round().clamp(0, 255).long()
        if self.colors == "gray":
            return places.byte().expand(-1, 3, -1, -1)
        return _table(_MAPS[self.colors], 256)[places[:, 0]].permute(0, 3, 1, 2)

    def bar(self, width: int) -> Tensor:
        """Return all its colors from the lower end to the upper, (3, 1, width) bytes."""
        return _table(_MAPS[self.colors], width).T[:, None]

    @property
    def ends(self) -> tuple[str, str]:
        """The numbers at both ends, as they are written; with a sign where the scale has one."""
        sign = "+" if self.low < 0 else ""
        more = ">= " if self.clipped else ""
        less = "<= " if self.clipped and self.low < 0 else ""
        low, high = (".3g" if abs(end) < 1000 else ",.0f" for end in (self.low, self.high))
        return f"{less}{self.low:{low}}", f"{more}{self.high:{sign}{high}}"


def scale_of(
    values: Tensor, label: Message = EMPTY_MESSAGE, limit: float | None = None, *, signed: bool = False
) -> Scale:
    """Return the scale of some numbers: from 0 to the largest, or, where they have a sign, as far below 0 as above.

    Args:
        values: any shape.
        label: what they are.
        limit: the largest magnitude that is drawn exactly; all by default.
        signed: whether they could be below 0 even where none of them is.
    """
    largest = float(values.abs().max())
    high = largest if limit is None else min(limit, largest)
    signed = signed or float(values.min()) < 0
    return Scale("diverging" if signed else "sequential", -high if signed else 0.0, high, label, high < largest)


@dataclass(frozen=True)
class Legend:
    """Answers as colors: ten, or nine and one for all others.

    Attributes:
        names: of the answers, the most frequent first.
        other: what stands for all behind the ninth, where there are more than ten.
    """

    names: Sequence[str]
    other: Message = EMPTY_MESSAGE

    def to_rgb(self, ranks: Tensor) -> Tensor:
        """Return places in ``names``, shape (N, 1, H, W), as colors, (N, 3, H, W) bytes."""
        table = torch.tensor([color for _, color in self.entries], dtype=torch.uint8)
        return table[ranks[:, 0].clamp(max=len(table) - 1)].permute(0, 3, 1, 2)

    @property
    def entries(self) -> list[tuple[str | Message, Rgb]]:
        """Each answer that has a color of its own, and it."""
        colors = [(red, green, blue) for red, green, blue in _table("tab10", 10).tolist()]
        colors = [color for color in colors if color != _OTHER] + [_OTHER]
        named: Sequence[str | Message] = self.names if len(self.names) <= 10 else [*self.names[:9], self.other]
        return list(zip(named, colors, strict=False))


Key = Scale | Legend


def _table(name: str, count: int) -> Tensor:
    """Return colors of matplotlib's at equal steps, from one end to the other: shape (count, 3), bytes."""
    with importing("report"):
        import matplotlib

    places = torch.linspace(0, 1, count).tolist() if name != "tab10" else range(count)
    return torch.from_numpy(matplotlib.colormaps[name](places, bytes=True)[:, :3].copy())


def tile(pixels: Tensor, size: tuple[int, int]) -> Tensor:
    """Return pictures of shape (N, 1 or 3, h, w) in [0, 1] as bytes in color, shape (N, 3, *size).

    Larger, each pixel stays a hard-edged square; smaller, each is the mean of those it stands for.
    """
    mode = "nearest" if size[0] > pixels.shape[2] else "area"
    return F.interpolate(pixels.expand(-1, 3, -1, -1), size, mode=mode).clamp(0, 1).mul(255).round().byte()


def enlarge(colors: Tensor, size: tuple[int, int]) -> Tensor:
    """Return tinted pictures, (N, 3, h, w) bytes, at a size, hard-edged."""
    return F.interpolate(colors.float(), size, mode="nearest").byte()


def overlay(picture: Tensor, colors: Tensor, share: Tensor | float) -> Tensor:
    """Return colors laid over a picture in gray, (N, 3, H, W) bytes all: ``share`` of them, the rest the picture."""
    gray = picture.float().mean(1, keepdim=True)
    return (gray + (colors.float() - gray) * share).round().byte()


def draw_curve(values: Tensor, size: tuple[int, int]) -> Tensor:
    """Return numbers in [0, 1] as a curve from left to right, blue below it: (1, 3, *size) bytes."""
    height, width = size
    heights = F.interpolate(values[None, None].float(), width, mode="linear", align_corners=True)[0, 0] * height
    above = torch.arange(height, 0, -1)[:, None] > heights
    colors = torch.tensor([[31, 119, 180], [240, 240, 240]], dtype=torch.uint8)
    return colors[above.long()].permute(2, 0, 1)[None]
