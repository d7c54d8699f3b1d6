"""Networks that play Go: shapes, weights, and that nothing shrinks or shifts the board."""

import pytest
import torch

from artcnn.inspect.network import open_sequential
from artcnn.inspect.receptive_field import receptive_fields
from artcnn.nets.kinds import build, input_shape
from artcnn.training_recipes import GoRecipe


@pytest.mark.parametrize("pool", [False, True])
@pytest.mark.parametrize("planes", ["stones", "all"])
@pytest.mark.parametrize("residual", [False, True])
def test_it_takes_a_board_and_answers_for_each_point(planes, residual, pool):
    recipe = GoRecipe(planes=planes, width=8, depth=5, residual=residual, pool=pool)
    network = build(recipe, 362).eval()
    assert network(torch.zeros(3, *input_shape("go", recipe))).shape == (3, 362)


def test_the_weights_are_counted():
    counted = sum(parameter.numel() for parameter in build(GoRecipe(width=64, depth=7), 362).parameters())
    assert counted == 21 * 64 * 25 + 6 * 64 * 64 * 9 + 7 * 2 * 64 + 2 * 64 + 362


def test_no_layer_shrinks_the_board_but_pooling_does():
    for pool, sides in ((False, {19}), (True, {19, 10})):
        recipe = GoRecipe(width=4, depth=4, pool=pool)
        network = open_sequential("go", build(recipe, 362).eval(), input_shape("go", recipe), ())
        maps = [shape[1:] for name, shape in network.shapes().items() if name != "move"]
        assert {side for shape in maps for side in shape} == sides
    assert receptive_fields(network.layers)["conv1"].size == (5, 5)


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
