"""Ascent on the input, where the summit is known."""

from collections import OrderedDict

import pytest
import torch
from torch import nn

from artcnn.backbones.classifier import load_classifier
from artcnn.backbones.vgg import load_vgg
from artcnn.datasets.mnist import load_mnist
from artcnn.errors import ArtcnnError
from artcnn.files.model import read_model
from artcnn.visualizers.linear_units import center_box, is_linear, linear_units
from artcnn.visualizers.maximize import (
    DIGIT,
    NAIVE,
    SPARSE,
    TEXTURE,
    FourierImage,
    MaximizeConfig,
    PixelImage,
    before_relu,
    channel_objective,
    logit_objective,
    margin_objective,
    maximize,
    neuron_objective,
)
from artcnn.visualizers.network import open_backbone, open_classifier, open_sequential

CLASSES = tuple("0123456789")


def last(steps):
    *_, step = steps
    return step


@pytest.fixture
def linear():
    with torch.random.fork_rng([]):
        torch.manual_seed(0)
        layer = nn.Linear(28 * 28, 10)
    network = open_sequential("linear", nn.Sequential(nn.Flatten(), layer), (1, 28, 28), CLASSES)
    return network, layer.weight.detach().view(10, 1, 28, 28)


@pytest.fixture(scope="module")
def lecture():
    return open_sequential("lecture", read_model("mnist-lecture").network, (1, 28, 28), CLASSES)


def test_a_linear_unit_wants_ink_where_its_weight_is_positive(linear):
    network, weight = linear
    end = last(maximize(PixelImage((2, 1, 28, 28), 0), logit_objective(network, [3, 8]), NAIVE))
    torch.testing.assert_close(end.inputs, (weight[[3, 8]] > 0).float())


@pytest.mark.slow
def test_with_a_price_on_ink_only_where_it_is_above_the_price(linear):
    """The lecture's y - lambda * sum |x| has the summit x = 1 where w > lambda, else 0."""
    network, weight = linear
    price = 0.5 * float(weight[3].square().mean().sqrt())
    clear = (weight[3] - price).abs() > 1e-3
    end = last(
        maximize(
            PixelImage((1, 1, 28, 28), 0),
            logit_objective(network, [3]),
            MaximizeConfig(steps=600, learning_rate=0.05, l1=0.5),
        )
    )
    wanted = (weight[3] > price).float()
    assert float((end.inputs[0] - wanted)[clear].abs().max()) < 0.1
    assert float((end.inputs[0] - wanted).abs().mean()) < 0.01


def test_the_price_is_relative_to_the_slope(linear):
    network, _ = linear
    loud = open_sequential("loud", nn.Sequential(nn.Flatten(), nn.Linear(784, 10)), (1, 28, 28), CLASSES)
    thousand = lambda inputs: 1000 * logit_objective(network, [3])(inputs)  # noqa: E731
    one = last(maximize(PixelImage((1, 1, 28, 28), 0), logit_objective(network, [3]), SPARSE))
    other = last(maximize(PixelImage((1, 1, 28, 28), 0), thousand, SPARSE))
    torch.testing.assert_close(one.inputs, other.inputs, atol=1e-3, rtol=0)
    assert loud.classes == network.classes


