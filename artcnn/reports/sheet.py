"""Sheets of many small pictures with captions and color keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import groupby
from math import ceil
from pathlib import Path
from typing import NamedTuple

from PIL import Image
from torch import Tensor

from artcnn.errors import printable
from artcnn.files.atomic import write_atomic
from artcnn.reports.axes import Axes
from artcnn.reports.colormaps import Key, Legend, Scale, placed_scales, shared_scales
from artcnn.reports.i18n import Catalog
from artcnn.reports.messages import Message
from artcnn.reports.pen import Lettering, Pen

_RED = (179, 38, 30)

_GAP = 6
_BAR, _LINE = 10, 15  # height of a scale's colors, and of a line of small text, in pixels
_WIDE = 120  # pixels of a scale beside a heading
_LEFT, _FOOT = 40, 13  # pixels for axis labels at the left and below
_SMALL, _LARGE, _TINY = 12, 16, 10  # of text, of the title and of axes, in pixels
_TITLE = 22  # height of a line of the title


@dataclass(frozen=True, eq=False)
class Sheet:
    """Small pictures, laid out row by row.

    Attributes:
        tiles: shape (N, 1 or 3, H, W), uint8.
        columns: pictures in a row.
        captions: below each picture, one or more lines, or empty.
        title: above all, or empty.
        scale: factor by which pixels are enlarged.
        zoom: how many times as large as it is laid out the sheet is drawn, text and all.
        room: pixels that it may be wide, as laid out, wrapping its text; None for what it needs.
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
    scale: float = 2
    groups: Sequence[str] = ()
    keys: Sequence[Key | None] = ()
    note: str = ""
    axes: Sequence[Axes | None] = ()
    catalog: Catalog | None = None
    zoom: float = 1
    room: int | None = None

    @property
    def lang(self) -> str:
        """The language."""
        return "en" if self.catalog is None else self.catalog.lang

    def say(self, text: Message | str) -> str:
        """Return a text in the language of the sheet, as a terminal would show it."""
        if isinstance(text, Message) and self.catalog is not None:
            return printable(self.catalog.translate(text))
        return printable(str(text))


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


def measure_sheet(sheet: Sheet) -> tuple[int, int]:
    """Return the width and height of a sheet, in pixels, as it is laid out."""
    return _Drawing(sheet).size


class _Heading(NamedTuple):
    """One line of a heading: its top in pixels, its text, and scales beside it."""

    top: int
    text: str
    scales: list[tuple[str, Scale]]


