"""A spoken word in any recording, cut out and put into the middle of a second."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from artcnn.datasets.spectrogram import BANDS, FRAMES, HOP, RATE, band_powers, picture

_SILENT = 2.0**-15  # the last bit of 16, of full scale 1
_BELOW = 30.0  # dB below the loudest moment at which a word begins and ends
_SHORTEST = 0.08  # seconds; the shortest digit that anyone said was 0.14 s long

SURE = 0.5
"""Probability of a word below which a network is unsure of it: it is as likely to be none."""


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
        wave: shape (samples,), at ``RATE``, finite; full scale is 1.
    """
    if not len(wave) or wave.abs().max() <= _SILENT:
        return Word(torch.zeros(1, 1, BANDS, FRAMES), "there is nothing to hear in it")
    # Silence around it, so that one that was cut tightly has all of the columns which its first and last sounds reach.
    powers = band_powers(F.pad(wave / wave.abs().max(), (2 * HOP, 2 * HOP)))
    loudness = powers.sum(0)
    loud = (loudness > loudness.max() * 10 ** (-_BELOW / 10)).nonzero().flatten()
    length = int(loud[-1] - loud[0]) + 1
    middle = int(loud[0]) + length // 2 if length <= FRAMES else _middle_of_the_loudest_second(loudness)
    padded = F.pad(powers, (FRAMES, FRAMES))[:, middle + FRAMES - FRAMES // 2 :][:, :FRAMES]
    doubt = "it is too short for a word" if length * HOP < _SHORTEST * RATE else None
    return Word(picture(padded)[None, None], doubt)


def _middle_of_the_loudest_second(loudness: Tensor) -> int:
    """Return the column before which lies half of the power of the second that has the most."""
    sums = F.pad(loudness.double().cumsum(0), (1, 0))
    first = int((sums[FRAMES:] - sums[:-FRAMES]).argmax())
    half = (sums[first] + sums[first + FRAMES]) / 2
    return int(torch.searchsorted(sums, half)) - 1
