import pytest
import torch
from torch import nn

from artcnn.nets import mnist
from artcnn.nets.pooling import BothPool2d

SHAPES = {
    "conv1": (25, 26, 26),
    "pool1": (25, 13, 13),
    "conv2": (50, 11, 11),
    "pool2": (50, 5, 5),
    "flatten": (1250,),
    "fc1": (100,),
    "relu1": (100,),
    "logits": (10,),
}


def parameters(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def shapes(network: nn.Sequential) -> dict[str, tuple[int, ...]]:
    x, found = torch.zeros(2, 1, 28, 28), {}
    for name, layer in network.eval().named_children():
        x = layer(x)
        found[name] = tuple(x.shape[1:])
    return found


def test_the_lectures_network_is_the_lectures():
    network = mnist.lecture()
    assert shapes(network) == SHAPES
    assert network.conv1.weight[0].numel() == 9
    assert network.conv2.weight[0].numel() == 225
    assert parameters(network) == (25 * 9 + 25) + (50 * 225 + 50) + (1250 * 100 + 100) + (100 * 10 + 10) == 137_660


def test_the_dense_network_has_as_many_parameters():
    assert parameters(mnist.dense()) == parameters(mnist.lecture())
    assert not [layer for layer in mnist.dense() if isinstance(layer, nn.Conv2d)]


def test_without_shared_weights_the_shapes_are_the_lectures():
    network = mnist.local()
    assert shapes(network) == SHAPES
    own = 26 * 26 * 25 * (9 + 1) + 11 * 11 * 50 * (225 + 1)
    assert parameters(network) == own + (1250 * 100 + 100) + (100 * 10 + 10) == 1_662_410


@pytest.mark.parametrize("arch", ["lecture", "local", "best"])
@pytest.mark.parametrize("pooling", ["max", "average", "both"])
def test_every_pooling_fits_every_network(arch, pooling):
    made = shapes(mnist.build(arch, pooling, classes=7))
    assert made["logits"] == (7,)
    plain = shapes(mnist.build(arch, "max", classes=7))
    factor = 2 if pooling == "both" else 1
    for name in ("pool1", "pool2"):
        assert made[name] == (plain[name][0] * factor, *plain[name][1:])


def test_both_keeps_the_maximum_and_the_mean_of_each_group():
    x = torch.arange(16.0).view(1, 1, 4, 4)
    pooled = BothPool2d()(x)
    assert pooled[0, 0].tolist() == [[5, 7], [13, 15]]
    assert pooled[0, 1].tolist() == [[2.5, 4.5], [10.5, 12.5]]


@pytest.mark.slow
def test_a_convolution_is_a_fully_connected_layer_with_shared_and_zeroed_weights():
    convolution = mnist.lecture().double().conv1
    matrix = torch.zeros(25 * 26 * 26, 28 * 28, dtype=torch.float64)
    for filter_ in range(25):
        for y in range(26):
            for x in range(26):
                row = matrix[(filter_ * 26 + y) * 26 + x].view(28, 28)
                row[y : y + 3, x : x + 3] = convolution.weight[filter_, 0].detach()
    pictures = torch.rand(3, 1, 28, 28, dtype=torch.float64)
    dense = pictures.flatten(1) @ matrix.T + convolution.bias.detach().repeat_interleave(26 * 26)
    torch.testing.assert_close(convolution(pictures).flatten(1), dense)
    assert (matrix != 0).sum(1).unique().tolist() == [9], "of 784 weights, all but nine are zero"
    assert len(matrix[matrix != 0].unique()) == 25 * 9, "and the nine are shared by all 676 places"
