"""When a training has diverged: nothing that follows would be better, and what was reached before is still good."""

from collections.abc import Mapping

import torch
from torch import nn

from artcnn.errors import DivergenceError
from artcnn.training_recipes import TrainRecipe

_LARGEST_LOSS = 1 / torch.finfo(torch.float32).eps
"""In nats: of logits that are further apart float32 no longer resolves a nat, so nothing can be learned from them."""


def check_gradient(network: nn.Module, recipe: TrainRecipe, epoch: int) -> None:
    """Raise a DivergenceError where the gradient is not finite, as it is where the loss is not.

    The loss is each process's own, but the gradient is that of all: so all of them stop at the same step.
    """
    gradients = [p.grad for p in network.parameters() if p.grad is not None]
    if not nn.utils.get_total_norm(gradients).isfinite():
        raise _error(recipe, epoch, "the gradient is not finite")


def check_epoch(losses: Mapping[str, float], kept: nn.Module, recipe: TrainRecipe, epoch: int) -> None:
    """Raise a DivergenceError where an epoch's losses, in nats, or the weights that would be kept, are useless."""
    for name, loss in losses.items():
        if not loss <= _LARGEST_LOSS:
            raise _error(recipe, epoch, f"the {name} is {loss:.3g}")
    # A ReLU makes 0 of minus infinity, which no loss shows.
    if not all(value.isfinite().all() for value in kept.state_dict().values()):
        raise _error(recipe, epoch, "weights are not finite")


def _error(recipe: TrainRecipe, epoch: int, what: str) -> DivergenceError:
    lower = f"lower lr, which is {recipe.lr:g}"
    if recipe.lr * recipe.weight_decay >= 1:  # AdamW multiplies weights by 1 - lr * weight_decay
        lower += f", and weight_decay, which is {recipe.weight_decay:g}"
    return DivergenceError(f"the training diverged in epoch {epoch}, {what}: {lower}")
