"""The operations of exported networks that are run: a fixed list, of what only computes."""

import operator
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F


def find_operation(target: str) -> Callable[..., Any] | None:
    """Return what runs an operation such as ``aten.add.Tensor``; None if it is not of the list."""
    if target in _SIZES:
        return _SIZES[target]
    kind, _, rest = target.partition(".")
    name, _, overload = rest.partition(".")
    if kind != "aten" or name not in _ATEN or not overload:
        return None
    # Functions of torch's surface: others can see them, and change what goes back through them.
    return _SURFACE.get(name) or getattr(getattr(torch.ops.aten, name, None), overload, None)


_SIZES: Mapping[str, Callable[..., Any]] = {
    f"_operator.{function.__name__}": function
    for function in (
        *(operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod, operator.neg),
        *(operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge, operator.getitem),
    )
}
"""Arithmetic of sizes."""

_SURFACE: Mapping[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        *(torch.add, torch.sub, torch.mul, torch.div, torch.cat, torch.stack, torch.chunk, torch.split, torch.clone),
        *(torch.flatten, torch.reshape, torch.permute, torch.transpose, torch.squeeze, torch.unsqueeze, torch.mean),
        *(Tensor.view, Tensor.expand, Tensor.contiguous, Tensor.unflatten, torch.masked_fill),
        *(torch.relu, torch.tanh, F.relu6, F.hardtanh, F.leaky_relu, F.elu, F.gelu, F.silu, F.hardswish, F.dropout),
        *(torch.conv2d, torch.max_pool2d, F.adaptive_avg_pool2d, F.avg_pool2d, F.linear, F.batch_norm),
    )
}

VIEWS = frozenset(
    {
        *("alias", "chunk", "detach", "expand", "flatten", "movedim", "narrow", "permute", "reshape", "select"),
        *("slice", "split", "squeeze", "t", "transpose", "unbind", "unflatten", "unsqueeze", "view", "view_as"),
    }
)
"""What may give a part of a tensor, or all of it in another shape, instead of a new one."""

_NAMES = """
abs adaptive_avg_pool1d adaptive_avg_pool2d adaptive_max_pool2d add addmm alias amax amin arange argmax avg_pool1d
avg_pool2d baddbmm batch_norm bmm cat celu chunk clamp clamp_max clamp_min clone constant_pad_nd contiguous conv1d
conv2d conv_transpose2d convolution cos cumsum detach div dropout einsum elu eq erf exp expand expand_as fill
flatten flip floor floor_divide full full_like gather ge gelu getitem glu group_norm gt hardsigmoid hardswish
hardtanh index index_select instance_norm layer_norm le leaky_relu lift_fresh_copy linalg_vector_norm linear log
log_softmax logical_and logical_not logical_or lt masked_fill matmul max max_pool1d max_pool2d maximum mean meshgrid
min minimum mish mm movedim mul narrow ne neg new_ones new_zeros norm ones ones_like pad permute pixel_shuffle
pixel_unshuffle pow prelu prod reciprocal relu relu6 repeat reshape roll rsqrt rsub scaled_dot_product_attention
select selu sigmoid sign silu sin slice softmax softplus split split_with_sizes sqrt square squeeze stack std sub
sum sym_size t tanh to topk transpose tril triu unbind unflatten unfold unsqueeze upsample_bicubic2d
upsample_bilinear2d upsample_nearest2d var view view_as where zeros zeros_like
"""
_ATEN = frozenset(_NAMES.split())
"""Operations on tensors that only compute."""
