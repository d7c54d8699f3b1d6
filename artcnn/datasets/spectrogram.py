"""A sound as a picture: how much power there is at each moment (columns) in each band of frequencies (rows)."""

import torch
from torch import Tensor

BANDS, FRAMES = 40, 64
"""Height and width of the picture of a second."""
RATE = 8000
"""Samples a second."""
LOW, HIGH = 60.0, 3800.0
"""The lowest and the highest frequency that a band reaches, in Hz."""
RANGE = 80.0
"""Decibels from black, 0, to white, 1."""

HOP = RATE // FRAMES
"""Samples from one column to the next: 1/64 s."""
_WINDOW, _FFT = (
    RATE // 40,
    512,
)  # 25 ms, the usual compromise: shorter than a sound of speech, longer than a glottal pulse


def mel(hertz: Tensor) -> Tensor:
    """Return frequencies on the mel scale, equal steps of which sound equally far apart (O'Shaughnessy 1987)."""
    return 2595 * torch.log10(1 + hertz / 700)


def hertz(mels: Tensor) -> Tensor:
    """Return the frequencies in Hz at places of the mel scale."""
    return 700 * (10 ** (mels / 2595) - 1)


def edges() -> Tensor:
    """Return where the bands begin, peak and end, in Hz, shape (BANDS + 2,): band k reaches from k to k + 2."""
    low, high = mel(torch.tensor([LOW, HIGH], dtype=torch.float64)).tolist()
    return hertz(torch.linspace(low, high, BANDS + 2, dtype=torch.float64))


def mel_filters() -> Tensor:
    """Return how much each frequency of the Fourier transform counts in each band, shape (BANDS, FFT // 2 + 1).

    Triangles of height 1, evenly spaced on the mel scale, each from the peak of the one below to that of the one above
    (Davis and Mermelstein 1980).
    """
    at = torch.arange(_FFT // 2 + 1, dtype=torch.float64) * RATE / _FFT
    start, peak, end = (part[:, None] for part in (edges()[:-2], edges()[1:-1], edges()[2:]))
    rising, falling = (at - start) / (peak - start), (end - at) / (end - peak)
    return torch.minimum(rising, falling).clamp(min=0).float()


def band_powers(wave: Tensor) -> Tensor:
    """Return the mean power of each band at each column, shape (BANDS, columns), low frequencies first.

    Args:
        wave: shape (samples,), at ``RATE``; there is a column for every ``HOP`` samples, its window around its start.
    """
    spectrum = torch.stft(
        wave, _FFT, HOP, _WINDOW, torch.hann_window(_WINDOW), pad_mode="constant", return_complex=True
    )
    filters = mel_filters()
    return (filters / filters.sum(1, keepdim=True)) @ spectrum.abs().square()


def picture(powers: Tensor) -> Tensor:
    """Return powers as a picture in [0, 1], high frequencies at the top.

    The strongest is 1, and ``RANGE`` dB below it begins 0.

    The level at which something was recorded says nothing of what was said, so it is not in the picture.

    Args:
        powers: shape (..., BANDS, columns), not negative.
    """
    strongest = powers.amax((-2, -1), keepdim=True).clamp(min=1e-20)
    decibels = 10 * torch.log10(powers / strongest + 1e-20)
    return (1 + decibels / RANGE).clamp(0, 1).flip(-2)
