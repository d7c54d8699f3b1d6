"""Where among a network's choices the right ones are."""

import torch
from torch import Tensor, nn

from artcnn.training.loop import Source, iter_logits


def ranks(network: nn.Module, source: Source) -> Tensor:
    """Return how many answers a network holds for more probable than the right one, of each example: shape (N,).

    Of equally probable ones none is preferred: they count against it.
    """
    found = []
    for logits, labels in iter_logits(network, source, torch.arange(len(source))):
        of_label = logits.gather(1, labels[:, None])
        found.append((logits >= of_label).sum(1) - 1)
    return torch.cat(found) if found else torch.empty(0, dtype=torch.int64)
