"""Neighbors against brute force in NumPy; the loss against its formula and finite differences; control."""

import numpy as np
import pytest
import torch

from artcnn.backbones.tiles import TilePlan
from artcnn.engines.guidance import Masks
from artcnn.engines.neighbor_loss import NeighborLoss
from artcnn.engines.neighbors import (
    assign_paintings,
    cell_size,
    gather_features,
    grid_size,
    hypercolumns,
    nearest_neighbors,
    pool_cells,
)
from artcnn.engines.style import style
from artcnn.image import fit, size_of
from artcnn.losses import alignment
from artcnn.recipes import NEIGHBORS, StyleRecipe
from artcnn.settings import parse

SMALL = {
    "backbone": "tiny",
    "method": "neighbors",
    "content_layers": ["relu2_1"],
    "style_layers": ["conv1_1", "conv2_1=0.5"],
    "size": 64,
    "min_size": 45,
    "coarse_steps": 4,
    "fine_steps": 6,
}


def recipe(**settings):
    return parse(StyleRecipe, SMALL | settings)


def made(photo, paintings, network, chosen, **options):
    return list(style(photo, paintings, network, chosen, **options))[-1].image


def objective(content, painting, network, chosen, image, tiles=None, masks=None, left=100):
    found = NeighborLoss(content, painting, network, chosen, 64, tiles or TilePlan(), masks or Masks())
    assert found.retarget(image, 0, left)
    return found


@pytest.fixture
def other(painting):
    return 1 - painting.flip(2).roll(1, 1)


def left_white():
    mask = torch.zeros(1, 1, 40, 52)
    mask[..., :26] = 1
    return mask


def layer(channels, height, width, seed=0):
    return torch.randn(1, channels, height, width, generator=torch.Generator().manual_seed(seed))


def test_neighbors_are_those_of_brute_force():
    queries, keys = layer(2, 8, 12, 1), layer(2, 12, 8, 2)
    found = [
        hypercolumns({"a": pool_cells(x, (2, 3) if x is queries else (3, 2))}, {"a": 2.0}) for x in (queries, keys)
    ]
    similarity, at = nearest_neighbors(*found)
    means = [
        [x[0, :, 4 * i : 4 * i + 4, 4 * j : 4 * j + 4].mean((1, 2)).numpy() for i in range(down) for j in range(across)]
        for x, down, across in ((queries, 2, 3), (keys, 3, 2))
    ]
    centerd = [np.array(m) - np.mean(m, axis=0) for m in means]
    for cell, q in enumerate(centerd[0]):
        cosines = [q @ k / np.linalg.norm(q) / np.linalg.norm(k) for k in centerd[1]]
        assert at[cell] == np.argmax(cosines)
        assert similarity[cell].item() == pytest.approx(max(cosines), rel=1e-5)


def test_a_layer_counts_by_its_weight_and_not_by_its_numbers():
    a, b = (layer(3, 4, 4, seed) for seed in (1, 2))
    cells = {"a": pool_cells(a, (4, 4)), "b": pool_cells(1000 * b, (4, 4))}
    columns = hypercolumns(cells, {"a": 3.0, "b": 1.0})
    torch.testing.assert_close(columns.norm(dim=1), torch.ones(16))
    parts = [columns[:, :3].square().sum(1), columns[:, 3:].square().sum(1)]
    assert 1.5 < (parts[0].mean() / parts[1].mean()).item() < 4


