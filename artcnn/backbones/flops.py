"""The cost of a forward pass through a classifier, counted on the meta device: no weights are loaded."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from artcnn.backbones.classifier import meta_model
from artcnn.backbones.classifier_backbone import forward_until, set_padding
from artcnn.backbones.convolution import Padding

_SIDE = 448  # pixels of the picture used for counting: a multiple of every stride


@dataclass(frozen=True)
class ForwardCost:
    """The cost of a forward pass up to the deepest wanted layer, for each pixel of the picture.

    Attributes:
        weight_bytes: size of the weights in float32, of the whole network, not for each pixel.
        macs: multiply-accumulates of the forward pass; the gradient by the picture takes as many.
        saved_bytes: bytes in float32 that autograd keeps for the gradient.
        values: number of values of each wanted layer.
    """

    weight_bytes: int
    macs: float
    saved_bytes: float
    values: Mapping[str, float]


@lru_cache
def count_forward(architecture: str, layers: frozenset[str], padding: Padding) -> ForwardCost:
    """Return the cost of a forward pass, by torch's own counter of FLOPs and its hooks on saved tensors."""
    from torch.utils.flop_counter import FlopCounterMode  # it brings triton; VGGs need none of it

    network = set_padding(meta_model(architecture), padding).requires_grad_(False)
    weights = {_storage(x) for x in (*network.parameters(), *network.buffers())}
    kept: dict[int, Tensor] = {}  # by storage, as views share one; the tensor is held so that its storage is not reused

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
