"""The smallest change of a picture that makes a network see something else in it."""

from dataclasses import dataclass

import torch
from torch import Tensor

from artcnn.inspect.maximize import check_gradient
from artcnn.inspect.network import Network
from artcnn.inspect.saliency import gradient


@dataclass(frozen=True, eq=False)
class Fooled:
    """What came of it.

    Attributes:
        image: the changed picture, shape (1, C, H, W), in [0, 1].
        steps: that were taken.
        done: whether the network takes it for what it was to take it for.
    """

    image: Tensor
    steps: int
    done: bool


def fool(network: Network, image: Tensor, target: int, steps: int = 50, overshoot: float = 0.02) -> Fooled:
    """Return the picture moved to the nearest place where the network says ``target``.

    Each step goes to the nearest border between what the network says now and the target, as if outputs were linear
    (Moosavi-Dezfooli, Fawzi and Frossard 2015, "DeepFool", arXiv:1511.04599, algorithm 1).

    Args:
        network: with classes.
        image: shape (1, C, H, W), in [0, 1].
        target: number of the class it is to be taken for.
        steps: at most.
        overshoot: how much farther than the border, so that it is crossed.

    Raises:
        ArtcnnError: the network has no classes.
        DivergenceError: a gradient is not finite.
    """
    # Differs from the paper: the target is given, not the nearest class, and the picture stays in [0, 1].
    changed = image.clone()
    for index in range(steps):
        with torch.no_grad():
            logits = network.logits(changed)[0]
        now = int(logits.argmax())
        if now == target:
            return Fooled(changed, index, True)
        towards = gradient(network, changed, target) - gradient(network, changed, now)
        check_gradient(index, [towards])
        short = float(logits[now] - logits[target])
        changed = changed + (1 + overshoot) * (short + 1e-4) / float(towards.square().sum() + 1e-12) * towards
        changed = changed.clamp(0, 1)
    with torch.no_grad():
        return Fooled(changed, steps, int(network.logits(changed).argmax()) == target)
