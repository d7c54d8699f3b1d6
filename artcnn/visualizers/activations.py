"""Feature maps: what a layer computes for a picture."""

from dataclasses import dataclass

import torch
from torch import Tensor

from artcnn.visualizers.network import Network


@dataclass(frozen=True, eq=False)
class LayerActivations:
    """What a layer computes for one picture.

    Attributes:
        maps: shape (C, h, w), in no unit; (C, 1, 1) for a fully connected layer.
        maximum: of each map, shape (C,).
        mean: of each map, shape (C,).
        degree: the degree of activation a^k of each map, shape (C,): the sum of what is above 0 in it, behind a ReLU of
            the whole map.
    """

    maps: Tensor
    maximum: Tensor
    mean: Tensor
    degree: Tensor

    @property
    def order(self) -> list[int]:
        """The maps from the strongest to the weakest, by maximum.

        Not by degree: a bias above 0 adds up over blank paper to more than any stroke does.
        """
        order: list[int] = self.maximum.argsort(descending=True, stable=True).tolist()
        return order

    @property
    def silent(self) -> Tensor:
        """Whether nothing in a map is above 0, shape (C,); never of a single number, which may well be negative."""
        return (self.maximum <= 0) & (self.maps[0].numel() > 1)


def compute_activations(network: Network, image: Tensor, names: list[str]) -> dict[str, LayerActivations]:
    """Return what each of the named layers answers to an image of shape (1, C, H, W) in [0, 1].

    Raises:
        ArtcnnError: there is no such layer.
    """
    for name in names:
        network.layer(name)
    with torch.no_grad():
        outputs = network.run(image, names)
    return {name: summarize_maps(outputs[name][0]) for name in names}


def summarize_maps(output: Tensor) -> LayerActivations:
    """Return the numbers of a layer's output for one picture, shape (C, h, w) or (C,)."""
    maps = output.reshape(len(output), 1, 1) if output.ndim == 1 else output
    return LayerActivations(maps, maps.amax((1, 2)), maps.mean((1, 2)), maps.clamp(min=0).sum((1, 2)))
