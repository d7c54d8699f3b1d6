"""Spectrograms of the same words as another voice, another pace, another room might have made them.

All is done to the pictures, so that they are computed once and a batch of them is changed in milliseconds.
"""

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from artcnn.datasets.spectrogram import BANDS, RANGE, edges, mel

PACE, SHIFT = 0.25, 6.0
"""Largest change of duration (the logarithm of its ratio), and of place in columns, at strength 1."""
VOICE = 0.1
"""Largest change of every frequency, the logarithm of its ratio: as a longer or a shorter vocal tract changes them."""
ROOM = 6.0
"""Largest gain at each of four places of the frequency axis, in dB: what microphones and rooms do."""
NOISY, QUIETEST, LOUDEST, TILT = 0.5, -RANGE, -10.0, 10.0
"""Part of the recordings with noise, its level in dB below the word's loudest, and its slope from low to high."""
BAND_GAP, TIME_GAP = 7.0, 10.0
"""Largest gap in bands and in columns (SpecAugment, Park et al. 2019, arXiv:1904.08779)."""


def vary(inputs: Tensor, generator: Generator, strength: float = 1.0) -> Tensor:
    """Return each spectrogram changed at random: pace, place, voice, room, noise, and a gap along each axis.

    Args:
        inputs: shape (N, 1, BANDS, columns), in [0, 1], as ``spectrogram.picture`` makes them.
        generator: on the CPU; the only source of randomness.
        strength: multiplies every amount; what is random is the same.
    """
    pictures = _sound(_speak(inputs.cpu(), generator, strength), generator, strength)
    pictures = (pictures + 1 - pictures.amax((2, 3), keepdim=True)).clamp(0, 1)
    return _gaps(pictures, generator, strength).to(inputs.device)


def _amount(generator: Generator, strength: float, *shape: int) -> Tensor:
    """Return numbers in [-strength, strength]."""
    return strength * (2 * torch.rand(*shape, generator=generator) - 1)


def _speak(inputs: Tensor, generator: Generator, strength: float) -> Tensor:
    """Return the words at another pace and place, by another voice."""
    count, _, height, width = inputs.shape
    pace = (_amount(generator, strength, count, 1) * PACE).exp()
    shift = _amount(generator, strength, count, 1) * SHIFT * 2 / width
    across = torch.linspace(-1 + 1 / width, 1 - 1 / width, width) * pace + shift
    voice = (_amount(generator, strength, count, 1).double() * VOICE).exp()
    marks = mel(edges())
    # The band, counted from the lowest and between bands, in which a band's sound was before the voice changed.
    source = (mel(edges()[1:-1] * voice) - marks[1]) / (marks[1] - marks[0])
    down = ((BANDS - 1 - source.flip(1)) + 0.5) * 2 / height - 1
    grid = (across[:, None, :].expand(count, height, width), down.float()[:, :, None].expand(count, height, width))
    return F.grid_sample(inputs, torch.stack(grid, dim=-1), padding_mode="border", align_corners=False)


def _sound(pictures: Tensor, generator: Generator, strength: float) -> Tensor:
    """Return the words in other rooms, some of them with noise: its power is added to theirs."""
    count, _, height, width = pictures.shape
    gain = F.interpolate(_amount(generator, strength, count, 1, 4, 1) * ROOM, (height, 1), mode="bicubic")
    decibels = (pictures - 1) * RANGE + gain
    noisy = torch.rand(count, 1, 1, 1, generator=generator) < NOISY * strength
    level = QUIETEST + torch.rand(count, 1, 1, 1, generator=generator) * (LOUDEST - QUIETEST)
    slope = _amount(generator, strength, count, 1, 1, 1) * TILT * torch.linspace(-1, 1, height)[:, None]
    # The power of noise in a narrow band is distributed exponentially.
    noise = -torch.rand(count, 1, height, width, generator=generator).clamp(min=1e-6).log()
    power = 10 ** (decibels / 10) + noisy * noise * 10 ** ((level + slope) / 10)
    # What was black, RANGE below the loudest or more, is unknown and stays black unless there is noise.
    return torch.where((pictures > 0) | noisy, 1 + 10 * power.log10() / RANGE, 0)


def _gaps(pictures: Tensor, generator: Generator, strength: float) -> Tensor:
    """Return the words with some bands and some columns silenced."""
    count = len(pictures)
    for axis, widest in ((2, BAND_GAP), (3, TIME_GAP)):
        size = pictures.shape[axis]
        wide, where = torch.rand(2, count, 1, generator=generator)
        wide, at = wide * widest * strength, torch.arange(size)
        start = where * (size - wide)
        hidden = (at >= start) & (at < start + wide)
        pictures = pictures.masked_fill(hidden[:, None, :, None] if axis == 2 else hidden[:, None, None, :], 0)
    return pictures
