"""Descent of a loss on the pixels of a picture, within [0, 1]."""

from collections import deque
from collections.abc import Callable, Sequence
from math import inf, isfinite
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from artcnn.image import size_of
from artcnn.recipes import StyleRecipe

ADAM_STEP = 0.04
"""Adam's usual step, of the range 0 to 1; L-BFGS's is 1, a full step."""

FIRST_MOVE = 0.002
"""Mean change of a value in L-BFGS's first step, of the range 0 to 1, before it has learnt any curvature."""

LARGEST_MOVE = 0.1
"""Largest change of a value in one step of L-BFGS, of the range 0 to 1."""


class Loss(Protocol):
    """What is descended."""

    def total(self, image: Tensor) -> Tensor:
        """Return the loss of an image, shape ``()``."""

    def total_and_gradient(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Return it, and its gradient, of the image's shape."""


class Descent:
    """Steps of an optimiser on a picture, each clamped, the last of them never above the best.

    Args:
        image: shape (1, 3, H, W); changed in place.
        loss: of the image.
        optimizer: of ``image`` alone.
    """

    def __init__(self, image: Tensor, loss: Loss, optimizer: torch.optim.Optimizer) -> None:
        self.image, self.loss, self.optimizer = image, loss, optimizer
        self.best, self.best_loss = image.clone(), inf

    def step(self) -> float:
        """Take one step and return the loss that the image had before."""
        loss = self.optimizer.step(self._closure)
        if isfinite(loss):
            self.image.clamp_(0, 1)
        else:
            self.image.copy_(self.best)
            self.optimizer.state.clear()
        return loss

    def settle(self) -> None:
        """Put the best picture there was into the image, where the last step has not made a better one."""
        if not self.loss.total(self.image).item() <= self.best_loss:
            self.image.copy_(self.best)

    def _closure(self) -> float:
        total, self.image.grad = self.loss.total_and_gradient(self.image)
        loss = total.item()
        if loss <= self.best_loss:
            self.best, self.best_loss = self.image.clone(), loss
        return loss


class BoundedLBFGS(torch.optim.Optimizer):
    """L-BFGS (Nocedal 1980, "Updating quasi-Newton matrices with limited storage") for values in [0, 1].

    Differs from it: a value at its bound that would be pushed further stays out of the step, and the curvature is
    learnt from the moves that were made, not from those the clamp undid. There is no line search, which would cost
    hidden passes; instead no value moves further than ``LARGEST_MOVE``. torch's own L-BFGS knows no bounds: on some
    pictures it leaps far off and ends a quarter higher.

    Args:
        image: what is optimised, in place.
        lr: length of a step, 1 for a full one.
        history: how many moves the curvature is learnt from.
    """

    def __init__(self, image: Tensor, lr: float = 1.0, history: int = 20) -> None:
        super().__init__([image], {"lr": lr, "history": history})

    @torch.no_grad()
    def step(self, closure: Callable[[], float]) -> float:  # type: ignore[override]
        """Take one step and return the loss that the image had before."""
        (group,) = self.param_groups
        (image,) = group["params"]
        loss = closure()
        state, x, gradient = self.state[image], image.clone(), image.grad
        moves = state.setdefault("moves", deque(maxlen=group["history"]))
        if "x" in state:
            move, change = x - state["x"], gradient - state["gradient"]
            if (move * change).sum() > 1e-8 * move.norm() * change.norm():
                moves.append((move, change))
        state["x"], state["gradient"] = x, gradient
        blocked = ((x <= 0) & (gradient > 0)) | ((x >= 1) & (gradient < 0))
        direction = newton_direction(gradient.masked_fill(blocked, 0), moves).masked_fill(blocked, 0)
        image.sub_((group["lr"] * direction).clamp(-LARGEST_MOVE, LARGEST_MOVE)).clamp_(0, 1)
        return loss


def newton_direction(gradient: Tensor, moves: Sequence[tuple[Tensor, Tensor]]) -> Tensor:
    """Return the gradient times an inverse Hessian that agrees with the moves: Nocedal's two-loop recursion.

    Args:
        gradient: at the present image.
        moves: how the image and the gradient changed together, oldest first; without any, the direction is the
            gradient, of a length that moves a value by ``FIRST_MOVE`` on average.
    """
    if not moves:
        return gradient * (FIRST_MOVE / gradient.abs().mean().clamp_min(torch.finfo(gradient.dtype).tiny))
    curvatures = [(move * change).sum() for move, change in moves]
    q, weights = gradient, []
    for (move, change), curvature in zip(reversed(moves), reversed(curvatures), strict=True):
        weights.append((move * q).sum() / curvature)
        q = q - weights[-1] * change
    q = q * curvatures[-1] / moves[-1][1].square().sum()
    for (move, change), curvature, weight in zip(moves, curvatures, reversed(weights), strict=True):
        q = q + move * (weight - (change * q).sum() / curvature)
    return q


def make_optimizer(image: Tensor, recipe: StyleRecipe, previous: torch.optim.Optimizer | None) -> torch.optim.Optimizer:
    """Return the recipe's optimiser for ``image``; Adam goes on with the moments it had at the scale before."""
    if recipe.optimizer == "lbfgs":
        return BoundedLBFGS(image, recipe.step_size)
    optimizer = torch.optim.Adam([image], lr=ADAM_STEP * recipe.step_size, betas=(0.9, 0.99))
    for state in previous.state.values() if previous is not None else ():
        optimizer.state[image] = {
            key: value if key == "step" else F.interpolate(value, size_of(image), mode="bilinear")
            for key, value in state.items()
        }
    return optimizer
