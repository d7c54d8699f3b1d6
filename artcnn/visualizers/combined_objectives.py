"""Objectives made of others: several at once, and pictures of the same thing that differ."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from artcnn.visualizers.maximize import Objective
from artcnn.visualizers.network import Network


def weighted_sum(objectives: Sequence[Objective], weights: Sequence[float]) -> Objective:
    """Return the sum of values of each input, each times its weight: a direction, where they are units of one layer.

    Olah, Mordvintsev and Schubert 2017, "Feature Visualization", section "Interaction between Neurons".
    """

    def values(inputs: Tensor) -> Tensor:
        parts = [weight * objective(inputs) for objective, weight in zip(objectives, weights, strict=True)]
        return torch.stack(parts).sum(0)

    return values


def joint_margin_objective(network: Network, target: int, wanted: Sequence[int]) -> Objective:
    """Return how far the output of a class is above those that are not wanted, together: y_i - log sum exp."""
    others = [number for number in range(len(network.classes)) if number not in wanted]

    def values(inputs: Tensor) -> Tensor:
        logits = network.logits(inputs)
        return logits[:, target] - (logits[:, others].logsumexp(1) if others else 0)

    return values


def likeness(features: Tensor, copies: int) -> Tensor:
    """Return how alike each of some pictures is to the others of its group, in what they are made of: shape (N,).

    It is the mean cosine of their Gram matrices G = F F^T, in [-1, 1]; where something is does not count (Olah et al.
    2017, section "Diversity").

    Args:
        features: maps of a layer, shape (N, C, h, w); so many in a row are a group.
        copies: size of a group, at least 2.
    """
    flat = features.flatten(2)
    grams = F.normalize((flat @ flat.transpose(1, 2)).flatten(1), dim=1).view(-1, copies, features.shape[1] ** 2)
    cosines = grams @ grams.transpose(1, 2)
    own = torch.diagonal(cosines, dim1=1, dim2=2)
    return ((cosines.sum(2) - own) / (copies - 1)).flatten()


def diverse_objective(
    objective: Objective, features: Callable[[Tensor], Tensor], copies: int, weight: float
) -> Objective:
    """Return an objective less what each picture has in common with the others of its group.

    value_i - weight |value_i| likeness_i. The factor |value_i|, which has no slope here, makes the same weight do the
    same for values of any size (differs from the paper, where the weight is chosen for each layer).

    Args:
        objective: a value for each of (N, C, H, W), which so many in a row share.
        features: the maps of a layer by which pictures are compared.
        copies: pictures of a group.
        weight: of the likeness; 0 for none.
    """

    def values(inputs: Tensor) -> Tensor:
        found = objective(inputs)
        return found - weight * found.detach().abs() * likeness(features(inputs), copies)

    return values


def alignment(features: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
    """Return how far features go in a direction, as a part of what is wanted, and the cosine: each of shape (N,).

    a * w / |w|^2 and a * w / (|a| |w|), for features a and w of each input, of any same shape (N, ...).
    """
    a, w = features.flatten(1), wanted.flatten(1)
    dot, length = (a * w).sum(1), w.norm(dim=1).clamp(min=1e-12)
    return dot / length.square(), dot / (a.norm(dim=1).clamp(min=1e-12) * length)


def direction_objective(features: Callable[[Tensor], Tensor], wanted: Tensor, power: float = 1.0) -> Objective:
    """Return how far each input's features go in the direction of those that are wanted, and in no other.

    a * w / |w|^2 max(cos(a, w), 0.1)^power. The product alone is also large where much else is; with a larger power
    only the direction counts. The cosine's power is lucid's (Olah et al. 2018, "The Building Blocks of
    Interpretability", section on semantic dictionaries).

    Args:
        features: returns those of inputs, shape (N, ...).
        wanted: of the same shape, or of one input for all.
        power: of the cosine.
    """

    def values(inputs: Tensor) -> Tensor:
        found = features(inputs)
        part, cosine = alignment(found, wanted.expand_as(found))
        return part * cosine.clamp(min=0.1) ** power

    return values
