"""Networks that recognize a word: spectrograms (N, 1, 40, 64) to logits (N, classes). Layers by name, in order."""

from collections import OrderedDict

from torch import nn

from artcnn.nets.blocks import add_convolution

BANDS, FRAMES = 40, 64
"""Height and width of the input: bands of frequency, and columns of 1/64 s."""


def build(filters: str, classes: int) -> nn.Sequential:
    """Return the network with these filters, its weights at random."""
    return {"both": both, "frequency": frequency, "time": time, "dense": dense}[filters](classes)


def both(classes: int) -> nn.Sequential:
    """Return four convolutions whose filters move along time and frequency, then the mean over time.

    The order of sounds within a word is known only inside the receptive field of the last layer: 39 columns, 0.6 s.
    """
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    add_convolution(layers, "1", nn.Conv2d(1, 24, 5, stride=2, padding=2, bias=False))  # (N, 24, 20, 32)
    add_convolution(layers, "2", nn.Conv2d(24, 40, 3, padding=1, bias=False))
    layers["pool2"] = nn.MaxPool2d(2)  # (N, 40, 10, 16)
    add_convolution(layers, "3", nn.Conv2d(40, 64, 3, padding=1, bias=False))
    layers["pool3"] = nn.MaxPool2d(2)  # (N, 64, 5, 8)
    add_convolution(layers, "4", nn.Conv2d(64, 96, 3, padding=1, bias=False))
    layers["mean"] = nn.AvgPool2d((1, 8))  # (N, 96, 5, 1)
    return _add_head(layers, 480, classes)


def frequency(classes: int) -> nn.Sequential:
    """Return three convolutions whose filters see all of the second and move along frequency only."""
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    add_convolution(layers, "1", nn.Conv2d(1, 64, (7, FRAMES), padding=(3, 0), bias=False))  # (N, 64, 40, 1)
    layers["pool1"] = nn.MaxPool2d((2, 1))  # (N, 64, 20, 1)
    add_convolution(layers, "2", nn.Conv2d(64, 96, (5, 1), padding=(2, 0), bias=False))
    layers["pool2"] = nn.MaxPool2d((2, 1))  # (N, 96, 10, 1)
    add_convolution(layers, "3", nn.Conv2d(96, 96, (5, 1), padding=(2, 0), bias=False))
    layers["pool3"] = nn.MaxPool2d((2, 1))  # (N, 96, 5, 1)
    return _add_head(layers, 480, classes)


def time(classes: int) -> nn.Sequential:
    """Return three convolutions whose filters see all frequencies and move along time only: those of the other axis."""
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    add_convolution(layers, "1", nn.Conv2d(1, 64, (BANDS, 7), padding=(0, 3), bias=False))  # (N, 64, 1, 64)
    layers["pool1"] = nn.MaxPool2d((1, 2))  # (N, 64, 1, 32)
    add_convolution(layers, "2", nn.Conv2d(64, 96, (1, 5), padding=(0, 2), bias=False))
    layers["pool2"] = nn.MaxPool2d((1, 2))  # (N, 96, 1, 16)
    add_convolution(layers, "3", nn.Conv2d(96, 96, (1, 5), padding=(0, 2), bias=False))
    layers["pool3"] = nn.MaxPool2d((1, 2))  # (N, 96, 1, 8)
    return _add_head(layers, 768, classes)


def dense(classes: int) -> nn.Sequential:
    """Return a fully connected network of nearly as many weights as ``both``: 92,819 and 92,834 for ten words."""
    layers: OrderedDict[str, nn.Module] = OrderedDict(
        flatten1=nn.Flatten(),  # (N, 2560)
        fc1=nn.Linear(BANDS * FRAMES, 35),
        relu1=nn.ReLU(),
        fc2=nn.Linear(35, 69),
        relu2=nn.ReLU(),
    )
    return _add_head(layers, 69, classes)


def _add_head(layers: OrderedDict[str, nn.Module], features: int, classes: int) -> nn.Sequential:
    """Return the layers with dropout and a fully connected layer at the end."""
    layers["flatten"] = nn.Flatten()
    layers["dropout"] = nn.Dropout(0.3)
    layers["logits"] = nn.Linear(features, classes)
    return nn.Sequential(layers)
