"""The feature maps of a picture."""

from dataclasses import dataclass

import torch
from torch import Tensor

from artcnn.inspect.network import Network


@dataclass(frozen=True, eq=False)
class Activations:
    """What a layer answers to one picture.

    Attributes:
        maps: shape (C, h, w), in no unit; (C, 1, 1) for a fully connected layer.
        maximum: of each map, shape (C,).
        mean: of each map, shape (C,).
        degree: the degree of activation a^k of each map, the sum over it, shape (C,).
    """

    maps: Tensor
    maximum: Tensor
    mean: Tensor
    degree: Tensor


def activations(network: Network, image: Tensor, names: list[str]) -> dict[str, Activations]:
    """Return what each of the named layers answers to an image of shape (1, C, H, W) in [0, 1].

    Raises:
        ArtcnnError: there is no such layer.
    """
    for name in names:
        network.layer(name)
    with torch.no_grad():
        outputs = network.run(image, names)
    return {name: _measure(outputs[name][0]) for name in names}


def _measure(output: Tensor) -> Activations:
    maps = output.reshape(len(output), 1, 1) if output.ndim == 1 else output
    return Activations(maps, maps.amax((1, 2)), maps.mean((1, 2)), maps.sum((1, 2)))
