"""How a convolutional network halves its maps."""

from typing import Literal

from torch import Tensor, cat, nn
from torch.nn import functional as F

Pooling = Literal["max", "average", "both"]


class BothPool2d(nn.Module):
    """The maximum and the mean of each group of 2 x 2: (N, C, H, W) to (N, 2C, H // 2, W // 2), maxima first."""

    def forward(self, features: Tensor) -> Tensor:
        """Return both halves of the features."""
        return cat([F.max_pool2d(features, 2), F.avg_pool2d(features, 2)], dim=1)


def pool2x2(pooling: Pooling) -> nn.Module:
    """Return a layer that halves height and width, an odd last row or column left out."""
    return {"max": nn.MaxPool2d(2), "average": nn.AvgPool2d(2), "both": BothPool2d()}[pooling]


def channel_factor(pooling: Pooling) -> int:
    """Return how many times as many channels there are after the pooling."""
    return 2 if pooling == "both" else 1
