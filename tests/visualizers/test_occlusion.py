"""Occlusion by what changed alone, against running the network afresh for each place of the square."""

from collections import OrderedDict

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from artcnn.backbones.efficientnet import Block, SameConv2d
from artcnn.nets import mnist
from artcnn.nets.pooling import BothPool2d
from artcnn.visualizers.network import Network, open_sequential
from artcnn.visualizers.occlusion import occlude, window_positions

CLASSES = tuple("abcd")


def by_hand(network: Network, image: torch.Tensor, window: int, stride: int, fill: float) -> torch.Tensor:
    rows, columns = (window_positions(length, window, stride) for length in image.shape[2:])
    found = torch.zeros(len(rows), len(columns), len(network.classes))
    with torch.no_grad():
        for row, top in enumerate(rows):
            for column, left in enumerate(columns):
                hidden = image.clone()
                hidden[..., top : top + window, left : left + window] = fill
                found[row, column] = network.logits(hidden).softmax(1)[0]
    return found


def opened(layers: dict[str, nn.Module], channels: int, side: int, classes: int = 4) -> Network:
    torch.manual_seed(5)
    for layer in layers.values():
        for parameter in layer.parameters():
            nn.init.normal_(parameter, std=0.4)
    chain = nn.Sequential(OrderedDict(layers)).eval()
    return open_sequential("net", chain, (channels, side, side), CLASSES[:classes])


@pytest.mark.slow
@pytest.mark.parametrize("arch", ["lecture", "best"])
@pytest.mark.parametrize("pooling", ["max", "both"])
@pytest.mark.parametrize(("window", "stride"), [(5, 1), (8, 3), (1, 5), (28, 1), (40, 7)])
def test_a_digits_network_gives_what_running_it_afresh_gives(arch, pooling, window, stride):
    torch.manual_seed(1)
    network = open_sequential(arch, mnist.build(arch, pooling).eval(), (1, 28, 28), tuple("0123456789"))
    image = torch.rand(1, 1, 28, 28)
    *_, found = occlude(network, image, window, stride, fill=0.2)
    torch.testing.assert_close(found, by_hand(network, image, window, stride, 0.2), atol=1e-6, rtol=1e-5)


@pytest.mark.slow
@given(
    kernels=st.lists(
        st.tuples(st.sampled_from([1, 2, 3, 5, 11]), st.integers(1, 4), st.integers(0, 2)), min_size=1, max_size=3
    ),
    pooled=st.booleans(),
    window=st.integers(1, 12),
    stride=st.integers(1, 9),
    side=st.integers(20, 33),
)
@settings(max_examples=20, deadline=None)
def test_any_chain_of_convolutions_does(kernels, pooled, window, stride, side):
    layers: dict[str, nn.Module] = {}
    channels = 2
    for number, (kernel, step, padding) in enumerate(kernels):
        layers |= {f"conv{number}": nn.Conv2d(channels, 3, kernel, step, min(padding, kernel // 2))}
        layers |= {f"relu{number}": nn.ReLU()}
        channels = 3
        if pooled:
            layers[f"pool{number}"] = BothPool2d()
            channels = 6
    layers |= {"gather": nn.AdaptiveAvgPool2d(1), "flatten": nn.Flatten(), "logits": nn.Linear(channels, 4)}
    network = opened(layers, 2, side)
    image = torch.rand(1, 2, side, side + 3, generator=torch.Generator().manual_seed(side))
    try:
        expected = by_hand(network, image, window, stride, 0.5)
    except RuntimeError:
        return  # nothing of the picture is left behind the last layer
    *_, found = occlude(network, image, window, stride, 0.5)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-4)


def test_blocks_with_a_shortcut_and_uneven_padding_do():
    layers: dict[str, nn.Module] = {"stem": SameConv2d(3, 8, 3, 2), "norm": nn.BatchNorm2d(8), "relu": nn.ReLU6()}
    layers |= {
        "a": Block(8, 8, 3, 1, 1),
        "b": Block(8, 12, 5, 2, 2),
        "c": Block(12, 12, 5, 1, 2),
        "d": Block(12, 8, 3, 2, 2),
    }
    layers |= {"pool": nn.AdaptiveAvgPool2d(1), "flatten": nn.Flatten(), "logits": nn.Linear(8, 4)}
    network = opened(layers, 3, 96)
    image = torch.rand(1, 3, 96, 96, generator=torch.Generator().manual_seed(0))
    *_, found = occlude(network, image, 8, 20, 0.5)
    torch.testing.assert_close(found, by_hand(network, image, 8, 20, 0.5), atol=1e-6, rtol=1e-5)


def test_a_square_can_show_another_picture_where_it_is():
    torch.manual_seed(3)
    network = open_sequential("net", mnist.lecture().eval(), (1, 28, 28), CLASSES)
    image, other = torch.rand(2, 1, 1, 28, 28)
    *_, found = occlude(network, image, 9, 6, other)
    for row, column in ((0, 0), (1, 2), (3, 3)):
        hidden, at = image.clone(), (..., slice(6 * row, 6 * row + 9), slice(6 * column, 6 * column + 9))
        hidden[at] = other[at]
        with torch.no_grad():
            torch.testing.assert_close(found[row, column], network.logits(hidden).softmax(1)[0], atol=1e-6, rtol=1e-5)


def test_only_what_changed_is_computed_again(monkeypatch):
    """The units of the second convolution that are computed: 8 x 8 a place, not 32 x 32."""
    layers: dict[str, nn.Module] = {"conv1": nn.Conv2d(1, 2, 3, padding=1), "conv2": nn.Conv2d(2, 2, 3, padding=1)}
    network = opened(layers | {"flatten": nn.Flatten(), "logits": nn.Linear(2048, 4)}, 1, 32)
    counted = []
    convolve = torch.nn.functional.conv2d

    def count(*arguments, **settings):
        found = convolve(*arguments, **settings)
        counted.append(found[:, 0].numel())
        return found

    image = torch.rand(1, 1, 32, 32)
    change = occlude(network, image, 4, 14, 0.5)
    next(change)
    monkeypatch.setattr("artcnn.visualizers.occlusion.F.conv2d", count)
    *_, found = change
    assert found.shape[:2] == (3, 3)
    assert sum(counted) <= 8 * (6 * 6 + 8 * 8)


def test_it_goes_from_coarse_to_fine():
    torch.manual_seed(2)
    network = open_sequential("net", mnist.lecture().eval(), (1, 28, 28), tuple("0123456789"))
    coarse, fine = occlude(network, torch.rand(1, 1, 28, 28), 4, 2, 0.5)
    assert coarse.shape == fine.shape == (13, 13, 10)
    assert torch.equal(coarse[0, 0], coarse[3, 3])
    assert torch.equal(coarse[::4, ::4], fine[::4, ::4])
    assert not torch.equal(coarse, fine)
    torch.testing.assert_close(fine.sum(2), torch.ones(13, 13))


def test_the_last_place_of_the_square_is_cut_off_by_the_edge():
    assert window_positions(28, 6, 6) == [0, 6, 12, 18, 24]
    assert window_positions(28, 7, 7) == [0, 7, 14, 21]
    assert window_positions(28, 5, 2) == [*range(0, 24, 2), 24]
    assert window_positions(4, 9, 3) == [0]
    assert window_positions(20, 1, 2) == [*range(0, 20, 2)]
