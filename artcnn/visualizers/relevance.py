"""Layer-wise relevance propagation: an answer is handed back, layer by layer, to the pixels that it was made of.

Bach et al. 2015, "On Pixel-Wise Explanations for Non-Linear Classifier Decisions by Layer-Wise Relevance Propagation".
What a layer's units are given, R_j, each hands on to the units i before it, in parts of its sum z_j = sum_i z_ij + b_j,
z_ij = x_i w_ij. The rules say which parts. Whatever a rule is, activation functions hand on what they are given, and a
maximum hands it to the one that won.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from artcnn.errors import ArtcnnError
from artcnn.visualizers.network import Network
from artcnn.visualizers.relevance_operations import RelevanceTracer, UnknownOperation
from artcnn.visualizers.relevance_rules import Bounds, EpsilonRule, PositiveRule, Rule

EPSILON = 0.25
"""Of the epsilon rule, as a part of the root mean square of a layer's sums: as much as Montavon et al. 2019 take."""


@dataclass(frozen=True, eq=False)
class Relevance:
    """What each pixel is given of an answer.

    Attributes:
        map: summed over the colors, shape (H, W).
        output: y, what was handed out.
    """

    map: Tensor
    output: float


def propagate_relevance(network: Network, image: Tensor, target: int, rule: Rule) -> Relevance:
    """Return what each pixel is given of an output y, before the softmax, when it is handed back by a rule.

    Raises:
        ArtcnnError: the network computes something that there is no rule for; it says what.
    """
    try:
        return _propagate(network, image, target, rule)
    except UnknownOperation as error:
        says = f"{network.name} computes {error}, for which LRP has no rule"
        raise ArtcnnError(says, hint="use another method, such as integrated") from None


def _propagate(network: Network, image: Tensor, target: int, rule: Rule) -> Relevance:
    network.check_classes()
    inputs = network.prepare(image).detach().requires_grad_()
    bounds = Bounds(*(network.prepare(torch.full_like(image, end)).detach() for end in (0.0, 1.0)))
    with torch.enable_grad(), RelevanceTracer(inputs, bounds, rule):
        output = network.finish(inputs, 0)[:, target]
    with torch.no_grad():
        expected = network.finish(inputs.detach(), 0)[:, target]
    if not torch.allclose(output, expected, rtol=1e-3, atol=1e-3 * float(expected.abs().max())):
        raise UnknownOperation("something in place")  # what an operation was given was no longer that afterwards
    (given,) = torch.autograd.grad(output, inputs, output.detach())
    return Relevance(given.sum(1)[0], float(output.detach()))


def lrp_epsilon(network: Network, image: Tensor, target: int, epsilon: float = EPSILON) -> Tensor:
    """Return what each pixel is given of an output by the epsilon rule: shape (H, W), signed.

    R_i = sum_j z_ij / (z_j + eps_j) R_j, eps_j of the sign of z_j (Bach et al. 2015, equation 58). Biases and eps_j
    keep a part, so the map does not add up to all of y. As epsilon goes to 0, it becomes the gradient times the input
    in networks of ReLUs and maxima (Ancona et al. 2018, arXiv:1711.06104, proposition 1).

    Differs from the paper: eps_j is ``epsilon`` times the root mean square of the layer's z, because values of one
    layer may be a thousand times as large as those of another.

    Raises:
        ArtcnnError: the network computes something that there is no rule for.
    """
    return propagate_relevance(network, image, target, EpsilonRule(epsilon)).map


def lrp_z_plus(network: Network, image: Tensor, target: int) -> Tensor:
    """Return what each pixel is given of an output by the z+ rule: shape (H, W), of one sign.

    R_i = sum_j z_ij^+ / sum_k z_kj^+ R_j: only what speaks for a unit counts, biases do not, so that nothing is lost.
    Pixels, which are between l and h, have the rule for such numbers: z_ij = x_i w_ij - l_i w_ij^+ - h_i w_ij^-
    (Montavon et al. 2017, "Explaining nonlinear classification decisions with deep Taylor decomposition", table 1).

    In deep networks of ReLUs the map hardly depends on which answer is asked about (Sixt, Granz and Landgraf 2020,
    "When Explanations Lie", arXiv:1912.09818).

    Raises:
        ArtcnnError: the network computes something that there is no rule for.
    """
    return propagate_relevance(network, image, target, PositiveRule()).map


def unknown_operation(network: Network) -> str:
    """Return what a network computes that relevance cannot be handed back through; empty if nothing."""
    try:
        _propagate(network, torch.zeros(1, *network.input_shape), 0, EpsilonRule(EPSILON))
    except UnknownOperation as error:
        return str(error)
    return ""
