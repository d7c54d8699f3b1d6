"""Networks that play Go: shapes, weights, and that nothing shrinks or shifts the board."""

from copy import deepcopy

import pytest
import torch
from torch.nn import functional as F

from artcnn.datasets.go.planes import ALL
from artcnn.nets.go import BOARD, DensePool2d
from artcnn.nets.kinds import build, input_shape
from artcnn.training_recipes import GoRecipe
from artcnn.visualizers.network import open_sequential
from artcnn.visualizers.receptive_field import receptive_fields


@pytest.mark.parametrize("pool", [False, True])
@pytest.mark.parametrize("planes", ["stones", "all"])
@pytest.mark.parametrize("residual", [False, True])
@pytest.mark.parametrize("size", [19, 12, 7])
def test_it_takes_a_board_and_answers_for_each_point(planes, residual, pool, size):
    recipe = GoRecipe(planes=planes, width=8, depth=5, residual=residual, pool=pool)
    network, shape = build(recipe, 362).eval(), input_shape(recipe)
    board = torch.ones(3, shape[0], size, size)
    with torch.no_grad():
        answers = network(board)
    assert answers.shape == (3, 362)
    on_it = answers[:, :361].view(3, 19, 19)[:, 19 - size :, :size]
    assert int((answers > -1000).sum()) == 3 * (size * size + 1), "nothing but its points, and the pass"
    assert on_it.min() > -1000


def positions(sizes: list[int]) -> torch.Tensor:
    """Return positions of chance on boards of these sizes, each in the lower left corner of the planes."""
    generator, planes = torch.Generator().manual_seed(0), torch.zeros(len(sizes), 21, max(sizes), max(sizes))
    for position, size in zip(planes, sizes, strict=True):
        position[:, -size:, :size] = (torch.rand(21, size, size, generator=generator) < 0.3).float()
        position[ALL.index("board"), -size:, :size] = 1
    return planes


@pytest.mark.parametrize("residual", [False, True])
def test_boards_of_several_sizes_are_answered_and_learned_as_each_alone(residual):
    sizes = [9, 13, 9, 19, 7]
    with torch.random.fork_rng([]):
        torch.manual_seed(0)
        network = build(GoRecipe(width=8, depth=5, residual=residual), 362)
    with torch.no_grad():
        network.move.bias.copy_(torch.randn(362, generator=torch.Generator().manual_seed(0)))
        mixed = network.eval()(positions(sizes))
        for number, size in enumerate(sizes):
            alone = network(positions(sizes)[number : number + 1, :, -size:, :size])
            torch.testing.assert_close(mixed[number : number + 1], alone)
        network.train()  # what is normalized together is in one batch, so three of one size are compared
        small = positions([9, 9, 9])
        around = F.pad(small, (0, 10, 10, 0))
        alone, within = deepcopy(network), deepcopy(network)
        torch.testing.assert_close(within(around), alone(small))
        torch.testing.assert_close(within.norm1.running_mean, alone.norm1.running_mean)


def test_a_small_board_has_the_biases_of_the_points_as_far_from_the_edges():
    network = build(GoRecipe(width=4, depth=2), 362).eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.zero_()
        network.move.bias.copy_(torch.arange(362))
        answers = network(positions([9]))[0, :361].view(19, 19)[10:, :9]
    lines = [0, 1, 2, 3, 4, 15, 16, 17, 18]
    assert answers.tolist() == [[19 * row + column for column in lines] for row in lines]


def test_the_weights_are_counted():
    counted = sum(parameter.numel() for parameter in build(GoRecipe(width=64, depth=7), 362).parameters())
    assert counted == 21 * 64 * 25 + 6 * 64 * 64 * 9 + 7 * 2 * 64 + 2 * 64 + 362


def test_no_layer_shrinks_the_board_but_pooling_does():
    for pool, sides in ((False, {19}), (True, {19, 10})):
        recipe = GoRecipe(width=4, depth=4, pool=pool)
        network = open_sequential("go", build(recipe, 362).eval(), input_shape(recipe), ())
        maps = [shape[1:] for name, shape in network.shapes().items() if name != "move"]
        assert {side for shape in maps for side in shape} == sides
    assert receptive_fields(network)["conv1"].size == (5, 5)
    assert ALL[BOARD] == "board"


def test_a_position_one_row_further_is_answered_one_row_further():
    """Far from the border, where zeros begin; and with pooling not, which is the harm."""
    board = torch.zeros(1, 1, 19, 19)
    board[0, 0, 8:11, 8:11] = torch.randn(3, 3, generator=torch.Generator().manual_seed(0))
    for pool in (False, True):
        with torch.random.fork_rng([]):
            torch.manual_seed(0)
            network = build(GoRecipe(planes="stones", width=8, depth=2, pool=pool), 362).eval()
        with torch.no_grad():
            here = network(board)[0, :361].view(19, 19)
            there = network(board.roll(1, 2))[0, :361].view(19, 19)
        same = torch.allclose(there[4:16], here.roll(1, 0)[4:16], atol=1e-6)
        assert same is not pool


def test_pooling_with_stride_1_takes_the_maximum_of_the_same_four_points_and_keeps_every_place():
    layer = DensePool2d(2, 1)
    features = torch.rand(1, 3, 19, 19, generator=torch.Generator().manual_seed(0))
    pooled = layer(features)
    assert pooled.shape == features.shape
    for row, column in ((0, 0), (7, 4), (18, 3), (18, 18)):
        four = features[:, :, row : row + 2, column : column + 2]
        assert torch.equal(pooled[:, :, row, column], four.amax((2, 3)))
    assert torch.equal(pooled[:, :, :18:2, :18:2], F.max_pool2d(features, 2))
    network = build(GoRecipe(pool=True, pool_stride=1, width=8, depth=3), 362)
    assert [name for name, _ in network.named_children() if "pool" in name or name == "spread"] == ["pool1"]
