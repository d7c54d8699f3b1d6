"""What a training minimizes: the loss of some of its examples, and how good a network is on others."""

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn

from artcnn.training.distributed import Processes


@dataclass(frozen=True)
class Validation:
    """How good a network is on examples that it did not learn from.

    Attributes:
        loss: mean over the examples.
        error: standard error of that mean; 0 where every difference between two epochs counts.
        measures: further means, by name.
    """

    loss: float
    error: float
    measures: dict[str, float]


class Goal(Protocol):
    """What a training minimizes.

    Attributes:
        measures: names of what is measured on the training examples, beside the loss.
    """

    measures: tuple[str, ...]

    def __len__(self) -> int:
        """Return the number of training examples."""
        ...

    def loss(self, network: nn.Module, indices: Tensor, noise: torch.Generator) -> tuple[Tensor, Tensor]:
        """Return the mean loss of some training examples, shape (), and the sum of each measure, (measures,).

        Args:
            network: in training mode; called once, as several processes train together.
            indices: of the examples, shape (B,), int64.
            noise: the only source of randomness, another one in each process; or the indices are.
        """
        ...

    def validate(self, network: nn.Module, processes: Processes) -> Validation:
        """Validate a network, together with the other processes; its mode is restored."""
        ...
