"""Connected components of a mask, found by run-length encoding."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Ints = NDArray[np.int64]
Box = tuple[int, int, int, int]
"""Top, left, bottom and right; the last two are exclusive."""


@dataclass(frozen=True, eq=False)
class Runs:
    """The runs of a mask, row by row, from left to right.

    Attributes:
        row: shape (N,).
        start: first column, shape (N,).
        end: column after the last, shape (N,).
    """

    row: Ints
    start: Ints
    end: Ints

    @classmethod
    def from_mask(cls, mask: Mask) -> "Runs":
        """Return the runs of a mask, shape (H, W)."""
        change = np.diff(np.pad(mask, ((0, 0), (1, 1))).view(np.int8), axis=1).ravel()
        columns = mask.shape[1] + 1
        row, start = np.divmod(np.flatnonzero(change == 1), columns)
        return cls(row, start, np.flatnonzero(change == -1) % columns)


def label_components(mask: Mask) -> Ints:
    """Label the connected components (8-connectivity) of a mask from 1; 0 outside.

    Args:
        mask: shape (H, W).
    """
    return Components.from_mask(mask).numbers


def _joined(runs: Runs, stride: int) -> Ints:
    """Return the component of each run, numbered from 1 without gaps."""
    starts, ends = runs.row * stride + runs.start, runs.row * stride + runs.end
    below = (runs.row + 1) * stride
    first = np.searchsorted(ends, below + runs.start, "left")
    count = np.maximum(0, np.searchsorted(starts, below + runs.end, "right") - first)
    upper = np.repeat(np.arange(len(starts)), count)
    lower = np.arange(len(upper)) - np.repeat(count.cumsum() - count, count) + np.repeat(first, count)
    root = np.arange(len(starts))
    while True:
        least = np.minimum(root[upper], root[lower])
        lowered = root.copy()
        np.minimum.at(lowered, root[upper], least)
        np.minimum.at(lowered, root[lower], least)
        lowered = lowered[lowered]
        if np.array_equal(lowered, root):
            return np.unique(root, return_inverse=True)[1] + 1
        root = lowered


@dataclass(frozen=True, eq=False)
class Components:
    """The components of a mask, with area and bounding box; index 0 is the background.

    Attributes:
        numbers: the component of each pixel, shape (H, W).
        area: in pixels, shape (N + 1,).
        box: top, left, bottom, right, shape (N + 1, 4); bottom and right are exclusive.
    """

    numbers: Ints
    area: Ints
    box: Ints

    @classmethod
    def from_mask(cls, mask: Mask) -> "Components":
        """Return the components of a mask, shape (H, W)."""
        runs = Runs.from_mask(mask)
        labels = _joined(runs, mask.shape[1] + 2)
        count = int(labels.max(initial=0)) + 1
        box = np.zeros((count, 4), dtype=np.int64)
        box[:, :2] = max(mask.shape)
        np.minimum.at(box[:, 0], labels, runs.row)
        np.minimum.at(box[:, 1], labels, runs.start)
        np.maximum.at(box[:, 2], labels, runs.row + 1)
        np.maximum.at(box[:, 3], labels, runs.end)
        area = np.bincount(labels, runs.end - runs.start, minlength=count).astype(np.int64)
        numbers = np.zeros(mask.shape, dtype=np.int64)
        numbers[mask] = np.repeat(labels, runs.end - runs.start)
        return cls(numbers, area, box)

    @property
    def size(self) -> Ints:
        """The longer side of each box; negative for the background."""
        sizes: Ints = np.maximum(self.box[:, 2] - self.box[:, 0], self.box[:, 3] - self.box[:, 1])
        return sizes


def bounding_box(boxes: NDArray[np.int64]) -> Box:
    """Return the bounding box of boxes: top, left, bottom, right."""
    top, left = boxes[:, :2].min(0)
    bottom, right = boxes[:, 2:].max(0)
    return int(top), int(left), int(bottom), int(right)


def intersection_area(one: Box, other: Box) -> int:
    """Return the area of the intersection of two boxes, in pixels."""
    height, width = (max(0, min(one[i + 2], other[i + 2]) - max(one[i], other[i])) for i in (0, 1))
    return height * width


def box_area(box: Box) -> int:
    """Return the area of a box, in pixels."""
    return (box[2] - box[0]) * (box[3] - box[1])
