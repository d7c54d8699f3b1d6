"""Layers that take one property of a convolution away: shared weights, or neighborhood."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class LocallyConnected2d(nn.Module):
    """A convolution without shared weights: each output position has its own filters and biases.

    Without padding, with stride 1. The weights are initialized as those of ``nn.Conv2d``.

    Args:
        in_channels: of the input.
        out_channels: of the output.
        kernel_size: height and width of the window, in pixels.
        side: height and width of the input, in pixels.
    """

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, side: int) -> None:
        super().__init__()
        self.kernel_size, self.side = kernel_size, side - kernel_size + 1
        fan_in = in_channels * kernel_size**2
        bound = 1 / math.sqrt(fan_in)
        positions = self.side**2
        self.weight = nn.Parameter(torch.empty(positions, fan_in, out_channels).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(positions, 1, out_channels).uniform_(-bound, bound))

    def forward(self, features: Tensor) -> Tensor:
        """Return features (N, out_channels, side - kernel_size + 1, the same) of features (N, C, side, side)."""
        windows = F.unfold(features, self.kernel_size)  # (N, C * kernel_size ** 2, positions)
        found = torch.baddbmm(self.bias, windows.permute(2, 0, 1), self.weight)  # (positions, N, out_channels)
        return found.permute(1, 2, 0).view(len(features), -1, self.side, self.side)


class Permute(nn.Module):
    """A fixed random order of the pixels of every input: neighbors are neighbors no more.

    Args:
        side: height and width of the input, in pixels.
        seed: of the order.
    """

    order: Tensor

    def __init__(self, side: int, seed: int = 0) -> None:
        super().__init__()
        order = torch.randperm(side**2, generator=torch.Generator().manual_seed(seed))
        self.register_buffer("order", order, persistent=False)

    def forward(self, inputs: Tensor) -> Tensor:
        """Return inputs (N, C, side, side) with their pixels rearranged."""
        return inputs.flatten(2)[:, :, self.order].view_as(inputs)
