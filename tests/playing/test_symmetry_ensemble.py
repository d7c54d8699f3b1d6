"""A network that looks from all sides."""

import pytest
import torch
from torch import nn

from artcnn.datasets.go.symmetry import COUNT, symmetry_table, transform
from artcnn.nets.kinds import build
from artcnn.playing.symmetry_ensemble import SymmetryEnsemble
from artcnn.training_recipes import GoRecipe


@pytest.mark.parametrize("size", [19, 9])
def test_a_turned_board_gets_the_turned_answer(size):
    with torch.random.fork_rng([]):
        torch.manual_seed(0)
        network = build(GoRecipe(width=8, depth=3), 362).eval()
    board = (torch.rand(3, 21, size, size, generator=torch.Generator().manual_seed(0)) < 0.2).float()
    board[:, 3] = 1  # where the board is
    with torch.no_grad():
        here = SymmetryEnsemble(network)(board)
        for number in range(COUNT):
            there = SymmetryEnsemble(network)(transform(board, number))
            torch.testing.assert_close(there.gather(1, symmetry_table(size)[number].expand(3, -1)), here)
            alone = network(transform(board, number)).softmax(1).gather(1, symmetry_table(size)[number].expand(3, -1))
            if number == 0:
                total = torch.zeros_like(alone)
            total += alone
    torch.testing.assert_close(here.exp(), total / COUNT)


def test_what_is_certain_from_each_side_stays_certain():
    class Empty(nn.Module):
        def forward(self, planes):
            return torch.cat([100 * planes[:, 0].flatten(1), torch.zeros(len(planes), 1)], dim=1)

    board = torch.zeros(1, 1, 19, 19)
    board[0, 0, 3, 15] = 1
    assert SymmetryEnsemble(Empty())(board).argmax() == 3 * 19 + 15
