"""The operations of a frozen VGG: a 3 x 3 convolution with its ReLU, and a 2 x 2 pooling."""

from typing import Any, Literal

import torch
import torch.nn.functional as F
from torch import Tensor

Padding = Literal["zeros", "replicate", "circular"]
Pooling = Literal["max", "average"]

Border = tuple[bool, bool, bool, bool]
"""On which sides of a crop the map ends: above, below, left, right."""

ALL_BORDERS: Border = (True, True, True, True)


def convolve(
    x: Tensor, weight: Tensor, bias: Tensor, padding: Padding, *, relu: bool, border: Border = ALL_BORDERS
) -> Tensor:
    """Return the convolution of ``x``, at its size, with a ReLU if wanted.

    Autograd keeps less than with torch's own: the input's shape, and of the output only what the ReLU needs. So a
    forward pass keeps half as many values.

    Args:
        x: shape (1, C, H, W).
        weight: shape (D, C, 3, 3); it gets no gradient.
        bias: shape (D,); it gets no gradient.
        padding: what the convolution reads beyond the edge of the map.
        relu: whether a ReLU follows.
        border: the sides on which ``x`` ends where the map does. On the other sides it has a row or column more than
            the result. On a circular axis both sides are set, or neither.
    """
    result: Tensor = _Convolution.apply(x, weight, bias, padding, relu, border)
    return result


def pool2x2(x: Tensor, pooling: Pooling, *, relu: bool = False) -> Tensor:
    """Return ``x``, shape (N, C, H, W), channels last in memory, pooled 2 x 2, with a ReLU if wanted.

    Each pair of rows is passed to torch as a batch element of its own, without a copy: torch computes the gradient of
    a pooling with one thread a batch element.
    """
    batch, channels, height, width = x.shape
    even = crop(x, (0, height // 2 * 2), (0, width))
    rows = even.permute(0, 2, 3, 1).reshape(batch * (height // 2), 2, width, channels).permute(0, 3, 1, 2)
    pooled = F.max_pool2d(rows, 2) if pooling == "max" else F.avg_pool2d(rows, 2)
    if relu:
        pooled = pooled.relu_()
    # From (N h, C, 1, w) to (N, C, h, w), with the strides of channels last.
    return pooled.permute(0, 2, 3, 1).reshape(batch, height // 2, width // 2, channels).permute(0, 3, 1, 2)


def crop(x: Tensor, rows: tuple[int, int], columns: tuple[int, int]) -> Tensor:
    """Return the rows and columns of ``x``, shape (N, C, H, W), from the first of each pair up to the second.

    The gradient is channels last in memory.
    """
    part: Tensor = x if (rows, columns) == ((0, x.shape[2]), (0, x.shape[3])) else _Crop.apply(x, rows, columns)
    return part


class _Crop(torch.autograd.Function):
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
    def forward(
        ctx: Any,  # noqa: ANN401
        x: Tensor,
        weight: Tensor,
        bias: Tensor,
        padding: Padding,
        relu: bool,
        border: Border,
    ) -> Tensor:
        ctx.around = int(padding == "zeros" and all(border))  # torch pads with zeros itself, without a copy
        if not ctx.around:
            x = _pad_border(x, padding, border)
        y = F.conv2d(x, weight, bias, padding=ctx.around)
        if relu:
            y = y.relu_()
        ctx.shape, ctx.padding, ctx.border = x.shape, padding, border
        ctx.save_for_backward(weight, y if relu else None)
        return y

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None, None, None, None]:  # noqa: ANN401
        weight, y = ctx.saved_tensors
        if y is not None:
            gradient = torch.ops.aten.threshold_backward(gradient, y, 0)
        below = _input_gradient(ctx.shape, weight, gradient, ctx.around)
        if not ctx.around:
            below = _unpad_border(below, ctx.padding, ctx.border)
        return below, None, None, None, None, None


def _pad_border(x: Tensor, padding: Padding, border: Border) -> Tensor:
    """Return ``x`` padded by a row or column on the sides where the map ends."""
    if padding == "circular":
        above, _, left, _ = border
        for dim, both in ((2, above), (3, left)):  # torch's own circular padding does not keep channels last
            x = torch.cat([x.narrow(dim, -1, 1), x, x.narrow(dim, 0, 1)], dim) if both else x
        return x
    if not any(border):
        return x
    if padding == "replicate" and x.device.type != "cpu":
        return _replicate_border(x, border)
    return F.pad(x, [*map(int, border[2:] + border[:2])], mode="constant" if padding == "zeros" else "replicate")


def _replicate_border(x: Tensor, border: Border) -> Tensor:
    """Return ``x`` with its edge repeated where the map ends: torch's own keeps channels last on processors only."""
    above, below, left, right = border
    batch, channels, height, width = x.shape
    y = x.new_empty(batch, height + above + below, width + left + right, channels).permute(0, 3, 1, 2)
    y[..., above : above + height, left : left + width] = x
    for dim, before, after in ((2, above, below), (3, left, right)):
        if before:
            y.select(dim, 0).copy_(y.select(dim, 1))
        if after:
            y.select(dim, -1).copy_(y.select(dim, -2))
    return y


def _unpad_border(x: Tensor, padding: Padding, border: Border) -> Tensor:
    """Return the gradient with respect to the input of :func:`_pad_border`, from that of its output, in place."""
    if not any(border):
        return x
    # The padding repeats the edge, or the opposite edge: its gradient is added there.
    first, last = (1, -2) if padding == "replicate" else (-2, 1)
    for dim, before, after in ((2, *border[:2]), (3, *border[2:])):
        if before and padding != "zeros":
            x.select(dim, first).add_(x.select(dim, 0))
        if after and padding != "zeros":
            x.select(dim, last).add_(x.select(dim, -1))
    above, below, left, right = border
    inner = x[..., above : x.shape[2] - below, left : x.shape[3] - right]
    # Contiguous: otherwise the gradient of a pooling is slow.
    return inner.contiguous(memory_format=torch.channels_last)


def _input_gradient(shape: torch.Size, weight: Tensor, gradient: Tensor, padding: int) -> Tensor:
    """Return the gradient with respect to a convolution's input, of this shape, from that of its output."""
    batch, channels, height, width = shape
    # Only the input's strides are read; torch.nn.grad.conv2d_input would copy an empty one.
    like = gradient.new_empty(batch, height, width, channels).permute(0, 3, 1, 2)
    one, around = [1, 1], [padding, padding]
    below: Tensor = torch.ops.aten.convolution_backward(
        gradient, like, weight, None, one, around, one, False, [0, 0], 1, [True, False, False]
    )[0]
    return below
