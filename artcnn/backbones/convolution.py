"""The steps of a VGG whose weights are never learnt: a convolution of 3 x 3 with the ReLU behind it, a pooling."""

from typing import Any, Literal

import torch
import torch.nn.functional as F
from torch import Tensor

Padding = Literal["zeros", "replicate", "circular"]
Pooling = Literal["max", "average"]


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


def halve(x: Tensor, pooling: Pooling, *, relu: bool = False) -> Tensor:
    """Return ``x``, shape (N, C, H, W), channels last in memory, pooled by squares of 2 x 2, and the ReLU of that.

    Two rows are given to torch as a picture of their own, in the same memory: it computes the gradient of a pooling by
    one thread a picture.
    """
    batch, channels, height, width = x.shape
    even = part_of(x, (0, height // 2 * 2), (0, width))
    rows = even.permute(0, 2, 3, 1).reshape(batch * (height // 2), 2, width, channels).permute(0, 3, 1, 2)
    pooled = F.max_pool2d(rows, 2) if pooling == "max" else F.avg_pool2d(rows, 2)
    if relu:
        pooled = pooled.relu_()
    # From (N h, C, 1, w) to (N, C, h, w), by a way that leaves the strides of pictures whose channels are last.
    return pooled.permute(0, 2, 3, 1).reshape(batch, height // 2, width // 2, channels).permute(0, 3, 1, 2)


def part_of(x: Tensor, rows: tuple[int, int], columns: tuple[int, int]) -> Tensor:
    """Return the rows and the columns of ``x``, shape (N, C, H, W), from the first of each pair up to the second.

    Their gradient is channels last in memory.
    """
    part: Tensor = x if (rows, columns) == ((0, x.shape[2]), (0, x.shape[3])) else _Part.apply(x, rows, columns)
    return part


class _Part(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, rows: tuple[int, int], columns: tuple[int, int]) -> Tensor:  # noqa: ANN401
        ctx.shape, ctx.where = x.shape, (..., slice(*rows), slice(*columns))
        return x[ctx.where]

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:  # noqa: ANN401
        batch, channels, height, width = ctx.shape
        below = gradient.new_zeros(batch, height, width, channels).permute(0, 3, 1, 2)
        below[ctx.where] = gradient
        return below, None, None


class _Convolution(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, padding: Padding, relu: bool) -> Tensor:  # noqa: ANN401
        if padding == "replicate":
            x = F.pad(x, (1, 1, 1, 1), mode="replicate")
        elif padding == "circular":
            for dim in (2, 3):  # torch's own circular padding would not leave the channels last in memory
                x = torch.cat([x.narrow(dim, -1, 1), x, x.narrow(dim, 0, 1)], dim)
        y = F.conv2d(x, weight, bias, padding=1 if padding == "zeros" else 0)
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
        # What was seen beyond the edge was the edge, or the opposite one: its gradient belongs there.
        first, last = (0, -1) if ctx.padding == "replicate" else (-1, 0)
        padded[..., 1, :] += padded[..., first, :]
        padded[..., -2, :] += padded[..., last, :]
        padded[..., 1] += padded[..., first]
        padded[..., -2] += padded[..., last]
        # In one piece: a pooling's gradient would be slow otherwise.
        return padded[..., 1:-1, 1:-1].contiguous(memory_format=torch.channels_last), None, None, None, None


def _below(shape: torch.Size, weight: Tensor, gradient: Tensor, padding: int) -> Tensor:
    """Return the gradient with respect to a convolution's input, of that shape, from that by its result."""
    batch, channels, height, width = shape
    # Of the input nothing is read but how it lies in memory; torch.nn.grad.conv2d_input would copy one of no content.
    like = gradient.new_empty(batch, height, width, channels).permute(0, 3, 1, 2)
    one, around = [1, 1], [padding, padding]
    below: Tensor = torch.ops.aten.convolution_backward(
        gradient, like, weight, None, one, around, one, False, [0, 0], 1, [True, False, False]
    )[0]
    return below
