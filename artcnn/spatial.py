"""Means over the places of a layer's features, in enough precision."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # recipes are read and checked before the slow import of torch
    from torch import Tensor


def mean_square(x: Tensor) -> Tensor:
    """Return the mean square of features, shape ``()``."""
    mean: Tensor = at_least_float32(flatten_spatial(x)).square().mean()
    return mean


def channel_mean_squares(features: Tensor) -> Tensor:
    """Return the mean square of each channel's activations after a ReLU, shape (C,)."""
    return at_least_float32(flatten_spatial(features)).clamp_min(0).square().mean(0)


def flatten_spatial(features: Tensor) -> Tensor:
    """Return features of shape (1, C, H, W) as (H * W, C): a view, if channels are last in memory.

    Gradients come out in the same memory order, so that convolutions need no copy.
    """
    return features.permute(0, 2, 3, 1).flatten(0, 2)


def at_least_float32(x: Tensor) -> Tensor:
    """Return ``x`` in float32 if it is in less: means must not be rounded to three digits."""
    return x if x.element_size() >= 4 else x.float()
