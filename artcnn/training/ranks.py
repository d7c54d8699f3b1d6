"""Ranks of the correct classes."""

from torch import Tensor


def rank_labels(logits: Tensor, labels: Tensor) -> Tensor:
    """Return for each example how many classes are more probable than its label, shape (N,).

    Ties count as more probable.

    Args:
        logits: shape (N, classes).
        labels: shape (N,), int64.
    """
    of_label = logits.gather(1, labels[:, None])
    return (logits >= of_label).sum(1) - 1
