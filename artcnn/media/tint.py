"""Numbers as colours, on a scale that is stated and the same for every picture on a sheet."""

import matplotlib
import torch
from torch import Tensor
from torch.nn import functional as F


def tile(pixels: Tensor, size: tuple[int, int]) -> Tensor:
    """Return pictures of shape (N, 1 or 3, h, w) in [0, 1] as bytes in colour, shape (N, 3, *size).

    Larger, each pixel stays a hard-edged square; smaller, each is the mean of those it stands for.
    """
    mode = "nearest" if size[0] > pixels.shape[2] else "area"
    return F.interpolate(pixels.expand(-1, 3, -1, -1), size, mode=mode).clamp(0, 1).mul(255).round().byte()


def enlarged(colours: Tensor, size: tuple[int, int]) -> Tensor:
    """Return tinted pictures, (N, 3, h, w) bytes, at a size, hard-edged."""
    return F.interpolate(colours.float(), size, mode="nearest").byte()


def over(picture: Tensor, colours: Tensor, share: Tensor | float) -> Tensor:
    """Return colours laid over a picture in grey, (N, 3, H, W) bytes all: ``share`` of them, the rest the picture."""
    grey = picture.float().mean(1, keepdim=True)
    return (grey + (colours.float() - grey) * share).round().byte()


def signed_grey(values: Tensor, limit: float) -> Tensor:
    """Return bytes of 0 to 255: -limit is black, 0 mid-grey (128), +limit white."""
    return (values / max(limit, 1e-30) * 127.5 + 128).clamp(0, 255).byte()


def signed_colours(values: Tensor, limit: float) -> Tensor:
    """Return values of shape (N, 1, H, W) as colours, (N, 3, H, W) bytes: blue below 0, white at 0, red above."""
    table = torch.from_numpy(matplotlib.colormaps["RdBu_r"](range(256), bytes=True)[:, :3].copy())
    places = (values / max(limit, 1e-30) * 127.5 + 127.5).round().clamp(0, 255).long()
    return table[places[:, 0]].permute(0, 3, 1, 2)


def class_colours(labels: Tensor) -> Tensor:
    """Return labels of shape (N, 1, H, W) as colours, (N, 3, H, W) bytes: ten that are easily told apart."""
    table = torch.from_numpy(matplotlib.colormaps["tab10"](range(10), bytes=True)[:, :3].copy())
    return table[labels[:, 0] % 10].permute(0, 3, 1, 2)


def curve(values: Tensor, size: tuple[int, int]) -> Tensor:
    """Return numbers in [0, 1] as a curve from left to right, blue below it: (1, 3, *size) bytes."""
    height, width = size
    heights = F.interpolate(values[None, None].float(), width, mode="linear", align_corners=True)[0, 0] * height
    above = torch.arange(height, 0, -1)[:, None] > heights
    colours = torch.tensor([[31, 119, 180], [240, 240, 240]], dtype=torch.uint8)
    return colours[above.long()].permute(2, 0, 1)[None]


def heat(values: Tensor, low: float, high: float) -> Tensor:
    """Return values of shape (N, 1, H, W) as colours, (N, 3, H, W) bytes: black at ``low``, yellow at ``high``."""
    table = torch.from_numpy(matplotlib.colormaps["inferno"](range(256), bytes=True)[:, :3].copy())
    places = ((values - low) / max(high - low, 1e-30) * 255).round().clamp(0, 255).long()
    return table[places[:, 0]].permute(0, 3, 1, 2)
