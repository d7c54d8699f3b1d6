"""Adam in Fourier space, which makes things out of a network's gradient where plain ascent makes static.

Olah, Mordvintsev and Schubert 2017, "Feature Visualization", section "Preconditioning and Parameterization": steps of
equal size at every frequency of a natural image's spectrum make shapes, not only dots.
"""

import torch
from torch import Tensor

from artcnn.engines.step import State
from artcnn.image import size_of

_BETA1, _BETA2 = 0.9, 0.95
"""Decay rates of the gradient's running mean and mean square (arXiv:1412.6980)."""

_FLOOR = 1e-4
"""Smallest root mean square of a frequency, relative to that of all: weaker ones get no full step."""

_DECAY = 1.25
"""Exponent of the wavelength in a step's amplitude: 1 is a natural image's, above it large shapes come first."""

_MAX_WAVELENGTH = 128
"""Pixels above which the amplitude grows no more; otherwise the whole picture would change its color."""


class SpectralAdam:
    """Adam on the Fourier coefficients of a gradient, with amplitudes that grow with the wavelength.

    Args:
        steps: of the octave; the step size falls linearly over them.
        count: steps made so far.
        mean: running mean of the gradient's spectrum; None before the first step.
        square: running mean of its squared magnitude.
    """

    def __init__(self, steps: int, count: int = 0, mean: Tensor | None = None, square: Tensor | None = None) -> None:
        self.steps, self.count, self._mean, self._square = steps, count, mean, square

    def update(self, gradient: Tensor) -> Tensor:
        """Return the direction of the next step, of the gradient's shape (1, C, H, W), in no unit."""
        height, width = size_of(gradient)
        # Mirrored, no edge sees the opposite one: this is a cosine transform.
        spectrum = torch.fft.rfft2(_mirror(gradient), norm="ortho")
        if self._mean is None or self._square is None:
            self._mean, self._square = torch.zeros_like(spectrum), torch.zeros_like(spectrum.real)
        self._mean = _BETA1 * self._mean + (1 - _BETA1) * spectrum
        self._square = _BETA2 * self._square + (1 - _BETA2) * spectrum.abs().square()
        self.count += 1
        mean, square = self._mean / (1 - _BETA1**self.count), self._square / (1 - _BETA2**self.count)
        # Frequencies that are only rounding errors, as the highest of a mirrored picture, are not amplified.
        floor = (_FLOOR * square.mean().sqrt()).clamp_min(torch.finfo(square.dtype).tiny)
        step = mean / square.sqrt().clamp_min(floor) * _wavelengths(height, width, square.device).to(square) ** _DECAY
        whole: Tensor = torch.fft.irfft2(step, (2 * height, 2 * width), norm="ortho")
        return whole[..., :height, :width]

    @property
    def lr_scale(self) -> float:
        """Size of the last step, relative to the first one's."""
        return 1 - (self.count - 1) / self.steps

    def state(self) -> State:
        """Return all that the next step depends on, as tensors by name."""
        if self._mean is None or self._square is None:
            return {}
        return {"mean": torch.view_as_real(self._mean), "square": self._square}

    @classmethod
    def from_state(cls, state: State, steps: int, count: int, device: torch.device) -> "SpectralAdam":
        """Return the optimizer that had this state after ``count`` steps of an octave."""
        return cls(steps, count, torch.view_as_complex(state["mean"]).to(device), state["square"].to(device))


def _mirror(x: Tensor) -> Tensor:
    x = torch.cat([x, x.flip(3)], dim=3)
    return torch.cat([x, x.flip(2)], dim=2)


def _wavelengths(height: int, width: int, device: torch.device) -> Tensor:
    """Return the wavelength, in pixels, of each frequency of a mirrored picture of (height, width)."""
    down = torch.fft.fftfreq(2 * height, device=device)[:, None]
    across = torch.fft.rfftfreq(2 * width, device=device)[None]
    frequency: Tensor = (down.square() + across.square()).sqrt()
    return frequency.clamp_min(1 / min(_MAX_WAVELENGTH, max(height, width))).reciprocal()
