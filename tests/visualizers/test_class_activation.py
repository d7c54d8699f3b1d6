"""Layer-CAM and Score-CAM against captum's parts, their equations in NumPy, and a network whose answer is known."""

from collections import OrderedDict

import captum.attr
import numpy as np
import pytest
import torch
from torch import nn

from artcnn.datasets.mnist import load_mnist
from artcnn.errors import ArtcnnError
from artcnn.inspection.models import open_model
from artcnn.visualizers.class_activation import activation_layer, layer_cam, score_cam
from artcnn.visualizers.module_network import open_module
from artcnn.visualizers.network import open_sequential


def halves():
    """Return a network with a map of the left half and one of the right half, as they are; the left speaks for 0."""
    conv, head = nn.Conv2d(1, 2, (1, 4), stride=(1, 4), bias=False), nn.Linear(16, 2, bias=False)
    conv.weight.data = torch.tensor([[1.0, 0, 0, 0], [0, 0, 0, 1.0]]).view(2, 1, 1, 4)
    head.weight.data = torch.zeros(2, 16)
    head.weight.data[0, :8] = 1
    chain = nn.Sequential(conv, nn.ReLU(), nn.Flatten(), head)
    return open_sequential("halves", chain, (1, 4, 8), ("left", "none"))


def test_layer_cam_is_captums_gradients_and_activations():
    network, digit = open_model("mnist-best"), load_mnist("test").batch(torch.tensor([3]))[0]
    chain, layer = nn.Sequential(OrderedDict(network.modules)), network.modules["relu2_2"]
    maps = captum.attr.LayerActivation(chain, layer).attribute(digit)[0].detach().numpy()
    product = captum.attr.LayerGradientXActivation(chain, layer).attribute(digit.requires_grad_(), target=4)
    slope = np.divide(product[0].detach().numpy(), maps, out=np.zeros_like(maps), where=maps != 0)
    expected = np.maximum((np.maximum(slope, 0) * maps).sum(0), 0)
    np.testing.assert_allclose(layer_cam(network, digit.detach(), 4, "relu2_2"), expected, atol=1e-5, rtol=1e-4)


def test_score_cam_of_a_network_that_is_known():
    """Map 0 shows the answer all that it needs; map 1, all that it does not: p is 1/2 behind it, as in the dark."""
    network = halves()
    image = torch.zeros(1, 1, 4, 8)
    image[0, 0, 1, 0], image[0, 0, 2, 7] = 1, 1
    found = score_cam(network, image, 0, "1")
    expected = torch.zeros(4, 2)
    expected[1, 0] = torch.tensor(1.0).sigmoid() - 0.5
    torch.testing.assert_close(found, expected, atol=1e-6, rtol=1e-6)


def test_score_cam_is_its_equation():
    network, digit = open_model("mnist-lecture"), load_mnist("test").batch(torch.tensor([7]))[0]
    gray, said = torch.full_like(digit, 0.3), []
    found = score_cam(network, digit, 9, "conv1", gray, lambda *numbers: said.append(numbers))
    assert said[-1] == (25, 25)
    total = np.zeros((26, 26))
    with torch.no_grad():
        maps = network.run(digit, ["conv1"])["conv1"][0].clamp(min=0)
        before = float(network.logits(gray).softmax(1)[0, 9])
        for map_ in maps:
            if map_.max() == map_.min():
                continue
            mask = (map_ - map_.min()) / (map_.max() - map_.min())
            mask = nn.functional.pad(mask[None, None], (1, 1, 1, 1), mode="replicate")  # a place sees 3 pixels
            p = float(network.logits(digit * mask + gray * (1 - mask)).softmax(1)[0, 9])
            total += (p - before) * map_.numpy()
    np.testing.assert_allclose(found, np.maximum(total, 0), atol=2e-4)


def test_maps_are_those_behind_the_last_relu():
    for model, layer in (("mnist-best", "relu3_2"), ("mnist-lecture", "conv2"), ("go-moves", "relu4")):
        assert activation_layer(open_model(model)) == layer
    module = open_module(nn.Sequential(nn.Conv2d(3, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(72, 2)), 8)
    assert activation_layer(module) == "1"
    for look in (layer_cam, score_cam):
        assert look(module, torch.rand(1, 3, 8, 8), 0).shape == (6, 6)
        with pytest.raises(ArtcnnError, match="^3 has no maps: choose from 0, 1"):
            look(module, torch.rand(1, 3, 8, 8), 0, "3")
