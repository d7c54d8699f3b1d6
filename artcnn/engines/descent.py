"""Descent of a loss on the pixels of a picture, within [0, 1]."""

from collections.abc import Callable
from math import inf, isfinite

import torch
import torch.nn.functional as F
from torch import Tensor

from artcnn.image import size_of
from artcnn.recipes import StyleRecipe

ADAM_STEP = 0.04
"""Adam's usual step, of the range 0 to 1; L-BFGS's is 1, a full step."""


class Descent:
    """Steps of an optimiser on a picture, each clamped, the last of them never above the best.

    L-BFGS without a line search takes the step that its model of the curvature says. Now and then the model is wrong
    and the loss leaps up for a step or two; it comes down faster from there than from a fresh start at the best
    picture (both were tried), so that it is let go on, and only the end is made good.

    Args:
        image: shape (1, 3, H, W), requires a gradient; changed in place.
        loss: of an image, shape ``()``.
        optimizer: of ``image`` alone.
    """

    def __init__(self, image: Tensor, loss: Callable[[Tensor], Tensor], optimizer: torch.optim.Optimizer) -> None:
        self.image, self.loss, self.optimizer = image, loss, optimizer
        self.best, self.best_loss = image.detach().clone(), inf

    def step(self) -> float:
        """Take one step and return the loss that the image had before."""
        loss = self.optimizer.step(self._closure)
        with torch.no_grad():
            if isfinite(loss):
                self.image.clamp_(0, 1)
            else:
                self.image.copy_(self.best)
                self.optimizer.state.clear()
        return loss

    @torch.no_grad()
    def settle(self) -> None:
        """Put the best picture there was into the image, where the last step has not made a better one."""
        if not self.loss(self.image).item() <= self.best_loss:
            self.image.copy_(self.best)

    def _closure(self) -> float:
        loss = self.loss(self.image)
        (gradient,) = torch.autograd.grad(loss, self.image)
        image = self.image.detach()
        # A value at its bound is not to be pushed further: L-BFGS would learn curvature from moves the clamp undoes.
        blocked = ((image <= 0) & (gradient > 0)) | ((image >= 1) & (gradient < 0))
        self.image.grad = gradient.masked_fill(blocked, 0).contiguous()
        if loss.item() <= self.best_loss:
            self.best, self.best_loss = image.clone(), loss.item()
        return loss.item()


def make_optimizer(image: Tensor, recipe: StyleRecipe, previous: torch.optim.Optimizer | None) -> torch.optim.Optimizer:
    """Return the recipe's optimiser for ``image``; Adam goes on with the moments it had at the scale before."""
    if recipe.optimizer == "lbfgs":
        # One iteration a step, with the history kept between them; a line search would cost hidden passes.
        return torch.optim.LBFGS(
            [image], lr=recipe.step_size, max_iter=1, history_size=20, tolerance_grad=0, tolerance_change=0
        )
    optimizer = torch.optim.Adam([image], lr=ADAM_STEP * recipe.step_size, betas=(0.9, 0.99))
    for state in previous.state.values() if previous is not None else ():
        optimizer.state[image] = {
            key: value if key == "step" else F.interpolate(value, size_of(image), mode="bilinear")
            for key, value in state.items()
        }
    return optimizer
