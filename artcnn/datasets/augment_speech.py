"""Augment spectrograms of words: another voice, speed or room, noise and gaps.

Spectrograms are augmented directly, so they are computed once, and a batch takes milliseconds.
"""

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from artcnn.datasets.spectrogram import BANDS, RANGE, edges, mel

PACE, SHIFT = 0.25, 6.0
"""At strength 1: largest change of duration (logarithm of the ratio), and largest shift in columns."""
VOICE = 0.1
"""Largest change of all frequencies (logarithm of the ratio), as by a longer or shorter vocal tract."""
ROOM = 6.0
"""Largest gain at each of four frequencies, in dB, as by microphones and rooms."""
NOISY, QUIETEST, LOUDEST, TILT = 0.5, -RANGE, -10.0, 10.0
"""Part of the recordings with noise, range of its level in dB below the peak, and its slope over frequency in dB."""
BAND_GAP, TIME_GAP = 7.0, 10.0
"""Largest gap in bands and in columns (SpecAugment, Park et al. 2019, arXiv:1904.08779)."""


def vary(inputs: Tensor, generator: Generator, strength: float = 1.0) -> Tensor:
    """Augment each spectrogram: speed, shift, voice, room, noise, and a gap along each axis.

    Args:
        inputs: shape (N, 1, BANDS, columns), in [0, 1], as ``spectrogram.picture`` makes them.
        generator: on the CPU; the only source of randomness.
        strength: multiplies every amount; the random numbers stay the same.
    """
    pictures = _sound(_speak(inputs.cpu(), generator, strength), generator, strength)
    pictures = (pictures + 1 - pictures.amax((2, 3), keepdim=True)).clamp(0, 1)
    return _gaps(pictures, generator, strength).to(inputs.device)


def _amount(generator: Generator, strength: float, *shape: int) -> Tensor:
    """Return random numbers in [-strength, strength]."""
    return strength * (2 * torch.rand(*shape, generator=generator) - 1)


def _speak(inputs: Tensor, generator: Generator, strength: float) -> Tensor:
    """Change speed, position and voice."""
    count, _, height, width = inputs.shape
    pace = (_amount(generator, strength, count, 1) * PACE).exp()
    shift = _amount(generator, strength, count, 1) * SHIFT * 2 / width
    across = torch.linspace(-1 + 1 / width, 1 - 1 / width, width) * pace + shift
    voice = (_amount(generator, strength, count, 1).double() * VOICE).exp()
    marks = mel(edges())
    # The fractional index of the band, from the lowest, that is moved into each band.
    source = (mel(edges()[1:-1] * voice) - marks[1]) / (marks[1] - marks[0])
    down = ((BANDS - 1 - source.flip(1)) + 0.5) * 2 / height - 1
    grid = (across[:, None, :].expand(count, height, width), down.float()[:, :, None].expand(count, height, width))
    return F.grid_sample(inputs, torch.stack(grid, dim=-1), padding_mode="border", align_corners=False)


def _sound(pictures: Tensor, generator: Generator, strength: float) -> Tensor:
    """Change the frequency response, and add noise to some words; powers are added."""
    count, _, height, width = pictures.shape
    gain = F.interpolate(_amount(generator, strength, count, 1, 4, 1) * ROOM, (height, 1), mode="bicubic")
    decibels = (pictures - 1) * RANGE + gain
    noisy = torch.rand(count, 1, 1, 1, generator=generator) < NOISY * strength
    level = QUIETEST + torch.rand(count, 1, 1, 1, generator=generator) * (LOUDEST - QUIETEST)
    slope = _amount(generator, strength, count, 1, 1, 1) * TILT * torch.linspace(-1, 1, height)[:, None]
    # The power of noise in a narrow band has an exponential distribution.
    noise = -torch.rand(count, 1, height, width, generator=generator).clamp(min=1e-6).log()
    power = 10 ** (decibels / 10) + noisy * noise * 10 ** ((level + slope) / 10)
    # Black means RANGE below the peak or less: unknown, so it stays black unless there is noise.
    return torch.where((pictures > 0) | noisy, 1 + 10 * power.log10() / RANGE, 0)


def _gaps(pictures: Tensor, generator: Generator, strength: float) -> Tensor:
    """Silence some bands and some columns."""
    count = len(pictures)
    for axis, widest in ((2, BAND_GAP), (3, TIME_GAP)):
        size = pictures.shape[axis]
        wide, where = torch.rand(2, count, 1, generator=generator)
        wide, at = wide * widest * strength, torch.arange(size)
        start = where * (size - wide)
        hidden = (at >= start) & (at < start + wide)
        pictures = pictures.masked_fill(hidden[:, None, :, None] if axis == 2 else hidden[:, None, None, :], 0)
    return pictures
