"""Tests of what is found in a convolution."""

from collections import OrderedDict

import pytest
import torch
from torch import nn

from artcnn.inspection.convolution import find_parts
from artcnn.visualizers.network import open_sequential


def test_a_photo_has_three_channels_in_one_sum():
    torch.manual_seed(0)
    layers = OrderedDict(conv=nn.Conv2d(3, 4, 3, padding=1), relu=nn.ReLU(), pool=nn.MaxPool2d(2))
    network = open_sequential("photos", nn.Sequential(layers), (3, 48, 48), ())
    parts = find_parts(network, torch.rand(1, 3, 48, 40), "noise.png", unit=3)
    assert str(parts["shrunken"]) == "it has no output layer, so no answers to ask about"
    found = parts["picture"]()
    assert found.arrays["patch"].shape == found.arrays["kernel"].shape == (3, 3, 3)
    (row,) = found.rows
    assert row["sum"] == pytest.approx(float((found.arrays["patch"] * found.arrays["kernel"]).sum()), abs=1e-5)
    assert row["sum"] + row["bias"] == pytest.approx(float(found.arrays["map"].max()), abs=1e-5)
