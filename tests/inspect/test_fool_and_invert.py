import math

import pytest
import torch
from torch import nn

from artcnn.datasets.mnist import load_mnist
from artcnn.errors import DivergenceError
from artcnn.inspect.fool import fool
from artcnn.inspect.invert import invert
from artcnn.inspect.maximize import NAIVE, Pixels, class_values, maximize
from artcnn.inspect.network import open_sequential
from artcnn.media.model import read_model

CLASSES = tuple("0123456789")


@pytest.fixture(scope="module")
def lecture():
    return open_sequential("lecture", read_model("mnist-lecture").network, (1, 28, 28), CLASSES)


@pytest.fixture(scope="module")
def digit():
    return load_mnist("test").batch(torch.tensor([3]))[0]


def test_of_a_linear_network_the_change_is_the_way_to_the_border():
    with torch.random.fork_rng([]):
        torch.manual_seed(0)
        layer = nn.Linear(28 * 28, 10)
    network = open_sequential("linear", nn.Sequential(nn.Flatten(), layer), (1, 28, 28), CLASSES)
    image = torch.full((1, 1, 28, 28), 0.5)
    logits = network.logits(image)[0].detach()
    now = int(logits.argmax())
    target = int(logits.argsort(descending=True)[1])
    found = fool(network, image, target, overshoot=0.0)
    normal = (layer.weight[target] - layer.weight[now]).detach()
    distance = float((logits[now] - logits[target]) / normal.norm())
    assert found.done
    assert found.steps == 1
    change = (found.image - image).flatten()
    assert float(change.norm()) == pytest.approx(distance, rel=0.05)
    assert float(nn.functional.cosine_similarity(change, normal, dim=0)) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("target", [1, 3, 8])
def test_a_digit_becomes_any_other_by_little(lecture, digit, target):
    found = fool(lecture, digit, target)
    assert found.done
    assert int(lecture.logits(found.image).argmax()) == target
    assert float((found.image - digit).norm()) < 0.5 * float(digit.norm())
    assert found.image.min() >= 0
    assert found.image.max() <= 1


def test_what_is_taken_for_the_target_already_is_left_alone(lecture, digit):
    found = fool(lecture, digit, 0)
    assert (found.done, found.steps) == (True, 0)
    assert torch.equal(found.image, digit)


def test_a_shallow_layer_knows_the_picture_and_a_deep_one_less(lecture, digit):
    error = {}
    for name in ("conv1", "conv2", "logits"):
        *_, end = invert(lecture, digit, name, steps=200, roughness=0.01)
        assert float(end.values) < 0.05, "the features are matched"
        error[name] = float((end.inputs - digit).square().mean())
    assert error["conv1"] < 0.005
    assert error["conv1"] < error["conv2"] < error["logits"]


def test_roughness_makes_smooth(lecture, digit):
    rough, smooth = (list(invert(lecture, digit, "conv2", 60, weight))[-1].inputs for weight in (0.0, 10.0))
    assert float(smooth.diff(dim=3).square().mean()) < float(rough.diff(dim=3).square().mean())


@pytest.mark.parametrize(
    "look",
    [
        lambda network, digit: list(maximize(Pixels((1, 1, 28, 28), 0), class_values(network, [3]), NAIVE)),
        lambda network, digit: list(invert(network, digit, "1", steps=3)),
        lambda network, digit: fool(network, digit, 3),
    ],
    ids=["maximize", "invert", "fool"],
)
def test_a_network_that_diverged_is_told(look, digit):
    layer = nn.Linear(28 * 28, 10)
    nn.init.constant_(layer.weight, math.inf)
    network = open_sequential("linear", nn.Sequential(nn.Flatten(), layer), (1, 28, 28), CLASSES)
    with pytest.raises(DivergenceError, match="the gradient of step 1 is not finite"):
        look(network, digit)