def test_values_are_the_degree_of_activation(lecture):
    inputs = torch.rand(2, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    maps = lecture.run(inputs, ["conv2"])["conv2"]
    found = channel_objective(lecture, "conv2", [4, 49])(inputs)
    torch.testing.assert_close(found, torch.stack([maps[0, 4].sum(), maps[1, 49].sum()]))
    logits = lecture.logits(inputs)
    margin = margin_objective(lecture, [1, 2])(inputs)
    others = [torch.cat([logits[0, :1], logits[0, 2:]]), torch.cat([logits[1, :2], logits[1, 3:]])]
    torch.testing.assert_close(
        margin, torch.stack([logits[0, 1] - others[0].logsumexp(0), logits[1, 2] - others[1].logsumexp(0)])
    )


@pytest.mark.slow
@pytest.mark.parametrize("layer", ["conv2", "fc1"])
def test_it_beats_the_best_of_a_thousand_digits(lecture, layer):
    units = [4, 5, 21]
    digits = load_mnist("test").batch(torch.arange(1000))[0]
    with torch.no_grad():
        output = lecture.run(digits, [layer])[layer]
        known = (output.sum((2, 3)) if output.ndim == 4 else output)[:, units].amax(0)
    end = last(maximize(PixelImage((3, 1, 28, 28), 0), channel_objective(lecture, layer, units), NAIVE))
    assert (end.values > known).all()


@pytest.mark.slow
def test_naive_fools_and_ink_is_saved(lecture):
    values = logit_objective(lecture, list(range(10)))
    naive = last(maximize(PixelImage((10, 1, 28, 28), 0), values, NAIVE))
    sparse = last(maximize(PixelImage((10, 1, 28, 28), 0), values, SPARSE))
    best = last(maximize(PixelImage((10, 1, 28, 28), 0), margin_objective(lecture, list(range(10))), DIGIT))
    for step in (naive, sparse, best):
        probability = lecture.logits(step.inputs).softmax(1).diagonal()
        assert (probability > 0.99).all()
    ink = [float(step.inputs.sum()) for step in (naive, sparse, best)]
    assert ink[1] < 0.5 * ink[0]
    assert ink[2] < 0.5 * ink[0]


def test_the_seed_is_the_only_randomness(lecture):
    before = torch.random.get_rng_state()

    def run(seed: int) -> torch.Tensor:
        config = MaximizeConfig(steps=4, max_shift=2, max_rotation=10)
        return last(maximize(PixelImage((1, 1, 28, 28), seed), logit_objective(lecture, [0]), config, seed)).inputs

    assert torch.equal(run(1), run(1))
    assert not torch.equal(run(1), run(2))
    assert torch.equal(before, torch.random.get_rng_state())


def test_a_fourier_picture_is_a_picture():
    for side in (32, 33):
        inputs = FourierImage((2, 3, side, side), 0).inputs()
        assert inputs.shape == (2, 3, side, side)
        assert inputs.min() >= 0
        assert inputs.max() <= 1
        assert not torch.equal(inputs[0], inputs[1])


@pytest.mark.slow
def test_a_unit_of_vgg_gets_what_it_wants():
    network = open_backbone(load_vgg(), 48)
    steps = maximize(FourierImage((2, 3, 48, 48), 0), channel_objective(network, "conv3_1", [10, 77]), TEXTURE)
    start, end = next(steps), last(steps)
    noise = torch.rand(64, 3, 48, 48, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        known = network.run(noise, ["conv3_1"])["conv3_1"].sum((2, 3))[:, [10, 77]].amax(0)
    assert (end.values > start.values).all()
    assert (end.values > known).all()
    assert (end.inputs.flatten(1).std(1) > 0.05).all(), "not gray"


def test_a_wrong_unit_is_named(lecture):
    with pytest.raises(ArtcnnError, match="no unit conv1:25, only conv1:0 to conv1:24"):
        channel_objective(lecture, "conv1", [0, 25])


def test_a_silent_relu_is_climbed_by_what_comes_before_it():
    """relu5_3 gives nothing for gray in three of four maps: there was no gradient, and the picture stayed gray."""
    network = open_backbone(load_vgg(), 32)
    assert before_relu(network, "relu5_3") == before_relu(network, "pool5") == "conv5_3"
    assert before_relu(network, "conv5_3") == "conv5_3"
    assert before_relu(network, "pool1") == "conv1_2"


def test_pooling_alone_is_climbed_itself(lecture):
    assert before_relu(lecture, "pool1") == "pool1"
    assert before_relu(lecture, "relu1") == "fc1"


@pytest.mark.parametrize("name", ["conv1", "norm", "flat", "dense"])
def test_what_is_linear_has_a_kernel(name):
    with torch.random.fork_rng([]):
        torch.manual_seed(0)
        parts = OrderedDict(conv1=nn.Conv2d(1, 4, 3, padding=1), norm=nn.BatchNorm2d(4), flat=nn.Flatten())
        chain = nn.Sequential(parts | {"dense": nn.Linear(4 * 36, 4), "relu": nn.ReLU(), "last": nn.Linear(4, 10)})
        chain.norm.running_var.uniform_(0.5, 2)
    network = open_sequential("chain", chain.eval(), (1, 6, 6), CLASSES)
    assert is_linear(network, name)
    assert not is_linear(network, "relu")
    assert not is_linear(network, "last")
    found = linear_units(network, name, [0, 3])
    height, width = found.kernels.shape[2:]
    assert (height, width) == ((3, 3) if name in ("conv1", "norm") else (6, 6))
    top, left, bottom, right = center_box(network, name)
    inputs = torch.rand(2, 1, 6, 6, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        values = neuron_objective(network, name, [0, 3])(inputs)
        torch.testing.assert_close(found.values(inputs[..., top:bottom, left:right]), values, atol=1e-5, rtol=1e-4)
        inputs[..., top:bottom, left:right] = found.best
        best = neuron_objective(network, name, [0, 3])(inputs)
        noise = torch.rand(500, 1, 6, 6, generator=torch.Generator().manual_seed(1))
        output = network.run(noise, [name])[name].reshape(500, -1, *network.shapes()[name][1:])
        maps = output if output.ndim == 4 else output[:, :, None, None]
    assert (best >= maps[:, [0, 3], maps.shape[2] // 2, maps.shape[3] // 2].amax(0)).all()


def test_a_kernel_of_nothing_is_dead_and_wants_nothing():
    """One of EfficientNet-Lite0's first filters has weights of 1e-9: their signs were shown as colors it wants."""
    network = open_classifier(load_classifier("efficientnet-lite0"))
    found = linear_units(network, "conv_stem", [0, 10, 11])
    assert found.dead.tolist() == [False, False, True]
