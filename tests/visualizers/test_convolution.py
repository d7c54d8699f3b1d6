"""A convolution's numbers by plain loops, its matrix, and what moves with a picture."""

from collections import OrderedDict

import numpy as np
import pytest
import torch
from torch import nn

from artcnn.datasets.mnist import load_mnist
from artcnn.errors import ArtcnnError
from artcnn.files.model import read_model
from artcnn.nets.mnist import build
from artcnn.visualizers.convolution import (
    center_on_black,
    convolution_matrix,
    convolve,
    count_entries,
    count_leading,
    downsample,
    run_first_convolution,
    shift,
    weight_indices,
)
from artcnn.visualizers.lecture import FILTERS, PICTURE
from artcnn.visualizers.network import open_sequential


@pytest.fixture(scope="module")
def lecture():
    return open_sequential("lecture", read_model("mnist-lecture").network, (1, 28, 28), tuple("0123456789"))


@pytest.fixture(scope="module")
def digit():
    return load_mnist("test").batch(torch.tensor([32]))[0]


def strided(channels=3, kernel=(3, 5), stride=(2, 1), padding=(1, 2)):
    """Return a chain whose first layer has everything that a convolution can have here."""
    torch.manual_seed(0)
    layers = OrderedDict(conv=nn.Conv2d(channels, 4, kernel, stride, padding), relu=nn.ReLU())
    return open_sequential("strided", nn.Sequential(layers), (channels, 11, 9), ())


def by_loops(inputs, weight, bias, stride=(1, 1), padding=(0, 0)):
    """Return what a convolution gives, one number after the other."""
    (channels, height, width), (units, _, down, across) = inputs.shape, weight.shape
    padded = np.zeros((channels, height + 2 * padding[0], width + 2 * padding[1]))
    padded[:, padding[0] : padding[0] + height, padding[1] : padding[1] + width] = inputs
    rows, columns = (padded.shape[1] - down) // stride[0] + 1, (padded.shape[2] - across) // stride[1] + 1
    maps = np.zeros((units, rows, columns))
    for unit, row, column in np.ndindex(*maps.shape):
        total = bias[unit]
        for channel, y, x in np.ndindex(channels, down, across):
            total += weight[unit, channel, y, x] * padded[channel, row * stride[0] + y, column * stride[1] + x]
        maps[unit, row, column] = total
    return maps


def test_the_lectures_example():
    one, two = (convolve(PICTURE[None], kernel[None, None]) for kernel in FILTERS)
    assert one.maps[0].tolist() == [[3, -1, -3, -1], [-3, 1, 0, -3], [-3, -3, 0, 1], [3, -2, -2, -1]]
    assert two.maps[0].tolist() == [[-1, -1, -1, -1], [-1, -1, -2, 1], [-1, -1, -2, 1], [-1, 0, -4, 3]]
    wide = convolve(PICTURE[None], FILTERS[0][None, None], stride=2)
    assert wide.maps[0].tolist() == [[3, -3], [-3, 0]]
    for convolution in (one, two, wide):
        kernel = convolution.weight.numpy()
        stride = convolution.stride
        assert (by_loops(PICTURE[None].numpy(), kernel, np.zeros(1), stride) == convolution.maps.numpy()).all()


