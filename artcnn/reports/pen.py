"""A pen for sheets: it draws at whole places of a sheet, which may be written larger than it is laid out."""

import re

import numpy as np
from PIL import Image, ImageDraw
from torch import Tensor

from artcnn.reports.fonts import Font, load_font

Color = tuple[int, int, int]

PAPER, INK, FRAME = (255, 255, 255), (40, 40, 40), (205, 205, 205)

_PIECE = re.compile(r"[\u2e80-\u9fff\uff00-\uffef]|[^\s\u2e80-\u9fff\uff00-\uffef]+\s*|\s+")
"""What is not taken apart at the end of a line: a Chinese character, a word."""


class Lettering:
    """The letters of a language, in sizes that a sheet has.

    Args:
        lang: en or zh.
        zoom: how many times as large as it is laid out the sheet is drawn.
    """

    def __init__(self, lang: str, zoom: float) -> None:
        self._lang, self._zoom = lang, zoom

    def font(self, size: int) -> Font:
        """Return the font of a size."""
        return load_font(self._lang, size * self._zoom)

    def width(self, text: str, size: int) -> float:
        """Return the width of a line."""
        return self.font(size).getlength(text) / self._zoom

    def wrap(self, text: str, size: int, width: float) -> list[str]:
        """Return a text as lines that are no wider, broken between words; within a word that is too long for a line."""
        lines, line = list[str](), ""
        for word in _PIECE.findall(text):
            for piece in [word] if self.width(word.rstrip(), size) <= width else list(word):
                if line and self.width((line + piece).rstrip(), size) > width:
                    lines.append(line.rstrip())
                    line = ""
                line += piece
        return [*lines, line.rstrip()] if line.strip() or not lines else lines


class Pen:
    """Draws on a new paper.

    Args:
        size: width and height of the paper, as it is laid out.
        letters: what is written with.
        zoom: how many times as large it is drawn.

    Attributes:
        paper: what was drawn.
    """

    def __init__(self, size: tuple[int, int], letters: Lettering, zoom: float) -> None:
        self._letters, self._zoom = letters, zoom
        self.paper = Image.new("RGB", (self._at(size[0]), self._at(size[1])), PAPER)
        self._draw = ImageDraw.Draw(self.paper)

    def write(self, at: tuple[float, float], text: str, size: int = 12, anchor: str = "la", color: Color = INK) -> None:
        """Write a line, its letters as far below the top as those of Pillow's font, whatever the font says."""
        font = self._letters.font(size)
        x, y = (value * self._zoom for value in at)
        if anchor.endswith("a"):
            y -= font.getmetrics()[0] - load_font("en", font.size).getmetrics()[0]
        self._draw.text((x, y), text, color, font, anchor=anchor)

    def frame(self, box: tuple[int, int, int, int]) -> None:
        """Draw a frame; the box has its left, top, right and bottom pixels."""
        self._draw.rectangle([self._at(side) for side in box], outline=FRAME, width=max(1, round(self._zoom / 2)))

    def fill(self, box: tuple[int, int, int, int], color: Color) -> None:
        """Fill a box."""
        self._draw.rectangle([self._at(side) for side in box], color)

    def line(self, ends: tuple[int, int, int, int]) -> None:
        """Draw a line."""
        self._draw.line([self._at(end) for end in ends], INK, width=max(1, round(self._zoom / 2)))

    def picture(self, pixels: Tensor, at: tuple[int, int], size: tuple[int, int]) -> None:
        """Paste pixels, shape (1 or 3, H, W), uint8, as large as ``size``: hard-edged, where that is a whole factor."""
        width, height = (self._at(side) for side in size)
        whole = width % pixels.shape[2] == 0 and height % pixels.shape[1] == 0
        how = Image.Resampling.NEAREST if whole or min(size) < _HARD else Image.Resampling.BICUBIC
        self.paper.paste(_image(pixels).resize((width, height), how), (self._at(at[0]), self._at(at[1])))

    def _at(self, value: float) -> int:
        return round(value * self._zoom)


_HARD = 20  # pixels: bars of colors have hard edges


def _image(pixels: Tensor) -> Image.Image:
    """Convert pixels, shape (1 or 3, H, W), uint8, to an RGB image."""
    array = np.ascontiguousarray(pixels.permute(1, 2, 0).numpy())
    return Image.fromarray(array[..., 0] if array.shape[2] == 1 else array).convert("RGB")
