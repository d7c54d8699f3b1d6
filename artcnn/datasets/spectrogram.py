"""Log-mel spectrograms: power by time (columns) and frequency band (rows), as a picture."""

import torch
from torch import Tensor

BANDS, FRAMES = 40, 64
"""Height and width of the spectrogram of one second."""
RATE = 8000
"""Sample rate in Hz."""
LOW, HIGH = 60.0, 3800.0
"""Lowest and highest frequency of the bands, in Hz."""
RANGE = 80.0
"""Dynamic range from black, 0, to white, 1, in dB."""

HOP = RATE // FRAMES
"""Hop size in samples: 1/64 s."""
_WINDOW, _FFT = (
    RATE // 40,
    512,
)  # 25 ms as usual: shorter than a phone, longer than a glottal pulse


def mel(hertz: Tensor) -> Tensor:
    """Convert Hz to the mel scale (O'Shaughnessy 1987)."""
    return 2595 * torch.log10(1 + hertz / 700)


def hertz(mels: Tensor) -> Tensor:
    """Convert the mel scale to Hz."""
    return 700 * (10 ** (mels / 2595) - 1)


def edges() -> Tensor:
    """Return the edges of the bands in Hz, shape (BANDS + 2,): band k extends from edge k to k + 2, with peak k + 1."""
    low, high = mel(torch.tensor([LOW, HIGH], dtype=torch.float64)).tolist()
    return hertz(torch.linspace(low, high, BANDS + 2, dtype=torch.float64))


def mel_filters() -> Tensor:
    """Return the weights of the mel filter bank, shape (BANDS, FFT // 2 + 1).

    Triangles of height 1, evenly spaced on the mel scale, each from the peak of the band below to the peak of the band
    above (Davis and Mermelstein 1980).
    """
    at = torch.arange(_FFT // 2 + 1, dtype=torch.float64) * RATE / _FFT
    start, peak, end = (part[:, None] for part in (edges()[:-2], edges()[1:-1], edges()[2:]))
    rising, falling = (at - start) / (peak - start), (end - at) / (end - peak)
    return torch.minimum(rising, falling).clamp(min=0).float()


def band_powers(wave: Tensor) -> Tensor:
    """Return the mean power in each band and column, shape (BANDS, columns), low frequencies first.

    Args:
        wave: shape (samples,), at ``RATE``; a column for every ``HOP`` samples, with a window centered at its start.
    """
    spectrum = torch.stft(
        wave, _FFT, HOP, _WINDOW, torch.hann_window(_WINDOW), pad_mode="constant", return_complex=True
    )
    filters = mel_filters()
    return (filters / filters.sum(1, keepdim=True)) @ spectrum.abs().square()


def picture(powers: Tensor) -> Tensor:
    """Convert powers to a picture in [0, 1], high frequencies at the top.

    The maximum is 1, and ``RANGE`` dB below it is 0: the recording level is normalized away.

    Args:
        powers: shape (..., BANDS, columns), not negative.
    """
    strongest = powers.amax((-2, -1), keepdim=True).clamp(min=1e-20)
    decibels = 10 * torch.log10(powers / strongest + 1e-20)
    return (1 + decibels / RANGE).clamp(0, 1).flip(-2)
