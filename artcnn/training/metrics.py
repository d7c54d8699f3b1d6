"""How good a classifier is, from counts."""

from dataclasses import dataclass
from math import sqrt

import torch
from torch import Tensor

Z95 = 1.959963984540054
"""The 97.5 % point of the normal distribution."""


def interval(right: int, total: int) -> tuple[float, float]:
    """Return the 95 % interval of a proportion, in [0, 1] (Wilson 1927)."""
    p, z2 = right / total, Z95**2
    centre = (p + z2 / (2 * total)) / (1 + z2 / total)
    half = Z95 / (1 + z2 / total) * sqrt(p * (1 - p) / total + z2 / (4 * total**2))
    return max(0.0, centre - half), min(1.0, centre + half)


def confusion(labels: Tensor, predicted: Tensor, classes: int) -> Tensor:
    """Return how often each class (row) was taken for each (column): shape (classes, classes), int64."""
    return torch.bincount(labels * classes + predicted, minlength=classes**2).view(classes, classes)


@dataclass(frozen=True)
class ClassScore:
    """How well one class is told from the others.

    Attributes:
        precision: how many of those taken for it are it, in [0, 1]; None where there are none.
        recall: how many of it are taken for it, in [0, 1]; None where there are none.
        count: how many of it there are.
    """

    precision: float | None
    recall: float | None
    count: int


def class_scores(matrix: Tensor) -> list[ClassScore]:
    """Return precision and recall of each class (row) of a confusion matrix, which may have more columns than rows."""
    taken, there, right = matrix.sum(0).tolist(), matrix.sum(1).tolist(), matrix.diagonal().tolist()
    counts = zip(right, taken[: len(there)], there, strict=True)
    return [ClassScore(r / t if t else None, r / n if n else None, n) for r, t, n in counts]
