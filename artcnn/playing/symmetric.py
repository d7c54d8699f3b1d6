"""A network that looks at a board from all sides."""

import torch
from torch import Tensor, nn

from artcnn.datasets.go.symmetry import COUNT, points_under, turned

_AT_ONCE = 128  # more would leave the processor's cache


class Symmetric(nn.Module):
    """The mean of what a network answers to a position under each of the eight symmetries.

    A network of filters learns left and right apart; what it does not see from one side it often sees from another
    (Silver et al. 2016, "Mastering the game of Go with deep neural networks and tree search", methods).
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, planes: Tensor) -> Tensor:
        """Return logarithms of probabilities, shape (N, POINTS + 1), of planes (N, C, S, S) of boards of one size."""
        views = torch.cat([turned(planes, number) for number in range(COUNT)])
        logits = torch.cat([self.network(some) for some in torch.split(views, _AT_ONCE)])
        probabilities = logits.float().softmax(1).view(COUNT, len(planes), -1)
        back = points_under(planes.shape[-1]).to(planes.device)[:, None].expand(-1, len(planes), -1)
        mean: Tensor = probabilities.gather(2, back).mean(0)
        return mean.log()
