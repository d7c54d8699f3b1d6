"""Units of layers before which nothing is nonlinear: their preferred input is known exactly."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from artcnn.visualizers.maximize import neuron_objective
from artcnn.visualizers.network import Network
from artcnn.visualizers.receptive_field import receptive_fields

_NOTHING = 1e-5  # of the largest weight
_LINEAR = "convolution", "normalization", "flatten", "dropout", "fully connected"


@dataclass(frozen=True, eq=False)
class LinearUnits:
    """Some units of a layer, each in the middle of its map: its value is kernel * patch + bias.

    Attributes:
        kernels: for pixels in [0, 1], shape (N, C, h, w), h and w of the receptive field.
        bias: what a black patch gives, shape (N,).
        dead: whether a kernel is nothing beside the layer's weights, shape (N,): its value is always the bias.
    """

    kernels: Tensor
    bias: Tensor
    dead: Tensor

    @property
    def best(self) -> Tensor:
        """The patches of pixels in [0, 1] with the largest values: white where a weight is positive, else black."""
        return (self.kernels > 0).float()

    def values(self, patches: Tensor) -> Tensor:
        """Return each unit's value for a patch of its own."""
        return (self.kernels * patches).sum((1, 2, 3)) + self.bias


def is_linear(network: Network, name: str) -> bool:
    """Return whether neither a layer nor any before it is nonlinear; of a network that is no chain nobody knows.

    Raises:
        ArtcnnError: there is no such layer.
    """
    network.layer(name)
    if not network.is_chain:
        return False
    for layer in network.layers:
        averages = isinstance(network.modules.get(layer.name), nn.AvgPool2d | nn.AdaptiveAvgPool2d)
        if layer.kind not in _LINEAR and not averages:
            return False
        if layer.name == name:
            break
    return True


def linear_units(network: Network, name: str, units: list[int]) -> LinearUnits:
    """Return the kernels of units of a layer for which ``is_linear``, in terms of the input's pixels.

    Raises:
        ArtcnnError: there is no such layer or unit.
    """
    values = neuron_objective(network, name, units)
    black = torch.zeros(len(units), *network.input_shape).requires_grad_()
    bias = values(black)
    (kernels,) = torch.autograd.grad(bias.sum(), black)
    top, left, bottom, right = center_box(network, name)
    kernels = kernels[..., top:bottom, left:right]
    usual = next(float(layer.weight.abs().max()) for layer in network.layers if layer.weight is not None)
    dead = kernels.abs().amax((1, 2, 3)) <= _NOTHING * usual
    return LinearUnits(kernels, bias.detach(), dead)


def center_box(network: Network, name: str) -> tuple[int, int, int, int]:
    """Return what the place in the middle of a layer's maps sees: top, left, bottom and right, within the picture."""
    _, height, width = network.input_shape
    field, shape = receptive_fields(network)[name], network.shapes()[name]
    if field is None:
        return 0, 0, height, width
    top, left, bottom, right = field.box(shape[1] // 2, shape[2] // 2)
    return max(0, top), max(0, left), min(height, bottom), min(width, right)
