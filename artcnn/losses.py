"""Losses between features, as pure functions of tensors, to be minimized.

Features have shape (1, C, H, W), Gram matrices (C, C), losses ``()``. Features may be in bfloat16; sums, Gram matrices
and losses are in float32.
"""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from artcnn.spatial import at_least_float32, flatten_spatial

_PARTS = 8
"""Parts of a Gram matrix in bfloat16: each product is rounded to bfloat16, their sum is not."""

_ROWS = 1 << 13
"""Places whose features are summed at a time: they fit into the processor's cache."""


def gram_matrix(features: Tensor, share: Tensor | None = None) -> Tensor:
    """Return the Gram matrix of the channels, shape (C, C): G_ij = sum_p F_ip F_jp / (C H W).

    Gatys et al. 2015 (arXiv:1508.06576), equation 3.

    Args:
        features: of a layer.
        share: weight of each place, shape (1, 1, H, W); 1 by default. The guidance channels of Gatys et al. 2017
            (arXiv:1611.07865, section 4) are its square roots.
    """
    # Differs from the paper: divided by C H W, so that pictures of different size can be compared.
    sums: Tensor = _Gram.apply(
        flatten_spatial(features), None if share is None else flatten_spatial(share).to(features.dtype)
    )
    return sums / features.numel()


def channel_means(features: Tensor, share: Tensor | None = None) -> Tensor:
    """Return the mean of each channel over the places, weighted by ``share``, shape (C,)."""
    x = flatten_spatial(features)
    if share is None:
        means: Tensor = _Means.apply(x)
        return means
    weights = flatten_spatial(share).to(x.dtype)
    # In parts, as a Gram matrix.
    sums = [at_least_float32(w.T @ part) for part, w in _parts(x, weights)]
    return torch.cat(sums).sum(0) / len(x)


class _Means(torch.autograd.Function):
    """The mean of the rows, summed in float32 a few thousand at a time: four times as fast as torch for bfloat16."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:  # noqa: ANN401
        ctx.dtype, ctx.shape = x.dtype, x.shape
        if x.device.type != "cpu":  # a GPU starts each part by itself, and is as fast for all of them together
            return x.mean(0, dtype=torch.promote_types(x.dtype, torch.float32))
        return torch.stack([at_least_float32(rows).sum(0) for rows in torch.split(x, _ROWS)]).sum(0) / len(x)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:  # noqa: ANN401
        each: Tensor = (gradient / ctx.shape[0]).to(ctx.dtype)
        return each.expand(ctx.shape)


def covariance(gram: Tensor, means: Tensor) -> Tensor:
    """Return the covariance of the channels, shape (C, C), given their Gram matrix and means: C G - m m^T."""
    return len(means) * gram - torch.outer(means, means)


class _Gram(torch.autograd.Function):
    """The product X^T X; its gradient is one product, X (D + D^T), where autograd makes two."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, share: Tensor | None) -> Tensor:  # noqa: ANN401
        ctx.save_for_backward(x, share)
        total = x.new_zeros(x.shape[1], x.shape[1], dtype=torch.float32 if x.element_size() < 4 else x.dtype)
        for part, weights in _parts(x, share):
            total += part.T @ (part if weights is None else part * weights)
        return total

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:  # noqa: ANN401
        x, share = ctx.saved_tensors
        product: Tensor = x @ (gradient + gradient.T).to(x.dtype)
        return product if share is None else product * share, None


def _parts(x: Tensor, share: Tensor | None) -> Iterator[tuple[Tensor, Any]]:
    """Yield rows of ``x``, shape (places, C), and their shares, (places, 1); in one part unless in bfloat16."""
    count = _PARTS if x.dtype == torch.bfloat16 else 1
    shares = [None] * count if share is None else share.tensor_split(count)
    yield from zip(x.tensor_split(count), shares, strict=True)


def content_loss(features: Tensor, target: Tensor) -> Tensor:
    """Return the mean squared difference of features (arXiv:1508.06576, equation 1).

    Differs from the paper: a mean, not half the sum.
    """
    return (at_least_float32(flatten_spatial(features)) - at_least_float32(flatten_spatial(target))).square().mean()


def style_loss(gram: Tensor, target: Tensor) -> Tensor:
    """Return the mean squared difference of two Gram matrices (arXiv:1508.06576, equation 4).

    Differs from the paper: the factor is in :func:`gram_matrix`.
    """
    return (gram - target).square().mean()


def total_variation(image: Tensor, *, circular: bool = False) -> Tensor:
    """Return the mean squared difference of neighboring pixels, vertical plus horizontal.

    Mahendran and Vedaldi 2015 (arXiv:1412.0035), section 3, with beta = 2. In a circular image opposite borders are
    neighbors.
    """
    if circular:
        down, across = image.roll(-1, 2) - image, image.roll(-1, 3) - image
    else:
        down, across = image.diff(dim=2), image.diff(dim=3)
    return down.square().mean() + across.square().mean()


def temporal_loss(image: Tensor, earlier: Tensor, weight: Tensor) -> Tensor:
    """Return the mean squared difference of a film's frame from the earlier ones, moved to its places.

    Ruder, Dosovitskiy and Brox 2016 (arXiv:1604.08610), equation 7.

    Args:
        image: shape (1, 3, H, W).
        earlier: of the same shape.
        weight: of each place, shape (1, 1, H, W): 0 where nothing is known of it.
    """
    mean: Tensor = (weight * (image - earlier).square()).mean()
    return mean


def alignment(features: Tensor, target: Tensor) -> Tensor:
    """Return the mean over the places of x . y / |x|, where x are features and y those of a target.

    With targets of length 1 it is the mean cosine similarity (Kolkin et al. 2022, arXiv:2203.13215).
    """
    mean: Tensor = _Alignment.apply(flatten_spatial(features), flatten_spatial(target))
    return mean


_SHORTEST = 1e-6
"""Length below which features have no direction, as where a ReLU has left only zeros."""


class _Alignment(torch.autograd.Function):
    """The mean inner product of normalized rows with a target's rows; the target gets no gradient."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, target: Tensor) -> Tensor:  # noqa: ANN401
        wide = at_least_float32(x)
        length = wide.norm(dim=1).clamp_min(_SHORTEST)
        product: Tensor = torch.linalg.vecdot(wide, at_least_float32(target)) / length
        ctx.save_for_backward(x, target, length, product)
        return product.mean()

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:  # noqa: ANN401
        x, target, length, product = ctx.saved_tensors
        share = (gradient / (len(x) * length))[:, None]
        return (share * (target - x * (product / length)[:, None])).to(x.dtype), None