@pytest.mark.slow
@pytest.mark.parametrize("which", ["digit", "strided", "uneven"])
def test_every_number_is_its_sum(lecture, digit, which):
    torch.manual_seed(1)
    if which == "digit":
        network, picture = lecture, digit
    else:
        padding = (1, 2) if which == "strided" else (0, 0)
        network, picture = strided(padding=padding), torch.rand(1, 3, 11, 9)
    found = run_first_convolution(network, picture)
    module = network.modules[found.name]
    weight, bias = module.weight.detach().double().numpy(), module.bias.detach().double().numpy()
    expected = by_loops(picture[0].double().numpy(), weight, bias, module.stride, module.padding)
    assert np.abs(found.maps.numpy() - expected).max() < 1e-5
    unit, height, width = found.maps.shape
    for place in [(0, 0, 0), (unit - 1, height - 1, width - 1), (1, height // 2, 1), found.strongest()]:
        assert found.terms(*place).value == pytest.approx(expected[place], abs=1e-5)
    assert found.maps[found.strongest()] == found.maps.max()
    assert found.strongest(2)[0] == 2
    assert found.maps[found.strongest(2)] == found.maps[2].max()


def test_the_zeros_that_a_convolution_puts_at_one_side_only():
    torch.manual_seed(0)
    layer = nn.Sequential(nn.ZeroPad2d((0, 1, 0, 1)), nn.Conv2d(1, 2, 3, 2))
    inputs = torch.rand(1, 8, 8)
    with torch.no_grad():
        maps = layer(inputs[None])[0]
    found = convolve(inputs, layer[1].weight.detach(), 2)
    found = type(found)("", inputs, layer[1].weight.detach(), layer[1].bias.detach(), maps, (2, 2))
    assert maps.shape == (2, 4, 4)
    assert found.terms(1, 3, 3).value == pytest.approx(float(maps[1, 3, 3]), abs=1e-6)


def test_a_convolution_is_a_matrix(lecture, digit):
    found = run_first_convolution(lecture, digit)
    for unit in range(25):
        product = convolution_matrix(found, unit) @ found.inputs.flatten() + found.bias[unit]
        assert (product.view(26, 26) - found.maps[unit]).abs().max() < 1e-5
    numbers = weight_indices(found)
    assert numbers.shape == (676, 784)
    assert (numbers >= 0).sum(1).tolist() == [9] * 676, "each row reads nine pixels"
    assert all((numbers == number).sum() == 676 for number in range(9)), "each weight stands in every row"


@pytest.mark.parametrize("padding", [(1, 2), (0, 0)])
def test_a_matrix_with_strides_colors_and_zeros_around(padding):
    network, picture = strided(padding=padding), torch.rand(1, 3, 11, 9, generator=torch.Generator().manual_seed(0))
    found = run_first_convolution(network, picture)
    product = convolution_matrix(found, 3) @ found.inputs.flatten() + found.bias[3]
    assert (product.view(found.maps[3].shape) - found.maps[3]).abs().max() < 1e-5
    counted = count_entries(found)
    numbers = weight_indices(found)
    assert (counted.rows, counted.columns) == (4 * numbers.shape[0], numbers.shape[1])
    assert counted.nonzero == 4 * int((numbers >= 0).sum())


def test_the_lectures_counts(lecture, digit):
    counted = count_entries(run_first_convolution(lecture, digit))
    assert (counted.rows, counted.columns, counted.entries) == (16_900, 784, 13_249_600)
    assert (counted.nonzero, counted.weights, counted.biases) == (152_100, 225, 25)


def test_a_map_moves_with_the_picture_and_a_pooled_one_only_by_its_own_steps(lecture, digit):
    maps = {step: lecture.run(shift(digit, step, step), ["conv1", "pool1"]) for step in (0, 1, 2)}
    for step in (1, 2):
        moved = maps[step]["conv1"][..., step:, step:]
        assert (moved - maps[0]["conv1"][..., :-step, :-step]).abs().max() < 1e-5
    pooled = maps[0]["pool1"][..., :-1, :-1]
    assert (maps[2]["pool1"][..., 1:, 1:] - pooled).abs().max() < 1e-5, "two pixels are one step of the pooling"
    assert (maps[1]["pool1"][..., 1:, 1:] - pooled).abs().max() > 0.5
    assert (maps[1]["pool1"] - maps[0]["pool1"]).abs().max() > 0.5, "one pixel is neither none nor one step"


def test_moving_loses_what_leaves():
    picture = torch.arange(1.0, 13).view(1, 1, 3, 4)
    assert shift(picture, 1, -2)[0, 0].tolist() == [[0, 0, 0, 0], [3, 4, 0, 0], [7, 8, 0, 0]]
    assert shift(picture, 0, 0).equal(picture)


def test_shrinking_keeps_the_mean_and_the_middle(digit):
    small = downsample(digit, 14, 14)
    assert small[0, 0, 3, 5] == pytest.approx(float(digit[0, 0, 6:8, 10:12].mean()))
    back = center_on_black(small, 28, 28)
    assert back[..., 7:21, 7:21].equal(small)
    assert back.sum() == pytest.approx(float(small.sum()))
    assert downsample(digit, 28, 28).equal(digit)


def test_a_run_ends_at_the_first_that_differs():
    assert [count_leading(same) for same in ([True, True, False, True], [True, True], [False])] == [2, 2, 0]


def test_what_does_not_begin_with_a_convolution_is_refused(digit):
    for arch in ("dense", "local"):
        network = open_sequential(arch, build(arch), (1, 28, 28), tuple("0123456789"))
        with pytest.raises(ArtcnnError, match="does not begin with a convolution"):
            run_first_convolution(network, digit)
