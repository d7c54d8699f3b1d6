"""A convolution of 3 x 3 whose weights are never learnt, with the ReLU behind it."""

from typing import Any, Literal

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.nn.grad import conv2d_input

Padding = Literal["zeros", "replicate"]


def convolve(x: Tensor, weight: Tensor, bias: Tensor, padding: Padding, *, relu: bool) -> Tensor:
    """Return the convolution of ``x``, as large as it, and where wanted what the ReLU leaves of it.

    Differs from torch's in what is kept for the gradient: of the input nothing but its shape, of the result only what
    the ReLU needs. So a pass through a network keeps half as many numbers.

    Args:
        x: shape (1, C, H, W).
        weight: shape (D, C, 3, 3); it gets no gradient.
        bias: shape (D,); no more does it.
        padding: what is seen beyond the edge.
        relu: whether the ReLU follows.
    """
    result: Tensor = _Convolution.apply(x, weight, bias, padding, relu)
    return result


class _Convolution(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, padding: Padding, relu: bool) -> Tensor:  # noqa: ANN401
        if padding == "replicate":
            x = F.pad(x, (1, 1, 1, 1), mode="replicate")
        y = F.conv2d(x, weight, bias, padding=0 if padding == "replicate" else 1)
        if relu:
            y = y.relu_()
        ctx.shape, ctx.padding = x.shape, padding
        ctx.save_for_backward(weight, y if relu else None)
        return y

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None, None, None]:  # noqa: ANN401
        weight, y = ctx.saved_tensors
        if y is not None:
            gradient = torch.ops.aten.threshold_backward(gradient, y, 0)
        if ctx.padding == "zeros":
            return _below(ctx.shape, weight, gradient, 1), None, None, None, None
        padded = _below(ctx.shape, weight, gradient, 0)
        # What was seen beyond the edge was the edge: its gradient belongs there.
        padded[..., 1, :] += padded[..., 0, :]
        padded[..., -2, :] += padded[..., -1, :]
        padded[..., 1] += padded[..., 0]
        padded[..., -2] += padded[..., -1]
        return padded[..., 1:-1, 1:-1], None, None, None, None


def _below(shape: torch.Size, weight: Tensor, gradient: Tensor, padding: int) -> Tensor:
    """Return the gradient with respect to a convolution's input, given that with respect to its result."""
    below: Tensor = conv2d_input(shape, weight, gradient, padding=padding)  # type: ignore[no-untyped-call]
    return below
