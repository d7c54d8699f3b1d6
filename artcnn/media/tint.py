"""Numbers as colours, on a scale that is stated and the same for every picture on a sheet."""

import matplotlib
import torch
from torch import Tensor


def signed_grey(values: Tensor, limit: float) -> Tensor:
    """Return bytes of 0 to 255: -limit is black, 0 mid-grey (128), +limit white."""
    return (values / max(limit, 1e-30) * 127.5 + 128).clamp(0, 255).byte()


def heat(values: Tensor, low: float, high: float) -> Tensor:
    """Return values of shape (N, 1, H, W) as colours, (N, 3, H, W) bytes: black at ``low``, yellow at ``high``."""
    table = torch.from_numpy(matplotlib.colormaps["inferno"](range(256), bytes=True)[:, :3].copy())
    places = ((values - low) / max(high - low, 1e-30) * 255).round().clamp(0, 255).long()
    return table[places[:, 0]].permute(0, 3, 1, 2)
