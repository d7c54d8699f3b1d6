"""Ranks, of logits that are given."""

import torch
from torch import nn

from artcnn.training.ranks import ranks


class Given:
    """Examples whose inputs are the logits."""

    def __init__(self, logits: torch.Tensor, labels: torch.Tensor) -> None:
        self.logits, self.labels = logits, labels

    def __len__(self) -> int:
        return len(self.labels)

    def batch(self, indices: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return self.logits[indices], self.labels[indices]


class Same(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.one = nn.Parameter(torch.ones(1))

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return inputs * self.one


def test_the_rank_is_how_many_are_preferred():
    logits = torch.tensor([[3.0, 1.0, 2.0], [3.0, 1.0, 2.0], [3.0, 1.0, 2.0], [0.0, 0.0, -1.0]])
    found = ranks(Same(), Given(logits, torch.tensor([0, 1, 2, 1])))
    assert found.tolist() == [0, 2, 1, 1], "an equal one counts against it"


def test_ranks_are_those_of_sorting():
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(2500, 50, generator=generator)
    labels = torch.randint(50, (2500,), generator=generator)
    order = logits.argsort(1, descending=True)
    expected = (order == labels[:, None]).nonzero()[:, 1]
    assert torch.equal(ranks(Same(), Given(logits, labels)), expected)
    assert len(ranks(Same(), Given(logits[:0], labels[:0]))) == 0
