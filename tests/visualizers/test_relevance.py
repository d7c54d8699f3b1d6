"""LRP against captum, the gradient times the input, what is conserved, and the rules written out in NumPy."""

from collections import OrderedDict

import captum.attr
import numpy as np
import pytest
import torch
from captum.attr._utils import lrp_rules
from torch import nn

from artcnn.datasets.mnist import load_mnist
from artcnn.errors import ArtcnnError
from artcnn.inspection.models import open_model
from artcnn.visualizers import saliency
from artcnn.visualizers.module_network import open_module
from artcnn.visualizers.network import open_sequential
from artcnn.visualizers.relevance import lrp_epsilon, lrp_z_plus, propagate_relevance, unknown_operation
from artcnn.visualizers.relevance_rules import EpsilonRule, PositiveRule

PLANES = np.array([[0.0, 0.3, 1.0, 0.6]])


class Skipping(nn.Module):
    """Branches, a skip, normalizations before and behind convolutions, functions of torch, a mean."""

    def __init__(self):
        super().__init__()
        self.stem, self.norm = nn.Conv2d(3, 6, 3, stride=2, bias=False), nn.BatchNorm2d(6)
        self.inner, self.before = nn.Conv2d(6, 6, 3, padding=1), nn.BatchNorm2d(6)
        self.head = nn.Linear(12, 4)
        for part in (self.norm, self.before):
            part.running_mean, part.running_var = torch.randn(6) / 4, torch.rand(6) + 0.5

    def forward(self, x):
        x = torch.relu(self.norm(self.stem((x - 0.1) / torch.full((3, 1, 1), 2.0))))
        y = self.inner(torch.relu(self.before(x)))
        y += x
        return self.head(torch.cat([y.relu(), nn.functional.max_pool2d(x, 3, 1, 1)], 1).mean((2, 3)))


@pytest.fixture
def skipping():
    torch.manual_seed(3)
    return open_module(Skipping(), 12, mean=(0.4,), std=(0.25,)), torch.rand(1, 3, 12, 12)


@pytest.fixture(scope="module")
def digit():
    return load_mnist("test").batch(torch.tensor([3]))[0]


def times_input(network, image, target, shift=0.0):
    """Return x dy/dx of what the first layer takes, from which its forward may take something away first."""
    inputs = network.prepare(image).detach().requires_grad_()
    (slope,) = torch.autograd.grad(network.finish(inputs, 0)[:, target].sum(), inputs)
    return ((inputs - shift) * slope).sum(1)[0].detach()


@pytest.mark.filterwarnings("ignore:Input Tensor 0 did not already require")
def test_the_epsilon_rule_is_captums(digit):
    chain = nn.Sequential(OrderedDict(open_model("mnist-lecture").modules))
    for module in chain:
        module.rule = lrp_rules.EpsilonRule(1e-9)
    expected = captum.attr.LRP(chain).attribute(digit.clone(), target=4)[0, 0].detach()
    torch.testing.assert_close(lrp_epsilon(open_model("mnist-lecture"), digit, 4, 0.0), expected, atol=1e-5, rtol=1e-5)


@pytest.mark.filterwarnings("ignore:Input Tensor 0 did not already require")
def test_the_positive_rule_is_captums_behind_the_first_layer():
    """Captum has no rule for pixels: these are between 0 and 1, and their weights are all above 0, so both are one."""
    torch.manual_seed(0)
    chain = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Conv2d(4, 5, 3), nn.ReLU(), nn.Flatten(), nn.Linear(20, 3))
    chain.requires_grad_(False)
    chain[0].weight.abs_()
    image, network = torch.rand(1, 1, 6, 6), open_sequential("net", chain, (1, 6, 6), ("a", "b", "c"))
    target = int(network.logits(image).argmax())
    chain[5].bias[target] += 2  # a positive answer
    found = lrp_z_plus(network, image, target)
    for module in chain:
        module.rule = lrp_rules.Alpha1_Beta0_Rule(set_bias_to_zero=True)
    expected = captum.attr.LRP(chain).attribute(image.clone(), target=target)[0, 0].detach()
    torch.testing.assert_close(found, expected, atol=1e-6, rtol=1e-5)


def test_without_epsilon_it_is_the_gradient_times_the_input(skipping):
    network, picture = skipping
    for each, image, shift in ((network, picture, 0.1), (open_model("speech-digits"), torch.rand(1, 1, 40, 64), 0)):
        expected = times_input(each, image, 2, shift)
        torch.testing.assert_close(lrp_epsilon(each, image, 2, 0.0), expected, atol=1e-5, rtol=1e-4)


