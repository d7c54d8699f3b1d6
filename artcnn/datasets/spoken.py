"""Find a spoken word in a recording, and center it in one second."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from artcnn.datasets.spectrogram import BANDS, FRAMES, HOP, RATE, band_powers, picture

_SILENT = 2.0**-15  # amplitude of silence: the lowest bit of 16, at full scale 1
_BELOW = 30.0  # a word starts and ends this many dB below the peak
_SHORTEST = 0.08  # shortest word in seconds; the shortest recorded digit has 0.14

# Of 900 recordings of single digits, the longest pause inside a word was 0.14 s in all but two.
_PAUSE = round(0.19 * RATE / HOP)  # shortest pause between two words, in columns
_SOFT = 20.0  # dB below the peak: anything softer is breath or noise, not a second word
_ABOVE_NOISE = 6.0  # pauses end this many dB above the noise floor

SURE = 0.5
"""Probability below which a network is unsure of a word: it is as likely to be none."""


@dataclass(frozen=True, eq=False)
class Word:
    """A word found in a recording.

    Attributes:
        spectrogram: shape (1, 1, BANDS, FRAMES), in [0, 1]; all 0 if the recording is silent.
        doubt: why it may not be a single spoken word, or None.
    """

    spectrogram: Tensor
    doubt: str | None


def find_word(wave: Tensor) -> Word:
    """Find the loudest word in a recording; if it is not the only one, that is a doubt.

    Args:
        wave: shape (samples,), at ``RATE``, finite; full scale is 1.
    """
    if not len(wave) or wave.abs().max() <= _SILENT:
        return Word(torch.zeros(1, 1, BANDS, FRAMES), "there is nothing to hear in it")
    # Silence around it, so that one that was cut tightly has all of the columns which its first and last sounds reach.
    powers = band_powers(F.pad(wave / wave.abs().max(), (2 * HOP, 2 * HOP)))
    loudness = powers.sum(0)
    loud = (loudness > loudness.max() * 10 ** (-_BELOW / 10)).nonzero().flatten()
    start, end = int(loud[0]), int(loud[-1]) + 1
    words = find_words(loudness)
    if words and (len(words) > 1 or end - start > FRAMES):
        start, end = max(words, key=lambda word: float(loudness[slice(*word)].max()))
    middle = (start + end) // 2 if end - start <= FRAMES else _middle_of_the_loudest_second(loudness)
    padded = F.pad(powers, (FRAMES, FRAMES))[:, middle + FRAMES - FRAMES // 2 :][:, :FRAMES]
    return Word(picture(padded)[None, None], _doubt(words))


def find_words(loudness: Tensor) -> list[tuple[int, int]]:
    """Return the first column of each word in a recording, and the column after its last.

    A word is a stretch of sound between two pauses, not much softer than the peak, and longer than a click.

    Args:
        loudness: power of each column, shape (columns,), not negative.
    """
    decibels = 10 * torch.log10(loudness / loudness.max() + 1e-20)
    noise = float(decibels.quantile(0.1))  # assumes that at least a tenth of a recording is pauses
    threshold = min(max(-_BELOW, noise + _ABOVE_NOISE), -_SOFT / 2)
    loud = (decibels > threshold).nonzero().flatten()
    pauses = (loud.diff() > _PAUSE).nonzero().flatten()
    starts, ends = loud[[0, *(pauses + 1).tolist()]].tolist(), (loud[[*pauses.tolist(), -1]] + 1).tolist()
    return [
        (start, end)
        for start, end in zip(starts, ends, strict=True)
        if (end - start) * HOP >= _SHORTEST * RATE and decibels[start:end].max() > -_SOFT
    ]


def _doubt(words: list[tuple[int, int]]) -> str | None:
    """Return why a recording may not be a single word, or None."""
    if not words:
        return "it is too short for a word"
    if len(words) > 1:
        return "more than one word was heard: this is the loudest"
    start, end = words[0]
    return "it lasts longer than a second: only its loudest second was heard" if end - start > FRAMES else None


def _middle_of_the_loudest_second(loudness: Tensor) -> int:
    """Return the column at the median of power within the loudest second."""
    sums = F.pad(loudness.double().cumsum(0), (1, 0))
    first = int((sums[FRAMES:] - sums[:-FRAMES]).argmax())
    half = (sums[first] + sums[first + FRAMES]) / 2
    return int(torch.searchsorted(sums, half)) - 1
