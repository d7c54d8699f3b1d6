"""Sheets of many small pictures with captions and color keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import groupby
from math import ceil
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from torch import Tensor

from artcnn.errors import printable
from artcnn.files.atomic import write_atomic
from artcnn.reports.axes import Axes
from artcnn.reports.colormaps import Key, Legend, Scale
from artcnn.reports.fonts import Font, load_font
from artcnn.reports.i18n import Catalog
from artcnn.reports.messages import Message

PAPER, INK, FRAME = (255, 255, 255), (40, 40, 40), (205, 205, 205)
_RED = (179, 38, 30)

_GAP = 6
_BAR, _LINE = 10, 15  # height of a scale's colors, and of a line of small text, in pixels
_WIDE = 120  # pixels of a scale beside a heading
_LEFT, _FOOT = 40, 13  # pixels for axis labels at the left and below


@dataclass(frozen=True, eq=False)
class Sheet:
    """Small pictures, laid out row by row.

    Attributes:
        tiles: shape (N, 1 or 3, H, W), uint8.
        columns: pictures in a row.
        captions: below each picture, one or more lines, or empty.
        title: above all, or empty.
        scale: factor by which pixels are enlarged.
        groups: heading of each picture, shared with adjacent ones; a new group starts a new row.
        keys: color key of each picture, or None. A scale of several pictures is drawn once, above their group, or above
            all groups if it is used in several.
        note: a line below the title.
        axes: of each picture, or None.
        catalog: of the language; None for English.
    """

    tiles: Tensor
    columns: int
    captions: Sequence[str] = ()
    title: str = ""
    scale: int = 2
    groups: Sequence[str] = ()
    keys: Sequence[Key | None] = ()
    note: str = ""
    axes: Sequence[Axes | None] = ()
    catalog: Catalog | None = None

    @property
    def lang(self) -> str:
        """The language."""
        return "en" if self.catalog is None else self.catalog.lang

    def say(self, text: Message | str) -> str:
        """Return a text in the language of the sheet, as a terminal would show it."""
        if isinstance(text, Message) and self.catalog is not None:
            return printable(self.catalog.translate(text))
        return printable(str(text))


def shared_scales(keys: Sequence[Key | None]) -> list[Scale]:
    """Return the scales of more than one picture, each once, in order."""
    every = [key for key in keys if isinstance(key, Scale)]
    found = list[Scale]()
    for key in every:
        if every.count(key) > 1 and key not in found:
            found.append(key)
    return found


def placed_scales(groups: Sequence[Sequence[Key | None]]) -> tuple[list[Scale], list[list[Scale]]]:
    """Return the scales above all groups, used by several of them, and those above each group."""
    shared = shared_scales([key for group in groups for key in group])
    common = [scale for scale in shared if sum(scale in group for group in groups) > 1]
    return common, [[scale for scale in shared if scale in group and scale not in common] for group in groups]


def write_sheet(path: Path, sheet: Sheet, replace: bool = True) -> Path:
    """Write a sheet as a PNG file, as ``write_atomic`` does; return the path.

    Raises:
        ArtcnnError: it cannot be written.
    """
    encoded = BytesIO()
    draw_sheet(sheet).save(encoded, "PNG")
    return write_atomic(path, encoded.getbuffer(), replace)


def draw_sheet(sheet: Sheet) -> Image.Image:
    """Draw a sheet."""
    return _Drawing(sheet).draw()


_Heading = tuple[int, str, list[Scale]]
"""Top in pixels, text, and scales beside it."""


class _Drawing:
    """The layout of a sheet."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._small, self._large = load_font(sheet.lang, 12), load_font(sheet.lang, 16)
        self._size = sheet.tiles.shape[3] * sheet.scale, sheet.tiles.shape[2] * sheet.scale
        self._keys = sheet.keys or [None] * len(sheet.tiles)
        self._shared = shared_scales(self._keys)
        own = [self._lines(key) for key in self._keys if key is not None and key not in self._shared]
        self._key_height = max(own, default=0) * _LINE + (_BAR if own else 0)
        self._title = printable(sheet.title)
        self._captions = [[printable(line) for line in caption.split("\n")] for caption in sheet.captions]
        self._axes = sheet.axes or [None] * len(sheet.tiles)
        groups = sheet.groups or [""] * len(sheet.tiles)
        numbers = range(len(sheet.tiles))
        self._groups = [(group, list(some)) for group, some in groupby(numbers, groups.__getitem__)]
        self._below, self._foot = [0] * len(groups), [0] * len(groups)
        for _, some in self._groups:
            most = max((len(self._captions[at]) for at in some), default=0) if self._captions else 0
            for at in some:
                self._below[at] = 3 + most * _LINE if most else 0
                self._foot[at] = _FOOT if any(self._axes[member] for member in some) else 0

    def draw(self) -> Image.Image:
        """Return the sheet."""
        sheet = self._sheet
        above = (34 if self._title else 0) + (20 if sheet.note else 0)
        headings, places, top = list[_Heading](), list[tuple[int, int]](), above + _GAP
        common, scales = placed_scales([[self._keys[at] for at in some] for _, some in self._groups])
        if common:
            headings.append((top, "", common))
            top += 2 * _LINE
        wide = 0
        for (group, some), alone in zip(self._groups, scales, strict=True):
            if group or alone:
                headings.append((top, printable(group), alone))
                top += 2 * _LINE if alone else _LINE + 3
            left = _LEFT if self._foot[some[0]] else 0
            across = left + self._size[0] + _GAP
            step = self._size[1] + self._foot[some[0]] + self._below[some[0]] + self._key_height + _GAP
            places += [
                (_GAP + left + at % sheet.columns * across, top + at // sheet.columns * step) for at in range(len(some))
            ]
            wide = max(wide, _GAP + min(sheet.columns, len(some)) * across + (_GAP if left else 0))
            top += -(-len(some) // sheet.columns) * step
        # A sheet of few pictures is as wide as its title and headings.
        wide = max(
            wide,
            2 * _GAP + ceil(self._large.getlength(self._title)),
            2 * _GAP + ceil(self._small.getlength(printable(sheet.note))),
            *(self._heading(None, *heading) for heading in headings),
        )
        paper = Image.new("RGB", (wide, top), PAPER)
        draw = ImageDraw.Draw(paper)
        _write(draw, (_GAP, _GAP + 4), self._title, self._large)
        _write(draw, (_GAP, above - 18), printable(sheet.note), self._small, color=_RED)
        for heading in headings:
            self._heading(paper, *heading)
        for number, place in enumerate(places):
            self._tile(paper, number, place)
        return paper

    def _tile(self, paper: Image.Image, number: int, place: tuple[int, int]) -> None:
        sheet, (left, top), (width, height) = self._sheet, place, self._size
        draw = ImageDraw.Draw(paper)
        paper.paste(_image(sheet.tiles[number]).resize(self._size, Image.Resampling.NEAREST), place)
        draw.rectangle((left - 1, top - 1, left + width, top + height), outline=FRAME)
        self._draw_axes(draw, self._axes[number], left, top)
        top += height + 2 + self._foot[number]
        if self._captions:
            for line, text in enumerate(self._captions[number]):
                _write(draw, (left, top + line * _LINE), text, self._small)
            top += self._below[number]
        key = self._keys[number]
        if isinstance(key, Legend):
            self._legend(draw, key, left, top)
        elif key is not None and key not in self._shared:
            self._scale(paper, key, left, top, width)

    def _draw_axes(self, draw: ImageDraw.ImageDraw, axes: Axes | None, left: int, top: int) -> None:
        if axes is None:
            return
        (width, height), font = self._size, load_font(self._sheet.lang, 10)
        for part, text in axes.down:
            at = round(top + part * (height - 1))
            draw.line((left - 4, at, left - 1, at), INK)
            _write(draw, (left - 6, at), text, font, "rm")
        for part, text in axes.across:
            at = round(left + part * (width - 1))
            draw.line((at, top + height, at, top + height + 3), INK)
            _write(draw, (at, top + height + 3), text, font, "ma")

    def _heading(self, paper: Image.Image | None, top: int, text: str, scales: list[Scale]) -> int:
        """Draw the heading of a group, or only measure it; return its right edge in pixels."""
        parts: list[tuple[str, Scale | None]] = [
            (text, None),
            *((self._sheet.say(scale.label), scale) for scale in scales),
        ]
        left = _GAP
        for label, scale in parts:
            if label and (scale is None or label != text):
                if paper is not None:
                    _write(ImageDraw.Draw(paper), (left, top), label, self._small)
                left += ceil(self._small.getlength(label)) + 2 * _GAP
            if scale is not None:
                if paper is not None:
                    self._scale(paper, scale, left, top + 2, _WIDE)
                left += _WIDE + 3 * _GAP
        return left

    def _scale(self, paper: Image.Image, scale: Scale, left: int, top: int, width: int) -> None:
        draw = ImageDraw.Draw(paper)
        paper.paste(_image(scale.bar(width)).resize((width, _BAR), Image.Resampling.NEAREST), (left, top))
        draw.rectangle((left - 1, top - 1, left + width, top + _BAR), outline=FRAME)
        low, high = scale.ends
        _write(draw, (left, top + _BAR + 1), low, self._small)
        if scale.low < 0 < scale.high:
            _write(draw, (left + width / 2, top + _BAR + 1), "0", self._small, "ma")
        _write(draw, (left + width, top + _BAR + 1), high, self._small, "ra")

    def _legend(self, draw: ImageDraw.ImageDraw, legend: Legend, left: int, top: int) -> None:
        for line, entries in enumerate(self._wrapped(legend)):
            at = left
            for text, color in entries:
                y = top + line * _LINE
                draw.rectangle((at, y + 1, at + _BAR, y + 1 + _BAR), color)
                _write(draw, (at + _BAR + 4, y - 1), text, self._small)
                at += self._entry_width(text)

    def _entry_width(self, text: str) -> int:
        return _BAR + 12 + ceil(self._small.getlength(text))

    def _wrapped(self, legend: Legend) -> list[list[tuple[str, tuple[int, int, int]]]]:
        """Wrap a legend to the width of a picture."""
        lines, left = [list[tuple[str, tuple[int, int, int]]]()], 0
        for name, color in legend.entries:
            text = self._sheet.say(name)
            if lines[-1] and left + self._entry_width(text) > self._size[0] + 8:
                lines.append([])
                left = 0
            lines[-1].append((text, color))
            left += self._entry_width(text)
        return lines

    def _lines(self, key: Key) -> int:
        """Return the number of text lines of a key below a picture."""
        return len(self._wrapped(key)) if isinstance(key, Legend) else 1


def _write(
    draw: ImageDraw.ImageDraw,
    at: tuple[float, float],
    text: str,
    font: Font,
    anchor: str = "la",
    color: tuple[int, int, int] = INK,
) -> None:
    """Write a line, its letters as far below the top as those of Pillow's font, whatever the font says."""
    x, y = at
    if anchor.endswith("a"):
        y -= font.getmetrics()[0] - load_font("en", font.size).getmetrics()[0]
    draw.text((x, y), text, color, font, anchor=anchor)


def _image(pixels: Tensor) -> Image.Image:
    """Convert pixels, shape (1 or 3, H, W), uint8, to an RGB image."""
    array = np.ascontiguousarray(pixels.permute(1, 2, 0).numpy())
    return Image.fromarray(array[..., 0] if array.shape[2] == 1 else array).convert("RGB")
