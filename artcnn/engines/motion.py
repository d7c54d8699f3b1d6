"""How the things in a film move: optical flow, where it can be relied on, and pictures carried along it.

A flow has shape (1, 2, H, W): for each pixel of a frame, how far to the right and how far down it was in an earlier
frame, in pixels.
"""

from functools import cache
from math import sqrt
from typing import NamedTuple, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from artcnn.image import blur, size_of

CUT_SHARE = 0.4
"""Share of reliable places below which a frame has nothing to do with the one before: the film was cut there."""

_POLE = sqrt(3) - 2  # of the filter that turns samples into coefficients of a cubic spline
_SPLINE_TAPS = 12  # on each side, after which that filter has fallen below 1e-6
_SINC_TAPS = 24  # on each side of a pixel that is put between two others
_REACH = _SINC_TAPS + _SPLINE_TAPS // 2  # pixels on each side on which a coefficient depends
_PIECE = 32  # pixels of a column that are refined at once
_KAISER = 7.0  # shape of the window over them: long waves keep their height to a few ten thousandths


class Motion(NamedTuple):
    """How a frame moved since an earlier one.

    Attributes:
        flow: where each pixel was, from its own place, shape (1, 2, H, W), in pixels.
        reliable: how far each place of the frame can be trusted to be in the earlier one, at the flow's end; shape
            (1, 1, H, W), 0 to 1.
    """

    flow: Tensor
    reliable: Tensor

    @property
    def is_cut(self) -> bool:
        """Whether the two frames are of different shots."""
        return self.reliable.mean().item() < CUT_SHARE


class FlowEstimator(Protocol):
    """What finds motion. The same frames give the same bits."""

    def estimate(self, before: Tensor, after: Tensor) -> Motion:
        """Return how ``after`` moved since ``before``, frames of shape (1, 3, H, W), sRGB in [0, 1]."""


def warp(image: Tensor, flow: Tensor) -> Tensor:
    """Return what an earlier image, (1, C, H, W), looks like at the places of a later one; mirrored beyond its borders.

    A film is interpolated again in each frame, so next to nothing may be lost. The image is made twice as large by a
    windowed sinc, and between its pixels interpolated by cubic splines (Unser 1999, "Splines: a perfect fit for signal
    and image processing"). Values may overshoot.
    """
    coefficients = _refine(_refine(image.mT).mT)
    samples = 2 * (pixel_grid(flow) + flow)
    whole = samples.floor()
    # A cubic spline's four weights along an axis are those of two linear interpolations: Sigg and Hadwiger 2005, "Fast
    # third-order texture filtering".
    t = samples - whole
    first, second, fourth = (1 - t) ** 3 / 6, (4 - 6 * t**2 + 3 * t**3) / 6, t**3 / 6
    near = first + second
    far = 1 - near
    places, shares = (whole - 1 + second / near, whole + 1 + fourth / far), (near, far)
    total = torch.zeros_like(image)
    for row in range(2):
        for column in range(2):
            at = torch.cat([places[column][:, :1], places[row][:, 1:]], 1)
            total += shares[column][:, :1] * shares[row][:, 1:] * sample(coefficients, at)
    return total


def _refine(image: Tensor) -> Tensor:
    """Return the coefficients of the spline through the pixels of each column and as many between, (1, C, 2 H - 1, W).

    Columns are mirrored about their first and last pixels. A coefficient depends on near pixels only, so a column is
    multiplied piece by piece.
    """
    height = image.shape[-2]
    pieces = -(-height // _PIECE)
    mirrored = F.pad(image, (0, 0, _REACH, _REACH), mode="reflect")
    padded = F.pad(mirrored, (0, 0, 0, pieces * _PIECE - height))
    finer = _refinement(image.dtype, image.device) @ padded.unfold(-2, _PIECE + 2 * _REACH, _PIECE).mT
    return finer.flatten(2, 3)[:, :, : 2 * height - 1]


@cache
def _refinement(dtype: torch.dtype, device: torch.device) -> Tensor:
    """Return the matrix from a piece of a column, with its surroundings, to its coefficients.

    Its shape is (2 piece, piece + 2 reach).
    """
    samples = torch.eye(_PIECE + 2 * _REACH, dtype=torch.float64)[:, None]
    offsets = torch.arange(-_SINC_TAPS, _SINC_TAPS, dtype=torch.float64) + 0.5
    window = torch.special.i0(_KAISER * (1 - (offsets / _SINC_TAPS).square()).sqrt())
    between = torch.sinc(offsets) * window
    added = F.conv1d(samples, (between / between.sum())[None, None])
    finer = torch.stack([samples[..., _SINC_TAPS - 1 : -_SINC_TAPS], added], 3).flatten(2)
    distances = torch.arange(-_SPLINE_TAPS, _SPLINE_TAPS + 1, dtype=torch.float64).abs()
    inverse = -6 * _POLE / (1 - _POLE**2) * _POLE**distances
    coefficients = F.conv1d(finer, inverse[None, None])[..., 2:]  # the first two are of the pixel before
    return coefficients[:, 0].T.to(device, dtype).contiguous()


def sample(image: Tensor, at: Tensor) -> Tensor:
    """Return an image, interpolated linearly, at places (1, 2, H, W) in pixels, mirrored about its outermost pixels."""
    height, width = size_of(image)
    last = at.new_tensor([max(width - 1, 1), max(height - 1, 1)])
    grid = 2 * at.permute(0, 2, 3, 1) / last - 1
    return F.grid_sample(image, grid, padding_mode="reflection", align_corners=True)


def pixel_grid(flow: Tensor) -> Tensor:
    """Return where each pixel is, across and down, shape (1, 2, H, W), in pixels."""
    down, across = (torch.arange(n, device=flow.device, dtype=flow.dtype) for n in size_of(flow))
    return torch.stack(torch.meshgrid(across, down, indexing="xy"))[None]


def reliability(backward: Tensor, forward: Tensor) -> Tensor:
    """Return which places of a frame were seen in the frame before, shape (1, 1, H, W), 1 or 0.

    Sundaram, Brox and Keutzer 2010, "Dense point trajectories by GPU-accelerated large displacement optical flow",
    equations 5 and 6. The flow there and the flow back from its end cancel, it ends within the frame, and it has no
    edge: flow is smooth, and so it is wrong beside the edges of things that move.

    Args:
        backward: from the frame to the one before, shape (1, 2, H, W), in pixels.
        forward: from the frame before to the frame, of the same shape.
    """
    ends = pixel_grid(backward) + backward
    returning = sample(forward, ends)
    length = backward.square().sum(1) + returning.square().sum(1)
    agree = (backward + returning).square().sum(1) < 0.01 * length + 0.5
    slope = sum(x.square().sum(1) for x in torch.gradient(backward, dim=(2, 3)))
    smooth = slope < 0.01 * backward.square().sum(1) + 0.002
    limits = ends.new_tensor([n - 1 for n in reversed(size_of(ends))])[:, None, None]
    inside = ((ends >= 0) & (ends <= limits)).all(1)
    return (agree & smooth & inside)[:, None].to(backward.dtype)


def soften(reliable: Tensor, sigma: float) -> Tensor:
    """Return a mask of reliable places with soft edges that lie inside of it, so that no seam shows."""
    return (2 * blur(reliable, sigma) - 1).clamp(0, 1) * reliable
