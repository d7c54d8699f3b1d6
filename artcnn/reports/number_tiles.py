"""Draw arrays of values as small pictures: a colored cell for each, with its value."""

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

MARK = (255, 51, 26)
"""Red of frames, as on the pages."""

_SMALL = 20  # cells below this size in pixels get their frame outside
_LEGIBLE, _LARGE = 8, 18  # smallest and largest font size in pixels


def draw_numbers(
    values: Tensor, colors: Tensor, size: tuple[int, int], marked: tuple[int, int, int, int] | None = None
) -> Tensor:
    """Draw values as a picture, shape (1, 3, height, width), uint8; values that are not whole get two decimals.

    Cells too small for text have only their color.

    Args:
        values: shape (h, w).
        colors: of the cells, shape (1, 1 or 3, h, w), uint8.
        size: of the picture, in pixels.
        marked: cells to frame: top, left, bottom, right; the last two are exclusive.
    """
    rows, columns = values.shape
    height, width = size
    cells = colors[0].permute(1, 2, 0).expand(rows, columns, 3).numpy()
    paper = Image.fromarray(np.ascontiguousarray(cells)).resize((width, height), Image.Resampling.NEAREST)
    _write(paper, values, cells.mean(2) > 140)
    draw, across, down = ImageDraw.Draw(paper), width / columns, height / rows
    for row in range(1, rows):
        draw.line((0, round(row * down), width, round(row * down)), (150, 150, 150))
    for column in range(1, columns):
        draw.line((round(column * across), 0, round(column * across), height), (150, 150, 150))
    return frame(_bytes(paper), marked, (rows, columns))


def _write(paper: Image.Image, values: Tensor, light: np.ndarray) -> None:
    """Write values, shape (h, w), into their cells, dark on light or light on dark, if they fit."""
    rows, columns = values.shape
    across, down = paper.width / columns, paper.height / rows
    whole = bool((values == values.round()).all())
    texts = [f"{value:.0f}" if whole else f"{value:.2f}" for value in values.flatten().tolist()]
    texts = [text if float(text) else text.removeprefix("-") for text in texts]
    widest = max(ImageFont.load_default(_LARGE).getlength(text) for text in texts)
    size = min(_LARGE, int(0.9 * _LARGE * across / widest), round(0.7 * down))
    if size < _LEGIBLE:
        return
    draw, font = ImageDraw.Draw(paper), ImageFont.load_default(size)
    for (row, column), text in zip(np.ndindex(rows, columns), texts, strict=True):
        ink = (20, 20, 20) if light[row, column] else (240, 240, 240)
        draw.text(((column + 0.5) * across, (row + 0.5) * down), text, ink, font, anchor="mm")


def frame(picture: Tensor, marked: tuple[int, int, int, int] | None, grid: tuple[int, int]) -> Tensor:
    """Draw a red frame around cells of a picture's grid, shape (1, 3, H, W), uint8."""
    if marked is None:
        return picture
    height, width = picture.shape[2:]
    paper = Image.fromarray(np.ascontiguousarray(picture[0].permute(1, 2, 0).numpy()))
    top, left, bottom, right = marked
    down, across = height / grid[0], width / grid[1]
    box = [round(left * across), round(top * down), round(right * across) - 1, round(bottom * down) - 1]
    if min(down, across) < _SMALL:  # outside the cells, to keep them visible
        box = [box[0] - 2, box[1] - 2, box[2] + 2, box[3] + 2]
    ImageDraw.Draw(paper).rectangle(box, outline=MARK, width=3 if min(down, across) >= _SMALL else 2)
    return _bytes(paper)


def color_wheel(numbers: Tensor, count: int) -> Tensor:
    """Map numbers to ``count`` different hues, and -1 to white: shape (1, 3, *shape), uint8."""
    steps = torch.arange(count) / max(1, count)
    wheel = torch.tensor([[_hue(float(step), tone) for tone in (0, 1 / 3, 2 / 3)] for step in steps])
    table = torch.cat([(wheel * 255).round(), torch.full((1, 3), 255.0)]).byte()
    return table[numbers].movedim(-1, 0)[None]


def _hue(turn: float, tone: float) -> float:
    """Return the red, green or blue part (``tone`` 0, 1/3, 2/3) of a saturated hue."""
    distance = abs((turn - tone + 0.5) % 1 - 0.5)
    return 0.15 + 0.75 * max(0.0, min(1.0, 2 - 6 * distance))


def _bytes(paper: Image.Image) -> Tensor:
    return torch.from_numpy(np.asarray(paper).copy()).permute(2, 0, 1)[None]
