"""Adversarial examples: a small change of a picture that makes a network sure of another class."""

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, log, pi

import torch
from torch import Tensor

from artcnn.visualizers.maximize import check_gradient, margin_objective
from artcnn.visualizers.network import Network

_GROWTH = 0.05  # of the radius in a step
_HALVINGS = 12  # of the way back to the original


@dataclass(frozen=True, eq=False)
class AdversarialExample:
    """The result.

    Attributes:
        image: the changed picture, shape (1, C, H, W), in [0, 1].
        success: whether the target reaches the asked probability; else ``image`` is where it comes closest.
    """

    image: Tensor
    success: bool


def ddn_attack(
    network: Network, image: Tensor, target: int, confidence: float = 0.99, steps: int = 200
) -> AdversarialExample:
    """Return a picture near to an image for which a target class has at least a given probability.

    The Euclidean length of the change is minimized, subject to p(target) >= confidence and pixels in [0, 1], as in
    "Decoupling Direction and Norm" (Rony et al. 2019, arXiv:1811.09600, algorithm 1): each step follows the gradient
    on a sphere around the image, whose radius shrinks where the network is sure enough and grows where it is not.
    Like every gradient method, it finds a local minimum.

    Args:
        network: with classes.
        image: shape (1, C, H, W), in [0, 1].
        target: number of the class.
        confidence: least probability of the target, at least 0.5 and below 1.
        steps: gradients that are taken.

    Raises:
        ArtcnnError: the network has no classes.
        DivergenceError: a gradient is not finite.
    """
    # Differs from the paper: the margin y_t - log sum exp of the others is both the loss and, by its level, the
    # constraint: p >= c exactly where it is >= log(c / (1 - c)). No rounding to 8 bits.
    margin, level = margin_objective(network, [target]), log(confidence / (1 - confidence))
    nearest, surest, most = None, image, -torch.inf
    change, radius = torch.zeros_like(image), 1.0
    for index in range(steps):
        changed = (image + change).requires_grad_()
        value = margin(changed)
        (slope,) = torch.autograd.grad(value.sum(), changed)
        check_gradient(index, [slope])
        reached = float(value.detach())
        if reached >= level and (nearest is None or change.norm() < nearest.norm()):
            nearest = change
        if reached > most:
            surest, most = changed.detach(), reached
        radius *= 1 - _GROWTH if reached >= level else 1 + _GROWTH
        change = _normalized(change + _step_length(index / steps) * _normalized(slope)) * radius
        change = (image + change).clamp(0, 1) - image
    if nearest is None:
        return AdversarialExample(surest, False)
    return AdversarialExample(_bisect(image, nearest, lambda changed: float(margin(changed)) >= level), True)


def _normalized(vector: Tensor) -> Tensor:
    return vector / max(float(vector.norm()), 1e-12)


def _step_length(part: float) -> float:
    """Return the length of a step, from 1 at the start down to 0.01 along half a cosine."""
    return 0.01 + 0.99 * (1 + cos(pi * part)) / 2


def _bisect(image: Tensor, change: Tensor, reached: Callable[[Tensor], bool]) -> Tensor:
    """Return the picture nearest to the image on the straight line to it that still reaches the goal."""
    short, enough = 0.0, 1.0
    with torch.no_grad():
        for _ in range(_HALVINGS):
            middle = (short + enough) / 2
            short, enough = (short, middle) if reached(image + middle * change) else (middle, enough)
    return image + enough * change
