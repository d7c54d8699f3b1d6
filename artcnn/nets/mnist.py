"""Networks that read a digit: pictures (N, 1, 28, 28), ink 1 on 0, to logits (N, classes). Layers by name, in order."""

from collections import OrderedDict

from torch import nn

from artcnn.nets.blocks import add_convolution
from artcnn.nets.local import LocallyConnected2d, Permute
from artcnn.nets.pooling import Pooling, channel_factor, pool2x2

SIDE = 28
"""Height and width of the input, in pixels."""


def build(arch: str, pooling: Pooling = "max", classes: int = 10, *, permuted: bool = False) -> nn.Sequential:
    """Return the network of that name, its weights at random; ``permuted`` puts a fixed order of pixels before it."""
    network = {"lecture": lecture, "dense": dense, "local": local, "best": best}[arch](pooling, classes)
    if not permuted:
        return network
    return nn.Sequential(OrderedDict(permute=Permute(SIDE), **dict(network.named_children())))


def lecture(pooling: Pooling = "max", classes: int = 10) -> nn.Sequential:
    """Return the lecture's CNN: 25 filters of 9 weights, 50 of 225, then 1250 to 100 to 10.

    There is no ReLU after a convolution: max pooling is the nonlinearity.
    """
    k = channel_factor(pooling)
    return nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(1, 25, 3),  # (N, 25, 26, 26)
            pool1=pool2x2(pooling),  # (N, 25, 13, 13)
            conv2=nn.Conv2d(25 * k, 50, 3),  # (N, 50, 11, 11)
            pool2=pool2x2(pooling),  # (N, 50, 5, 5)
            flatten=nn.Flatten(),  # (N, 1250)
            fc1=nn.Linear(1250 * k, 100),
            relu1=nn.ReLU(),
            logits=nn.Linear(100, classes),
        )
    )


def local(pooling: Pooling = "max", classes: int = 10) -> nn.Sequential:
    """Return the lecture's CNN with its own weights at every position: the same shapes, no sharing."""
    k = channel_factor(pooling)
    layers = dict(lecture(pooling, classes).named_children())
    layers["conv1"] = LocallyConnected2d(1, 25, 3, SIDE)  # (N, 25, 26, 26)
    layers["conv2"] = LocallyConnected2d(25 * k, 50, 3, 13)  # (N, 50, 11, 11)
    return nn.Sequential(OrderedDict(layers))


def dense(pooling: Pooling = "max", classes: int = 10) -> nn.Sequential:  # noqa: ARG001 - there is nothing to pool
    """Return a fully connected network of exactly as many parameters as the lecture's CNN, 137,660."""
    a, b, c = DENSE_WIDTHS
    return nn.Sequential(
        OrderedDict(
            flatten=nn.Flatten(),  # (N, 784)
            fc1=nn.Linear(SIDE * SIDE, a),
            relu1=nn.ReLU(),
            fc2=nn.Linear(a, b),
            relu2=nn.ReLU(),
            fc3=nn.Linear(b, c),
            relu3=nn.ReLU(),
            logits=nn.Linear(c, classes),
        )
    )


DENSE_WIDTHS = (164, 44, 30)
"""Widths of three hidden layers that make the count exact; no useful widths of two layers do."""


def best(pooling: Pooling = "max", classes: int = 10) -> nn.Sequential:
    """Return six 3 x 3 convolutions, each with batch normalization (arXiv:1502.03167) and a ReLU."""
    k = channel_factor(pooling)
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    for name, inputs, outputs, padding in (
        ("1_1", 1, 32, 0),  # (N, 32, 26, 26)
        ("1_2", 32, 32, 0),  # (N, 32, 24, 24)
        ("2_1", 32 * k, 64, 0),  # (N, 64, 10, 10)
        ("2_2", 64, 64, 0),  # (N, 64, 8, 8)
        ("3_1", 64 * k, 128, 1),  # (N, 128, 4, 4)
        ("3_2", 128, 128, 1),  # (N, 128, 4, 4)
    ):
        add_convolution(layers, name, nn.Conv2d(inputs, outputs, 3, padding=padding, bias=False))
        if name in ("1_2", "2_2"):
            layers[f"pool{name[0]}"] = pool2x2(pooling)
    layers["flatten"] = nn.Flatten()  # (N, 2048)
    layers["dropout"] = nn.Dropout(0.4)
    layers["logits"] = nn.Linear(2048, classes)
    return nn.Sequential(layers)
