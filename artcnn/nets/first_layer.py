"""A first layer of AlexNet's shape (Krizhevsky, Sutskever and Hinton 2012): 96 filters of 11 x 11 every 4 pixels."""

from collections import OrderedDict

from torch import nn

SIDE = 227
"""Height and width of AlexNet's photos, which give maps of 55 x 55. Without a classifier any other size works, too."""


def build() -> nn.Sequential:
    """Return the layer, its weights at random: photos (N, 3, H, W) in [0, 1] to maps (N, 96, h, w)."""
    return nn.Sequential(OrderedDict(conv1=nn.Conv2d(3, 96, 11, stride=4), relu1=nn.ReLU()))
