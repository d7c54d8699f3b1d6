"""Segment handwriting on paper, and separate it from the paper's edge, the table, ruled lines and shadows.

Dark strokes on light paper and light strokes on dark paper are segmented at several contrasts. A candidate is a group
of nearby components. The best one has strokes as thin as a pen's, clean paper around it, and does not touch the border
of the picture.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from artcnn.datasets.connected_components import Box, Components, Mask, bounding_box, box_area, intersection_area
from artcnn.datasets.ruled_lines import ruled_lines

Floats = NDArray[np.float32]

_LEVELS = (0.08, 0.12, 0.18, 0.27, 0.4, 0.6)  # thresholds of contrast; below the first are shadows and noise
_SEEDS = 4  # components at each level from which a group is grown
_NEAR = 0.12  # largest gap to a component of the group, as a part of the group's size
_PART = 0.025  # smallest area of a component, as a part of the seed's area
_PART_SIZE = 0.12  # smallest size of a component, as a part of the group's size; specks are smaller
_BROAD = 0.27  # part of a group's size that is broader than any stroke
_RIM = 0.1  # part of the side: components nearer to the border are holes, a spiral, a table or a finger
_LIGHT_INK = 0.6  # factor of the score of light ink: light paper between dark things looks like it
_LEAST_SCORE = 0.03  # lower scores are shadows and noise
_DIM = 0.35  # contrast is relative to the brightness of the paper, but not below this
_SHARP = 0.07  # steepness of a stroke's edge, in contrast a pixel; shadows are less steep
_WIDEST = 1.7  # largest ratio of width to height of a digit
_LENGTH = 3.8  # largest length of a digit's strokes, as a multiple of its size
_DARKER = 0.55  # part of the brightness of the digit's paper, below which paper is not the same


@dataclass(frozen=True, eq=False)
class Writing:
    """A group of components that may be a digit.

    Attributes:
        sheet: that it is on.
        components: all components at the same level.
        group: the numbers of its components.
        box: top, left, bottom, right; the last two are exclusive.
        contrast: of its ink to the paper.
        ground: brightness of the paper around it.
        score: how much it resembles a digit, relative to other candidates in the picture.
        broad: the part of its area that is broader than any stroke.
        cut: whether it touches the border of the picture.
    """

    sheet: "Sheet"
    components: Components
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
        """Return its mask and its ink, cropped with a margin of a few pixels; other components are removed."""
        height, width = self.sheet.ink.shape
        top, left, bottom, right = self.box
        rows, columns = slice(max(0, top - 3), min(height, bottom + 3)), slice(max(0, left - 3), min(width, right + 3))
        numbers = self.components.numbers[rows, columns]
        mask = np.isin(numbers, self.group)
        return mask, self.sheet.ink[rows, columns] * (mask | (numbers == 0))

    def overlap(self, other: "Writing") -> float:
        """Return the intersection over union of two boxes."""
        common = intersection_area(self.box, other.box)
        return common / (box_area(self.box) + box_area(other.box) - common)

    def inside(self, other: "Writing") -> float:
        """Return the part of its box that lies inside another box."""
        return intersection_area(self.box, other.box) / box_area(self.box)

    def is_counter_of(self, other: "Writing") -> bool:
        """Return whether it is the paper enclosed by another candidate with nearly the same score, as in a zero."""
        if self.sheet is other.sheet or other.cut or other.broad > 0.2:
            return False
        return self.inside(other) > 0.9 and other.score > 0.8 * self.score

    def others(self) -> list[int]:
        """Return the sizes of other components that look written on the same paper, except near the border."""
        sizes, sheet = [], self.sheet
        height, width = sheet.ink.shape
        for number in np.flatnonzero(self.components.size >= max(5, 0.04 * self.size)):
            top, left, bottom, right = self.components.box[number]
            middle = (top + bottom) / 2 / height, (left + right) / 2 / width
            rim = top <= 1 or left <= 1 or bottom >= height - 1 or right >= width - 1
            if number in self.group or rim or min(middle) < _RIM or max(middle) > 1 - _RIM:
                continue
            own = self.components.numbers[top:bottom, left:right] == number
            ink, paper = sheet.ink[top:bottom, left:right][own], sheet.paper[top:bottom, left:right][own]
            if (
                np.quantile(ink, 0.75) >= 0.6 * self.contrast
                and paper.mean() >= _DARKER * self.ground
                and self.components.size[number] >= 2.2 * stroke_width(own)
            ):
                sizes.append(int(self.components.size[number]))
        return sizes


def find_writing(gray: Floats) -> list[Writing]:
    """Return candidates for a digit in a picture, best first; those that touch the border come last.

    Args:
        gray: shape (H, W), in [0, 1].
    """
    sheets = (1.0, Sheet.from_gray(gray)), (_LIGHT_INK, Sheet.from_gray(1 - gray))
    found = [writing for worth, sheet in sheets for writing in _read(sheet, worth, ruled_lines)]
    found = [writing for writing in found if writing.score >= _LEAST_SCORE]
    if not found:  # a digit may itself be a straight line
        found = [writing for worth, sheet in sheets for writing in _read(sheet, worth, _none)]
        found = [writing for writing in found if writing.score >= _LEAST_SCORE and not writing.cut]
    found.sort(key=lambda writing: (writing.cut, -writing.score))
    # Prefer the strokes to the paper that they enclose, as in a zero.
    outer = [other for other in found if found[0].is_counter_of(other)][:1]
    return outer + [writing for writing in found if writing not in outer]


def _read(sheet: "Sheet", worth: float, ruling_of: Callable[[Floats, Mask], Mask]) -> list[Writing]:
    """Return the candidates on a sheet, at all levels of contrast."""
    found = []
    ruling = np.zeros(sheet.ink.shape, dtype=bool)
    for level in _LEVELS:  # ruled lines are complete at a low level, and broken at higher ones
        ruling |= ruling_of(sheet.ink, (sheet.ink > level) & ~ruling)
        found += sheet.groups((sheet.ink > level) & ~ruling, level, worth)
    return found


def _none(_: Floats, mask: Mask) -> Mask:
    return np.zeros_like(mask)


@dataclass(frozen=True, eq=False)
class Sheet:
    """A picture, as dark ink on light paper.

    Attributes:
        gray: brightness, shape (H, W).
        paper: brightness of the paper without ink, shape (H, W).
        ink: contrast to the paper, shape (H, W), 0 for paper.
        slope: largest difference of ink to a neighboring pixel, shape (H, W).
        brightest: brightness of the brightest paper.
    """

    gray: Floats
    paper: Floats
    ink: Floats
    slope: Floats
    brightest: float

    @classmethod
    def from_gray(cls, gray: Floats) -> "Sheet":
        """Separate paper and ink of a picture, dark on light."""
        level = torch.from_numpy(np.ascontiguousarray(gray))[None, None]
        if max(gray.shape) > 200:
            level = F.avg_pool2d(F.pad(level, [1] * 4, mode="replicate"), 3, 1)  # removes grain
        # A morphological closing with a square larger than the stroke width removes strokes in any light.
        reach = max(1, min(gray.shape) // 8)
        padded = F.pad(level, [2 * reach] * 4, mode="replicate")
        paper = -_dilated(-_dilated(padded, 2 * reach + 1), 2 * reach + 1)
        contrast = (paper - level) / paper.clamp(min=_DIM)
        ink = (contrast - contrast.median()).clamp(min=0)
        bright = float(np.quantile(paper[0, 0, ::4, ::4].numpy(), 0.95))
        return cls(level[0, 0].numpy(), paper[0, 0].numpy(), ink[0, 0].numpy(), _slope(ink[0, 0].numpy()), bright)

    def groups(self, mask: Mask, level: float, worth: float) -> list[Writing]:
        """Return the candidates in a mask.

        Args:
            mask: of the ink, shape (H, W).
            level: the threshold of contrast.
            worth: factor of the scores.
        """
        components = Components.from_mask(mask)
        seeds = np.argsort(-components.area[1:], kind="stable")[:_SEEDS] + 1
        grown = {tuple(self._grow(components, int(seed)).tolist()) for seed in seeds}
        return [found for group in sorted(grown) if (found := self._judge(components, group, level, worth)) is not None]

    def _grow(self, components: Components, seed: int) -> NDArray[np.int64]:
        """Grow a group of nearby components from one of them."""
        group = np.array([seed])
        for _ in range(3):
            top, left, bottom, right = bounding_box(components.box[group])
            size = max(bottom - top, right - left)
            gap = np.maximum(
                np.maximum(top - components.box[:, 2], components.box[:, 0] - bottom),
                np.maximum(left - components.box[:, 3], components.box[:, 1] - right),
            )
            large = (components.area >= _PART * components.area[seed]) & (components.size >= _PART_SIZE * size)
            part = np.flatnonzero((gap <= _NEAR * size) & large & (components.size <= components.size[seed]))
            part = np.union1d(part[part > 0], group)
            if len(part) == len(group):
                break
            group = part
        return group

    def _judge(self, components: Components, group: tuple[int, ...], level: float, worth: float) -> Writing | None:
        """Score a group; return None if it is too small."""
        box = top, left, bottom, right = bounding_box(components.box[list(group)])
        size = max(bottom - top, right - left)
        height, width = self.ink.shape
        if size < max(7, 0.02 * max(height, width)):
            return None
        reach = 2 + size // 5
        rows, columns = slice(max(0, top - reach), bottom + reach), slice(max(0, left - reach), right + reach)
        numbers, gray = components.numbers[rows, columns], self.gray[rows, columns]
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
        # Prefer: large and dark; threshold halfway up the edges; clean, bright paper around; the shape of a digit.
        score = worth * min(contrast, 0.5) ** 0.5 * (size / min(height, width)) ** 0.5
        score *= float(np.exp(-(np.log(level / (0.45 * contrast)) ** 2) / 2))
        score *= (1 - float((numbers[ring] > 0).mean())) ** 4 * min(1.0, ground / max(0.05, 0.8 * self.brightest))
        score *= (0.1 if step < 0.5 * contrast else 1) * (1 - broad) ** 2 * min(1.0, sharp / _SHARP) ** 2
        score *= min(1.0, _WIDEST * (bottom - top) / (right - left)) ** 4 * min(1.0, _LENGTH / length) ** 4
        return Writing(self, components, group, box, contrast, ground, score, broad, cut)


def _slope(ink: Floats) -> Floats:
    """Return the largest difference of each pixel to its four neighbors."""
    slope = np.zeros_like(ink)
    for step, here, there in (
        (np.abs(np.diff(ink, axis=0)), slope[1:], slope[:-1]),
        (np.abs(np.diff(ink, axis=1)), slope[:, 1:], slope[:, :-1]),
    ):
        np.maximum(here, step, out=here)
        np.maximum(there, step, out=there)
    return slope


def _broad_part(mask: Mask, size: int) -> float:
    """Return the part of a group that is broader than any stroke."""
    side = max(2, int(np.ceil(_BROAD * size)))
    if min(mask.shape) < side:
        return 0.0
    covered = torch.from_numpy(mask).float()[None, None]
    whole = F.pad(1 - _dilated(1 - covered, side), [side - 1] * 4)
    return float(_dilated(whole, side).sum() / covered.sum())


def stroke_width(mask: Mask) -> float:
    """Return the stroke width in pixels: a stroke has two edge pixels for each pixel of its length."""
    return 2 * float(mask.sum()) / max(1.0, float(mask.sum() - _eroded(mask).sum()))


def _eroded(mask: Mask) -> Mask:
    """Erode a mask by one pixel."""
    padded = np.pad(mask, 1)
    inner: Mask = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return mask & inner


def _dilated(x: torch.Tensor, side: int) -> torch.Tensor:
    """Return the maximum of each ``side`` x ``side`` square, without padding: ``side - 1`` fewer rows and columns."""
    for axis in (2, 3):
        width = 1
        while width < side:  # doubling: the maximum of two overlapping windows
            step = min(width, side - width)
            length = x.shape[axis] - step
            x = torch.maximum(x.narrow(axis, 0, length), x.narrow(axis, step, length))
            width += step
    return x
