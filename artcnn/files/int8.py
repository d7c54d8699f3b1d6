"""Filters in 8 bits: the weights of an instant network need half as much room as in float16, and paint the same.

Each filter has a scale of its own. The instance normalization behind it divides by the filter's size again, so only the
rounding matters: at most 1/254 of a filter's largest weight.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

_SCALE = "_scale"
"""What the scales' name has behind that of the filters."""


def to_int8(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return tensors as a file has them: filters in int8, with their scales, everything else in float16.

    What :func:`from_int8` returns of them becomes the same again.

    Args:
        state: by name; what has four dimensions are filters, shape (out, in, height, width).
    """
    found = {}
    for name, tensor in state.items():
        if tensor.ndim == 4:
            scale = (tensor.float().abs().amax((1, 2, 3), keepdim=True) / 127).half()
            steps = tensor.float() / scale.float().clamp_min(torch.finfo(torch.float16).tiny)
            found[name] = steps.round().clamp(-127, 127).to(torch.int8)
            found[name + _SCALE] = scale
        else:
            found[name] = tensor.half()
    return found


def from_int8(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return tensors of a file in float32: of float16 as they are, filters of int8 multiplied by their scales.

    Filters without fitting scales stay int8, for whoever checks the tensors to refuse.
    """
    scales = {name: scale for name, scale in state.items() if name.removesuffix(_SCALE) in state.keys() - {name}}
    found = {name: tensor for name, tensor in state.items() if name not in scales}
    for name, tensor in found.items():
        scale = scales.get(name + _SCALE)
        if tensor.dtype == torch.float16:
            found[name] = tensor.float()
        elif scale is not None and scale.shape == (*tensor.shape[:1], 1, 1, 1):
            found[name] = tensor.float() * scale.float()
    return found
