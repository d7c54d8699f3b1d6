"""Tests of saliency maps: ranks against SciPy, curves against closed forms, the cascade against its definition."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr
from torch import nn

from artcnn.nets import mnist
from artcnn.visualizers.network import open_sequential
from artcnn.visualizers.sanity_checks import (
    ProbabilityCurve,
    deletion_curve,
    insertion_curve,
    randomize_cascading,
    rank_correlation,
)


@pytest.mark.slow
@given(st.lists(st.tuples(st.integers(-3, 3), st.floats(-5, 5, width=16)), min_size=3, max_size=40))
def test_rank_correlation_is_scipys(pairs):
    one, other = (torch.tensor(values, dtype=torch.float64) for values in zip(*pairs, strict=True))
    if len(one.unique()) < 2 or len(other.unique()) < 2:
        assert rank_correlation(one, other) is None
    else:
        assert rank_correlation(one, other) == pytest.approx(spearmanr(one, other).statistic, abs=1e-9)


def test_a_cascade_draws_the_last_layers_anew_and_shares_the_others():
    chain = mnist.best().eval()
    network = open_sequential("best", chain, (1, 28, 28), tuple("0123456789"))
    image = torch.rand(1, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    before = torch.random.get_rng_state()
    with torch.no_grad():
        whole = network.run(image, ["relu3_2", "logits"])
        stages = dict(randomize_cascading(network))
        assert list(stages) == [
            "logits", "norm3_2", "conv3_2", "norm3_1", "conv3_1", "norm2_2", "conv2_2",
            "norm2_1", "conv2_1", "norm1_2", "conv1_2", "norm1_1", "conv1_1",
        ]  # fmt: skip
        first = stages["logits"].run(image, ["relu3_2", "logits"])
        assert torch.equal(first["relu3_2"], whole["relu3_2"])
        assert not torch.allclose(first["logits"], whole["logits"])
        assert not torch.allclose(stages["conv3_2"].run(image, ["relu3_2"])["relu3_2"], whole["relu3_2"])
        assert torch.equal(network.logits(image), whole["logits"])
        again = dict(randomize_cascading(network))["conv1_1"].logits(image)
        assert torch.equal(again, stages["conv1_1"].logits(image))
    assert torch.equal(before, torch.random.get_rng_state())
    assert stages["logits"].modules["conv1_1"] is chain.conv1_1


def test_curves_of_a_network_that_counts_pixels_have_a_closed_form():
    """Two classes whose difference is the sum over the pixels: p falls along a logistic curve, the brightest first."""
    layer = nn.Linear(16, 2, bias=False)
    with torch.no_grad():
        layer.weight.copy_(torch.stack([torch.ones(16), torch.zeros(16)]))
    network = open_sequential("sum", nn.Sequential(nn.Flatten(), layer), (1, 4, 4), ("a", "b"))
    image = torch.linspace(0.1, 1, 16)[torch.randperm(16, generator=torch.Generator().manual_seed(1))].view(1, 1, 4, 4)
    empty = torch.zeros_like(image)
    falling = deletion_curve(network, image, 0, image[0, 0], empty, steps=8)
    values = image.flatten().sort(descending=True).values
    left = torch.tensor([float(values[2 * step :].sum()) for step in range(9)])
    torch.testing.assert_close(falling.probabilities, left.sigmoid())
    rising = insertion_curve(network, image, 0, image[0, 0], empty, steps=8)
    torch.testing.assert_close(rising.probabilities, (values.sum() - left).sigmoid())
    worse = deletion_curve(network, image, 0, -image[0, 0], empty, steps=8)
    assert falling.area < worse.area


def test_the_area_below_a_curve_is_by_trapezoids():
    assert ProbabilityCurve(torch.tensor([1.0, 0.0])).area == pytest.approx(0.5)
    assert ProbabilityCurve(torch.tensor([1.0, 1.0, 0.0])).area == pytest.approx(0.75)
