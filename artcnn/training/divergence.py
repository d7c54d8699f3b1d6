"""Detect that a training has diverged: later epochs will not be better, earlier ones are still valid."""

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor, nn

from artcnn.errors import DivergenceError
from artcnn.training_recipes import TrainRecipe

_LARGEST_LOSS = 1 / torch.finfo(torch.float32).eps
"""Beyond it float32 cannot resolve a nat in the logits, so nothing more can be learned; others lie far below."""


def check_gradient(parameters: Iterable[nn.Parameter], recipe: TrainRecipe, epoch: int) -> Tensor:
    """Return the norm of the gradient, shape ().

    The gradient is the same in all processes, unlike the loss, so all of them stop at the same step.

    Raises:
        DivergenceError: it is not finite, which is also the case if the loss is not.
    """
    norm = nn.utils.get_total_norm([p.grad for p in parameters if p.grad is not None])
    if not norm.isfinite():
        raise _error(recipe, epoch, "the gradient is not finite")
    return norm


def check_epoch(losses: Mapping[str, float], kept: nn.Module, recipe: TrainRecipe, epoch: int) -> None:
    """Raise a DivergenceError if an epoch's losses are too large, or the weights are not finite."""
    for name, loss in losses.items():
        if not loss <= _LARGEST_LOSS:
            raise _error(recipe, epoch, f"the {name} is {loss:.3g}")
    # A ReLU maps minus infinity to 0, so the loss does not show it.
    if not all(value.isfinite().all() for value in kept.state_dict().values()):
        raise _error(recipe, epoch, "weights are not finite")


def _error(recipe: TrainRecipe, epoch: int, what: str) -> DivergenceError:
    lower = f"lower lr, which is {recipe.lr:g}"
    if recipe.lr * recipe.weight_decay >= 1:  # AdamW multiplies weights by 1 - lr * weight_decay
        lower += f", and weight_decay, which is {recipe.weight_decay:g}"
    return DivergenceError(f"the training diverged in epoch {epoch}, {what}: {lower}")
