"""Pure tensor work on images: sizes, resizing, padding, blur, colour.

An image is a float tensor of shape ``(1, 3, height, width)``, sRGB, values in [0, 1]. Sizes are ``(height, width)``
in pixels. Nothing here reads a file or changes its argument.
"""

from collections.abc import Sequence
from math import cos, radians, sin
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from artcnn.errors import ArtcnnError

Size = tuple[int, int]

SMALLEST_SIDE = 32
"""Pixels below which VGG's five poolings leave nothing to look at."""

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
"""Ottosson's matrices between linear sRGB, the cones' excitation and the cube root of that, Oklab; and back."""

_HALVINGS = 16  # of the chroma's scale, to find the largest that sRGB has
_ROWS_AT_ONCE = 256


def size_of(image: Tensor) -> Size:
    """Return the ``(height, width)`` of an image."""
    return image.shape[-2], image.shape[-1]


def fit_size(size: Size, long_side: int) -> Size:
    """Return ``size`` scaled so that its longer side is ``long_side``, the shape kept to the nearest pixel."""
    height, width = size
    scale = long_side / max(height, width)
    return max(1, round(height * scale)), max(1, round(width * scale))


def check_fit(size: Size, long_side: int) -> None:
    """Check that an image of (height, width) can be resized so that its longer side is ``long_side`` pixels.

    Raises:
        ArtcnnError: the other side would be shorter than 32 pixels.
    """
    height, width = fit_size(size, long_side)
    if min(height, width) < SMALLEST_SIDE:
        enough = -(-SMALLEST_SIDE * max(size) // min(size))
        raise ArtcnnError(
            f"the picture would be {width} x {height} pixels, and its short side needs {SMALLEST_SIDE}: "
            f"use size {enough} or more"
        )


def fit(image: Tensor, long_side: int) -> Tensor:
    """Return ``image`` resized so that its longer side is ``long_side`` pixels.

    Raises:
        ArtcnnError: as :func:`check_fit` does.
    """
    check_fit(size_of(image), long_side)
    return resize(image, fit_size(size_of(image), long_side))


def same_aspect(a: Size, b: Size) -> bool:
    """Return whether two sizes are in the same proportion, but for rounding."""
    return abs(a[0] * b[1] - a[1] * b[0]) <= 0.03 * a[0] * b[1]


def as_mask(image: Tensor, alpha: Tensor | None = None) -> Tensor:
    """Return how white each place of an image is: shape (1, 1, H, W), 0 black, 1 white; what is clear is black."""
    white = image.mean(1, keepdim=True)
    return white if alpha is None else alpha * white


def crop(image: Tensor, box: Sequence[float]) -> Tensor:
    """Return a part of an image: left, top, right and bottom, each of 0 to 1; one pixel of it at the least."""
    rows, columns = (_part(length, *ends) for length, ends in zip(size_of(image), (box[1::2], box[::2]), strict=True))
    return image[..., rows, columns]


def crop_size(size: Size, box: Sequence[float]) -> Size:
    """Return the (height, width) of what :func:`crop` leaves of an image of that size."""
    rows, columns = _part(size[0], *box[1::2]), _part(size[1], *box[::2])
    return rows.stop - rows.start, columns.stop - columns.start


def _part(length: int, begin: float, end: float) -> slice:
    first = min(round(begin * length), length - 1)
    return slice(first, max(first + 1, round(end * length)))


def center(image: Tensor, side: int) -> Tensor:
    """Return the middle of an image as a square, as classifiers of photos are shown it: 7/8 of its shorter side."""
    height, width = size_of(image)
    scale = side / 0.875 / min(height, width)
    image = resize(image, (max(side, round(height * scale)), max(side, round(width * scale))))
    top, left = ((length - side) // 2 for length in size_of(image))
    return image[..., top : top + side, left : left + side]


def resize(image: Tensor, size: Size) -> Tensor:
    """Return ``image`` at ``size``, bicubic, antialiased when it shrinks, kept in [0, 1]; itself at its own size."""
    return image if size_of(image) == size else resample(image, size).clamp(0, 1)


def resample(x: Tensor, size: Size) -> Tensor:
    """Return any (1, C, H, W) tensor at ``size``, bicubic, antialiased when it shrinks; values may overshoot."""
    return F.interpolate(x, size, mode="bicubic", antialias=True)


def resample_circular(x: Tensor, size: Size) -> Tensor:
    """Return what :func:`resample` does of a tensor whose opposite borders meet: those of the result do, too.

    The sides of both sizes have to be multiples of 8.
    """
    height, width = (length // 8 for length in size_of(x))
    padded = F.pad(x, (width, width, height, height), mode="circular")
    top, left = (length // 8 for length in size)
    return resample(padded, (10 * top, 10 * left))[..., top : 9 * top, left : 9 * left]


def sampling_grid(size: Size, scale: float, degrees: float, shift: tuple[float, float] = (0, 0)) -> Tensor:
    """Return where each pixel of an image comes from that is enlarged and turned, for torch's ``grid_sample``.

    Args:
        size: (height, width) in pixels, of the image and of the result.
        scale: ratio, about the middle.
        degrees: counter-clockwise, about the middle.
        shift: (down, across) in pixels of the image, from the middle to what is to be there.

    Returns:
        shape (1, H, W, 2): x and y, in float64, from -1 to 1 within the image.
    """
    height, width = size
    along, across = cos(radians(degrees)) / scale, sin(radians(degrees)) / scale
    down, right = 2 * shift[0] / height, 2 * shift[1] / width
    matrix = [[along, -across * height / width, right], [across * width / height, along, down]]
    grid: Tensor = F.affine_grid(torch.tensor([matrix], dtype=torch.float64), [1, 1, height, width], False)
    return grid


def blur(x: Tensor, sigma: float) -> Tensor:
    """Return a (1, C, H, W) tensor smoothed by a Gaussian of ``sigma`` pixels, edges replicated; itself where 0."""
    if sigma == 0:
        return x
    radius = max(1, round(3 * sigma))
    offsets = torch.arange(-radius, radius + 1, device=x.device, dtype=x.dtype)
    kernel = torch.exp(-0.5 * (offsets / sigma) ** 2)
    kernel = (kernel / kernel.sum()).expand(x.shape[1], 1, -1)
    padded = F.pad(x, (radius, radius, radius, radius), mode="replicate")
    down = F.conv2d(padded, kernel.unsqueeze(-1), groups=x.shape[1])
    return F.conv2d(down, kernel.unsqueeze(-2), groups=x.shape[1])


def color_covariance(image: Tensor) -> Tensor:
    """Return the covariance of an image's red, green and blue over its pixels, shape (3, 3)."""
    return torch.cov(image.flatten(2)[0], correction=0)


class ColorStats(NamedTuple):
    """The mean of an image's red, green and blue, shape (3,), and their covariance, (3, 3)."""

    mean: Tensor
    covariance: Tensor


def color_stats(image: Tensor, where: Tensor | None = None) -> ColorStats:
    """Return the colours of an image; ``where``, shape (1, 1, H, W), is how much each place counts."""
    if where is None:
        return ColorStats(image.mean((2, 3))[0], color_covariance(image))
    weights = where.flatten() / where.sum().clamp_min(1e-6)
    pixels = image.flatten(2)[0]
    mean = pixels @ weights
    centred = pixels - mean[:, None]
    return ColorStats(mean, (centred * weights) @ centred.T)


def match_colors(image: Tensor, target: Tensor, where: Tensor | None = None) -> Tensor:
    """Return ``image`` with the mean and the covariance of the colours of ``target``, kept in [0, 1].

    ``where``, of the target's size, is how much each of its places counts.
    """
    return match_color_stats(image, color_stats(image), color_stats(target, where))


def match_color_stats(image: Tensor, have: ColorStats, want: ColorStats) -> Tensor:
    """Return ``image``, whose colours were ``have``, with the mean and the covariance of ``want``, kept in [0, 1].

    Of all linear maps that do this, the one that moves the colours least: the optimal transport between two Gaussians
    (Pitie and Kokaram 2007, "The linear Monge-Kantorovitch linear colour mapping for example-based colour transfer").
    """
    # A little of every colour, so that the map of a grey photo stays finite.
    floor = 1e-4 * torch.eye(3, dtype=torch.float64)
    before, after = (colours.covariance.cpu().double() + floor for colours in (have, want))
    root = _power(before, 0.5)
    linear = (_power(before, -0.5) @ _power(root @ after @ root, 0.5) @ _power(before, -0.5)).to(image)
    centred = image - have.mean[:, None, None]
    moved = torch.einsum("dc,ncyx->ndyx", linear, centred) + want.mean[:, None, None]
    return moved.clamp(0, 1)


def transfer_luminance(image: Tensor, photo: Tensor) -> Tensor:
    """Return an image with its own lightness and the colours of ``photo``, an image of the same size.

    Oklab's L is taken from the image, a and b from the photo. Where sRGB has no such colour, which is so for dark and
    for light tones of strong colours, the chroma is made less, at the same lightness and hue, until it has one.

    Args:
        image: what gives the lightness, shape (1, 3, H, W), sRGB in [0, 1].
        photo: what gives hue and chroma, of the same shape.
    """
    # Where a channel is nothing, rounding in float32 would show in the darkest tones; Apple's devices have no more.
    precise = torch.float32 if image.device.type == "mps" else torch.float64
    rows = [slice(top, top + _ROWS_AT_ONCE) for top in range(0, image.shape[2], _ROWS_AT_ONCE)]
    bands = [_with_chroma(image[..., r, :].to(precise), photo[..., r, :].to(precise)).to(image.dtype) for r in rows]
    return torch.cat(bands, dim=2)


def _with_chroma(image: Tensor, photo: Tensor) -> Tensor:
    """Return what :func:`transfer_luminance` does of a band of rows."""
    lightness, wanted = to_oklab(image)[:, :1], to_oklab(photo)[:, 1:]
    lab = torch.cat([lightness, wanted], dim=1)[0].flatten(1)
    linear = _linear_of(lab)
    outside = ~_is_colour(linear)
    if outside.any():
        lab = lab[:, outside]
        low, high = torch.zeros_like(lab[0]), torch.ones_like(lab[0])
        for _ in range(_HALVINGS):
            half = (low + high) / 2
            inside = _is_colour(_linear_of(torch.stack([lab[0], half * lab[1], half * lab[2]])))
            low, high = torch.where(inside, half, low), torch.where(inside, high, half)
        linear[:, outside] = _linear_of(torch.stack([lab[0], low * lab[1], low * lab[2]]))
    return _encoded(linear).reshape(image.shape)


def to_oklab(image: Tensor) -> Tensor:
    """Return an image in Oklab, shape (1, 3, H, W): L in [0, 1]; a and b, whose length is the chroma, angle the hue.

    Bjorn Ottosson 2020, "A perceptual color space for image processing": equal distances look about equally large, and
    neither hue nor chroma changes with lightness.
    """
    # The transfer function of sRGB, IEC 61966-2-1.
    linear = torch.where(image <= 0.04045, image / 12.92, ((image + 0.055) / 1.055) ** 2.4)
    cones = torch.einsum("dc,ncyx->ndyx", image.new_tensor(_TO_CONES), linear)
    return torch.einsum("dc,ncyx->ndyx", image.new_tensor(_TO_LAB), cones.clamp_min(0) ** (1 / 3))


def _linear_of(lab: Tensor) -> Tensor:
    """Return the linear RGB of colours in Oklab, shape (3, N); outside of [0, 1] where sRGB has no such colour."""
    cones = lab.new_tensor(_FROM_LAB) @ lab
    return lab.new_tensor(_FROM_CONES) @ cones**3


def _is_colour(linear: Tensor) -> Tensor:
    """Return which colours, linear RGB of shape (3, N), sRGB has, to rounding."""
    return (linear.amin(0) > -1e-6) & (linear.amax(0) < 1 + 1e-6)


def _encoded(linear: Tensor) -> Tensor:
    """Return the sRGB of linear light, kept in [0, 1]."""
    linear = linear.clamp(0, 1)
    return torch.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055).clamp(0, 1)


def _power(symmetric: Tensor, exponent: float) -> Tensor:
    """Return a power of a symmetric positive definite matrix."""
    values, vectors = torch.linalg.eigh(symmetric)
    power: Tensor = vectors @ torch.diag(values**exponent) @ vectors.T
    return power
