"""Draw charts with matplotlib, as PNG files."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from artcnn.extras import importing
from artcnn.files.atomic import write_atomic
from artcnn.training.loop import Epoch
from artcnn.training.metrics import Mean

with importing("report"):
    import matplotlib
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, ORANGE, GRAY = "#2463a8", "#d9731a", "#8a8a8a"
COLORS = BLUE, ORANGE, "#3a9a4a", "#9a4fb0", "#b02a3c", GRAY

STYLE: dict[Any, Any] = {
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.25,
    "axes.axisbelow": True,
    "legend.frameon": False,
}
"""Style of all charts."""


def write_learning_curve(path: Path, epochs: Sequence[Epoch], best: int, title: str, replace: bool = True) -> Path:
    """Draw the loss and each measure by epoch, for training and validation; return the path."""
    measures = list(epochs[0].validation)
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(4.5 * (1 + len(measures)), 3.6), layout="constrained")
        left, *others = figure.subplots(1, 1 + len(measures), squeeze=False)[0]
        _draw_curves(left, best, [epoch.loss for epoch in epochs], [epoch.validation_loss for epoch in epochs])
        left.set_title("cross-entropy (nats)" if "accuracy" in measures else "loss", loc="left")
        left.legend()
        for axes, name in zip(others, measures, strict=True):
            parts = [epoch.train for epoch in epochs], [epoch.validation for epoch in epochs]
            train, validation = ([part[name] for part in numbers if name in part] for numbers in parts)
            if name == "accuracy":
                train, validation = ([100 * (1 - value) for value in values] for values in (train, validation))
            _draw_curves(axes, best, train, validation)
            axes.set_title("error (%)" if name == "accuracy" else name, loc="left")
        figure.suptitle(title, x=0.01, ha="left", fontweight="bold")
        return write_figure(path, figure, replace)


def _draw_curves(axes: Axes, best: int, train: Sequence[float], validation: Sequence[float]) -> None:
    """Draw a measure by epoch; ``train`` is empty where it was not taken during the training."""
    at = range(1, len(validation) + 1)
    marker = "o" if len(at) < 25 else ""
    if train:
        axes.plot(at, train, color=GRAY, marker=marker, ms=4, label="training, augmented")
    axes.plot(at, validation, color=BLUE, marker=marker, ms=4, label="validation")
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(matplotlib.ticker.MaxNLocator(integer=True))
    _log(axes)
    axes.axvline(best, color=ORANGE, lw=1, ls=":", label=f"kept: epoch {best}")


def write_confusion_matrix(
    path: Path, matrix: Tensor, answers: Sequence[str], title: str, replace: bool = True
) -> Path:
    """Draw a confusion matrix, with true classes in rows and predictions in columns; return the path.

    Only mistakes are colored.

    Args:
        path: the file.
        matrix: shape (classes, answers); the first answers are the classes.
        answers: their names.
        title: of the chart.
        replace: as in ``write_atomic``.
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


@dataclass(frozen=True)
class Series:
    """The values of one arm under several conditions.

    Attributes:
        name: in the legend.
        runs: the values of the runs under each condition, in order.
    """

    name: str
    runs: Sequence[Sequence[float]]


def write_interval_chart(
    path: Path,
    conditions: Sequence[str],
    series: Sequence[Series],
    axes_names: tuple[str, str],
    title: str,
    replace: bool = True,
    *,
    log: bool,
) -> Path:
    """Draw each run as a dot, beside the mean with its 95 % interval; return the path.

    Args:
        path: the file.
        conditions: along the horizontal axis.
        series: side by side for each condition; a single run has no interval.
        axes_names: of the horizontal and the vertical axis.
        title: of the chart.
        replace: as in ``write_atomic``.
        log: whether the vertical axis is logarithmic.
    """
    with matplotlib.rc_context(STYLE | {"axes.grid.axis": "y"}):
        figure = Figure(figsize=(max(7, 1.6 + 0.8 * len(conditions)), 4.6), layout="constrained")
        axes = figure.subplots()
        step = 0.8 / len(series)
        for number, (one, color) in enumerate(zip(series, COLORS, strict=False)):
            at = [place + (number - (len(series) - 1) / 2) * step for place in range(len(conditions))]
            for x, values in zip(at, one.runs, strict=True):
                axes.plot([x - 0.2 * step] * len(values), values, ".", color=color, alpha=0.45, ms=5)
            means = [Mean.from_values(values) for values in one.runs]
            beside, bars = [x + 0.1 * step for x in at], [mean.half or 0 for mean in means]
            axes.errorbar(beside, [m.value for m in means], bars, fmt="o", color=color, ms=5, capsize=3, label=one.name)
        for place in range(1, len(conditions)):
            axes.axvline(place - 0.5, color=GRAY, lw=0.5, alpha=0.5)
        axes.set_xticks(range(len(conditions)), conditions)
        axes.set_xlim(-0.5, len(conditions) - 0.5)
        axes.tick_params(axis="x", length=0)
        if log:
            _log(axes)
        axes.set_xlabel(axes_names[0])
        axes.set_ylabel(axes_names[1])
        axes.set_title(title, loc="left", fontweight="bold", fontsize=10)
        note = "dots: runs; beside them their mean, with its 95 % interval by Student's t where there are two or more"
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=2, fontsize=9, title=note, title_fontsize=8)
        return write_figure(path, figure, replace)


def _log(axes: Axes) -> None:
    """Make the vertical axis logarithmic, with plain numbers as ticks, unless all values are 0."""
    if all(float(np.max(np.asarray(line.get_ydata(), dtype=float))) <= 0 for line in axes.lines):
        return
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(matplotlib.ticker.FormatStrFormatter("%g"))
    axes.yaxis.set_minor_formatter(matplotlib.ticker.NullFormatter())
    axes.yaxis.set_major_locator(matplotlib.ticker.LogLocator(10, (1, 2, 5)))


def write_figure(path: Path, figure: Figure, replace: bool = True) -> Path:
    """Write a figure as a PNG file, as ``write_atomic`` does; return the path."""
    encoded = BytesIO()
    # Without matplotlib's version in the metadata, the same numbers give the same bytes.
    figure.savefig(encoded, format="png", dpi=150, metadata={"Software": None})
    return write_atomic(path, encoded.getbuffer(), replace)
