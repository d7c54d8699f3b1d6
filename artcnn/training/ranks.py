"""How far from the top a network has the right answers."""

from torch import Tensor


def rank_labels(logits: Tensor, labels: Tensor) -> Tensor:
    """Return how many classes a network finds more probable than the label of each example, shape (N,).

    Classes that are equally probable count as more probable.

    Args:
        logits: shape (N, classes).
        labels: shape (N,), int64.
    """
    of_label = logits.gather(1, labels[:, None])
    return (logits >= of_label).sum(1) - 1
