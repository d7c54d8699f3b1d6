"""Sizes, resizing, cropping, smoothing and transforming of images, as pure functions of tensors.

An image is a float tensor of shape ``(1, 3, H, W)``, sRGB, values in [0, 1]. Sizes are ``(height, width)`` in pixels.
Nothing here reads a file or changes its argument.
"""

from collections.abc import Sequence
from math import cos, radians, sin

import torch
import torch.nn.functional as F
from torch import Tensor

from artcnn.errors import ArtcnnError

Size = tuple[int, int]

SMALLEST_SIDE = 32
"""Pixels below which VGG's five poolings leave nothing."""


def size_of(image: Tensor) -> Size:
    """Return the ``(height, width)`` of an image."""
    return image.shape[-2], image.shape[-1]


def fit_size(size: Size, long_side: int) -> Size:
    """Return ``size`` scaled so that its longer side is ``long_side``, with the aspect ratio kept to the pixel."""
    height, width = size
    scale = long_side / max(height, width)
    return max(1, round(height * scale)), max(1, round(width * scale))


def video_size(size: Size, long_side: int) -> Size:
    """Return :func:`fit_size` with even sides, as video codecs need them."""
    height, width = fit_size(size, long_side)
    return max(height // 2, 1) * 2, max(width // 2, 1) * 2


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
        ArtcnnError: the other side would be shorter than 32 pixels.
    """
    check_fit(size_of(image), long_side)
    return resize(image, fit_size(size_of(image), long_side))


def same_aspect(a: Size, b: Size) -> bool:
    """Return whether two sizes have the same aspect ratio, to 3 %."""
    return abs(a[0] * b[1] - a[1] * b[0]) <= 0.03 * a[0] * b[1]


def as_mask(image: Tensor, alpha: Tensor | None = None) -> Tensor:
    """Return an image as a mask, shape (1, 1, H, W): 0 where it is black or transparent, 1 where it is white."""
    white = image.mean(1, keepdim=True)
    return white if alpha is None else alpha * white


def on_white(pixels: Tensor, alpha: Tensor | None) -> Tensor:
    """Return an image as it looks on white."""
    return pixels if alpha is None else pixels * alpha + (1 - alpha)


def crop(image: Tensor, box: Sequence[float]) -> Tensor:
    """Return a part of an image, at least one pixel: left, top, right and bottom, each from 0 to 1."""
    rows, columns = (_part(length, *ends) for length, ends in zip(size_of(image), (box[1::2], box[::2]), strict=True))
    return image[..., rows, columns]


def crop_size(size: Size, box: Sequence[float]) -> Size:
    """Return the (height, width) of what :func:`crop` returns for an image of that size."""
    rows, columns = _part(size[0], *box[1::2]), _part(size[1], *box[::2])
    return rows.stop - rows.start, columns.stop - columns.start


def _part(length: int, begin: float, end: float) -> slice:
    first = min(round(begin * length), length - 1)
    return slice(first, max(first + 1, round(end * length)))


def center_crop(image: Tensor, side: int) -> Tensor:
    """Return the central square of an image, 7/8 of its shorter side, resized to ``side``: the input of classifiers."""
    height, width = size_of(image)
    scale = side / 0.875 / min(height, width)
    image = resize(image, (max(side, round(height * scale)), max(side, round(width * scale))))
    top, left = ((length - side) // 2 for length in size_of(image))
    return image[..., top : top + side, left : left + side]


def resize(image: Tensor, size: Size) -> Tensor:
    """Return ``image`` at ``size``, clamped to [0, 1]: bicubic, antialiased when it shrinks."""
    return image if size_of(image) == size else resample(image, size).clamp(0, 1)


def resample(x: Tensor, size: Size) -> Tensor:
    """Return any (1, C, H, W) tensor at ``size``: bicubic, antialiased when it shrinks; values may overshoot."""
    return F.interpolate(x, size, mode="bicubic", antialias=True)


def resample_circular(x: Tensor, size: Size) -> Tensor:
    """Return :func:`resample` of a tensor whose opposite borders meet; those of the result meet, too.

    The sides of both sizes have to be multiples of 8.
    """
    height, width = (length // 8 for length in size_of(x))
    padded = F.pad(x, (width, width, height, height), mode="circular")
    top, left = (length // 8 for length in size)
    return resample(padded, (10 * top, 10 * left))[..., top : 9 * top, left : 9 * left]


def sampling_grid(
    size: Size,
    scale: float,
    degrees: float,
    shift: tuple[float, float] = (0, 0),
    device: torch.device | None = None,
) -> Tensor:
    """Return the grid with which torch's ``grid_sample`` enlarges and rotates an image about its center.

    Args:
        size: (height, width) in pixels, of the image and of the result.
        scale: above 1 the image is enlarged.
        degrees: of the rotation, counterclockwise.
        shift: (down, right) in pixels of the image: what the result has in its center, from the image's center.
        device: what to compute on; the CPU by default, and for Apple's GPUs, which have no float64.

    Returns:
        Shape (1, H, W, 2), float64: x and y of each pixel's source, from -1 to 1 within the image.
    """
    height, width = size
    along, across = cos(radians(degrees)) / scale, sin(radians(degrees)) / scale
    down, right = 2 * shift[0] / height, 2 * shift[1] / width
    matrix = [[along, -across * height / width, right], [across * width / height, along, down]]
    place = torch.device("cpu") if device is None or device.type == "mps" else device
    rows = torch.tensor([matrix], dtype=torch.float64, device=place)
    grid: Tensor = F.affine_grid(rows, [1, 1, height, width], False)
    return grid


def random_affine(image: Tensor, max_rotation: float, max_scale_change: float, generator: torch.Generator) -> Tensor:
    """Return an image (1, C, H, W) rotated and scaled at random about its center, mirrored beyond its borders.

    Args:
        image: it is not changed.
        max_rotation: in degrees, either way.
        max_scale_change: 0.3 is from 0.7 to 1.3 times.
        generator: of the two random numbers.
    """
    rotation, scale = (2 * torch.rand(2, generator=generator) - 1).tolist()
    factor = 1 / (1 + scale * max_scale_change)
    grid = sampling_grid(size_of(image), factor, rotation * max_rotation, device=image.device).to(image)
    return F.grid_sample(image, grid, padding_mode="reflection", align_corners=False)


def blur(x: Tensor, sigma: float) -> Tensor:
    """Return a (1, C, H, W) tensor convolved with a Gaussian of ``sigma`` pixels, edges replicated; 0 is no blur."""
    if sigma == 0:
        return x
    radius = max(1, round(3 * sigma))
    offsets = torch.arange(-radius, radius + 1, device=x.device, dtype=x.dtype)
    kernel = torch.exp(-0.5 * (offsets / sigma) ** 2)
    kernel = (kernel / kernel.sum()).expand(x.shape[1], 1, -1)
    padded = F.pad(x, (radius, radius, radius, radius), mode="replicate")
    down = F.conv2d(padded, kernel.unsqueeze(-1), groups=x.shape[1])
    return F.conv2d(down, kernel.unsqueeze(-2), groups=x.shape[1])