@pytest.mark.parametrize("size", [(40, 52), (43, 57)])
@pytest.mark.parametrize("stride", [1, 2, 4, 8])
def test_a_picture_taken_from_itself_is_itself(size, stride):
    x = layer(5, size[0] // stride, size[1] // stride)
    grid = grid_size(size, cell_size(size))
    cells = torch.arange(grid[0] * grid[1])
    everywhere = torch.ones_like(cells, dtype=torch.bool)
    y = gather_features(x, cells, everywhere, grid, grid, size_of(x))
    assert alignment(x, y).item() == pytest.approx(1, abs=1e-6)
    half = cells % 2 == 0
    parts = [gather_features(x, cells, of, grid, grid, size_of(x)) for of in (half, ~half)]
    torch.testing.assert_close(parts[0] + parts[1], y)


def test_a_cell_is_taken_as_a_whole_from_where_its_neighbor_is():
    x = layer(3, 12, 8)
    y = gather_features(x, torch.tensor([5, 0]), torch.tensor([True, True]), (1, 2), (3, 2), (4, 8))
    unit = torch.nn.functional.normalize(x, dim=1)
    torch.testing.assert_close(y[..., :4], unit[..., 8:12, 4:8])
    torch.testing.assert_close(y[..., 4:], unit[..., 0:4, 0:4])


def test_cells_never_are_too_many():
    assert cell_size((171, 256)) == 4
    assert cell_size((341, 512)) == 8
    for size in ((341, 512), (1024, 1024), (2048, 4096), (32_768, 32_768)):
        down, across = grid_size(size, cell_size(size))
        assert 1000 < down * across <= 4096


@pytest.mark.parametrize("weights", [(0.7, 0.3), (0.2, 0.5, 0.3), (0.5, 0.0, 0.5), (1.0, 0.0), (1.0,)])
def test_each_painting_gets_its_share_of_the_cells_and_those_it_fits(weights):
    similarity = torch.rand(len(weights), 4000, generator=torch.Generator().manual_seed(0)) * 0.1
    similarity[0] += 0.05
    taken = assign_paintings(similarity, weights)
    shares = taken.bincount(minlength=len(weights)) / len(taken)
    torch.testing.assert_close(shares, torch.tensor(weights), atol=0.005, rtol=0)
    if weights == (0.7, 0.3):
        margin = similarity[0] - similarity[1]
        assert margin[taken == 0].min() >= margin[taken == 1].max()


def test_alignment_is_the_mean_cosine_and_its_gradient_that_of_finite_differences():
    x, target = layer(4, 3, 5, 1).double(), torch.nn.functional.normalize(layer(4, 3, 5, 2).double(), dim=1)
    cosines = torch.nn.functional.cosine_similarity(x, target, dim=1)
    assert alignment(x, target).item() == pytest.approx(cosines.mean().item())
    assert torch.autograd.gradcheck(lambda x: alignment(x, target), x.requires_grad_())
    nothing = torch.zeros(1, 4, 3, 5, requires_grad=True)
    (gradient,) = torch.autograd.grad(alignment(nothing, target.float()), nothing)
    assert gradient.isfinite().all()


@pytest.mark.parametrize("left", [100, 0])
def test_a_painting_that_is_the_photo_leaves_it_as_it_is(tiny, photo, left):
    chosen = recipe(tv_weight=0, detail_transfer=1)
    image = fit(photo, 64)
    assert objective(photo, photo, tiny, chosen, image, left=left).terms(image).total.abs() < 1e-4
    torch.testing.assert_close(made(image, image, tiny, chosen), image, atol=5e-3, rtol=0)


def test_the_loss_is_the_mean_distance_to_the_matches(tiny, photo, painting):
    image = fit(photo, 64).flip(3)
    chosen = recipe(content_weight=0, tv_weight=0, style_layers=["conv2_1=0.5"])
    found = objective(photo, painting, tiny, chosen, image)
    cosines = torch.nn.functional.cosine_similarity(
        tiny.features(image, ["conv2_1"])["conv2_1"], found._targets["conv2_1"]
    )
    assert found.terms(image).total.item() == pytest.approx(0.5 * (1 - cosines).mean().item(), rel=1e-4)


def everything(photo, painting, other, network, left, tiles=None):
    masks = Masks((left_white().double(), None), protect=left_white().flip(3).double() * 0.5)
    images = [x.double() for x in (photo, painting, other)]
    at = fit(images[0], 64) * 0.8 + 0.1
    return objective(images[0], images[1:], network, recipe(strength=0.7), at, tiles, masks, left), at


@pytest.mark.parametrize("left", [100, 0])
def test_the_gradient_is_that_of_finite_differences(make_tiny, photo, painting, other, left):
    network = make_tiny(padding="replicate", pooling="average").double()
    found, image = everything(photo, painting, other, network, left)
    direction = torch.sin(torch.arange(image.numel(), dtype=torch.float64) * 7.1).reshape(image.shape)
    slope = (found(image + 1e-6 * direction) - found(image - 1e-6 * direction)) / 2e-6
    gradient = found.value_and_gradient(image)[1]
    assert (gradient * direction).sum().item() == pytest.approx(slope.item(), rel=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("left", [100, 0])
def test_tiles_change_nothing(make_tiny, photo, painting, other, left):
    network = make_tiny(padding="replicate").double()
    both = [everything(photo, painting, other, network, left, tiles) for tiles in (TilePlan(), TilePlan(2, 300))]
    for whole, tiled in zip(*(found.value_and_gradient(image) for found, image in both), strict=True):
        torch.testing.assert_close(tiled, whole, rtol=1e-9, atol=1e-12)


@pytest.mark.slow
def test_the_loss_goes_down_and_the_same_run_gives_the_same_bits(make_tiny, photo, painting):
    network = make_tiny(padding="replicate")
    chosen = recipe(fine_steps=9)
    first, second = (list(style(photo, painting, network, chosen)) for _ in range(2))
    assert torch.equal(first[-1].image, second[-1].image)
    start, end = (
        objective(photo, painting, network, chosen, x, left=0).terms(x).style for x in (fit(photo, 64), first[-1].image)
    )
    assert end < 0.8 * start


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_a_run_taken_up_at_any_step_ends_with_the_same_bits(tiny, photo, painting, optimizer):
    chosen = recipe(optimizer=optimizer, fine_steps=8)
    steps, states = [], []
    for step in style(photo, painting, tiny, chosen):
        steps.append(step)
        states.append({name: x.clone() for name, x in step.state().items()})
    for number, state in enumerate(states[:-1]):
        rest = list(style(photo, painting, tiny, chosen, state=state))
        assert [step.index for step in rest] == [step.index for step in steps[number + 1 :]]
        for step, whole in zip(rest, steps[number + 1 :], strict=True):
            assert torch.equal(step.image, whole.image)
            assert step.value == whole.value


@pytest.mark.slow
def test_a_blend_of_1_and_0_is_the_first_painting_alone_bit_for_bit(tiny, photo, painting, other):
    alone = made(photo, painting, tiny, recipe())
    assert torch.equal(made(photo, [painting, other], tiny, recipe(blend=[1, 0])), alone)
    assert torch.equal(made(photo, [other, painting], tiny, recipe(blend=[0, 2])), alone)
    assert not torch.equal(made(photo, [painting, other], tiny, recipe(blend=[1, 1])), alone)


def test_a_place_has_neighbors_only_in_the_paintings_that_rule_it(tiny, photo, painting, other):
    masks = Masks((left_white(), 1 - left_white()))
    both = objective(photo, [painting, other], tiny, recipe(), fit(photo, 64), masks=masks)
    sides = [objective(photo, p, tiny, recipe(), fit(photo, 64))._targets["conv1_1"] for p in (painting, other)]
    assert torch.equal(both._targets["conv1_1"][..., :26], sides[0][..., :26])
    assert torch.equal(both._targets["conv1_1"][..., -26:], sides[1][..., -26:])


def test_what_is_protected_stays_to_the_bit(tiny, photo, painting):
    image = made(photo, painting, tiny, recipe(), masks=Masks(protect=left_white()))
    assert torch.equal(image[..., :29], fit(photo, 64)[..., :29])
    assert (image - fit(photo, 64))[..., -16:].abs().mean() > 0.002


def test_strength_goes_from_the_photo_to_the_painting(tiny, photo, painting):
    images = [made(photo, painting, tiny, recipe(strength=s)) for s in (0, 0.5, 1)]
    kept = fit(photo, 64)
    torch.testing.assert_close(images[0], kept, atol=1e-3, rtol=0)
    away = [(image - kept).abs().mean().item() for image in images]
    assert away == sorted(away)


def test_what_is_not_asked_for_is_the_methods():
    chosen = parse(StyleRecipe, {"method": "neighbors"})
    assert {name: getattr(chosen, name) for name in NEIGHBORS} == NEIGHBORS
    assert parse(StyleRecipe, {"method": "moments"}) == StyleRecipe()
    own = parse(StyleRecipe, {"method": "neighbors", "style_layers": "relu2_1", "detail_transfer": 1})
    assert ([str(layer) for layer in own.style_layers], own.detail_transfer) == (["relu2_1"], 1)
    assert parse(StyleRecipe, own.model_dump()) == own
