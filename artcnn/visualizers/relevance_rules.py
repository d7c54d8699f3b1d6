"""The rules by which a linear operation hands relevance on to its inputs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor


class Bounds(NamedTuple):
    """Between which numbers an input is, each of its shape."""

    low: Tensor
    high: Tensor


@dataclass(frozen=True, eq=False)
class Linear:
    """An operation z = W x + b.

    Attributes:
        apply: returns W x for x and W.
        x: its input.
        weight: W; None where it is fixed and nowhere negative, as of a mean.
        bias: b, which can be added to z.
        bounds: of x, where they are known: of pixels.
    """

    apply: Callable[[Tensor, Any], Tensor]
    x: Tensor
    weight: Tensor | None = None
    bias: Tensor | float = 0.0
    bounds: Bounds | None = None


class Term(NamedTuple):
    """A part of the sums z: sign * W x. Together a rule's terms are what relevance is divided by."""

    x: Tensor
    weight: Tensor | None
    sign: int = 1


class Rule(Protocol):
    """How relevance is handed on."""

    def redistribute(self, operation: Linear, relevance: Tensor) -> Tensor:
        """Return what the inputs of an operation are given, of x's shape, for what its outputs were given."""


@dataclass(frozen=True)
class EpsilonRule:
    """R_i = sum_j z_ij / (z_j + eps_j) R_j, eps_j of the sign of z_j.

    Attributes:
        epsilon: as a part of the root mean square of all z.
    """

    epsilon: float

    def redistribute(self, operation: Linear, relevance: Tensor) -> Tensor:
        """Return what the inputs are given."""
        terms = [Term(operation.x, operation.weight)]
        sums = _sum(operation, terms) + operation.bias
        eps = self.epsilon * sums.square().mean().sqrt()
        return _pull(operation, terms, _divide(relevance, sums + torch.where(sums < 0, -eps, eps)))


class PositiveRule:
    """R_i = sum_j z_ij^+ / sum_k z_kj^+ R_j; of pixels between l and h, z_ij = x_i w_ij - l_i w_ij^+ - h_i w_ij^-.

    What was given to an output below 0 goes in the same way to what made it negative: z_ij^- / sum_k z_kj^-.
    """

    def redistribute(self, operation: Linear, relevance: Tensor) -> Tensor:
        """Return what the inputs are given."""
        above = _sum(operation, [Term(operation.x, operation.weight)]) + operation.bias >= 0
        given = torch.zeros_like(operation.x)
        for positive in (True, False):
            share = torch.where(above if positive else ~above, relevance, 0.0)
            if bool(share.any()):
                terms = self._terms(operation, positive)
                given += _pull(operation, terms, _divide(share, _sum(operation, terms)))
        return given

    @staticmethod
    def _terms(operation: Linear, positive: bool) -> list[Term]:
        """Return what is positive of all z_ij, or what is negative."""
        x, weight, bounds = operation.x, operation.weight, operation.bounds
        above, below = x.clamp(min=0), x.clamp(max=0)
        if weight is None:
            return [Term(above if positive else below, None)]
        same, opposite = weight.clamp(min=0), weight.clamp(max=0)
        if not positive:
            same, opposite = opposite, same
        if bounds is not None:
            return [Term(x, weight), Term(bounds.low, same, -1), Term(bounds.high, opposite, -1)]
        return [Term(above, same), *([Term(below, opposite)] if bool(below.any()) else [])]


def _sum(operation: Linear, terms: list[Term]) -> Tensor:
    with torch.no_grad():
        parts = [term.sign * operation.apply(term.x, term.weight) for term in terms]
    return torch.stack(parts).sum(0)


def _pull(operation: Linear, terms: list[Term], share: Tensor) -> Tensor:
    """Return sum_j z_ij share_j for each input i."""
    given = torch.zeros_like(operation.x)
    for term in terms:
        with torch.enable_grad():
            x = term.x.detach().requires_grad_()
            (slope,) = torch.autograd.grad(operation.apply(x, term.weight), x, share)
        given += term.sign * term.x * slope
    return given


def _divide(relevance: Tensor, sums: Tensor) -> Tensor:
    """Return the quotient; 0 where there is nothing to divide by: no input made that sum, so none is given of it."""
    return torch.where(sums == 0, 0.0, relevance / torch.where(sums == 0, 1.0, sums))
