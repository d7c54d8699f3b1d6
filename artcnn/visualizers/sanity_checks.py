"""Sanity checks of saliency maps: parameter randomization, and deletion and insertion curves."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from artcnn.visualizers.network import Network

_AT_ONCE = 32


def randomize_cascading(network: Network, seed: int = 0) -> Iterator[tuple[str, Network]]:
    """Yield the network with random weights in its last layer, then in its last two, and so on, by the layer's name.

    Adebayo et al. 2018, "Sanity Checks for Saliency Maps", arXiv:1810.03292, section 3.1. A map that hardly changes
    does not depend on what was learned.
    """
    for layer in reversed(network.layers):
        if layer.parameters:
            network = network.randomize_layer(layer.name, seed)
            yield layer.name, network


def rank_correlation(one: Tensor, other: Tensor) -> float | None:
    """Return Spearman's rank correlation of two tensors of as many numbers, in [-1, 1]; equal ones share their rank.

    It is None if all numbers of one are equal: that is not 0, which means unrelated.
    """
    ranks = torch.stack([_ranks(values.flatten()) for values in (one, other)])
    centered = ranks - ranks.mean(1, keepdim=True)
    spread = centered.square().sum(1).prod().sqrt()
    return float(centered.prod(0).sum() / spread) if spread > 0 else None


def is_constant(values: Tensor) -> bool:
    """Return whether a map has one value everywhere."""
    return bool(values.max() == values.min())


def _ranks(values: Tensor) -> Tensor:
    _, place, count = torch.unique(values, return_inverse=True, return_counts=True)
    last = count.cumsum(0).double()
    ranks: Tensor = (last - (count - 1) / 2)[place]
    return ranks


@dataclass(frozen=True, eq=False)
class ProbabilityCurve:
    """A class's probability while pixels are deleted or inserted, the most important first.

    Attributes:
        probabilities: for equal steps from none of the pixels to all, shape (steps + 1,).
    """

    probabilities: Tensor

    @property
    def area(self) -> float:
        """Return the area below it, in [0, 1], by trapezoids."""
        return float(torch.trapezoid(self.probabilities.double()) / (len(self.probabilities) - 1))


def deletion_curve(
    network: Network, image: Tensor, target: int, importance: Tensor, baseline: Tensor, steps: int = 28
) -> ProbabilityCurve:
    """Return how the probability falls while the most important pixels are deleted; for a good map it falls early.

    Petsiuk, Das and Saenko 2018, "RISE", arXiv:1806.07421, section 4.3.

    Args:
        network: with classes.
        image: shape (1, C, H, W), in [0, 1].
        target: number of the class.
        importance: of each pixel, shape (H, W).
        baseline: what takes their place, of the image's shape.
        steps: in which the pixels go, as many in each.
    """
    return _curve(network, image, baseline, target, importance, steps)


def insertion_curve(
    network: Network, image: Tensor, target: int, importance: Tensor, baseline: Tensor, steps: int = 28
) -> ProbabilityCurve:
    """Return how the probability rises while the most important pixels are inserted into the baseline."""
    return _curve(network, baseline, image, target, importance, steps)


def _curve(
    network: Network, start: Tensor, end: Tensor, target: int, importance: Tensor, steps: int
) -> ProbabilityCurve:
    count = importance.numel()
    place = torch.empty(count, dtype=torch.long)
    place[importance.flatten().argsort(descending=True, stable=True)] = torch.arange(count)
    place = place.view(importance.shape)
    bounds = (torch.arange(steps + 1) * count / steps).round()
    found = []
    with torch.no_grad():
        for some in torch.split(bounds, _AT_ONCE):
            changed = place < some.view(-1, 1, 1, 1)
            found.append(network.logits(torch.where(changed, end, start)).softmax(1)[:, target])
    return ProbabilityCurve(torch.cat(found))
