"""The numbers inside a page are those of the network."""

import base64
import html
import json
import re
from collections import OrderedDict

import numpy as np
import pytest
import torch
from torch import nn

from artcnn.inspection.activations import find_activations
from artcnn.reports.embedded import pack_values
from artcnn.reports.html_report import Page, render
from artcnn.reports.i18n import load_catalog
from artcnn.reports.messages import message
from artcnn.visualizers.activations import compute_activations
from artcnn.visualizers.network import open_sequential


def unpacked(text):
    """Return packed numbers as a page's script reads them."""
    low, high, data = text.split()
    codes = np.frombuffer(base64.b64decode(data), "<u2")
    return float(low) + (float(high) - float(low)) / 65_535 * codes


@pytest.mark.parametrize("values", [torch.randn(1000), torch.zeros(3), torch.full((2,), -7.5), torch.arange(9.0)])
def test_packed_numbers_come_back(values):
    read = unpacked(pack_values(values))
    spread = float(values.max() - values.min())
    assert np.abs(read - values.numpy()).max() <= spread / 130_000 + 1e-7


def attributes(page, name):
    return [html.unescape(text) for text in re.findall(rf'data-{name}="(.*?)"', page)]


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    layers = OrderedDict(
        conv1=nn.Conv2d(1, 3, 3, stride=2, padding=1), relu1=nn.ReLU(), conv2=nn.Conv2d(3, 2, 3), pool=nn.MaxPool2d(2)
    )
    return open_sequential("small", nn.Sequential(layers), (1, 28, 28), ())


def test_a_page_holds_every_number_of_a_map_and_what_its_sum_is_of(network):
    picture = torch.rand(1, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    found = compute_activations(network, picture, ["conv1", "relu1", "conv2"])
    finding = find_activations(network, picture, dict.fromkeys(found), "noise.png")
    page = render(
        Page(message("What {network} has learned", network="small"), [finding], {}, "small"), load_catalog("en")
    )
    (made,) = (json.loads(text) for text in attributes(page, "convolution"))
    channels, height, width = made["inputs"]
    inputs = np.pad(unpacked(made["numbers"]).reshape(channels, height, width), ((0, 0), (1, 1), (1, 1)))
    weights = unpacked(made["weights"]).reshape(made["kernels"])
    maps = re.findall(r'<figure class="tile" (.*?)><button', page)
    summed = [text for text in maps if "data-kernel" in text]
    assert len(summed) == 6, "three maps of the convolution, and three of its ReLU"
    for text in summed:
        unit = int(re.search(r'data-kernel="(\d+)"', text)[1])
        assert re.search(r'data-field="3 3 2 2 -1 -1"', text)
        expected = found["conv1"].maps[unit].numpy()
        for row, column in ((0, 0), (5, 7), (13, 13)):
            patch = inputs[:, 2 * row : 2 * row + 3, 2 * column : 2 * column + 3]
            assert (patch * weights[unit]).sum() + made["biases"][unit] == pytest.approx(
                expected[row, column], abs=1e-4
            )
    assert sum("data-relu" in text for text in summed) == 3
    deeper = [text for text in maps if "data-values" in text]
    assert len(deeper) == 2
    order = found["conv2"].order
    for text, unit in zip(deeper, order, strict=True):
        values = unpacked(re.search(r'data-values="(.*?)"', text)[1]).reshape(12, 12)
        assert np.abs(values - found["conv2"].maps[unit].numpy()).max() < 1e-4


def test_a_large_map_is_not_in_the_page():
    layers = OrderedDict(conv1=nn.Conv2d(3, 2, 3), relu1=nn.ReLU(), conv2=nn.Conv2d(2, 2, 3))
    network = open_sequential("large", nn.Sequential(layers), (3, 160, 160), ())
    picture = torch.rand(1, 3, 160, 160)
    finding = find_activations(network, picture, {"conv1": None, "conv2": None}, "noise.png")
    page = render(
        Page(message("What {network} has learned", network="large"), [finding], {}, "large"), load_catalog("en")
    )
    assert attributes(page, "values") == attributes(page, "kernel") == []
    assert len(attributes(page, "field")) == 4