class _Drawing:
    """The layout of a sheet."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet, self._letters = sheet, Lettering(sheet.lang, sheet.zoom)
        self._tile_size = round(sheet.tiles.shape[3] * sheet.scale), round(sheet.tiles.shape[2] * sheet.scale)
        self._keys = sheet.keys or [None] * len(sheet.tiles)
        self._shared = shared_scales(self._keys)
        own = [self._lines(key) for key in self._keys if key is not None and key not in self._shared]
        self._key_height = max(own, default=0) * _LINE + (_BAR if own else 0)
        self._title = self._wrap(printable(sheet.title), _LARGE)
        self._note = self._wrap(printable(sheet.note), _SMALL)
        self._captions = [self._caption(caption) for caption in sheet.captions]
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
        self._headings, self._places = list[_Heading](), list[tuple[int, int]]()
        self.size = self._lay_out()
        """Width and height, in pixels."""

    def _wrap(self, text: str, size: int) -> list[str]:
        """Return a text that may be as wide as the sheet, as lines."""
        room = self._sheet.room
        if not text:
            return []
        return [text] if room is None else self._letters.wrap(text, size, room - 2 * _GAP)

    def _caption(self, text: str) -> list[str]:
        lines = [printable(line) for line in text.split("\n")]
        if self._sheet.room is None:
            return lines
        return [part for line in lines for part in self._letters.wrap(line, _SMALL, self._tile_size[0])]

    @property
    def _title_height(self) -> int:
        return 12 + len(self._title) * _TITLE if self._title else 0

    def _lay_out(self) -> tuple[int, int]:
        """Find the place of everything; return width and height."""
        sheet, (width, height) = self._sheet, self._tile_size
        note = 5 + len(self._note) * _LINE if self._note else 0
        above = self._title_height + note
        top = above + _GAP
        common, scales = placed_scales([[self._keys[at] for at in some] for _, some in self._groups])
        if common:
            top = self._add_heading(top, "", common)
        wide = 0
        for (group, some), alone in zip(self._groups, scales, strict=True):
            if group or alone:
                top = self._add_heading(top, printable(group), alone)
            left = _LEFT if self._foot[some[0]] else 0
            across = left + width + _GAP
            step = height + self._foot[some[0]] + self._below[some[0]] + self._key_height + _GAP
            self._places += [
                (_GAP + left + at % sheet.columns * across, top + at // sheet.columns * step) for at in range(len(some))
            ]
            wide = max(wide, _GAP + min(sheet.columns, len(some)) * across + (_GAP if left else 0))
            top += -(-len(some) // sheet.columns) * step
        # A sheet of few pictures is as wide as its title and headings.
        titles = [(line, _LARGE) for line in self._title] + [(line, _SMALL) for line in self._note]
        lines = [2 * _GAP + ceil(self._letters.width(line, size)) for line, size in titles]
        return max([wide, *lines, *(self._heading(None, heading) for heading in self._headings)]), top

    def draw(self) -> Image.Image:
        """Return the sheet."""
        pen = Pen(self.size, self._letters, self._sheet.zoom)
        for number, line in enumerate(self._title):
            pen.write((_GAP, _GAP + 4 + number * _TITLE), line, _LARGE)
        for number, line in enumerate(self._note):
            pen.write((_GAP, self._title_height + 2 + number * _LINE), line, color=_RED)
        for heading in self._headings:
            self._heading(pen, heading)
        for number, place in enumerate(self._places):
            self._tile(pen, number, place)
        return pen.paper

    def _tile(self, pen: Pen, number: int, place: tuple[int, int]) -> None:
        sheet, (left, top), (width, height) = self._sheet, place, self._tile_size
        pen.picture(sheet.tiles[number], place, self._tile_size)
        pen.frame((left - 1, top - 1, left + width, top + height))
        self._draw_axes(pen, self._axes[number], left, top)
        top += height + 2 + self._foot[number]
        if self._captions:
            for line, text in enumerate(self._captions[number]):
                pen.write((left, top + line * _LINE), text)
            top += self._below[number]
        key = self._keys[number]
        if isinstance(key, Legend):
            self._legend(pen, key, left, top)
        elif key is not None and key not in self._shared:
            self._scale(pen, key, left, top, width)

    def _draw_axes(self, pen: Pen, axes: Axes | None, left: int, top: int) -> None:
        if axes is None:
            return
        width, height = self._tile_size
        for part, text in axes.down:
            at = round(top + part * (height - 1))
            pen.line((left - 4, at, left - 1, at))
            pen.write((left - 6, at), text, _TINY, "rm")
        for part, text in axes.across:
            at = round(left + part * (width - 1))
            pen.line((at, top + height, at, top + height + 3))
            pen.write((at, top + height + 3), text, _TINY, "ma")

    def _add_heading(self, top: int, text: str, scales: list[Scale]) -> int:
        """Lay out a heading, with the scales that its pictures share; return where what is below it begins."""
        labels = [(self._sheet.say(scale.label), scale) for scale in scales]
        lines = self._wrap(text, _SMALL) or [""]
        for line in lines[:-1]:
            self._headings.append(_Heading(top, line, []))
            top += _LINE
        heading = _Heading(top, lines[-1], [])
        for label, scale in labels:
            beside = ("", scale) if label == text else (label, scale)
            longer = heading._replace(scales=[*heading.scales, beside])
            room = self._sheet.room
            if room is not None and (heading.text or heading.scales) and self._heading(None, longer) > room:
                self._headings.append(heading)
                top += 2 * _LINE if heading.scales else _LINE + 3
                longer = _Heading(top, "", [beside])
            heading = longer
        self._headings.append(heading)
        return top + (2 * _LINE if heading.scales else _LINE + 3)

    def _heading(self, pen: Pen | None, heading: _Heading) -> int:
        """Draw a line of a heading, or only measure it; return its right edge in pixels."""
        left = _GAP
        for label, scale in [(heading.text, None), *heading.scales]:
            if label:
                if pen is not None:
                    pen.write((left, heading.top), label)
                left += ceil(self._letters.width(label, _SMALL)) + 2 * _GAP
            if scale is not None:
                if pen is not None:
                    self._scale(pen, scale, left, heading.top + 2, _WIDE)
                left += _WIDE + 3 * _GAP
        return left

    def _scale(self, pen: Pen, scale: Scale, left: int, top: int, width: int) -> None:
        pen.picture(scale.bar(width), (left, top), (width, _BAR))
        pen.frame((left - 1, top - 1, left + width, top + _BAR))
        low, high = scale.ends
        pen.write((left, top + _BAR + 1), low)
        beside = max(self._letters.width(end, _SMALL) for end in (low, high))
        if scale.low < 0 < scale.high and beside + self._letters.width("0", _SMALL) < width / 2:  # or it runs into one
            pen.write((left + width / 2, top + _BAR + 1), "0", anchor="ma")
        pen.write((left + width, top + _BAR + 1), high, anchor="ra")

    def _legend(self, pen: Pen, legend: Legend, left: int, top: int) -> None:
        for line, entries in enumerate(self._wrapped(legend)):
            at = left
            for text, color in entries:
                y = top + line * _LINE
                pen.fill((at, y + 1, at + _BAR, y + 1 + _BAR), color)
                pen.write((at + _BAR + 4, y - 1), text)
                at += self._entry_width(text)

    def _entry_width(self, text: str) -> int:
        return _BAR + 12 + ceil(self._letters.width(text, _SMALL))

    def _wrapped(self, legend: Legend) -> list[list[tuple[str, tuple[int, int, int]]]]:
        """Wrap a legend to the width of a picture."""
        lines, left = [list[tuple[str, tuple[int, int, int]]]()], 0
        for name, color in legend.entries:
            text = self._sheet.say(name)
            if lines[-1] and left + self._entry_width(text) > self._tile_size[0] + 8:
                lines.append([])
                left = 0
            lines[-1].append((text, color))
            left += self._entry_width(text)
        return lines

    def _lines(self, key: Key) -> int:
        """Return the number of text lines of a key below a picture."""
        return len(self._wrapped(key)) if isinstance(key, Legend) else 1
