"""The mean of a network's answers under the eight symmetries of the board."""

import torch
from torch import Tensor, nn

from artcnn.datasets.go.symmetry import COUNT, symmetry_table, transform

_BATCH_SIZE = 128  # more would leave the processor's cache


class SymmetryEnsemble(nn.Module):
    """A network whose answer is the mean over the eight symmetries of the position.

    Filters do not know that a mirrored position is worth the same, so the eight answers differ, and their mean is
    better than each of them (Silver et al. 2016, "Mastering the game of Go with deep neural networks and tree search").
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, planes: Tensor) -> Tensor:
        """Return logarithms of probabilities, shape (N, POINTS + 1), of planes (N, C, S, S) of boards of one size."""
        views = torch.cat([transform(planes, number) for number in range(COUNT)])
        logits = torch.cat([self.network(some) for some in torch.split(views, _BATCH_SIZE)])
        probabilities = logits.float().softmax(1).view(COUNT, len(planes), -1)
        back = symmetry_table(planes.shape[-1]).to(planes.device)[:, None].expand(-1, len(planes), -1)
        mean: Tensor = probabilities.gather(2, back).mean(0)
        return mean.log()
