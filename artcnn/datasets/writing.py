"""What is written on a sheet of paper, told from the sheet's edge, the table, ruled lines and shadows.

Dark strokes on light paper and light ones on dark are looked for, at several contrasts. Each finding is a group of
pieces that lie together; the best one has strokes as a pen makes them, clean paper around it, and does not reach the
picture's rim.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from artcnn.datasets.pieces import Box, Mask, Pieces, area_of, around, shared
from artcnn.datasets.ruling import ruled_lines

Floats = NDArray[np.float32]

_LEVELS = (0.08, 0.12, 0.18, 0.27, 0.4, 0.6)  # contrasts of ink to paper; below the first are shadows and noise
_SEEDS = 4  # pieces at each level that a group is made around
_NEAR = 0.12  # of a group's size: pieces that are nearer belong to it
_PART = 0.025  # of a piece's area and
_PART_SIZE = 0.12  # of its size that another one needs to belong to it: dots of the paper have less
_BROAD = 0.27  # of a group's size: no pen's stroke is as wide
_RIM = 0.1  # of the picture's side: what is nearer to its rim is holes, a spiral, a table or a finger
_LIGHT_INK = 0.6  # of the score that dark ink has: light paper between dark things looks like light ink
_LEAST_SCORE = 0.03  # below it there are only shadows and noise
_DIM = 0.35  # brightness of paper below which its contrast is not made larger: so light paper is no blackboard
_SHARP = 0.07  # of the contrast in a pixel: a stroke's edge is as steep, that of a shadow is not
_WIDEST = 1.7  # of its height: no digit is wider
_LENGTH = 3.8  # of its size: no digit has longer strokes
_DARKER = 0.55  # of the paper's brightness under the digit: what is darker is not the same paper


@dataclass(frozen=True, eq=False)
class Writing:
    """A group of pieces that may be a digit.

    Attributes:
        sheet: where it stands.
        pieces: all that is there at the level at which it was found.
        group: the numbers of its pieces.
        box: top, left, bottom, right; the last two are behind the last pixel.
        contrast: of its ink to the paper.
        ground: brightness of the paper around it.
        score: how much it is like a digit, compared with others of the same picture.
        broad: the part of it that is broader than any pen's stroke.
        cut: whether it reaches the picture's rim.
    """

    sheet: "Sheet"
    pieces: Pieces
    group: tuple[int, ...]
    box: Box
    contrast: float
    ground: float
    score: float
    broad: float
    cut: bool

    @property
    def size(self) -> int:
        """The longer side of its box."""
        return max(self.box[2] - self.box[0], self.box[3] - self.box[1])

    def strokes(self) -> tuple[Mask, Floats]:
        """Return its pixels and its ink, cut out with a rim of a few pixels; what is not its own is no ink."""
        height, width = self.sheet.ink.shape
        top, left, bottom, right = self.box
        rows, columns = slice(max(0, top - 3), min(height, bottom + 3)), slice(max(0, left - 3), min(width, right + 3))
        numbers = self.pieces.numbers[rows, columns]
        mask = np.isin(numbers, self.group)
        return mask, self.sheet.ink[rows, columns] * (mask | (numbers == 0))

    def overlap(self, other: "Writing") -> float:
        """Return the area that both boxes share as a part of the area that either has."""
        common = shared(self.box, other.box)
        return common / (area_of(self.box) + area_of(other.box) - common)

    def inside(self, other: "Writing") -> float:
        """Return which part of its box lies in another one's."""
        return shared(self.box, other.box) / area_of(self.box)

    def is_counter_of(self, other: "Writing") -> bool:
        """Return whether it is paper, surrounded by strokes that are nearly as good a finding."""
        if self.sheet is other.sheet or other.cut or other.broad > 0.2:
            return False
        return self.inside(other) > 0.9 and other.score > 0.8 * self.score

    def others(self) -> list[int]:
        """Return the sizes of all other pieces that look written on the same paper; not of those near the rim."""
        sizes, sheet = [], self.sheet
        height, width = sheet.ink.shape
        for number in np.flatnonzero(self.pieces.size >= max(5, 0.04 * self.size)):
            top, left, bottom, right = self.pieces.box[number]
            middle = (top + bottom) / 2 / height, (left + right) / 2 / width
            rim = top <= 1 or left <= 1 or bottom >= height - 1 or right >= width - 1
            if number in self.group or rim or min(middle) < _RIM or max(middle) > 1 - _RIM:
                continue
            own = self.pieces.numbers[top:bottom, left:right] == number
            ink, paper = sheet.ink[top:bottom, left:right][own], sheet.paper[top:bottom, left:right][own]
            if (
                np.quantile(ink, 0.75) >= 0.6 * self.contrast
                and paper.mean() >= _DARKER * self.ground
                and self.pieces.size[number] >= 2.2 * stroke_width(own)
            ):
                sizes.append(int(self.pieces.size[number]))
        return sizes


