"""What the sides of a picture stand for."""

from dataclasses import dataclass

from artcnn.datasets.spectrogram import BANDS, edges

_HERTZ = {250: "250 Hz", 500: "500 Hz", 1000: "1 kHz", 2000: "2 kHz", 3000: "3 kHz"}


@dataclass(frozen=True)
class Axes:
    """Marks along the sides of a picture.

    Attributes:
        across: each mark's place, from 0, left, to 1, right, and what it says.
        down: the same from 0, at the top, to 1.
    """

    across: tuple[tuple[float, str], ...]
    down: tuple[tuple[float, str], ...]


def spectrogram_axes() -> Axes:
    """Return the seconds and frequencies of a picture of sound."""
    frequencies = tuple((frequency_position(hertz), text) for hertz, text in _HERTZ.items())
    return Axes(((0.0, "0"), (0.5, "0.5"), (1.0, "1 s")), frequencies)


def frequency_position(hertz: float) -> float:
    """Return where a frequency is in a picture of sound, from 0, at the top, to 1."""
    return (BANDS - 0.5 - int((edges()[1:-1] - hertz).abs().argmin())) / BANDS
