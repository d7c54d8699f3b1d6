"""Two ways to make a network's gradient one of things, not of static: look from all sides, and climb by frequency.

Both are of feature visualisation (Olah, Mordvintsev and Schubert 2017, sections "Transformation Robustness" and
"Preconditioning and Parameterization"): what stays exciting however it is turned and scaled is a thing, and steps of
one length at every frequency of a natural picture's spectrum make shapes as well as dots.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from artcnn.image import sampling_grid, size_of

_MEAN, _SQUARE = 0.9, 0.95
"""How much of the gradient's running mean, and mean square, is kept a step: Adam's betas (arXiv:1412.6980)."""

_FLOOR = 1e-4
"""Part of the root mean square over all frequencies below which one is too weak to be given a step of full length."""

_DECAY = 1.25
"""Power of the wavelength that a step is as large as: 1 is a natural picture's, above it large shapes come first."""

_LONGEST = 128
"""Pixels of the longest wavelength that is given more than a shorter one: else all the picture would change colour."""


class SpectralAdam:
    """Steps along a gradient's spectrum, every frequency in its own unit, long waves more than short: Adam there.

    Args:
        steps: how many there will be; they get smaller in even degrees.
        taken: how many there were.
        mean: of the gradient's spectrum, as it is after them; None at the beginning.
        square: of its absolute square.
    """

    def __init__(self, steps: int, taken: int = 0, mean: Tensor | None = None, square: Tensor | None = None) -> None:
        self.steps, self.taken, self._mean, self._square = steps, taken, mean, square

    def update(self, gradient: Tensor) -> Tensor:
        """Return the direction of the next step, shape (1, C, H, W), in no unit, for a gradient of that shape."""
        height, width = size_of(gradient)
        # With its mirror images around it no edge sees the opposite one: it is a cosine transform.
        spectrum = torch.fft.rfft2(_mirrored(gradient), norm="ortho")
        if self._mean is None or self._square is None:
            self._mean, self._square = torch.zeros_like(spectrum), torch.zeros_like(spectrum.real)
        self._mean = _MEAN * self._mean + (1 - _MEAN) * spectrum
        self._square = _SQUARE * self._square + (1 - _SQUARE) * spectrum.abs().square()
        self.taken += 1
        mean, square = self._mean / (1 - _MEAN**self.taken), self._square / (1 - _SQUARE**self.taken)
        # Frequencies that are there by rounding alone, as the highest of a mirrored picture, are not blown up.
        floor = (_FLOOR * square.mean().sqrt()).clamp_min(torch.finfo(square.dtype).tiny)
        step = mean / square.sqrt().clamp_min(floor) * _wavelengths(height, width).to(square) ** _DECAY
        whole: Tensor = torch.fft.irfft2(step, (2 * height, 2 * width), norm="ortho")
        return whole[..., :height, :width]

    @property
    def lr_scale(self) -> float:
        """Length of the step that was asked for last, of the first one's."""
        return 1 - (self.taken - 1) / self.steps

    def state(self) -> dict[str, Tensor]:
        """Return what a step leaves behind, as tensors by name."""
        if self._mean is None or self._square is None:
            return {}
        return {"mean": torch.view_as_real(self._mean), "square": self._square}

    @classmethod
    def from_state(cls, state: dict[str, Tensor], steps: int, taken: int, like: Tensor) -> "SpectralAdam":
        """Return the climb that left ``state`` behind after so many steps, on the device of ``like``."""
        return cls(steps, taken, torch.view_as_complex(state["mean"]).to(like.device), state["square"].to(like.device))


def _mirrored(x: Tensor) -> Tensor:
    x = torch.cat([x, x.flip(3)], dim=3)
    return torch.cat([x, x.flip(2)], dim=2)


def _wavelengths(height: int, width: int) -> Tensor:
    """Return the wavelength, in pixels, of each frequency of a mirrored picture of (height, width)."""
    down, across = torch.fft.fftfreq(2 * height)[:, None], torch.fft.rfftfreq(2 * width)[None]
    frequency: Tensor = (down.square() + across.square()).sqrt()
    return frequency.clamp_min(1 / min(_LONGEST, max(height, width))).reciprocal()


def random_affine(picture: Tensor, turn: float, scale: float, generator: torch.Generator) -> Tensor:
    """Return a picture (1, C, H, W) turned and scaled at random, what comes in at the border mirrored.

    Args:
        picture: which stays as it is.
        turn: largest turn, in degrees.
        scale: largest change of size, as a ratio.
        generator: of the random numbers; it gives two.
    """
    angle, size = (2 * torch.rand(2, generator=generator) - 1).tolist()
    grid = sampling_grid(size_of(picture), 1 / (1 + size * scale), angle * turn).to(picture)
    return F.grid_sample(picture, grid, padding_mode="reflection", align_corners=False)
