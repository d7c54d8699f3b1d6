"""RISE against the sum over every mask that there is, and its error against the spread of many runs."""

from itertools import product

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from artcnn.visualizers.network import open_sequential
from artcnn.visualizers.rise import random_masks, rise


@pytest.fixture(scope="module")
def network():
    layer = nn.Linear(16, 2)
    layer.weight.data = torch.sin(torch.arange(32.0)).view(2, 16)
    layer.bias.data.zero_()
    return open_sequential("net", nn.Sequential(nn.Flatten(), layer), (1, 4, 4), ("a", "b"))


IMAGE, HIDDEN = torch.linspace(0.2, 1, 16).view(1, 1, 4, 4), torch.full((1, 1, 4, 4), 0.1)


def every_mask():
    """Return each of the 16 grids of 2 x 2 cells, at each of the 4 places that a picture of 4 x 4 may have in it."""
    grids = torch.tensor([*product((0.0, 1.0), repeat=4)]).view(16, 1, 2, 2)
    large = F.interpolate(grids, (6, 6), mode="bilinear", align_corners=False)
    return torch.cat([large[..., top : top + 4, left : left + 4] for top, left in product((0, 1), repeat=2)])


def test_it_comes_to_the_mean_over_every_mask(network):
    masks = every_mask()
    p = network.logits(HIDDEN + masks * (IMAGE - HIDDEN)).softmax(1)[:, 1].view(-1, 1, 1).detach()
    exact = (p * masks[:, 0]).sum(0) / masks[:, 0].sum(0)
    *_, found = rise(network, IMAGE, 1, HIDDEN, masks=20_000, seed=1, cells=2)
    assert ((found.map - exact).abs() < 5 * found.error).all()
    assert abs(found.mean - float(p.mean())) < 5 * float(found.error.max())
    assert float(found.error.max()) < 0.1 * float(exact.max() - exact.min()), "so that this test says something"


def test_masks_are_those_of_the_paper():
    drawn = random_masks(200, (4, 4), torch.Generator().manual_seed(0), cells=2)
    known = every_mask()
    assert drawn.shape == (200, 1, 4, 4)
    assert all(any(torch.equal(one, other) for other in known) for one in drawn)
    wide = random_masks(3, (40, 64), torch.Generator().manual_seed(0))
    assert wide.shape == (3, 1, 40, 64)


def test_its_error_is_the_spread_of_many_runs(network):
    maps, errors = [], []
    for seed in range(60):
        *_, last = rise(network, IMAGE, 0, masks=100, seed=seed, cells=2)
        maps.append(last.map)
        errors.append(last.error)
    ratio = torch.stack(errors).mean(0) / torch.stack(maps).std(0)
    assert ((ratio > 0.7) & (ratio < 1.4)).all()


def test_it_is_the_seeds_and_says_how_far_it_is(network, monkeypatch):
    monkeypatch.setattr("artcnn.visualizers.rise._PIXELS_AT_ONCE", 16 * 30)
    before = torch.random.get_rng_state()
    first = list(rise(network, IMAGE, 0, masks=70, cells=2))
    assert [(step.done, step.total) for step in first] == [(30, 70), (60, 70), (70, 70)]
    *_, same = rise(network, IMAGE, 0, masks=70, cells=2)
    assert torch.equal(same.map, first[-1].map)
    *_, other = rise(network, IMAGE, 0, masks=70, cells=2, seed=1)
    assert not torch.equal(other.map, same.map)
    assert torch.equal(before, torch.random.get_rng_state())
