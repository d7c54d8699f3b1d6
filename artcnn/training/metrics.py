"""Metrics of classifiers, and confidence intervals."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, stdev

import torch
from torch import Tensor

Z95 = 1.959963984540054
"""The 97.5 % point of the normal distribution."""


def wilson_interval(right: int, total: int) -> tuple[float, float]:
    """Return the 95 % confidence interval of a proportion, in [0, 1] (Wilson 1927)."""
    p, z2 = right / total, Z95**2
    center = (p + z2 / (2 * total)) / (1 + z2 / total)
    half = Z95 / (1 + z2 / total) * sqrt(p * (1 - p) / total + z2 / (4 * total**2))
    return max(0.0, center - half), min(1.0, center + half)


# fmt: off
T95 = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
    2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)
# fmt: on
"""The 97.5 % points of Student's t distribution with 1, 2, ... 30 degrees of freedom."""


@dataclass(frozen=True)
class Mean:
    """The mean of several runs; ``half`` is half of its 95 % interval by Student's t (1908), or None for one run."""

    value: float
    half: float | None

    @classmethod
    def from_values(cls, values: Sequence[float]) -> "Mean":
        """Return the mean of independent, roughly normally distributed values."""
        count = len(values)
        if count < 2:
            return cls(fmean(values), None)
        t = T95[count - 2] if count - 2 < len(T95) else Z95
        return cls(fmean(values), t * stdev(values) / sqrt(count))


def confusion(labels: Tensor, predicted: Tensor, classes: int) -> Tensor:
    """Return the confusion matrix: true classes in rows, predicted in columns, shape (classes, classes), int64."""
    return torch.bincount(labels * classes + predicted, minlength=classes**2).view(classes, classes)


@dataclass(frozen=True)
class ClassScore:
    """Precision and recall of one class.

    Attributes:
        precision: in [0, 1]; None if the class was never predicted.
        recall: in [0, 1]; None if there are no examples of the class.
        count: number of examples of the class.
    """

    precision: float | None
    recall: float | None
    count: int


def score_classes(matrix: Tensor) -> list[ClassScore]:
    """Return precision and recall of each class from a confusion matrix, which may have extra columns."""
    taken, there, right = matrix.sum(0).tolist(), matrix.sum(1).tolist(), matrix.diagonal().tolist()
    counts = zip(right, taken[: len(there)], there, strict=True)
    return [ClassScore(r / t if t else None, r / n if n else None, n) for r, t, n in counts]
