"""What a film's last pictures say about the next one: carried along the motion, the closest first."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from artcnn.engines.motion import FlowEstimator, Motion, pixel_grid, sample, soften, warp
from artcnn.image import blur, size_of

EDGE_SIGMA = 1.5
"""Standard deviation of the Gaussian that softens the edges of reliable places, in pixels."""

DISTANCES = 1, 2, 4
"""Which frames are asked, counted back from the next one; a farther one only where nearer ones are unreliable."""

ENOUGH = 0.995
"""Share of reliable places from which on no frame farther back is asked."""

DETAIL_SIGMA = 0.7
"""Standard deviation of the Gaussian beyond which a picture has fine detail, in pixels."""

ENERGY_SIGMA = 8.0
"""Standard deviation of the Gaussian over which the energy of fine detail is averaged, in pixels."""

MAX_GAIN = 1.25
"""Largest factor by which fine detail is amplified at once."""

_QUARTER = 4  # a side of the squares over which energy is averaged first, in pixels

_NOISE = 1e-6
"""Mean square of detail that is not seen: a quarter of a step of 8 bits."""


class Finished(NamedTuple):
    """A frame of the clip, and what of its picture is carried on, each of shape (1, 3, H, W)."""

    frame: Tensor
    content: Tensor


class Carried(NamedTuple):
    """What the film's last pictures look like at the time of the next frame.

    Attributes:
        content: what is carried, shape (1, 3, H, W); values may overshoot a little.
        reliable: where it can be trusted, shape (1, 1, H, W), 0 to 1.
        change: by how much these places of the clip became lighter, the mean of each color, shape (1, 3, 1, 1).
    """

    content: Tensor
    reliable: Tensor
    change: Tensor


def carry(after: Tensor, past: Sequence[Finished], motion: Motion, flow: FlowEstimator) -> Carried:
    """Return what the last pictures look like in the next frame.

    A frame farther back speaks only where the nearer ones are unreliable: Ruder, Dosovitskiy and Brox 2016
    (arXiv:1604.08610), equation 9. Their loss is the sum over the frames j of c_j (x - w_j)^2. As the weights c_j of a
    place add up to 1 at most, its gradient is that of a single picture, the weighted mean of the w_j, with the sum of
    the weights.

    Args:
        after: the next frame, shape (1, 3, H, W), sRGB in [0, 1].
        past: the frames of the same shot before it, the last one last.
        motion: since the last one.
        flow: finds their motion; directly, so that no errors add up.
    """
    content, reliable = _move(past[-1].content, motion)
    before = sample(past[-1].frame, pixel_grid(motion.flow) + motion.flow)
    change = _mean_over(after - before, reliable)
    for distance in DISTANCES[1:]:
        if distance > len(past) or reliable.mean() > ENOUGH:
            break
        far, seen = _move(past[-distance].content, flow.estimate(past[-distance].frame, after))
        total = torch.maximum(reliable, seen)
        content = torch.lerp(content, far, (total - reliable) / total.clamp_min(1e-6))
        reliable = total
    return Carried(content, reliable, change)


def _move(content: Tensor, motion: Motion) -> tuple[Tensor, Tensor]:
    """Return a picture moved, as sharp as it was, and where it is reliable."""
    energy = sample(detail_energy(content), pixel_grid(motion.flow) + motion.flow)
    moved = match_detail(warp(content, motion.flow), energy)
    return moved, soften(motion.reliable, EDGE_SIGMA)


def hold_mean(picture: Tensor, wanted: Tensor, kept: Tensor) -> Tensor:
    """Return a picture, (1, 3, H, W), with the mean color that is wanted, as far as its places are kept.

    What is painted again and again would become darker little by little.

    Args:
        picture: shape (1, 3, H, W).
        wanted: of the same shape; only its mean counts.
        kept: weight of each place, and how far it is moved, shape (1, 1, H, W), 0 to 1.
    """
    return picture + kept * _mean_over(wanted - picture, kept)


def _mean_over(x: Tensor, weight: Tensor) -> Tensor:
    """Return the weighted mean of each channel over the places, shape (1, C, 1, 1)."""
    mean: Tensor = (weight * x).mean((2, 3), keepdim=True) / weight.mean().clamp_min(1e-6)
    return mean


def detail_energy(picture: Tensor) -> Tensor:
    """Return the mean square of the fine detail of a picture's gray around each place, shape (1, 1, H, W)."""
    return _local_mean(_detail(picture.mean(1, keepdim=True)).square())


def match_detail(picture: Tensor, energy: Tensor) -> Tensor:
    """Return a picture with its fine detail amplified where it has lost some.

    Interpolating and blending blur a little; over many frames that adds up.

    Args:
        picture: shape (1, 3, H, W).
        energy: what :func:`detail_energy` shall be, shape (1, 1, H, W).
    """
    detail = _detail(picture)
    have = _local_mean(detail.mean(1, keepdim=True).square())
    gain = ((energy + _NOISE) / (have + _NOISE)).sqrt().clamp(1, MAX_GAIN)
    return torch.addcmul(picture, gain - 1, detail)


def _detail(picture: Tensor) -> Tensor:
    return picture - blur(picture, DETAIL_SIGMA)


def _local_mean(x: Tensor) -> Tensor:
    """Return the mean around each place of values (1, 1, H, W); it is smooth, so a quarter of the size is enough."""
    small = blur(F.avg_pool2d(x, _QUARTER, ceil_mode=True), ENERGY_SIGMA / _QUARTER)
    return F.interpolate(small, size_of(x), mode="bilinear")