def find_writing(gray: Floats) -> list[Writing]:
    """Return what may be a digit in a picture, the best first, those that reach the rim behind the others.

    Args:
        gray: shape (H, W), in [0, 1].
    """
    sheets = (1.0, Sheet.of(gray)), (_LIGHT_INK, Sheet.of(1 - gray))
    found = [writing for worth, sheet in sheets for writing in _read(sheet, worth, ruled_lines)]
    found = [writing for writing in found if writing.score >= _LEAST_SCORE]
    if not found:  # a digit may be a straight line itself
        found = [writing for worth, sheet in sheets for writing in _read(sheet, worth, _none)]
        found = [writing for writing in found if writing.score >= _LEAST_SCORE and not writing.cut]
    found.sort(key=lambda writing: (writing.cut, -writing.score))
    # A part of the paper that strokes surround is no stroke: the counter of a zero.
    outer = [other for other in found if found[0].is_counter_of(other)][:1]
    return outer + [writing for writing in found if writing not in outer]


def _read(sheet: "Sheet", worth: float, ruling_of: Callable[[Floats, Mask], Mask]) -> list[Writing]:
    """Return the groups of pieces on a sheet, of all contrasts."""
    found = []
    ruling = np.zeros(sheet.ink.shape, dtype=bool)
    for level in _LEVELS:  # where ruled lines are whole at a low level, only traces of them are left at a higher one
        ruling |= ruling_of(sheet.ink, (sheet.ink > level) & ~ruling)
        found += sheet.groups((sheet.ink > level) & ~ruling, level, worth)
    return found


def _none(_: Floats, mask: Mask) -> Mask:
    return np.zeros_like(mask)


