import math

import pytest
import torch
from torch import nn

from artcnn.datasets.mnist import load_mnist
from artcnn.errors import DivergenceError
from artcnn.files.model import read_model
from artcnn.visualizers.adversarial import ddn_attack
from artcnn.visualizers.feature_inversion import invert_features
from artcnn.visualizers.maximize import NAIVE, PixelImage, logit_objective, maximize
from artcnn.visualizers.network import open_sequential

CLASSES = tuple("0123456789")


@pytest.fixture(scope="module")
def lecture():
    return open_sequential("lecture", read_model("mnist-lecture").network, (1, 28, 28), CLASSES)


@pytest.fixture(scope="module")
def digit():
    return load_mnist("test").batch(torch.tensor([3]))[0]


@pytest.mark.parametrize("brightness", [0.5, 0.02], ids=["free", "held by black"])
def test_of_a_linear_network_the_smallest_change_is_known(brightness):
    """Of two linear answers p is a function of the distance; at black, pixels that would get darker stay."""
    with torch.random.fork_rng([]):
        torch.manual_seed(0)
        layer = nn.Linear(28 * 28, 2).requires_grad_(False)
    network = open_sequential("linear", nn.Sequential(nn.Flatten(), layer), (1, 28, 28), ("a", "b"))
    image = torch.full((1, 1, 28, 28), brightness)
    layer.bias -= layer(image.flatten(1))[0] - torch.tensor([0.5, 0.0])
    normal = (layer.weight[1] - layer.weight[0]).view_as(image)

    def nearest(far: float) -> torch.Tensor:
        return (image + far * normal).clamp(0, 1)

    low, high = 0.0, 10.0
    for _ in range(60):
        middle = (low + high) / 2
        enough = float(network.logits(nearest(middle)).softmax(1)[0, 1]) >= 0.9
        low, high = (low, middle) if enough else (middle, high)
    found = ddn_attack(network, image, 1, confidence=0.9)
    assert found.success
    assert float(network.logits(found.image).softmax(1)[0, 1]) == pytest.approx(0.9, abs=1e-3)
    assert float((found.image - image).norm()) == pytest.approx(float((nearest(high) - image).norm()), rel=0.01)
    assert float((found.image - nearest(high)).abs().max()) < 0.02


def shortest_by_a_penalty(network, image, target, level, steps=400):
    """Return the length of the shortest change that Adam finds with a penalty whose weight it adjusts."""
    changed, dear, best = image.clone().requires_grad_(), 1.0, math.inf
    optimizer = torch.optim.Adam([changed], lr=0.01)
    for _ in range(steps):
        logits = network.logits(changed)[0]
        margin = logits[target] - torch.cat([logits[:target], logits[target + 1 :]]).logsumexp(0)
        length = (changed - image).norm()
        if margin >= level:
            best = min(best, float(length.detach()))
        dear *= 0.99 if margin >= level else 1.01
        optimizer.zero_grad()
        (length.square() + dear * (level - margin).clamp(min=0)).backward()
        optimizer.step()
        with torch.no_grad():
            changed.clamp_(0, 1)
    return best


@pytest.mark.slow
@pytest.mark.parametrize("target", [1, 8])
def test_a_digit_becomes_any_other_by_little(lecture, digit, target):
    found = ddn_attack(lecture, digit, target)
    assert found.success
    assert float(lecture.logits(found.image).softmax(1)[0, target].detach()) == pytest.approx(0.99, abs=0.002)
    length = float((found.image - digit).norm())
    assert length < 0.5 * float(digit.norm())
    assert length < 1.03 * shortest_by_a_penalty(lecture, digit, target, math.log(99))
    assert found.image.min() >= 0
    assert found.image.max() <= 1


def test_too_few_steps_are_no_success_and_give_the_surest(lecture, digit):
    found = ddn_attack(lecture, digit, 1, steps=4)
    assert not found.success
    before, after = (float(lecture.logits(image).softmax(1)[0, 1].detach()) for image in (digit, found.image))
    assert before < after < 0.99


@pytest.mark.slow
def test_a_shallow_layer_knows_the_picture_and_a_deep_one_less(lecture, digit):
    error = {}
    for name in ("conv1", "conv2", "logits"):
        *_, end = invert_features(lecture, digit, name, steps=200, tv=0.01)
        assert float(end.values) < 0.05, "the features are matched"
        error[name] = float((end.inputs - digit).square().mean())
    assert error["conv1"] < 0.005
    assert error["conv1"] < error["conv2"] < error["logits"]


def test_roughness_makes_smooth(lecture, digit):
    rough, smooth = (list(invert_features(lecture, digit, "conv2", 60, weight))[-1].inputs for weight in (0.0, 10.0))
    assert float(smooth.diff(dim=3).square().mean()) < float(rough.diff(dim=3).square().mean())


@pytest.mark.parametrize(
    "look",
    [
        lambda network, digit: list(maximize(PixelImage((1, 1, 28, 28), 0), logit_objective(network, [3]), NAIVE)),
        lambda network, digit: list(invert_features(network, digit, "1", steps=3)),
        lambda network, digit: ddn_attack(network, digit, 3),
    ],
    ids=["maximize", "invert", "fool"],
)
def test_a_network_that_diverged_is_told(look, digit):
    layer = nn.Linear(28 * 28, 10)
    nn.init.constant_(layer.weight, math.inf)
    network = open_sequential("linear", nn.Sequential(nn.Flatten(), layer), (1, 28, 28), CLASSES)
    with pytest.raises(DivergenceError, match="the gradient of step 1 is not finite"):
        look(network, digit)
