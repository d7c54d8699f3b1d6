"""The kernels of a layer, to be looked at."""

from dataclasses import dataclass

import torch
from torch import Tensor

from artcnn.errors import ArtcnnError
from artcnn.visualizers.network import Network

_VISIBLE = 1, 3  # channels that a picture has


@dataclass(frozen=True, eq=False)
class LayerFilters:
    """A layer's kernels.

    Attributes:
        weight: all of it, shape (K, C, h, w).
        kernels: what is shown of it: of a first layer that reads gray or colors all, shape (K, C, h, w); of another,
            (K, S, h, w), of each filter the S slices with the largest norm, falling.
        slices: which channel of the input each of them reads, shape (K, S); None where all are shown.
        norms: Euclidean norm of each whole filter, shape (K,).
        limit: the largest magnitude, which is white or black on every picture of them; 0 is mid-gray.
    """

    weight: Tensor
    kernels: Tensor
    slices: Tensor | None
    norms: Tensor
    limit: float


def read_filters(network: Network, name: str, strongest: int = 8) -> LayerFilters:
    """Return the kernels of a convolution.

    Raises:
        ArtcnnError: there is no such layer, or it has no kernels.
    """
    weight = network.layer(name).weight
    if weight is None or weight.ndim != 4:
        convolutions = [layer.name for layer in network.layers if layer.kind == "convolution"]
        raise ArtcnnError(f"{name} has no kernels to show", hint=f"choose from {', '.join(convolutions)}")
    norms = weight.flatten(1).norm(dim=1)
    if weight.shape[1] == network.input_shape[0] and weight.shape[1] in _VISIBLE:
        return LayerFilters(weight, weight, None, norms, float(weight.abs().max()))
    strength = weight.flatten(2).norm(dim=2)  # (K, C)
    slices = strength.topk(min(strongest, weight.shape[1]), dim=1).indices
    kernels = torch.gather(weight, 1, slices[:, :, None, None].expand(-1, -1, *weight.shape[2:]))
    return LayerFilters(weight, kernels, slices, norms, float(kernels.abs().max()))