@dataclass(frozen=True, eq=False)
class Sheet:
    """A picture as paper with dark ink on it.

    Attributes:
        gray: brightness, shape (H, W).
        paper: the paper's brightness without the ink, shape (H, W).
        ink: contrast of the ink to the paper, shape (H, W), 0 for paper.
        slope: the largest difference of the ink to that of a pixel beside it, shape (H, W).
        brightest: brightness of the brightest paper.
    """

    gray: Floats
    paper: Floats
    ink: Floats
    slope: Floats
    brightest: float

    @classmethod
    def of(cls, gray: Floats) -> "Sheet":
        """Return the sheet in a picture, dark on light."""
        level = torch.from_numpy(np.ascontiguousarray(gray))[None, None]
        if max(gray.shape) > 200:
            level = F.avg_pool2d(F.pad(level, [1] * 4, mode="replicate"), 3, 1)  # without its grain
        # A closing by a square that is larger than a stroke is wide takes the strokes away, whatever the light.
        reach = max(1, min(gray.shape) // 8)
        padded = F.pad(level, [2 * reach] * 4, mode="replicate")
        paper = -_dilated(-_dilated(padded, 2 * reach + 1), 2 * reach + 1)
        contrast = (paper - level) / paper.clamp(min=_DIM)
        ink = (contrast - contrast.median()).clamp(min=0)
        bright = float(np.quantile(paper[0, 0, ::4, ::4].numpy(), 0.95))
        return cls(level[0, 0].numpy(), paper[0, 0].numpy(), ink[0, 0].numpy(), _slope(ink[0, 0].numpy()), bright)

    def groups(self, mask: Mask, level: float, worth: float) -> list[Writing]:
        """Return the groups of pieces of a mask.

        Args:
            mask: where ink is, shape (H, W).
            level: the contrast that it has at least.
            worth: a factor of their scores.
        """
        pieces = Pieces.of(mask)
        seeds = np.argsort(-pieces.area[1:], kind="stable")[:_SEEDS] + 1
        grown = {tuple(self._grow(pieces, int(seed)).tolist()) for seed in seeds}
        return [found for group in sorted(grown) if (found := self._judge(pieces, group, level, worth)) is not None]

    def _grow(self, pieces: Pieces, seed: int) -> NDArray[np.int64]:
        """Return the pieces that belong together with one of them."""
        group = np.array([seed])
        for _ in range(3):
            top, left, bottom, right = around(pieces.box[group])
            size = max(bottom - top, right - left)
            gap = np.maximum(
                np.maximum(top - pieces.box[:, 2], pieces.box[:, 0] - bottom),
                np.maximum(left - pieces.box[:, 3], pieces.box[:, 1] - right),
            )
            large = (pieces.area >= _PART * pieces.area[seed]) & (pieces.size >= _PART_SIZE * size)
            part = np.flatnonzero((gap <= _NEAR * size) & large & (pieces.size <= pieces.size[seed]))
            part = np.union1d(part[part > 0], group)
            if len(part) == len(group):
                break
            group = part
        return group

    def _judge(self, pieces: Pieces, group: tuple[int, ...], level: float, worth: float) -> Writing | None:
        """Return a group with its score, or None where it is too small to be read."""
        box = top, left, bottom, right = around(pieces.box[list(group)])
        size = max(bottom - top, right - left)
        height, width = self.ink.shape
        if size < max(7, 0.02 * max(height, width)):
            return None
        reach = 2 + size // 5
        rows, columns = slice(max(0, top - reach), bottom + reach), slice(max(0, left - reach), right + reach)
        numbers, gray = pieces.numbers[rows, columns], self.gray[rows, columns]
        mask = np.isin(numbers, group)
        ring = np.ones_like(mask)
        ring[
            max(0, top - rows.start - 1) : bottom - rows.start + 1,
            max(0, left - columns.start - 1) : right - columns.start + 1,
        ] = False
        if not ring.any():
            return None
        contrast = float(np.quantile(self.ink[rows, columns][mask], 0.75))
        ground = float(np.median(gray[ring]))
        step = (ground - float(np.median(gray[mask]))) / max(ground, _DIM)
        broad = _broad_part(mask, size)
        cut = top == 0 or left == 0 or bottom == height or right == width
        sharp = float(self.slope[rows, columns][mask & ~_eroded(mask)].mean()) / contrast
        length = float(mask.sum()) / stroke_width(mask) / size
        # Large and dark; the level halfway up its edges; clean, bright paper around it; shaped like a digit.
        score = worth * min(contrast, 0.5) ** 0.5 * (size / min(height, width)) ** 0.5
        score *= float(np.exp(-(np.log(level / (0.45 * contrast)) ** 2) / 2))
        score *= (1 - float((numbers[ring] > 0).mean())) ** 4 * min(1.0, ground / max(0.05, 0.8 * self.brightest))
        score *= (0.1 if step < 0.5 * contrast else 1) * (1 - broad) ** 2 * min(1.0, sharp / _SHARP) ** 2
        score *= min(1.0, _WIDEST * (bottom - top) / (right - left)) ** 4 * min(1.0, _LENGTH / length) ** 4
        return Writing(self, pieces, group, box, contrast, ground, score, broad, cut)


def _slope(ink: Floats) -> Floats:
    """Return the largest difference of each pixel to one above, below, to the left or to the right."""
    slope = np.zeros_like(ink)
    for step, here, there in (
        (np.abs(np.diff(ink, axis=0)), slope[1:], slope[:-1]),
        (np.abs(np.diff(ink, axis=1)), slope[:, 1:], slope[:, :-1]),
    ):
        np.maximum(here, step, out=here)
        np.maximum(there, step, out=there)
    return slope


def _broad_part(mask: Mask, size: int) -> float:
    """Return which part of a group is broader than any pen's stroke."""
    side = max(2, int(np.ceil(_BROAD * size)))
    if min(mask.shape) < side:
        return 0.0
    covered = torch.from_numpy(mask).float()[None, None]
    whole = F.pad(1 - _dilated(1 - covered, side), [side - 1] * 4)
    return float(_dilated(whole, side).sum() / covered.sum())


def stroke_width(mask: Mask) -> float:
    """Return how wide strokes are in pixels: a stroke has two pixels of edge for each of its length."""
    return 2 * float(mask.sum()) / max(1.0, float(mask.sum() - _eroded(mask).sum()))


def _eroded(mask: Mask) -> Mask:
    """Return a mask without the pixels at its edge."""
    padded = np.pad(mask, 1)
    inner: Mask = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return mask & inner


def _dilated(x: torch.Tensor, side: int) -> torch.Tensor:
    """Return the maximum of each square of ``side`` pixels that lies inside: ``side - 1`` less rows and columns."""
    for axis in (2, 3):
        width = 1
        while width < side:  # the maximum of twice as many pixels from two of half as many
            step = min(width, side - width)
            length = x.shape[axis] - step
            x = torch.maximum(x.narrow(axis, 0, length), x.narrow(axis, step, length))
            width += step
    return x
