"""Draw a Go board, with stones and the probabilities of moves."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from artcnn.datasets.go.board import BLACK, SIZE, WHITE
from artcnn.datasets.go.points import COLUMNS
from artcnn.extras import importing
from artcnn.reports.chart import BLUE, write_figure

with importing("report"):
    import matplotlib
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.patches import Circle, Rectangle

WOOD = "#e3bd7a"
_LINE, _MARK = "#5c4522", "#b3261e"
_LEAST = 0.01
"""Smallest probability that is drawn."""


@dataclass(frozen=True, eq=False)
class Goban:
    """A board to draw.

    Attributes:
        stones: EMPTY, BLACK or WHITE at each point, shape (361,); a smaller board is the lower left corner.
        size: lines of the board.
        last: point of the last move, or None.
        heat: probability of each point, shape (361,), or None.
        played: point of the next move in the game, or None.
        title: above the board.
    """

    stones: Sequence[int]
    size: int = SIZE
    last: int | None = None
    heat: Tensor | None = None
    played: int | None = None
    title: str = ""


def write_goban(path: Path, goban: Goban, replace: bool = True) -> Path:
    """Write a board as a PNG file, as ``write_atomic`` does; return the path.

    Raises:
        ArtcnnError: it cannot be written.
    """
    figure = Figure(figsize=(8, 8.4), layout="constrained", facecolor="white")
    axes = figure.subplots()
    _draw_lines(axes, goban.size)
    if goban.heat is not None:
        _draw_heat(axes, goban.heat)
    for point, color in enumerate(goban.stones):
        if color in (BLACK, WHITE):
            fill = "#1a1a1a" if color == BLACK else "#fafafa"
            axes.add_patch(Circle(_place(point), 0.47, facecolor=fill, edgecolor="#333333", lw=0.6, zorder=3))
    for marked, edge in ((goban.last, _MARK), (goban.played, BLUE)):
        if marked is not None and marked < SIZE * SIZE:
            axes.add_patch(Circle(_place(marked), 0.24, fill=False, edgecolor=edge, lw=2, zorder=5))
    axes.set_title(goban.title, loc="left", fontsize=11, fontweight="bold")
    return write_figure(path, figure, replace)


def _place(point: int) -> tuple[int, int]:
    """Return column and row, from the lower left."""
    return point % SIZE, SIZE - 1 - point // SIZE


def _draw_lines(axes: Axes, size: int) -> None:
    end = size - 1
    axes.set_facecolor(WOOD)
    for at in range(size):
        axes.plot((0, end), (at, at), color=_LINE, lw=0.8, zorder=1)
        axes.plot((at, at), (0, end), color=_LINE, lw=0.8, zorder=1)
    for row, column in stars(size):
        axes.add_patch(Circle((column, row), 0.1, color=_LINE, zorder=1))
    axes.set_xlim(-0.8, end + 0.8)
    axes.set_ylim(-0.8, end + 0.8)
    axes.set_aspect("equal")
    axes.set_xticks(range(size), list(COLUMNS[:size]))
    axes.set_yticks(range(size), [str(row) for row in range(1, size + 1)])
    axes.tick_params(length=0, labelsize=9, top=True, labeltop=True, right=True, labelright=True)
    for spine in axes.spines.values():
        spine.set_visible(False)


def stars(size: int) -> list[tuple[int, int]]:
    """Return rows and columns of the star points (hoshi), from 0."""
    edge, middle = (3 if size > 11 else 2), size // 2
    lines = {edge, size - 1 - edge}
    corners = [(row, column) for row in sorted(lines) for column in sorted(lines)]
    if size % 2 == 0 or size < 9:
        return corners
    sides = [(middle, at) for at in sorted(lines)] + [(at, middle) for at in sorted(lines)] if size > 13 else []
    return [*corners, (middle, middle), *sides]


def _draw_heat(axes: Axes, heat: Tensor) -> None:
    """Color points from yellow to red by the square root of the probability, with the probability in per cent."""
    colors = matplotlib.colormaps["YlOrRd"]
    for point, probability in enumerate(heat.tolist()):
        if probability < _LEAST:
            continue
        x, y = _place(point)
        shade = colors(0.15 + 0.75 * probability**0.5)
        axes.add_patch(Rectangle((x - 0.46, y - 0.46), 0.92, 0.92, facecolor=shade, edgecolor="none", zorder=2))
        ink = "white" if probability > 0.3 else "black"
        axes.text(x, y, f"{100 * probability:.0f}", ha="center", va="center", fontsize=8, color=ink, zorder=4)


def goban_tile(stones: Tensor, side: int = 9) -> Tensor:
    """Draw a board as a small picture in [0, 1], shape (1, 3, S x side, S x side).

    Args:
        stones: 1 black, -1 white, 0 empty, shape (S, S).
        side: of a point, in pixels.
    """
    wood = torch.tensor(matplotlib.colors.to_rgb(WOOD)).view(3, 1, 1)
    line = torch.tensor(matplotlib.colors.to_rgb(_LINE)).view(3, 1, 1)
    middle = torch.arange(side) - side // 2
    cross = (middle[:, None] == 0) | (middle[None] == 0)
    disc = middle[:, None] ** 2 + middle[None] ** 2 <= (side / 2) ** 2
    crosses, discs = cross.repeat(*stones.shape), disc.repeat(*stones.shape)
    of = stones.repeat_interleave(side, 0).repeat_interleave(side, 1)
    picture = torch.where(crosses, line, wood)
    picture = torch.where(discs & (of > 0), torch.tensor(0.1), picture)
    return torch.where(discs & (of < 0), torch.tensor(0.97), picture)[None]
