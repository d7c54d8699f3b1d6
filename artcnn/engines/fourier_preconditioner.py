"""How strongly a loss curves at each spatial frequency of a picture, learnt from how its gradient changed."""

from collections.abc import Iterator

import torch
from torch import Tensor

from artcnn.engines.step import State
from artcnn.image import Size, size_of

_BINS = 24
_DECAY = 0.98
_LEAST, _MOST = 0.2, 50.0
"""Curvature, of its mean, that is believed: a frequency that hardly was moved must not be moved too far."""

_AXES = torch.nn.functional.normalize(torch.tensor([[1.0, 1.0, 1.0], [1.0, 0.0, -1.0], [1.0, -2.0, 1.0]]))
"""Rows: light, red against blue, green against both; at right angles, of length 1."""


class FourierPreconditioner:
    """The curvature of a loss by spatial frequency and colour axis: the Hessian's diagonal in the Fourier basis.

    What a network answers to a pattern does not depend on where the pattern is, so the Hessian of a loss of means over
    places is nearly a convolution, and a convolution is diagonal there. From a move s of the image and the change y of
    the gradient, the curvature at a frequency f is the quotient of Re(conj(S_f) Y_f) and abs(S_f)**2, each summed over
    the frequencies of the same length and over the moves. Frequencies are counted in cycles a pixel, and gradients for
    a pixel's share of the loss: so what was learnt at one size holds at another.
    """

    def __init__(self) -> None:
        self._agreement = torch.zeros(3, _BINS)
        self._power = torch.zeros(3, _BINS)

    def state(self) -> State:
        """Return all that was learnt."""
        return {"agreement": self._agreement, "power": self._power}

    def restore(self, state: State) -> None:
        """Know what another had learnt."""
        self._agreement, self._power = (state[name].cpu() for name in ("agreement", "power"))

    def update(self, move: Tensor, change: Tensor) -> None:
        """Take notice of how a gradient changed, ``change``, by a move of the image: shapes (1, 3, H, W)."""
        size = size_of(move)
        places = _places(size)
        agreement, power = [], []
        for axis in _AXES:  # one by one: of a large picture three transforms at once would be the most that there is
            moved, changed = _transform(move, axis), _transform(change, axis)
            agreement.append(_binned((moved.conj() * changed).real, places))
            power.append(_binned(moved.abs().square(), places))
        unit = torch.stack(power).sum()
        self._agreement = _DECAY * self._agreement + torch.stack(agreement) * (size[0] * size[1] / unit)
        self._power = _DECAY * self._power + torch.stack(power) / unit

    def apply(self, gradient: Tensor) -> Tensor | None:
        """Return the gradient, shape (1, 3, H, W), over the curvature at each frequency; None if none is known."""
        if not self._known:
            return None
        size = size_of(gradient)
        step = torch.zeros_like(gradient)
        for axis, curvature in zip(_AXES, self._curvatures(size), strict=True):
            transformed = _transform(gradient, axis).div_(curvature.to(gradient.device))
            step.addcmul_(axis.to(gradient)[:, None, None], torch.fft.irfft2(transformed, s=size))
        return step

    def quadratic_form(self, gradient: Tensor) -> Tensor:
        """Return the inner product of a gradient with :meth:`apply` of it, shape ``()``, where something is known.

        By Parseval's theorem it is a sum over frequencies, those that the transform of real numbers leaves out, which
        are the others' mirror images, included.
        """
        size = size_of(gradient)
        total = gradient.new_zeros(())
        for axis, curvature in zip(_AXES, self._curvatures(size), strict=True):
            power = _transform(gradient, axis).abs().square_().div_(curvature.to(gradient.device))
            alone = power[:, 0].sum() + (power[:, -1].sum() if size[1] % 2 == 0 else 0)
            total += 2 * power.sum() - alone
        return total / (size[0] * size[1])

    @property
    def _known(self) -> bool:
        return bool(self._agreement.sum() > 0)

    def _curvatures(self, size: Size) -> Iterator[Tensor]:
        """Yield for each colour axis the curvature of a picture of that size at each frequency of its transform."""
        mean = self._agreement.sum() / self._power.sum()
        curvature = (self._agreement / self._power.clamp_min(torch.finfo(torch.float32).tiny)).clamp(
            _LEAST * mean, _MOST * mean
        )
        low, part = _places(size)
        for along in curvature / (size[0] * size[1]):
            yield torch.lerp(along[low], along[low + 1], part)


def _transform(x: Tensor, axis: Tensor) -> Tensor:
    """Return the Fourier transform of an image along a colour axis, shape (H, W // 2 + 1)."""
    transformed: Tensor = torch.fft.rfft2(torch.einsum("k,kyx->yx", axis.to(x), x[0]))
    return transformed


def _places(size: Size) -> tuple[Tensor, Tensor]:
    """Return for each frequency of a transform the bin below it and how far it is on the way to the next.

    The bins are evenly spaced in the root of the frequency, since the lowest frequencies differ most.
    """
    down, across = torch.fft.fftfreq(size[0])[:, None], torch.fft.rfftfreq(size[1])
    at = (down.square() + across.square()).mul(2).pow(0.25) * (_BINS - 1)
    low = at.floor().long().clamp(max=_BINS - 2)
    return low, at - low


def _binned(values: Tensor, places: tuple[Tensor, Tensor]) -> Tensor:
    """Return the sums of values, shape (H, W // 2 + 1), over the frequencies of each bin, shape (24,)."""
    low, part = (x.flatten() for x in places)
    flat, sums = values.float().cpu().flatten(), torch.zeros(_BINS)
    sums.index_add_(0, low, flat * (1 - part))
    sums.index_add_(0, low + 1, flat * part)
    return sums
