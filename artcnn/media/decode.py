"""From a Pillow image of any kind to tensors: pixels in sRGB, and alpha."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from PIL.ExifTags import Base
from PIL.TiffImagePlugin import BITSPERSAMPLE, PHOTOMETRIC_INTERPRETATION, TiffImageFile
from torch import Tensor

from artcnn.errors import PictureError
from artcnn.media.colour import DEEP_GREY, to_srgb
from artcnn.media.open import DAMAGE

_FLIPS = {1: (), 2: (1,), 3: (0, 1), 4: (0,), 5: (), 6: (1,), 7: (0, 1), 8: (0,)}
"""EXIF orientation to the axes (0 down, 1 across) to flip, once rows and columns are exchanged from 5 upwards."""


def decode(path: Path, image: Image.Image, notes: list[str]) -> tuple[Tensor, Tensor | None]:
    """Return an opened image's pixels and alpha, upright and in sRGB.

    Args:
        path: what to call it in notes and errors.
        image: as ``opened`` yields it.
        notes: gains a sentence for whatever had to be left out.

    Returns:
        Pixels, shape (1, 3, H, W), float32 in [0, 1], and alpha, shape (1, 1, H, W) in [0, 1], or None where all is
        opaque. Where alpha is 0, the colours, which nobody sees, are the mean of the visible ones, or mid grey.

    Raises:
        PictureError: its pixels are 32-bit numbers beyond the range whose white is known.
    """
    image.load()
    orientation = _orientation(path, image, notes)
    colours, alpha = _split(image)
    colours = to_srgb(path, colours, image.info.get("icc_profile", b""), notes)
    pixels = _tensor(*_samples(path, colours, image), orientation).expand(1, 3, -1, -1).contiguous()
    del colours  # a large picture's memory is wanted below
    if alpha is None or alpha.min() == 255:
        return pixels, None
    opacity = _tensor(alpha, 255, orientation)
    _fill_hidden(pixels, opacity)
    return pixels, opacity


def _orientation(path: Path, image: Image.Image, notes: list[str]) -> int:
    try:
        value = image.getexif().get(Base.Orientation, 1)
    except DAMAGE:
        notes.append(f"{path}: its EXIF data cannot be read, taken as upright")
        return 1
    return value if value in _FLIPS else 1


def _split(image: Image.Image) -> tuple[Image.Image, NDArray[np.uint8] | None]:
    """Return an image's colours, in a mode that ``to_srgb`` takes, and its alpha, shape (H, W), 0 to 255."""
    if image.mode in DEEP_GREY:
        clear = image.info.get("transparency")
        return image, None if clear is None else np.where(np.asarray(image) == clear, 0, 255).astype(np.uint8)
    if image.mode in ("CMYK", "LAB", "I", "F"):
        return image, None
    plain = "L" if image.mode in ("1", "L", "LA", "La") else "RGB"
    if not image.has_transparency_data:
        return image if image.mode == plain else image.convert(plain), None
    if image.mode != plain + "A":
        image = image.convert(plain + "A")
    return image.convert(plain), np.asarray(image.getchannel("A"))


def _samples(path: Path, colours: Image.Image, file: Image.Image) -> tuple[NDArray[Any], int]:
    """Return the numbers of an image, shape (H, W) or (H, W, 3), and which of them is white."""
    samples = np.asarray(colours)
    if colours.mode in ("I", "F"):
        white = 65535 if colours.mode == "I" else 1
        if not (samples.min() >= 0 and samples.max() <= white):
            raise PictureError(f"{path}: its values are not of the range 0 to {white}: save it in 8 or 16 bits")
    elif colours.mode in DEEP_GREY:
        white, samples = 65535, samples.astype(np.uint16)  # in the machine's own byte order
    else:
        return samples, 255
    tags = file.tag_v2 if isinstance(file, TiffImageFile) else {}
    # Pillow hands over the numbers of a deep TIFF as they stand: in 12 bits, or with 0 for white.
    if tags.get(BITSPERSAMPLE) == (12,):
        white = 4095
    return (white - samples if tags.get(PHOTOMETRIC_INTERPRETATION) == 0 else samples), white


def _tensor(samples: NDArray[Any], white: int, orientation: int) -> Tensor:
    """Return samples of shape (H, W) or (H, W, C) as an upright tensor of shape (1, C, H, W), ``white`` at 1."""
    samples = samples.reshape(*samples.shape[:2], -1)
    if orientation >= 5:
        samples = samples.swapaxes(0, 1)
    samples = np.flip(samples, _FLIPS[orientation]).transpose(2, 0, 1)
    return torch.from_numpy(np.array(samples, order="C"))[None].to(torch.float32).div_(white)


def _fill_hidden(pixels: Tensor, alpha: Tensor) -> None:
    """Replace, in place, the colours where ``alpha`` is 0 by the mean of the others, or mid grey if there are none."""
    visible = alpha[0, 0] > 0
    count = int(visible.sum())
    for channel in pixels[0]:
        mean = float((channel * visible).sum()) / count if count else 0.5
        channel.masked_fill_(~visible, mean)
