"""Optimizers that minimize a loss over the pixels of a picture, within [0, 1]."""

from math import inf, isfinite
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from artcnn.engines.lbfgs import FIRST_STEP, BoundedLBFGS
from artcnn.engines.step import State
from artcnn.errors import DivergenceError
from artcnn.image import size_of
from artcnn.recipes import StyleRecipe

ADAM_STEP = 0.04
"""Adam's learning rate, of the range 0 to 1, where the recipe's step size is 1."""


class Optimizer(Protocol):
    """Computes the next image from an image and its gradient. It never changes a tensor that it was given."""

    def step(self, image: Tensor, gradient: Tensor) -> Tensor:
        """Return the image after one step, within [0, 1], given the gradient of the loss at ``image``."""

    def reset(self) -> None:
        """Drop what was learned from earlier steps, after the loss was not finite."""

    def next_scale(self) -> None:
        """Prepare for an image of another size."""

    def retarget(self) -> None:
        """Prepare for a loss with other targets."""

    def state(self) -> State:
        """Return all that the next step depends on, as tensors by name."""

    def restore(self, state: State) -> None:
        """Load the state of another optimizer of this kind."""


class Loss(Protocol):
    """What is minimized."""

    def __call__(self, image: Tensor) -> Tensor:
        """Return the loss of an image, shape ``()``, without a gradient."""


class Safeguard:
    """An optimizer that remembers the best image, and goes back to it where the loss is not finite.

    Args:
        optimizer: what makes the steps.

    Attributes:
        best: the image with the lowest loss at this scale; None before the first step.
        best_loss: its loss.
    """

    def __init__(self, optimizer: Optimizer) -> None:
        self.optimizer = optimizer
        self.best: Tensor | None = None
        self.best_loss, self._went_back = inf, False

    def step(self, image: Tensor, loss: Tensor, gradient: Tensor) -> Tensor:
        """Return the image after one step.

        Args:
            image: shape (1, 3, H, W), sRGB in [0, 1].
            loss: of this image, shape ``()``.
            gradient: of the loss with respect to the image.

        Raises:
            DivergenceError: the loss is not finite, and going back to the best image once did not help.
        """
        value, total = torch.stack([loss, gradient.sum()]).tolist()  # together: a GPU is waited for once
        if not (isfinite(value) and isfinite(total)):
            return self._go_back(value)
        if value <= self.best_loss:
            # The best image itself, seen again, is no way out of the divergence.
            self._went_back = self._went_back and image is self.best
            self.best, self.best_loss = image, value
        return self.optimizer.step(image, gradient)

    def _go_back(self, loss: float) -> Tensor:
        if self._went_back or self.best is None or self.best_loss == inf:
            lower = "lower the weights or step_size, or use --precision float32"
            raise DivergenceError(
                f"the style transfer diverged, its loss ({loss:.3g}) or gradient is not finite: {lower}"
            )
        self._went_back = True
        self.optimizer.reset()
        return self.best

    def next_scale(self) -> None:
        """Prepare for an image of another size."""
        self.best, self.best_loss, self._went_back = None, inf, False
        self.optimizer.next_scale()

    def retarget(self) -> None:
        """Prepare for a loss with other targets: losses so far cannot be compared with it."""
        self.best_loss = inf
        self.optimizer.retarget()

    def best_of(self, image: Tensor, loss: Loss) -> Tensor:
        """Return the best image, or ``image``, whose loss is not known yet, if it is at least as good."""
        return image if self.best is None or loss(image).item() <= self.best_loss else self.best

    def state(self) -> State:
        """Return all that the next step depends on, as tensors by name."""
        state = {f"optimizer.{name}": x for name, x in self.optimizer.state().items()}
        if self.best is not None:
            state |= {"best": self.best, "best_loss": torch.tensor(self.best_loss, dtype=torch.float64)}
        return state

    def restore(self, state: State) -> None:
        """Load the state of another optimizer of this kind."""
        prefix = "optimizer."
        self.optimizer.restore({name.removeprefix(prefix): x for name, x in state.items() if name.startswith(prefix)})
        if "best" in state:
            self.best, self.best_loss = state["best"], state["best_loss"].item()


class Adam:
    """Adam (Kingma and Ba 2014, arXiv:1412.6980, algorithm 1), with beta2 = 0.99.

    Args:
        step_size: relative to ``ADAM_STEP``.
    """

    _BETAS = 0.9, 0.99

    def __init__(self, step_size: float = 1.0) -> None:
        self.step_size = step_size
        self.reset()

    def reset(self) -> None:
        """Drop the moments."""
        self.count = 0
        self._first: Tensor | None = None
        self._second: Tensor | None = None

    def step(self, image: Tensor, gradient: Tensor) -> Tensor:
        """Return the image after one step, within [0, 1], given the gradient of the loss at ``image``."""
        self.count += 1
        self._first, first = self._update(self._first, gradient, self._BETAS[0])
        self._second, second = self._update(self._second, gradient.square(), self._BETAS[1])
        return (image - ADAM_STEP * self.step_size * first / (second.sqrt() + 1e-8)).clamp(0, 1)

    def _update(self, moment: Tensor | None, value: Tensor, beta: float) -> tuple[Tensor, Tensor]:
        """Return the moment with a new value, and the moment corrected for its start at zero."""
        if moment is None:
            moment = torch.zeros_like(value)
        elif size_of(moment) != size_of(value):
            moment = F.interpolate(moment, size_of(value), mode="bilinear")
        moment = torch.lerp(value, moment, beta)
        return moment, moment / (1 - beta**self.count)

    def next_scale(self) -> None:
        """Keep the moments: the next step enlarges them."""

    def retarget(self) -> None:
        """Keep the moments: they follow the new loss in a few steps."""

    def state(self) -> State:
        """Return all that the next step depends on, as tensors by name."""
        if self._first is None or self._second is None:
            return {}
        return {"count": torch.tensor(self.count), "first": self._first, "second": self._second}

    def restore(self, state: State) -> None:
        """Load the state of another optimizer of this kind."""
        if state:
            self.count, self._first, self._second = int(state["count"]), state["first"], state["second"]


def make_optimizer(recipe: StyleRecipe) -> Safeguard:
    """Return the optimizer that a recipe asks for."""
    if recipe.optimizer == "adam":
        return Safeguard(Adam(recipe.step_size))
    # A photo that should change little must not be shaken by the first step.
    return Safeguard(BoundedLBFGS(recipe.step_size, FIRST_STEP * recipe.strength))
