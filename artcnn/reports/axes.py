"""Axes of pictures that are not photos, such as spectrograms."""

from dataclasses import dataclass

from artcnn.datasets.spectrogram import BANDS, edges

_HERTZ = {250: "250 Hz", 500: "500 Hz", 1000: "1 kHz", 2000: "2 kHz", 3000: "3 kHz"}


@dataclass(frozen=True)
class Axes:
    """Tick labels along the sides of a picture.

    Attributes:
        across: position from 0 (left) to 1 (right), and text of each label.
        down: position from 0 (top) to 1 (bottom), and text of each label.
    """

    across: tuple[tuple[float, str], ...]
    down: tuple[tuple[float, str], ...]


def spectrogram_axes() -> Axes:
    """Return the axes of a spectrogram: seconds and frequencies."""
    frequencies = tuple((frequency_position(hertz), text) for hertz, text in _HERTZ.items())
    return Axes(((0.0, "0"), (0.5, "0.5"), (1.0, "1 s")), frequencies)


def frequency_position(hertz: float) -> float:
    """Return the vertical position of a frequency in a spectrogram, from 0 (top) to 1 (bottom)."""
    return (BANDS - 0.5 - int((edges()[1:-1] - hertz).abs().argmin())) / BANDS
