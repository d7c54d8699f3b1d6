"""A spoken word in any recording, cut out and put into the middle of a second."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from artcnn.datasets.spectrogram import BANDS, FRAMES, band_powers, picture

_SILENT = 1e-9  # mean square of full scale 1: a tenth of the last bit of 16
_BELOW = 30.0  # dB below the loudest moment at which a word begins and ends
_SHORTEST = 0.08  # seconds; the shortest digit that anyone said was 0.14 s long

SURE = 0.6
"""Probability below which the network is unsure."""


@dataclass(frozen=True, eq=False)
class Word:
    """What was found in a recording.

    Attributes:
        spectrogram: shape (1, 1, BANDS, FRAMES), in [0, 1]; all 0 where there is nothing to hear.
        doubt: why it cannot be a word that someone spoke, or None.
    """

    spectrogram: Tensor
    doubt: str | None


def find_word(wave: Tensor) -> Word:
    """Return the loudest word in a recording.

    Args:
        wave: shape (samples,), at ``RATE``, in [-1, 1].
    """
    if not len(wave) or wave.square().max() < _SILENT:
        return Word(torch.zeros(1, 1, BANDS, FRAMES), "there is nothing to hear in it")
    powers = band_powers(wave)
    loudness = powers.sum(0)
    loud = (loudness > loudness.max() * 10 ** (-_BELOW / 10)).nonzero().flatten()
    first, last = int(loud[0]), int(loud[-1]) + 1
    if last - first > FRAMES:
        # More than a second: the second with the most in it.
        sums = loudness.cumsum(0)
        first = int((sums[FRAMES:] - sums[:-FRAMES]).argmax()) + 1
        last = first + FRAMES
    middle = (first + last) // 2
    padded = F.pad(powers, (FRAMES, FRAMES))[:, middle + FRAMES - FRAMES // 2 :][:, :FRAMES]
    return Word(picture(padded)[None, None], None)
