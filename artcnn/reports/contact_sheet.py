"""Contact sheets to compare pictures at full size, labeled with the settings of each."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import accumulate
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from artcnn.errors import printable
from artcnn.extras import importing
from artcnn.files.write import quantize
from artcnn.image import Size, resize, size_of
from artcnn.reports.pen import FRAME, INK, PAPER

Label = tuple[str, str]
"""An option, drawn in gray, and its value, in bold."""

_GREY, _BLANK = (125, 125, 125), (243, 243, 243)
_MARGIN, _GAP, _PAD = 24, 14, 5  # pixels around the sheet, between pictures, and between a picture and its label
_BELOW = 24  # pixels between the title and the first row
_REFERENCE = 128  # largest height of the reference pictures
_LEAST_BESIDE = 300  # pixels that the title needs beside the references
_NARROWEST = 720  # smallest width of a sheet, for its title
_WIDEST_ROW = 1600  # width in pixels at which the pictures of one setting wrap
_WIDEST_SIDE = 240  # width at which row labels wrap


@dataclass(frozen=True)
class _Font:
    name: str
    size: int

    @property
    def line(self) -> int:
        """Height of a line, in pixels."""
        return round(self.size * 1.4)

    @property
    def loaded(self) -> ImageFont.FreeTypeFont:
        """The font: DejaVu, which comes with matplotlib and covers most European languages."""
        return _loaded(self.name, self.size)

    def width(self, text: str) -> float:
        """Return the width of a line of text in pixels."""
        return self.loaded.getlength(text)


@cache
def _loaded(name: str, size: int) -> ImageFont.FreeTypeFont:
    with importing("report"):
        import matplotlib

    return ImageFont.truetype(Path(matplotlib.get_data_path(), "fonts", "ttf", f"{name}.ttf"), size)


_TITLE, _TEXT = _Font("DejaVuSans-Bold", 20), _Font("DejaVuSans", 14)
_TYPED, _VALUE = _Font("DejaVuSansMono", 15), _Font("DejaVuSansMono-Bold", 15)


@dataclass(frozen=True)
class _Run:
    """A piece of text in one font and color, with its offset in the block."""

    text: str
    font: _Font
    color: tuple[int, int, int]
    left: int = 0
    top: int = 0


@dataclass(frozen=True)
class _Block:
    """Lines of text, laid out."""

    runs: tuple[_Run, ...] = ()
    height: int = 0

    @property
    def width(self) -> int:
        return max((round(run.left + run.font.width(run.text)) for run in self.runs), default=0)

    def draw(self, draw: ImageDraw.ImageDraw, left: int, top: int) -> None:
        for run in self.runs:
            draw.text((left + run.left, top + run.top), run.text, run.color, run.font.loaded)


@dataclass(frozen=True, eq=False)
class ContactSheet:
    """Pictures in rows: of one setting, with a label below each; or of two settings, with column and row labels.

    Attributes:
        sizes: (height, width) of each picture in pixels, without scaling.
        columns: labels of the first setting, one for each picture of a row.
        rows: labels of the second setting. If empty, the pictures wrap, and each has its label below.
        title: in bold.
        command: that makes any of the pictures, without the labels.
        hint: how to use the labels.
        references: the input pictures, shape (1, 3, H, W) in [0, 1], shown small beside or above the title.
    """

    sizes: Sequence[Size]
    columns: Sequence[Label]
    rows: Sequence[Label] = ()
    title: str = ""
    command: str = ""
    hint: str = ""
    references: Sequence[Tensor] = ()

    @cached_property
    def boxes(self) -> list[tuple[int, int, int, int]]:
        """Box of each picture: left, top, right and bottom in pixels, as in Pillow."""
        lefts, tops = self._edges
        places = [(lefts[n % self._across], tops[n // self._across]) for n in range(len(self.sizes))]
        return [
            (left, top, left + width, top + height)
            for (left, top), (height, width) in zip(places, self.sizes, strict=True)
        ]

    @cached_property
    def size(self) -> Size:
        """(height, width) of the sheet, in pixels."""
        below = 0 if self.rows else max(self._label_heights[-self._across :])
        bottom = max(bottom for *_, bottom in self.boxes) + below
        right = max(max(right for _, _, right, _ in self.boxes), self._title_left + self._heading.width)
        return bottom + _MARGIN, max(_NARROWEST, right + _MARGIN)

    def draw(self, pictures: Mapping[int, Tensor], absent: str) -> Tensor:
        """Draw the sheet.

        Args:
            pictures: by index, shape (1, 3, H, W), sRGB in [0, 1], of the given sizes.
            absent: text in place of missing pictures.

        Returns:
            Shape (1, 3, H, W), sRGB in [0, 1].
        """
        height, width = self.size
        paper = Image.new("RGB", (width, height), PAPER)
        draw = ImageDraw.Draw(paper)
        left = _MARGIN
        for reference in self._references:
            self._paste(paper, draw, reference, left, _MARGIN)
            left += size_of(reference)[1] + _GAP
        self._heading.draw(draw, self._title_left, self._title_top)
        self._draw_labels(draw)
        for number, box in enumerate(self.boxes):
            if number in pictures:
                self._paste(paper, draw, pictures[number], *box[:2])
            else:
                draw.rectangle((box[0], box[1], box[2] - 1, box[3] - 1), _BLANK)
                middle = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
                draw.text(middle, absent, _GREY, _TEXT.loaded, anchor="mm")
        return torch.from_numpy(np.array(paper)).permute(2, 0, 1)[None] / 255

    def _draw_labels(self, draw: ImageDraw.ImageDraw) -> None:
        tops = self._edges[1]
        for number, block in enumerate(self._labels):
            left, top, _, bottom = self.boxes[number]
            if self.rows:
                block.draw(draw, left, top - _PAD - block.height)
            else:
                block.draw(draw, left, bottom + _PAD)
        for row, block in enumerate(self._sides):
            cell = max(height for height, _ in self.sizes[row * self._across :][: self._across])
            block.draw(draw, _MARGIN, tops[row] + (cell - block.height) // 2)

    @staticmethod
    def _paste(paper: Image.Image, draw: ImageDraw.ImageDraw, picture: Tensor, left: int, top: int) -> None:
        height, width = size_of(picture)
        pixels = quantize(picture.detach().cpu())[0].mul(255).round().byte().permute(1, 2, 0)
        draw.rectangle((left - 1, top - 1, left + width, top + height), outline=FRAME)
        paper.paste(Image.fromarray(np.ascontiguousarray(pixels.numpy())), (left, top))

    @cached_property
    def _across(self) -> int:
        """Number of pictures in a row; for one setting as many as fit, in rows of about equal length."""
        count = len(self.columns)
        if self.rows:
            return count
        fitting = max(1, (_WIDEST_ROW + _GAP) // (max(width for _, width in self.sizes) + _GAP))
        return -(-count // -(-count // fitting))

    @cached_property
    def _widths(self) -> list[int]:
        return [max(width for _, width in self.sizes[column :: self._across]) for column in range(self._across)]

    @cached_property
    def _labels(self) -> list[_Block]:
        """The labels above the columns, or below each picture."""
        return [_label(label, self._widths[number % self._across]) for number, label in enumerate(self.columns)]

    @cached_property
    def _label_heights(self) -> list[int]:
        return [block.height + _PAD for block in self._labels]

    @cached_property
    def _sides(self) -> list[_Block]:
        return [_label(label, _WIDEST_SIDE, stacked=True) for label in self.rows]

    @cached_property
    def _edges(self) -> tuple[list[int], list[int]]:
        """The left edge of each column and the top of each row, in pixels."""
        left = _MARGIN + (max(block.width for block in self._sides) + _GAP if self.rows else 0)
        lefts = list(accumulate((width + _GAP for width in self._widths), initial=left))
        top = max(self._title_top + self._heading.height, _MARGIN + self._references_height) + _BELOW
        if self.rows:
            top += max(self._label_heights)
        heights = []
        for first in range(0, len(self.sizes), self._across):
            below = 0 if self.rows else max(self._label_heights[first : first + self._across]) + _PAD
            heights.append(max(height for height, _ in self.sizes[first : first + self._across]) + below + _GAP)
        return lefts, list(accumulate(heights, initial=top))

    @cached_property
    def _room(self) -> int:
        """Width in pixels that pictures and labels need, without margins."""
        side = max((block.width for block in self._sides), default=-_GAP) + _GAP
        return max(_NARROWEST - 2 * _MARGIN, side + sum(self._widths) + _GAP * (len(self._widths) - 1))

    @cached_property
    def _references(self) -> list[Tensor]:
        """The reference pictures, reduced to a row that is no wider than the sheet."""
        sizes = []
        for height, width in map(size_of, self.references):
            scale = min(_REFERENCE / height, 2 * _REFERENCE / width)
            sizes.append((height * scale, width * scale))
        most = self._room - _GAP * (len(sizes) - 1)
        less = min(1.0, most / max(1.0, sum(width for _, width in sizes)))
        small = [(max(1, int(height * less)), max(1, int(width * less))) for height, width in sizes]
        return [resize(picture, size) for picture, size in zip(self.references, small, strict=True)]

    @cached_property
    def _references_height(self) -> int:
        return max((size_of(shown)[0] for shown in self._references), default=0)

    @cached_property
    def _title_left(self) -> int:
        """Left edge of the title: beside the references, or below them."""
        behind = sum(size_of(shown)[1] + _GAP for shown in self._references) + (6 if self.references else 0)
        return _MARGIN + (behind if self._room - behind >= _LEAST_BESIDE else 0)

    @cached_property
    def _title_top(self) -> int:
        below = self.references and self._title_left == _MARGIN
        return _MARGIN - 4 + (self._references_height + _GAP if below else 0)

    @cached_property
    def _heading(self) -> _Block:
        """Title, command and hint, wrapped to the width beside or below the references."""
        room = self._room + _MARGIN - self._title_left
        title, typed = printable(self.title), printable(self.command)  # a file name need not be valid text
        command = re.sub(r"(--\S+) ", "\\1\N{NO-BREAK SPACE}", typed)  # an option stays beside its value
        return _stack([(title, _TITLE, INK, 6), (command, _TYPED, INK, 6), (self.hint, _TEXT, _GREY, 0)], room)


def _label(label: Label, width: int, *, stacked: bool = False) -> _Block:
    """Return an option and its value, in one line if they fit and ``stacked`` is not set."""
    option, value = label
    indent = _TYPED.width(option + " ")
    if not stacked and indent + _VALUE.width(value) <= width:
        return _Block((_Run(option, _TYPED, _GREY), _Run(value, _VALUE, INK, round(indent))), _VALUE.line)
    return _stack([(option, _TYPED, _GREY, 0), (value, _VALUE, INK, 0)], width)


def _stack(parts: Sequence[tuple[str, _Font, tuple[int, int, int], int]], width: int) -> _Block:
    """Stack texts, wrapped, with a gap in pixels after each."""
    runs, top = [], 0
    for text, font, color, after in parts:
        for line in wrap(text, font, width):
            runs.append(_Run(line, font, color, 0, top))
            top += font.line
        top += after
    return _Block(tuple(runs), top)


def wrap(text: str, font: _Font, width: float) -> list[str]:
    """Wrap a text after spaces and commas, or anywhere if a word is too wide."""
    lines, line = [], ""
    for word in re.findall(r"[^ ,;/]*[ ,;/]*", text):
        for piece in [word] if font.width(word.rstrip()) <= width else list(word):
            if line and font.width((line + piece).rstrip()) > width:
                lines.append(line.rstrip())
                line = ""
            line += piece
    return [*lines, line.rstrip()] if line.strip() else lines
