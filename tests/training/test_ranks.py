"""Ranks, of logits that are given."""

import torch

from artcnn.training.ranks import rank_labels


def test_the_rank_is_how_many_are_preferred():
    logits = torch.tensor([[3.0, 1.0, 2.0], [3.0, 1.0, 2.0], [3.0, 1.0, 2.0], [0.0, 0.0, -1.0]])
    found = rank_labels(logits, torch.tensor([0, 1, 2, 1]))
    assert found.tolist() == [0, 2, 1, 1], "an equal one counts against it"


def test_ranks_are_those_of_sorting():
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(2500, 50, generator=generator)
    labels = torch.randint(50, (2500,), generator=generator)
    order = logits.argsort(1, descending=True)
    expected = (order == labels[:, None]).nonzero()[:, 1]
    assert torch.equal(rank_labels(logits, labels), expected)
    assert len(rank_labels(logits[:0], labels[:0])) == 0
