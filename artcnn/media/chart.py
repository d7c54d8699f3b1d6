"""Charts of numbers, by matplotlib, as PNG files."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from artcnn.media.atomic import write_whole
from artcnn.training.loop import Epoch

BLUE, ORANGE, GREY = "#2463a8", "#d9731a", "#8a8a8a"

STYLE: dict[Any, Any] = {
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.25,
    "axes.axisbelow": True,
    "legend.frameon": False,
}
"""How every chart looks."""


def learning_curve(path: Path, epochs: Sequence[Epoch], best: int, title: str, replace: bool = True) -> Path:
    """Write loss and error by epoch, on the examples learnt from and on those held out; return where."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(9, 3.6), layout="constrained")
        left, right = figure.subplots(1, 2)
        at = [epoch.index for epoch in epochs]
        marker = "o" if len(at) < 25 else ""
        for axes, train, validation in (
            (left, [e.loss for e in epochs], [e.validation_loss for e in epochs]),
            (
                right,
                [100 * (1 - e.train_accuracy) for e in epochs],
                [100 * (1 - e.validation_accuracy) for e in epochs],
            ),
        ):
            axes.plot(at, train, color=GREY, marker=marker, ms=4, label="learnt from, as distorted")
            axes.plot(at, validation, color=BLUE, marker=marker, ms=4, label="held out")
            axes.set_xlabel("epoch")
            axes.xaxis.get_major_locator().set_params(integer=True)
            _log(axes)
            axes.axvline(best, color=ORANGE, lw=1, ls=":", label=f"kept: epoch {best}")
        left.set_title("cross-entropy (nats)", loc="left")
        right.set_title("error (%)", loc="left")
        left.legend()
        figure.suptitle(title, x=0.01, ha="left", fontweight="bold")
        return write_figure(path, figure, replace)


def confusion_chart(path: Path, matrix: Tensor, answers: Sequence[str], title: str, replace: bool = True) -> Path:
    """Write a confusion matrix: each row a class, each column what it was taken for; return where.

    Only mistakes are coloured.

    Args:
        path: the file.
        matrix: shape (classes, answers); the first answers are the classes.
        answers: their names.
        title: what the chart says.
        replace: as ``write_whole`` has it.
    """
    classes, count = matrix.shape
    mistakes = matrix.clone().fill_diagonal_(0)
    with matplotlib.rc_context(STYLE | {"axes.grid": False}):
        figure = Figure(figsize=(1.5 + 0.55 * count, 1.5 + 0.5 * classes), layout="constrained")
        axes = figure.subplots()
        axes.imshow(mistakes.numpy(), cmap="Oranges", vmin=0, vmax=max(1, int(mistakes.max()) * 1.4))
        for row in range(classes):
            for column in range(count):
                if number := int(matrix[row, column]):
                    weight, color = ("bold", BLUE) if row == column else ("normal", "black")
                    axes.text(column, row, str(number), ha="center", va="center", weight=weight, color=color, size=9)
        axes.set_xticks(range(count), answers)
        axes.set_yticks(range(classes), answers[:classes])
        axes.tick_params(length=0)
        axes.set_xlabel("taken for")
        axes.set_ylabel("is")
        axes.set_title(title, loc="left", fontweight="bold", fontsize=10)
        return write_figure(path, figure, replace)


def spread_chart(
    path: Path, sizes: Sequence[int], errors: dict[str, list[list[float]]], title: str, replace: bool = True
) -> Path:
    """Write the error of several networks by the number of examples: every run a dot, the mean a line; return where.

    Args:
        path: the file.
        sizes: numbers of examples.
        errors: for each network, for each size, the error of each run in per cent.
        title: what the chart says.
        replace: as ``write_whole`` has it.
    """
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(7, 4.2), layout="constrained")
        axes = figure.subplots()
        for (name, by_size), color in zip(errors.items(), (BLUE, ORANGE, GREY), strict=False):
            for size, values in zip(sizes, by_size, strict=True):
                axes.plot([size] * len(values), values, ".", color=color, alpha=0.5, ms=7)
            means = [sum(values) / len(values) for values in by_size]
            axes.plot(sizes, means, color=color, lw=1.6, label=name)
        axes.set_xscale("log")
        _log(axes)
        axes.set_xlabel("training examples")
        axes.set_ylabel("test error (%)")
        axes.set_title(title, loc="left", fontweight="bold")
        axes.legend()
        return write_figure(path, figure, replace)


def bars_chart(
    path: Path, groups: Sequence[str], values: dict[str, list[float]], title: str, replace: bool = True
) -> Path:
    """Write parts, in [0, 1], as bars: one of each kind for every group, and their means; return where.

    Args:
        path: the file.
        groups: names of the groups.
        values: for each kind, the value of each group.
        title: what the chart says.
        replace: as ``write_whole`` has it.
    """
    with matplotlib.rc_context(STYLE | {"axes.grid.axis": "y"}):
        figure = Figure(figsize=(9, 4.2), layout="constrained")
        axes = figure.subplots()
        width = 0.8 / len(values)
        for number, ((name, of_kind), color) in enumerate(zip(values.items(), (BLUE, ORANGE, GREY), strict=False)):
            shown = [100 * value for value in (*of_kind, sum(of_kind) / len(of_kind))]
            at = [group + (number - (len(values) - 1) / 2) * width for group in range(len(shown))]
            bars = axes.bar(at, shown, width * 0.95, color=color, label=name)
            axes.bar_label(bars, fmt="%.1f", fontsize=8)
        axes.set_xticks(range(len(groups) + 1), [*groups, "mean"])
        axes.set_ylim(0, 105)
        axes.set_title(title, loc="left", fontweight="bold")
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.08), ncols=len(values))
        return write_figure(path, figure, replace)


def _log(axes: Axes) -> None:
    """Scale the vertical axis by logarithm, its ticks as plain numbers; not where there is nothing but zeros."""
    if all(float(np.max(np.asarray(line.get_ydata(), dtype=float))) <= 0 for line in axes.lines):
        return
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(matplotlib.ticker.FormatStrFormatter("%g"))
    axes.yaxis.set_minor_formatter(matplotlib.ticker.NullFormatter())
    axes.yaxis.set_major_locator(matplotlib.ticker.LogLocator(10, (1, 2, 5)))


def write_figure(path: Path, figure: Figure, replace: bool = True) -> Path:
    """Write a figure as a PNG file, as ``write_whole`` does; return where it is."""
    encoded = BytesIO()
    # Without the program's version in it, the same numbers give the same bytes.
    figure.savefig(encoded, format="png", dpi=150, metadata={"Software": None})
    return write_whole(path, encoded.getbuffer(), replace)
