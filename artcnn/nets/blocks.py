"""Groups of layers that several networks have."""

from collections import OrderedDict

from torch import nn


def add_convolution(layers: OrderedDict[str, nn.Module], name: str, convolution: nn.Conv2d) -> None:
    """Add a convolution, batch normalization (arXiv:1502.03167) and a ReLU, as conv, norm and relu with that name."""
    layers[f"conv{name}"] = convolution
    layers[f"norm{name}"] = nn.BatchNorm2d(convolution.out_channels)
    layers[f"relu{name}"] = nn.ReLU()
