"""Colors of images, as pure functions of tensors: their statistics, matching them, and the color space Oklab.

An image is a float tensor of shape ``(1, 3, H, W)``, sRGB, values in [0, 1].
"""

from typing import NamedTuple

import torch
from torch import Tensor

_TO_CONES = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
_TO_LAB = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)

_FROM_CONES, _FROM_LAB = (torch.linalg.inv(torch.tensor(m, dtype=torch.float64)).tolist() for m in (_TO_CONES, _TO_LAB))
"""Ottosson's matrices: linear sRGB to cone responses, the cube roots of those to Oklab, and back."""

_HALVINGS = 16  # of the interval in which the largest chroma within sRGB is searched
_ROWS_AT_ONCE = 256


class ColorStats(NamedTuple):
    """The mean of an image's red, green and blue, shape (3,), and their covariance, (3, 3)."""

    mean: Tensor
    covariance: Tensor


def color_covariance(image: Tensor) -> Tensor:
    """Return the covariance of an image's red, green and blue over its pixels, shape (3, 3)."""
    return torch.cov(image.flatten(2)[0], correction=0)


def color_stats(image: Tensor, where: Tensor | None = None) -> ColorStats:
    """Return the mean and covariance of an image's colors; ``where``, (1, 1, H, W), is each pixel's weight."""
    if where is None:
        return ColorStats(image.mean((2, 3))[0], color_covariance(image))
    weights = where.flatten() / where.sum().clamp_min(1e-6)
    pixels = image.flatten(2)[0]
    mean = pixels @ weights
    centered = pixels - mean[:, None]
    return ColorStats(mean, (centered * weights) @ centered.T)


def match_colors(image: Tensor, target: Tensor, where: Tensor | None = None) -> Tensor:
    """Return ``image`` with the mean and covariance of the colors of ``target``, clamped to [0, 1].

    ``where``, (1, 1, H, W), is the weight of each pixel of the target.
    """
    return match_color_stats(image, color_stats(image), color_stats(target, where))


def match_color_stats(image: Tensor, have: ColorStats, want: ColorStats) -> Tensor:
    """Return ``image``, whose color statistics are ``have``, with those of ``want``, clamped to [0, 1].

    Of all linear maps that do this, it is the one that changes colors least: the optimal transport between two Gaussian
    distributions, ``S_h^-1/2 (S_h^1/2 S_w S_h^1/2)^1/2 S_h^-1/2`` (Pitie and Kokaram 2007, "The linear
    Monge-Kantorovitch linear colour mapping for example-based colour transfer").
    """
    # A little of every color, so that the map of a gray photo stays finite.
    floor = 1e-4 * torch.eye(3, dtype=torch.float64)
    before, after = (stats.covariance.cpu().double() + floor for stats in (have, want))
    root, inverse = _power(before, 0.5), _power(before, -0.5)
    linear = (inverse @ _power(root @ after @ root, 0.5) @ inverse).to(image)
    centered = image - have.mean[:, None, None]
    matched = torch.einsum("dc,ncyx->ndyx", linear, centered) + want.mean[:, None, None]
    return matched.clamp(0, 1)


def _power(symmetric: Tensor, exponent: float) -> Tensor:
    """Return a power of a symmetric positive definite matrix."""
    values, vectors = torch.linalg.eigh(symmetric)
    power: Tensor = vectors @ torch.diag(values**exponent) @ vectors.T
    return power


def transfer_luminance(image: Tensor, photo: Tensor) -> Tensor:
    """Return ``photo`` with the lightness of ``image``, pixel by pixel.

    Oklab's L is from the image, a and b from the photo. Where sRGB has no such color, as for dark and light tones of
    saturated colors, the chroma is reduced at the same lightness and hue until it has one.

    Args:
        image: gives the lightness, shape (1, 3, H, W), sRGB in [0, 1].
        photo: gives hue and chroma, of the same shape.
    """
    # Where a channel is 0, rounding in float32 would show in the darkest tones; Apple's GPUs have nothing more precise.
    precise = torch.float32 if image.device.type == "mps" else torch.float64
    rows = [slice(top, top + _ROWS_AT_ONCE) for top in range(0, image.shape[2], _ROWS_AT_ONCE)]
    bands = [_transfer_rows(image[..., r, :].to(precise), photo[..., r, :].to(precise)).to(image.dtype) for r in rows]
    return torch.cat(bands, dim=2)


def _transfer_rows(image: Tensor, photo: Tensor) -> Tensor:
    """Return :func:`transfer_luminance` of a band of rows."""
    lightness, wanted = to_oklab(image)[:, :1], to_oklab(photo)[:, 1:]
    lab = torch.cat([lightness, wanted], dim=1)[0].flatten(1)
    linear = _to_linear_rgb(lab)
    outside = ~_in_gamut(linear)
    if outside.any():
        lab = lab[:, outside]
        low, high = torch.zeros_like(lab[0]), torch.ones_like(lab[0])
        for _ in range(_HALVINGS):
            half = (low + high) / 2
            inside = _in_gamut(_to_linear_rgb(torch.stack([lab[0], half * lab[1], half * lab[2]])))
            low, high = torch.where(inside, half, low), torch.where(inside, high, half)
        linear[:, outside] = _to_linear_rgb(torch.stack([lab[0], low * lab[1], low * lab[2]]))
    return _encode(linear).reshape(image.shape)


def to_oklab(image: Tensor) -> Tensor:
    """Return an image in Oklab, shape (1, 3, H, W): L in [0, 1]; (a, b) has chroma as its length, hue as its angle.

    Bjorn Ottosson 2020, "A perceptual color space for image processing": equal distances look about equally large, and
    neither hue nor chroma changes with lightness.
    """
    # The transfer function of sRGB, IEC 61966-2-1.
    linear = torch.where(image <= 0.04045, image / 12.92, ((image + 0.055) / 1.055) ** 2.4)
    cones = torch.einsum("dc,ncyx->ndyx", image.new_tensor(_TO_CONES), linear)
    return torch.einsum("dc,ncyx->ndyx", image.new_tensor(_TO_LAB), cones.clamp_min(0) ** (1 / 3))


def _to_linear_rgb(lab: Tensor) -> Tensor:
    """Return the linear RGB of colors in Oklab, shape (3, N); outside of [0, 1] where sRGB has no such color."""
    cones = lab.new_tensor(_FROM_LAB) @ lab
    return lab.new_tensor(_FROM_CONES) @ cones**3


def _in_gamut(linear: Tensor) -> Tensor:
    """Return which colors, linear RGB of shape (3, N), sRGB has, to rounding."""
    return (linear.amin(0) > -1e-6) & (linear.amax(0) < 1 + 1e-6)


def _encode(linear: Tensor) -> Tensor:
    """Return the sRGB of linear light, clamped to [0, 1]."""
    linear = linear.clamp(0, 1)
    return torch.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055).clamp(0, 1)