def test_the_positive_rule_loses_nothing_where_no_bias_alone_makes_a_unit(skipping, digit):
    for share, (network, image) in ((1, (open_model("mnist-best"), digit)), (0.9, skipping)):
        for target in range(4):
            found = propagate_relevance(network, image, target, PositiveRule())
            assert float(network.logits(image)[0, target].detach()) == pytest.approx(found.output, rel=1e-4)
            assert share - 1e-4 < float(found.map.sum()) / found.output < 1 + 1e-4
            assert (found.map / found.output >= -1e-6).all(), "all of one sign"


def by_hand(pixels, first, second, rule, epsilon=0.0):
    """Return what pixels in [0, 1] are given by two layers, written out: R_i = sum_j z_ij / sum_k z_kj R_j."""
    (w1, b1), (w2, b2) = first, second
    hidden = np.maximum(w1 @ pixels + b1, 0)
    y = w2 @ hidden + b2
    z2, z1 = w2 * hidden, w1 * pixels  # a row for each output
    if rule == "epsilon":
        sums2, sums1 = z2.sum(1) + b2, z1.sum(1) + b1
        sums2, sums1 = (
            sums + epsilon * np.sqrt((sums**2).mean()) * np.where(sums < 0, -1, 1) for sums in (sums2, sums1)
        )
    else:
        z2, z1 = np.maximum(z2, 0), z1 - np.minimum(w1, 0)  # l is 0, h is 1
        sums2, sums1 = z2.sum(1), z1.sum(1)
    given = z2[0] / sums2[0] * y[0]
    return (z1 / sums1[:, None] * given[:, None]).sum(0)


@pytest.mark.parametrize("rule", ["epsilon", "positive"])
def test_both_rules_written_out(rule):
    generator = np.random.default_rng(2)
    first = generator.normal(size=(5, 4)), np.full(5, 0.3)
    second = generator.normal(size=(3, 5)), np.array([2.0, 0.1, -0.2])
    layers = [nn.Linear(4, 5), nn.Linear(5, 3)]
    for layer, (weight, bias) in zip(layers, (first, second), strict=True):
        layer.weight.data, layer.bias.data = torch.tensor(weight), torch.tensor(bias)
    chain = nn.Sequential(nn.Flatten(), layers[0], nn.ReLU(), layers[1])
    network = open_sequential("net", chain, (1, 2, 2), ("a", "b", "c"))
    image = torch.tensor(PLANES).view(1, 1, 2, 2)
    found = propagate_relevance(network, image, 0, EpsilonRule(0.25) if rule == "epsilon" else PositiveRule())
    assert found.output > 0
    np.testing.assert_allclose(found.map.flatten(), by_hand(PLANES[0], first, second, rule, 0.25), rtol=1e-5)


def test_a_normalization_is_one_with_the_convolution_before_it(skipping):
    torch.manual_seed(1)
    conv, norm = nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3)
    norm.running_mean, norm.running_var = torch.randn(3), torch.rand(3) + 0.5
    norm.weight.data = torch.tensor([-1.0, 0.5, 2.0])
    fused = nn.utils.fuse_conv_bn_eval(conv.eval(), norm.eval())
    tail = [nn.ReLU(), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(12, 2)]
    image = torch.rand(1, 1, 6, 6)
    apart, one = (
        open_sequential("net", nn.Sequential(*head, *tail).eval(), (1, 6, 6), ("a", "b"))
        for head in ((conv, norm), (fused,))
    )
    for look in (lrp_epsilon, lrp_z_plus):
        torch.testing.assert_close(look(apart, image, 1), look(one, image, 1), atol=1e-5, rtol=1e-4)


def test_what_has_no_rule_is_named(skipping):
    class Tokens(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm, self.head = nn.LayerNorm(12), nn.Linear(12, 2)

        def forward(self, x):
            return self.head(self.norm(x.mean((1, 2))))

    class InPlace(nn.Module):
        def __init__(self):
            super().__init__()
            self.head = nn.Linear(12, 2)

        def forward(self, x):
            x = x.mean((1, 2)) * 1
            y = self.head(x)
            y.add_(y)
            return y

    network = open_module(Tokens(), 12)
    assert unknown_operation(network) == "nn.functional.layer_norm"
    assert unknown_operation(open_module(InPlace(), 12)) == "something in place"
    assert not unknown_operation(skipping[0])
    with pytest.raises(ArtcnnError, match=r"^Tokens computes nn.functional.layer_norm, for which LRP has no rule: use"):
        lrp_z_plus(network, torch.rand(1, 3, 12, 12), 0)
    assert torch.equal(saliency.gradient(network, torch.rand(1, 3, 12, 12), 0).isfinite(), torch.ones(1, 3, 12, 12) > 0)
