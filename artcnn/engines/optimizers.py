"""Descent of a loss on the pixels of a picture, within [0, 1]."""

from collections import deque
from collections.abc import Sequence
from math import inf, isfinite
from typing import NamedTuple, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from artcnn.engines.fourier_preconditioner import FourierPreconditioner
from artcnn.engines.step import State
from artcnn.errors import DivergenceError
from artcnn.image import Size, size_of
from artcnn.recipes import StyleRecipe

ADAM_STEP = 0.04
"""Adam's usual step, of the range 0 to 1; L-BFGS's is 1, a full step."""

FIRST_STEP = 0.02
"""Mean change of a value in L-BFGS's first step, of the range 0 to 1, before it has learnt any curvature."""

MAX_STEP = 0.1
"""Largest change of a value in one step of L-BFGS, of the range 0 to 1."""

MAX_HISTORY = 20
MAX_HISTORY_PIXELS = 12_000_000
"""L-BFGS learns from the last twenty moves, or from as many as have so many pixels in all, and always from the last."""


class Loss(Protocol):
    """What is descended."""

    def total(self, image: Tensor) -> Tensor:
        """Return the loss of an image, shape ``()``."""

    def total_and_gradient(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Return it, and its gradient, of the image's shape."""


class Optimizer(Protocol):
    """How an image is moved."""

    def step(self, image: Tensor, gradient: Tensor) -> Tensor:
        """Return the image after a step, within [0, 1], given its loss's gradient."""

    def reset(self) -> None:
        """Forget what was learnt of the loss."""

    def retarget(self) -> None:
        """Be ready for a loss with other targets, which curves much as the one before did."""

    def state(self) -> State:
        """Return all that was learnt."""

    def restore(self, state: State) -> None:
        """Know what an optimiser of the same kind had learnt."""


class Descent:
    """Steps of an optimiser from a picture, the last of them never above the best.

    Args:
        image: shape (1, 3, H, W); it is not changed, ``self.image`` is each time another.
        loss: of the image.
        optimizer: which has seen nothing of this loss yet.
    """

    def __init__(self, image: Tensor, loss: Loss, optimizer: Optimizer) -> None:
        self.image, self.loss, self.optimizer = image, loss, optimizer
        self.best, self.best_loss, self._brought_back = image, inf, False

    def restore(self, state: State) -> None:
        """Go on from a state."""
        here = {name: x.to(self.image.device) for name, x in state.items()}
        self.image, self.best, self.best_loss = here["image"], here["best"], here["best_loss"].item()
        prefix = "optimizer."
        self.optimizer.restore({name.removeprefix(prefix): x for name, x in here.items() if name.startswith(prefix)})

    def state(self, index: int) -> State:
        """Return all that is needed to go on from here, where ``index`` steps are done."""
        numbers = {"index": torch.tensor(index), "best_loss": torch.tensor(self.best_loss, dtype=torch.float64)}
        learnt = {f"optimizer.{name}": x for name, x in self.optimizer.state().items()}
        return {"image": self.image, "best": self.best, **numbers, **learnt}

    def step(self) -> float:
        """Take one step and return the loss that the image had before.

        Raises:
            DivergenceError: the loss is not finite, and going back to the best, once, did not help, or there is none.
        """
        total, gradient = self.loss.total_and_gradient(self.image)
        loss = total.item()
        if not (isfinite(loss) and isfinite(gradient.sum().item())):
            if self._brought_back or self.best_loss == inf:
                lower = "lower the weights or step_size, or use --precision float32"
                raise DivergenceError(f"the descent diverged, its loss ({loss:.3g}) or gradient is not finite: {lower}")
            self.image, self._brought_back = self.best, True
            self.optimizer.reset()
            return loss
        if loss <= self.best_loss:
            self._brought_back = self._brought_back and self.image is self.best  # which, seen again, is no way out
            self.best, self.best_loss = self.image, loss
        self.image = self.optimizer.step(self.image, gradient)
        return loss

    def retarget(self) -> None:
        """Begin anew from here: the loss has other targets now, so the best there was is none."""
        self.best, self.best_loss = self.image, inf
        self.optimizer.retarget()

    def finalize(self) -> None:
        """Go back to the best image there was, unless the last step has made a better one."""
        if not self.loss.total(self.image).item() <= self.best_loss:
            self.image = self.best


class BoundedLBFGS:
    """L-BFGS (Nocedal 1980, "Updating quasi-Newton matrices with limited storage") for the values of a picture.

    Differs from it in three things. A value at its bound, 0 or 1, that would be pushed further stays out of the step,
    and the curvature is learnt from the moves that were made, not from those the clamp undid. There is no line search,
    which would cost hidden passes; instead no value moves further than ``MAX_STEP``. And the matrix it starts from
    is not a multiple of the identity but the inverse of the curvature at each spatial frequency:
    :class:`FourierPreconditioner`.

    Args:
        step_size: length of a step, 1 for a full one.
        spectrum: what was learnt at another size.
        first_step: mean change of a value in the first step, of the range 0 to 1.
    """

    def __init__(
        self, step_size: float = 1.0, spectrum: FourierPreconditioner | None = None, first_step: float = FIRST_STEP
    ) -> None:
        self.step_size, self.spectrum, self.first_step = step_size, spectrum or FourierPreconditioner(), first_step
        self.reset()

    def reset(self) -> None:
        """Forget the moves, and with them where the loss was."""
        self.moves: deque[CurvaturePair] = deque()
        self._last: tuple[Tensor, Tensor] | None = None

    def retarget(self) -> None:
        """Forget where the loss was, but not how it curved: that hardly depends on its targets."""
        self._last = None

    def state(self) -> State:
        """Return all that was learnt."""
        found = {f"spectrum.{name}": x for name, x in self.spectrum.state().items()}
        if self._last is not None:
            found |= {"last.image": self._last[0], "last.gradient": self._last[1]}
        for number, move in enumerate(self.moves):
            found |= {f"move.{number}.{name}": x for name, x in move._asdict().items()}
        return found

    def restore(self, state: State) -> None:
        """Know what another had learnt."""
        self.spectrum.restore({name: state[f"spectrum.{name}"] for name in self.spectrum.state()})
        self._last = (state["last.image"], state["last.gradient"]) if "last.image" in state else None
        count = sum(name.endswith(".curvature") for name in state)
        self.moves = deque(
            CurvaturePair(*(state[f"move.{n}.{name}"] for name in CurvaturePair._fields)) for n in range(count)
        )

    def step(self, image: Tensor, gradient: Tensor) -> Tensor:
        """Return the image after a step, within [0, 1], given its loss's gradient."""
        if self._last is not None:
            self._learn(image - self._last[0], gradient - self._last[1])
        self._last = image, gradient
        blocked = ((image <= 0) & (gradient > 0)) | ((image >= 1) & (gradient < 0))
        free = gradient.masked_fill(blocked, 0)
        direction = lbfgs_direction(free, self.moves, self.spectrum, self.first_step)
        step = (self.step_size * direction.masked_fill(blocked, 0)).clamp(-MAX_STEP, MAX_STEP)
        if len(self.moves) == history_size(size_of(image)):
            self.moves.popleft()  # before the next gradient, which takes the most memory, rather than after it
        return (image - step).clamp(0, 1)

    def _learn(self, move: Tensor, change: Tensor) -> None:
        curvature = dot(move, change)
        if curvature > 1e-8 * move.norm() * change.norm():
            self.spectrum.update(move, change)
            self.moves.append(CurvaturePair(move, change, curvature))


def history_size(size: Size) -> int:
    """Return how many moves of an image of (height, width) pixels L-BFGS learns from."""
    return max(1, min(MAX_HISTORY, MAX_HISTORY_PIXELS // (size[0] * size[1])))


class CurvaturePair(NamedTuple):
    """How an image and its gradient changed together, and the inner product of both changes."""

    image: Tensor
    gradient: Tensor
    curvature: Tensor


class Curvature(Protocol):
    """The inverse of a Hessian."""

    def apply(self, gradient: Tensor) -> Tensor | None:
        """Return a gradient times the inverse, of its shape, or None where it is not known."""

    def quadratic_form(self, gradient: Tensor) -> Tensor:
        """Return the inner product of both, where it is known."""


def lbfgs_direction(
    gradient: Tensor, moves: Sequence[CurvaturePair], start: Curvature, first_step: float = FIRST_STEP
) -> Tensor:
    """Return the gradient times an inverse Hessian that agrees with the moves: Nocedal's two-loop recursion.

    Args:
        gradient: at the present image.
        moves: oldest first.
        start: the inverse Hessian to begin with, which is scaled to the last move. Where it is not known, and there is
            no move, the direction is the gradient, of a length that moves a value by ``first_step`` on average.
        first_step: of the range 0 to 1.
    """
    q, weights = gradient, []
    for move in reversed(moves):
        weights.append(dot(move.image, q) / move.curvature)
        q = torch.addcmul(q, move.gradient, weights[-1], value=-1)
    started = start.apply(q)
    if started is None:
        return gradient * (first_step / gradient.abs().mean().clamp_min(torch.finfo(gradient.dtype).tiny))
    q = started
    if moves:
        q = q * (moves[-1].curvature / start.quadratic_form(moves[-1].gradient))
    for move, weight in zip(moves, reversed(weights), strict=True):
        q = torch.addcmul(q, move.image, weight - dot(move.gradient, q) / move.curvature)
    return q


def dot(a: Tensor, b: Tensor) -> Tensor:
    """Return the inner product of two tensors of the same shape, shape ``()``."""
    return torch.dot(a.flatten(), b.flatten())


class Adam:
    """Adam (Kingma and Ba 2014, arXiv:1412.6980, algorithm 1), its second moments over a hundred steps.

    Args:
        step_size: relative to ``ADAM_STEP``.
        previous: at another size, whose moments are carried on.
    """

    _BETAS = 0.9, 0.99

    def __init__(self, step_size: float = 1.0, previous: "Adam | None" = None) -> None:
        self.step_size = step_size
        self.reset()
        if previous is not None:
            self.restore(previous.state())

    def reset(self) -> None:
        """Forget the moments."""
        self.count = 0
        self._first: Tensor | None = None
        self._second: Tensor | None = None

    def retarget(self) -> None:
        """Keep the moments: they follow the new loss soon enough."""

    def state(self) -> State:
        """Return all that was learnt."""
        if self._first is None or self._second is None:
            return {}
        return {"count": torch.tensor(self.count), "first": self._first, "second": self._second}

    def restore(self, state: State) -> None:
        """Know what another had learnt."""
        if state:
            self.count, self._first, self._second = int(state["count"]), state["first"], state["second"]

    def step(self, image: Tensor, gradient: Tensor) -> Tensor:
        """Return the image after a step, within [0, 1], given its loss's gradient."""
        self.count += 1
        self._first, first = self._averaged(self._first, gradient, self._BETAS[0])
        self._second, second = self._averaged(self._second, gradient.square(), self._BETAS[1])
        return (image - ADAM_STEP * self.step_size * first / (second.sqrt() + 1e-8)).clamp(0, 1)

    def _averaged(self, moment: Tensor | None, value: Tensor, beta: float) -> tuple[Tensor, Tensor]:
        """Return the running average, at the value's size, and what it is worth without its beginning at zero."""
        if moment is None:
            moment = torch.zeros_like(value)
        elif size_of(moment) != size_of(value):
            moment = F.interpolate(moment, size_of(value), mode="bilinear")
        moment = torch.lerp(value, moment, beta)
        return moment, moment / (1 - beta**self.count)


def make_optimizer(recipe: StyleRecipe, previous: Optimizer | None = None) -> Optimizer:
    """Return the recipe's optimiser; it goes on with what the one of the scale before has learnt."""
    if recipe.optimizer == "adam":
        return Adam(recipe.step_size, previous if isinstance(previous, Adam) else None)
    learnt = previous.spectrum if isinstance(previous, BoundedLBFGS) else None
    # A photo that is to be changed little must not be shaken first.
    return BoundedLBFGS(recipe.step_size, learnt, FIRST_STEP * recipe.strength)
