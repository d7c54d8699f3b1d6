"""Find ruled lines on paper by a Hough transform, and erase them where no stroke crosses.

Votes are cast by vertical runs of ink, as in the removal of staves from scanned music: a ruled line is a short run in
each column, and a longer one where a stroke crosses it. Only short runs are erased, so strokes stay intact.
"""

import numpy as np
from numpy.typing import NDArray

from artcnn.datasets.connected_components import Ints, Mask, Runs

_SLOPES = np.linspace(-0.36, 0.36, 181)  # up to 20 degrees; a step is one pixel in 500
_THIN = 70  # a line is at most 1/70 of the picture's longer side thick
_LONG = 0.45  # shortest line, as a part of the side
_INK = 0.8  # smallest part of a line's columns with ink, its own or a stroke's
_OWN = 0.3  # smallest part of a line's columns with a run no longer than a line is thick
_GAP = 0.05  # longest gap, as a part of the side
_DARKER = 1.7  # times as dark as the line: there a stroke covers it
_MOST = 90  # most lines in a direction; graph paper may have more, but they are faint


def ruled_lines(ink: NDArray[np.float32], mask: Mask) -> Mask:
    """Return the pixels of a mask that belong to ruled lines, nearly horizontal or vertical.

    Args:
        ink: how dark each pixel is, shape (H, W), 0 for paper.
        mask: shape (H, W), True where there is ink.
    """
    thickest = max(mask.shape) // _THIN
    if thickest < 1:
        return np.zeros_like(mask)
    return _flat_lines(ink, mask, thickest) | _flat_lines(ink.T, mask.T, thickest).T


def _flat_lines(ink: NDArray[np.float32], mask: Mask, thickest: int) -> Mask:
    """Return the pixels of lines that are nearly horizontal."""
    width = mask.shape[1]
    runs = Runs.from_mask(mask.T)
    length = runs.end - runs.start
    short = length <= thickest
    x, start, length = runs.row[short], runs.start[short], length[short]
    middle = start + (length - 1) / 2
    dark = ink[middle.astype(np.int64), x]
    found = np.zeros_like(mask)
    votes = _Votes(x - width / 2, middle)
    for _ in range(_MOST):
        slope, offset = votes.best()
        near = np.flatnonzero(np.abs(middle - offset - slope * (x - width / 2)) <= 2)
        if len(near) < _LONG * _OWN * width:
            break
        votes.withdraw(near)
        first, last = _stretch(mask, slope, offset)
        near = near[(x[near] >= first) & (x[near] <= last)]
        if last - first < _LONG * width or len(np.unique(x[near])) < _OWN * (last - first):
            continue
        on_it = _followed(x[near], middle[near], slope)
        thin = length[near] <= 1.6 * np.median(length[near]) + 1
        near = near[on_it & thin & (dark[near] <= _DARKER * np.median(dark[near]))]
        for shift in range(int(length[near].max(initial=0))):
            rows = start[near] + shift
            inside = shift < length[near]
            found[rows[inside], x[near][inside]] = True
    return found


def _stretch(mask: Mask, slope: float, offset: float) -> tuple[int, int]:
    """Return the first and last column of a line's longest stretch with ink; they are equal if it has too little."""
    height, width = mask.shape
    columns = np.arange(width)
    rows = np.round(offset + slope * (columns - width / 2)).astype(np.int64)
    inked = np.zeros(width, dtype=bool)
    for shift in (-2, -1, 0, 1, 2):
        row = rows + shift
        inside = (row >= 0) & (row < height)
        inked[inside] |= mask[row[inside], columns[inside]]
    where = np.flatnonzero(inked)
    stretch = max(np.split(where, np.flatnonzero(np.diff(where) > _GAP * width) + 1), key=len)
    if len(stretch) < _INK * (stretch[-1] - stretch[0] + 1):
        return 0, 0
    return int(stretch[0]), int(stretch[-1])


def _followed(x: Ints, middle: NDArray[np.float64], slope: float) -> Mask:
    """Return which runs follow a slightly bent line within 1.5 pixels."""
    level = middle - slope * x
    bend = np.polynomial.Polynomial.fit(x, level, 3)
    followed: Mask = np.abs(level - bend(x)) <= 1.5
    return followed


class _Votes:
    """A Hough transform of runs: votes by slope, and by height in the middle of the picture."""

    def __init__(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
        self._bins = np.round(y[None] - _SLOPES[:, None] * x[None]).astype(np.int64)
        self._lowest = int(self._bins.min(initial=0))
        self._bins -= self._lowest
        self._count = int(self._bins.max(initial=0)) + 1
        self._bins += np.arange(len(_SLOPES))[:, None] * self._count
        self._votes = self._counted(self._bins)

    def _counted(self, bins: Ints) -> Ints:
        return np.bincount(bins.ravel(), minlength=len(_SLOPES) * self._count)

    def best(self) -> tuple[float, float]:
        """Return slope and height of the line with the most votes, neighboring bins included."""
        wide = self._votes.copy()
        wide[1:] += self._votes[:-1]
        wide[:-1] += self._votes[1:]
        place = int(wide.argmax())
        return float(_SLOPES[place // self._count]), float(place % self._count + self._lowest)

    def withdraw(self, runs: NDArray[np.intp]) -> None:
        """Remove the votes of some runs."""
        self._votes -= self._counted(self._bins[:, runs])
