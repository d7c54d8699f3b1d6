"""What a picture is asked to come close to: pure functions of tensors, minimised.

Features have shape (1, C, H, W), Gram matrices (C, C), losses ``()``. Features may be in bfloat16; sums of them, Gram
matrices and losses are in float32.
"""

from typing import Any

import torch
from torch import Tensor

from artcnn.objectives import at_least_float32, by_place

_PARTS = 8
"""A product of bfloat16 matrices is rounded to bfloat16 at its end: so many parts of a Gram matrix are, not the sum."""


def gram_matrix(features: Tensor) -> Tensor:
    """Return the Gram matrix of the channels, shape (C, C): which of them are active together, wherever that is.

    Gatys et al. 2015 (arXiv:1508.06576), equation 3.
    """
    # Differs from the paper: divided by C * H * W, so that pictures of different size can be compared.
    sums: Tensor = _Gram.apply(by_place(features))
    return sums / features.numel()


class _Gram(torch.autograd.Function):
    """The product of a matrix, transposed, with itself; its gradient is one product, where autograd makes two."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:  # noqa: ANN401
        ctx.save_for_backward(x)
        if x.dtype != torch.bfloat16:
            return x.T @ x
        total = x.new_zeros(x.shape[1], x.shape[1], dtype=torch.float32)
        for part in x.tensor_split(_PARTS):
            total += part.T @ part
        return total

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:  # noqa: ANN401
        (x,) = ctx.saved_tensors
        product: Tensor = x @ (gradient + gradient.T).to(x.dtype)
        return product


def content_loss(features: Tensor, target: Tensor) -> Tensor:
    """Return the mean squared difference of two layers' features (arXiv:1508.06576, equation 1).

    Differs from the paper: a mean, not half the sum.
    """
    return (at_least_float32(by_place(features)) - at_least_float32(by_place(target))).square().mean()


def style_loss(gram: Tensor, target: Tensor) -> Tensor:
    """Return the mean squared difference of two Gram matrices (arXiv:1508.06576, equation 4).

    Differs from the paper: the factor is in :func:`gram_matrix`.
    """
    return (gram - target).square().mean()


def total_variation(image: Tensor) -> Tensor:
    """Return the mean squared difference of neighbouring pixels, down plus across; 0 for a single colour.

    Mahendran and Vedaldi 2015 (arXiv:1412.0035), section 3, with beta = 2.
    """
    down = image[..., 1:, :] - image[..., :-1, :]
    across = image[..., :, 1:] - image[..., :, :-1]
    return down.square().mean() + across.square().mean()
