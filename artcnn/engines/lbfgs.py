"""L-BFGS for the pixels of a picture: a quasi-Newton method that needs no line search."""

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from artcnn.engines.fourier_preconditioner import FourierPreconditioner
from artcnn.engines.step import State
from artcnn.image import Size, size_of

FIRST_STEP = 0.02
"""Mean absolute change of a value in the first step, before any curvature is known; values are in [0, 1]."""

MAX_STEP = 0.1
"""Largest change of a value in one step; values are in [0, 1]."""

MAX_HISTORY = 20
MAX_HISTORY_PIXELS = 12_000_000
"""The history has twenty pairs, or as many as have this many pixels in all, and always the last one."""


class CurvaturePair(NamedTuple):
    """A step of the image and what it did to the gradient (Nocedal and Wright's s, y and s . y).

    Attributes:
        step: s, the change of the image, shape (1, 3, H, W).
        gradient_change: y, the change of the gradient, of the same shape.
        curvature: their inner product, shape ``()``, always above 0.
    """

    step: Tensor
    gradient_change: Tensor
    curvature: Tensor


class Preconditioner(Protocol):
    """An approximation of the inverse Hessian."""

    def apply(self, gradient: Tensor) -> Tensor | None:
        """Return the inverse Hessian times a gradient, of the gradient's shape; None while nothing is known."""

    def quadratic_form(self, gradient: Tensor) -> Tensor:
        """Return the inner product of a gradient with :meth:`apply` of it, shape ``()``."""


class BoundedLBFGS:
    """L-BFGS with bounds (Nocedal 1980, "Updating quasi-Newton matrices with limited storage").

    Differs from the paper in three ways:

    - A value at its bound, 0 or 1, that the gradient pushes outwards is left out of the step. Curvature is learned from
      the steps that were made, after clamping.
    - There is no line search, which would need extra passes. Instead no value changes by more than ``MAX_STEP``.
    - The initial inverse Hessian is not a multiple of the identity but the inverse of the curvature at each spatial
      frequency (:class:`FourierPreconditioner`).

    Args:
        step_size: length of a step; 1 is the full quasi-Newton step.
        first_step: mean absolute change of a value in the first step, of the range 0 to 1.
    """

    def __init__(self, step_size: float = 1.0, first_step: float = FIRST_STEP) -> None:
        self.step_size, self.first_step = step_size, first_step
        self.preconditioner = FourierPreconditioner()
        self.history: deque[CurvaturePair] = deque()
        self._last: tuple[Tensor, Tensor] | None = None

    def step(self, image: Tensor, gradient: Tensor) -> Tensor:
        """Return the image after one step, within [0, 1].

        Args:
            image: shape (1, 3, H, W), sRGB in [0, 1].
            gradient: of the loss at this image, of the same shape.
        """
        if self._last is not None:
            self._update(image - self._last[0], gradient - self._last[1])
        self._last = image, gradient
        blocked = ((image <= 0) & (gradient > 0)) | ((image >= 1) & (gradient < 0))
        free = gradient.masked_fill(blocked, 0)
        direction = lbfgs_direction(free, self.history, self.preconditioner, self.first_step)
        step = (self.step_size * direction.masked_fill(blocked, 0)).clamp(-MAX_STEP, MAX_STEP)
        if len(self.history) == history_size(size_of(image)):
            self.history.popleft()  # now, not after the next gradient: computing that takes the most memory
        return (image - step).clamp(0, 1)

    def _update(self, step: Tensor, gradient_change: Tensor) -> None:
        """Add a pair to the history where the loss is convex along it."""
        curvature = dot(step, gradient_change)
        if curvature > 1e-8 * step.norm() * gradient_change.norm():
            self.preconditioner.update(step, gradient_change)
            self.history.append(CurvaturePair(step, gradient_change, curvature))

    def reset(self) -> None:
        """Drop the history. The preconditioner stays: it holds for any size."""
        self.history.clear()
        self._last = None

    def next_scale(self) -> None:
        """Prepare for an image of another size: drop the history."""
        self.reset()

    def retarget(self) -> None:
        """Prepare for a loss with new targets. The history stays: the curvature hardly depends on the targets."""
        self._last = None

    def state(self) -> State:
        """Return all that the next step depends on, as tensors by name."""
        found = {f"preconditioner.{name}": x for name, x in self.preconditioner.state().items()}
        if self._last is not None:
            found |= {"last.image": self._last[0], "last.gradient": self._last[1]}
        for number, pair in enumerate(self.history):
            found |= {f"pair.{number}.{name}": x for name, x in pair._asdict().items()}
        return found

    def restore(self, state: State) -> None:
        """Load the state of another optimizer of this kind."""
        self.preconditioner.restore({name: state[f"preconditioner.{name}"] for name in self.preconditioner.state()})
        self._last = (state["last.image"], state["last.gradient"]) if "last.image" in state else None
        count = sum(name.endswith(".curvature") for name in state)
        pairs = ([state[f"pair.{number}.{name}"] for name in CurvaturePair._fields] for number in range(count))
        self.history = deque(CurvaturePair(*pair) for pair in pairs)


def history_size(size: Size) -> int:
    """Return how many pairs the history has at most for images of (height, width) pixels."""
    return max(1, min(MAX_HISTORY, MAX_HISTORY_PIXELS // (size[0] * size[1])))


def lbfgs_direction(
    gradient: Tensor, history: Sequence[CurvaturePair], start: Preconditioner, first_step: float = FIRST_STEP
) -> Tensor:
    """Return the inverse Hessian times the gradient (Nocedal and Wright 2006, algorithm 7.4, two-loop recursion).

    Args:
        gradient: at the current image.
        history: oldest pair first.
        start: the initial inverse Hessian, scaled to the last pair as in equation 7.20. While it knows nothing the
            direction is the gradient, scaled so that a value changes by ``first_step`` on average.
        first_step: of the range 0 to 1.
    """
    q, weights = gradient, []
    for pair in reversed(history):
        weights.append(dot(pair.step, q) / pair.curvature)
        q = torch.addcmul(q, pair.gradient_change, weights[-1], value=-1)
    preconditioned = start.apply(q)
    if preconditioned is None:
        return gradient * (first_step / gradient.abs().mean().clamp_min(torch.finfo(gradient.dtype).tiny))
    q = preconditioned
    if history:
        q = q * (history[-1].curvature / start.quadratic_form(history[-1].gradient_change))
    for pair, weight in zip(history, reversed(weights), strict=True):
        q = torch.addcmul(q, pair.step, weight - dot(pair.gradient_change, q) / pair.curvature)
    return q


def dot(a: Tensor, b: Tensor) -> Tensor:
    """Return the inner product of two tensors of the same shape, shape ``()``."""
    return torch.dot(a.flatten(), b.flatten())
