"""Convolutions without one of their properties, against those that have it."""

import pytest
import torch
from torch.nn import functional as F

from artcnn.nets import mnist
from artcnn.nets.local import LocallyConnected2d, Permute


@pytest.fixture
def images():
    return torch.rand(2, 3, 7, 7, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def layer():
    with torch.random.fork_rng([]):
        torch.manual_seed(0)
        return LocallyConnected2d(3, 5, kernel_size=3, side=7)


def test_with_the_same_filters_everywhere_it_is_a_convolution(images, layer):
    filters, biases = torch.randn(5, 3, 3, 3), torch.randn(5)
    with torch.no_grad():
        layer.weight.copy_(filters.flatten(1).T.expand_as(layer.weight))
        layer.bias.copy_(biases.expand_as(layer.bias))
    torch.testing.assert_close(layer(images), F.conv2d(images, filters, biases))


def test_each_place_has_its_own_filters(images, layer):
    answer = layer(images)
    assert answer.shape == (2, 5, 5, 5)
    for row, column in ((0, 0), (2, 3), (4, 4)):
        place = 5 * row + column
        window = images[:, :, row : row + 3, column : column + 3].flatten(1)
        torch.testing.assert_close(answer[:, :, row, column], window @ layer.weight[place] + layer.bias[place])
    answer[:, :, 2, 3].sum().backward()
    touched = layer.weight.grad.abs().sum((1, 2)).nonzero().flatten().tolist()
    assert touched == [5 * 2 + 3]


def test_its_weights_begin_within_the_bound_of_a_convolutions(layer):
    for weights in (layer.weight, layer.bias):
        assert 0.9 / 27**0.5 < float(weights.detach().abs().max()) <= 1 / 27**0.5


def test_pixels_are_only_rearranged_and_always_alike(images):
    moved = Permute(7)(images)
    assert not torch.equal(moved, images)
    assert torch.equal(moved.flatten(2).sort().values, images.flatten(2).sort().values)
    assert torch.equal(Permute(7)(images), moved)
    assert not torch.equal(Permute(7, seed=1)(images), moved)


def test_a_dense_network_sees_the_same_in_any_order():
    digit, order = torch.rand(1, 1, 28, 28, generator=torch.Generator().manual_seed(0)), Permute(28).order
    permuted, plain = mnist.build("dense", permuted=True), mnist.build("dense")
    plain.load_state_dict(permuted.state_dict())
    with torch.no_grad():
        plain.fc1.weight[:, order] = permuted.fc1.weight
    torch.testing.assert_close(permuted(digit), plain(digit))
