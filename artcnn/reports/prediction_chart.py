"""Draw predictions for recordings: spectrogram, and bars of the probabilities."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from artcnn.datasets.spectrogram import BANDS
from artcnn.errors import printable
from artcnn.extras import importing
from artcnn.reports.axes import frequency_position
from artcnn.reports.chart import BLUE, GRAY, STYLE, write_figure

with importing("report"):
    import matplotlib
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_HERTZ = 125, 250, 500, 1000, 2000, 3000
"""Ticks of the frequency axis."""


@dataclass(frozen=True, eq=False)
class Prediction:
    """A recording with its prediction.

    Attributes:
        name: of the recording.
        spectrogram: shape (BANDS, FRAMES), in [0, 1].
        answer: text of the prediction.
        probabilities: by label.
    """

    name: str
    spectrogram: Tensor
    answer: str
    probabilities: Mapping[str, float]


def write_prediction_chart(path: Path, predictions: Sequence[Prediction], replace: bool = True) -> Path:
    """Draw a row for each recording, as ``write_atomic`` does; return the path.

    Raises:
        ArtcnnError: it cannot be written.
    """
    with matplotlib.rc_context(STYLE | {"axes.grid": False}):
        figure = Figure(figsize=(9, 2.9 * len(predictions)), layout="constrained")
        rows = figure.subplots(len(predictions), 2, squeeze=False, width_ratios=(3, 2))
        for (left, right), one in zip(rows, predictions, strict=True):
            _spectrogram(left, one)
            _bars(right, one)
        return write_figure(path, figure, replace)


def _spectrogram(axes: Axes, one: Prediction) -> None:
    axes.imshow(one.spectrogram.numpy(), cmap="inferno", vmin=0, vmax=1, aspect="auto", extent=(0, 1, BANDS, 0))
    axes.set_yticks([BANDS * frequency_position(hertz) for hertz in _HERTZ], map(str, _HERTZ))
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1])
    axes.set_xlabel("seconds")
    axes.set_ylabel("Hz")
    axes.set_title(printable(one.name), loc="left", fontsize=10)


def _bars(axes: Axes, one: Prediction) -> None:
    names, values = list(one.probabilities), [100 * value for value in one.probabilities.values()]
    colors = [BLUE if value == max(values) else GRAY for value in values]
    axes.barh(names, values, color=colors)
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel("%")
    axes.set_title(one.answer, loc="left", fontsize=10, fontweight="bold")
    if not names:
        axes.set_axis_off()
