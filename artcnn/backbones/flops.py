"""What a pass through a classifier takes, counted on shapes alone: no weights, no numbers, no time."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from artcnn.backbones.classifier import meta_model
from artcnn.backbones.classifier_backbone import forward_until, set_padding
from artcnn.backbones.convolution import Padding

_SIDE = 448  # pixels of the picture that is counted on: the multiple of every stride, and several times the last


@dataclass(frozen=True)
class ForwardCost:
    """A pass through a network up to its deepest wanted layer, by pixel of the picture.

    Attributes:
        weight_bytes: bytes in float32 that the network has learnt, whatever the picture.
        macs: multiplications on the way up; the way back to the picture takes as many.
        saved_bytes: bytes in float32 that the gradient needs.
        values: numbers of each wanted layer.
    """

    weight_bytes: int
    macs: float
    saved_bytes: float
    values: Mapping[str, float]


@lru_cache
def count_forward(architecture: str, layers: frozenset[str], padding: Padding) -> ForwardCost:
    """Return what a pass takes, by torch's own account of what it multiplies and what it keeps."""
    network = set_padding(meta_model(architecture), padding).requires_grad_(False)
    weights = {_storage(x) for x in (*network.parameters(), *network.buffers())}
    kept: dict[int, Tensor] = {}  # by storage: two views of one take no more than it; held, or its place is given away

    def keep(x: Tensor) -> Tensor:
        if _storage(x) not in weights:
            kept[_storage(x)] = x
        return x

    picture = torch.empty(1, 3, _SIDE, _SIDE, device="meta", requires_grad=True)
    with FlopCounterMode(display=False) as counter, torch.autograd.graph.saved_tensors_hooks(keep, lambda x: x):
        found = forward_until(network, picture * 1, layers)
    pixels = _SIDE**2
    return ForwardCost(
        4 * sum(x.numel() for x in network.parameters()),
        counter.get_total_flops() / 2 / pixels,
        sum(x.untyped_storage().nbytes() for x in kept.values()) / pixels,
        {layer: found[layer].numel() / pixels for layer in layers},
    )


def _storage(x: Tensor) -> int:
    return int(x.untyped_storage()._cdata)
