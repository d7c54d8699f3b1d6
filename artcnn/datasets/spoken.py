"""A spoken word in any recording, cut out and put into the middle of a second."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from artcnn.datasets.spectrogram import BANDS, FRAMES, HOP, RATE, band_powers, picture

_SILENT = 2.0**-15  # the last bit of 16, of full scale 1
_BELOW = 30.0  # dB below the loudest moment at which a word begins and ends
_SHORTEST = 0.08  # seconds; the shortest digit that anyone said was 0.14 s long

# Of 900 recordings of single digits, the longest pause inside a word was 0.14 s in all but two.
_PAUSE = round(0.19 * RATE / HOP)  # columns of silence between two words
_SOFT = 20.0  # dB below the loudest moment: what stays below is breath or noise, not a second word
_ABOVE_NOISE = 6.0  # dB above the steady noise of a recording at which its pauses end

SURE = 0.5
"""Probability of a word below which a network is unsure of it: it is as likely to be none."""


@dataclass(frozen=True, eq=False)
class Word:
    """What was found in a recording.

    Attributes:
        spectrogram: shape (1, 1, BANDS, FRAMES), in [0, 1]; all 0 where there is nothing to hear.
        doubt: why it cannot be a single word that someone spoke, or None.
    """

    spectrogram: Tensor
    doubt: str | None


def find_word(wave: Tensor) -> Word:
    """Return the loudest word in a recording, and say so where it is not alone.

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
    """Return the first column of each word in a recording, and the one after its last.

    A word is a stretch of sound between two pauses, not much softer than the loudest moment and longer than a click.

    Args:
        loudness: power of each column, shape (columns,), not negative.
    """
    decibels = 10 * torch.log10(loudness / loudness.max() + 1e-20)
    noise = float(decibels.quantile(0.1))  # a tenth of a recording, at least, is between the words
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
    """Return what speaks against a recording of a single word, or None."""
    if not words:
        return "it is too short for a word"
    if len(words) > 1:
        return "more than one word was heard: this is the loudest"
    start, end = words[0]
    return "it lasts longer than a second: only its loudest second was heard" if end - start > FRAMES else None


def _middle_of_the_loudest_second(loudness: Tensor) -> int:
    """Return the column before which lies half of the power of the second that has the most."""
    sums = F.pad(loudness.double().cumsum(0), (1, 0))
    first = int((sums[FRAMES:] - sums[:-FRAMES]).argmax())
    half = (sums[first] + sums[first + FRAMES]) / 2
    return int(torch.searchsorted(sums, half)) - 1
