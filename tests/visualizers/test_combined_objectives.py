"""Diversity, sums and directions against their equations in NumPy, and what ascents along them reach."""

import numpy as np
import pytest
import torch
from torch import nn

from artcnn.datasets.mnist import load_mnist
from artcnn.inspection.combination import class_parts, find_combination, unit_parts
from artcnn.inspection.goals import diverse_goal, unit_goal
from artcnn.inspection.maximize import find_maximum
from artcnn.inspection.models import open_model
from artcnn.visualizers.caricature import draw_caricature
from artcnn.visualizers.combined_objectives import (
    alignment,
    direction_objective,
    diverse_objective,
    joint_margin_objective,
    likeness,
    weighted_sum,
)
from artcnn.visualizers.maximize import MaximizeConfig
from artcnn.visualizers.network import open_sequential


@pytest.fixture(scope="module")
def lecture():
    return open_model("mnist-lecture")


def cosine(one, other):
    return float((one * other).sum() / np.linalg.norm(one) / np.linalg.norm(other))


def test_likeness_is_the_mean_cosine_of_gram_matrices():
    features = torch.randn(6, 4, 3, 5, generator=torch.Generator().manual_seed(0))
    flat = features.flatten(2).double().numpy()
    grams = [maps @ maps.T for maps in flat]
    expected = [
        np.mean([cosine(grams[i], grams[j]) for j in range(6) if j // 3 == i // 3 and j != i]) for i in range(6)
    ]
    np.testing.assert_allclose(likeness(features, 3), expected, rtol=1e-5)
    moved = torch.stack([features[0], features[0].roll(2, 2)])
    torch.testing.assert_close(likeness(moved, 2), torch.ones(2))


def test_what_pictures_have_in_common_is_taken_off_as_a_part_of_their_value():
    inputs = torch.rand(4, 3, 5, 5)
    found = diverse_objective(lambda x: x.sum((1, 2, 3)) - 40, lambda x: x, 2, 0.5)(inputs)
    values = inputs.sum((1, 2, 3)) - 40
    torch.testing.assert_close(found, values - 0.5 * values.abs() * likeness(inputs, 2))


@pytest.mark.slow
def test_diverse_pictures_are_less_alike(lecture):
    found = {}
    for weight in (0.0, 1.0):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("artcnn.inspection.goals._DIVERSITY", {False: weight})
            goal = diverse_goal(lecture, unit_goal(lecture, "conv2", [3] * 3), 3)
        images = find_maximum(lecture, goal, 40).arrays["image_map"]
        found[weight] = float(likeness(lecture.run(images, ["conv2"])["conv2"], 3).mean().detach())
    assert 1 - found[1.0] > 5 * (1 - found[0.0]) > 0


def test_a_sum_of_linear_units_wants_the_sum_of_their_kernels():
    """The gradient of the sum is the weighted sum of the kernels, in which each gain alone is the norm it can reach."""
    torch.manual_seed(0)
    dense = nn.Linear(16, 3, bias=False)
    network = open_sequential("net", nn.Sequential(nn.Flatten(), dense), (1, 4, 4), ("a", "b", "c"))
    one, other = (lambda x, row=row: network.logits(x)[:, row] for row in (0, 1))
    inputs = torch.rand(2, 1, 4, 4, requires_grad=True)
    (slope,) = torch.autograd.grad(weighted_sum([one, other], [2.0, -0.5])(inputs).sum(), inputs)
    expected = (2 * dense.weight[0] - 0.5 * dense.weight[1]).detach().view(1, 4, 4)
    torch.testing.assert_close(slope, expected.expand(2, -1, -1, -1))
    margin = joint_margin_objective(network, 0, [0, 1])(inputs)
    torch.testing.assert_close(margin, network.logits(inputs)[:, 0] - network.logits(inputs)[:, 2])


def test_together_each_gains_a_share_of_what_it_gains_alone(lecture):
    found = find_combination(lecture, "conv", unit_parts(lecture, [("conv2", 3, 1.0), ("conv2", 7, 1.0)]), steps=40)
    rows = {row["picture"]: row for row in found.rows}
    assert [*rows] == ["conv2:3", "conv2:7", "together"]
    for name in ("conv2:3", "conv2:7"):
        assert rows[name][f"share_{name}"] == pytest.approx(1)
        assert 0.2 < rows["together"][f"share_{name}"] < 1
    images = found.arrays["image"]
    maps = lecture.run(torch.cat([images, torch.zeros_like(images[:1])]), ["conv2"])["conv2"][:, 7, 5, 5].detach()
    gained = (maps[:3] - maps[3]) / (maps[1] - maps[3])
    assert gained.tolist() == pytest.approx([row["share_conv2:7"] for row in found.rows], abs=1e-5)
    classes = class_parts(lecture, [(3, 1.0), (8, -0.5)])
    assert [(part.name, part.weight) for part in classes] == [("3", 1.0), ("8", -0.5)]


def test_directions_are_their_equation():
    generator = torch.Generator().manual_seed(1)
    features, wanted = (torch.randn(3, 2, 4, generator=generator) for _ in range(2))
    part, along = alignment(features, wanted)
    for i, (a, w) in enumerate(zip(features.numpy(), wanted.numpy(), strict=True)):
        assert float(part[i]) == pytest.approx(float((a * w).sum() / (w * w).sum()), rel=1e-5)
        assert float(along[i]) == pytest.approx(cosine(a, w), rel=1e-5)
    values = direction_objective(lambda x: x, wanted, power=2)(features)
    torch.testing.assert_close(values, part * along.clamp(min=0.1) ** 2)
    one_for_all = direction_objective(lambda x: x, wanted[:1], power=0)(features)
    torch.testing.assert_close(one_for_all, alignment(features, wanted[:1].expand(3, -1, -1))[0])


def test_a_caricature_goes_on_in_the_direction_of_the_picture(lecture):
    digit = load_mnist("test").batch(torch.tensor([32]))[0]
    *_, last = draw_caricature(lecture, digit, "relu1", MaximizeConfig(steps=60, learning_rate=0.05, l1=0.2))
    assert torch.equal(last.inputs[1:], digit), "the original stays"
    own, wanted = lecture.run(last.inputs, ["relu1"])["relu1"].detach()
    part, along = alignment(own[None], wanted[None])
    assert float(part) > 1.3
    assert float(along) > 0.8
