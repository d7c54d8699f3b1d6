"""A preconditioner for L-BFGS: the curvature of the loss at each spatial frequency, learned from gradients."""

from collections.abc import Iterator

import torch
from torch import Tensor

from artcnn.engines.step import State
from artcnn.image import Size, size_of

_BINS = 24
_DECAY = 0.98
_MIN_CURVATURE, _MAX_CURVATURE = 0.2, 50.0
"""Bounds of a frequency's curvature, relative to the mean: a frequency that has hardly changed must not jump."""

_AXES = torch.nn.functional.normalize(torch.tensor([[1.0, 1.0, 1.0], [1.0, 0.0, -1.0], [1.0, -2.0, 1.0]]))
"""Orthonormal color axes, as rows: lightness, red against blue, green against both."""


class FourierPreconditioner:
    """The inverse Hessian of a loss, taken to be diagonal in the Fourier basis.

    A network responds to a pattern in the same way wherever it is. So the Hessian of a loss of means over places is
    nearly a convolution, and a convolution is diagonal in the Fourier basis. With a step s of the image and the change
    y of the gradient, the curvature at frequency f is ``Re(conj(S_f) Y_f) / |S_f|^2``, numerator and denominator each
    summed over steps and over frequencies of the same length, for each color axis.

    Frequencies are in cycles per pixel and gradients are scaled to a pixel's share of the loss, so that what is learned
    at one image size holds at another.
    """

    def __init__(self) -> None:
        self._agreement = torch.zeros(3, _BINS)  # numerators
        self._power = torch.zeros(3, _BINS)  # denominators

    def state(self) -> State:
        """Return all that was learned, as tensors by name."""
        return {"agreement": self._agreement, "power": self._power}

    def restore(self, state: State) -> None:
        """Load the state of another preconditioner."""
        self._agreement, self._power = (state[name].cpu() for name in ("agreement", "power"))

    def update(self, step: Tensor, gradient_change: Tensor) -> None:
        """Learn from how a step of the image changed the gradient; both have shape (1, 3, H, W)."""
        size = size_of(step)
        bins = _frequency_bins(size, step.device)
        agreement, power = [], []
        for axis in _AXES:  # one by one: three transforms of a large picture would take the most memory of all
            moved, changed = _transform(step, axis), _transform(gradient_change, axis)
            agreement.append(_sum_bins((moved.conj() * changed).real, bins))
            power.append(_sum_bins(moved.abs().square(), bins))
        unit = torch.stack(power).sum()
        self._agreement = _DECAY * self._agreement + torch.stack(agreement) * (size[0] * size[1] / unit)
        self._power = _DECAY * self._power + torch.stack(power) / unit

    def apply(self, gradient: Tensor) -> Tensor | None:
        """Return the gradient, (1, 3, H, W), divided by the curvature at each frequency; None while none is known."""
        if not self._known:
            return None
        size = size_of(gradient)
        step = torch.zeros_like(gradient)
        for axis, curvature in zip(_AXES, self._curvatures(size, gradient.device), strict=True):
            transformed = _transform(gradient, axis).div_(curvature)
            step.addcmul_(axis.to(gradient)[:, None, None], torch.fft.irfft2(transformed, s=size))
        return step

    def quadratic_form(self, gradient: Tensor) -> Tensor:
        """Return the inner product of a gradient with :meth:`apply` of it, shape ``()``.

        By Parseval's theorem it is a sum over frequencies. A real transform stores half of them; the others mirror
        these and count as well.
        """
        size = size_of(gradient)
        total = gradient.new_zeros(())
        for axis, curvature in zip(_AXES, self._curvatures(size, gradient.device), strict=True):
            power = _transform(gradient, axis).abs().square_().div_(curvature)
            unmirrored = power[:, 0].sum() + (power[:, -1].sum() if size[1] % 2 == 0 else 0)
            total += 2 * power.sum() - unmirrored
        return total / (size[0] * size[1])

    @property
    def _known(self) -> bool:
        return bool(self._agreement.sum() > 0)

    def _curvatures(self, size: Size, device: torch.device) -> Iterator[Tensor]:
        """Yield for each color axis the curvature at each frequency of a picture of that size."""
        mean = self._agreement.sum() / self._power.sum()
        curvature = (self._agreement / self._power.clamp_min(torch.finfo(torch.float32).tiny)).clamp(
            _MIN_CURVATURE * mean, _MAX_CURVATURE * mean
        )
        low, fraction = _frequency_bins(size, device)
        for along in (curvature / (size[0] * size[1])).to(device):
            yield torch.lerp(along[low], along[low + 1], fraction)


def _transform(x: Tensor, axis: Tensor) -> Tensor:
    """Return the Fourier transform of an image along a color axis, shape (H, W // 2 + 1)."""
    transformed: Tensor = torch.fft.rfft2(torch.einsum("k,kyx->yx", axis.to(x), x[0]))
    return transformed


def _frequency_bins(size: Size, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return for each frequency of a transform the bin below it, and how far it is from that to the next, 0 to 1.

    The bins are evenly spaced in the square root of the frequency: low frequencies differ most.
    """
    down, across = torch.fft.fftfreq(size[0], device=device)[:, None], torch.fft.rfftfreq(size[1], device=device)
    position = (down.square() + across.square()).mul(2).pow(0.25) * (_BINS - 1)
    low = position.floor().long().clamp(max=_BINS - 2)
    return low, position - low


def _sum_bins(values: Tensor, bins: tuple[Tensor, Tensor]) -> Tensor:
    """Return the sums of values, shape (H, W // 2 + 1), over the frequencies of each bin, shape (24,), on the CPU."""
    low, fraction = (x.flatten() for x in bins)
    # NVIDIA's GPUs add in any order: in float64 that changes nothing after rounding, and a run can be repeated.
    precise = torch.float64 if values.device.type == "cuda" else torch.float32
    flat, sums = values.float().flatten(), values.new_zeros(_BINS, dtype=precise)
    sums.index_add_(0, low, (flat * (1 - fraction)).to(precise))
    sums.index_add_(0, low + 1, (flat * fraction).to(precise))
    return sums.float().cpu()
