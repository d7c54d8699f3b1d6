"""Decode a Pillow image of any mode to tensors: pixels in sRGB, and alpha."""

from pathlib import Path
from typing import IO, Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from PIL.ExifTags import Base
from PIL.ImageFile import ImageFile
from PIL.TiffImagePlugin import BITSPERSAMPLE, PHOTOMETRIC_INTERPRETATION
from torch import Tensor

from artcnn.errors import PictureError
from artcnn.files.color import GRAY_16_BIT, UNUSABLE_PROFILE, convert_to_srgb, to_rgb
from artcnn.files.color_declaration import read_declared_color
from artcnn.files.encoding import HDR_PEAK, ColorEncoding
from artcnn.files.high_bit_depth import Samples, read_high_bit_depth
from artcnn.files.open import DAMAGE
from artcnn.files.png import Png
from artcnn.files.tiff import Tiff
from artcnn.files.truncated import load

_FLIPS = {1: (), 2: (1,), 3: (0, 1), 4: (0,), 5: (), 6: (1,), 7: (0, 1), 8: (0,)}
"""EXIF orientation to the axes to flip (0 rows, 1 columns); from 5 on, rows and columns are transposed first."""


def decode(
    path: Path, image: ImageFile, file: IO[bytes], exif: Image.Exif, notes: list[str]
) -> tuple[Tensor, Tensor | None]:
    """Return an opened image's pixels and alpha, upright and in sRGB.

    Args:
        path: its name in messages.
        image: as ``open_picture`` yields it.
        file: as ``open_picture`` yields it.
        exif: its EXIF data.
        notes: a sentence is added for each thing left out or wrong in the file.

    Returns:
        Pixels, shape (1, 3, H, W), float32 in [0, 1], and alpha, shape (1, 1, H, W) in [0, 1], or None if the image is
        opaque. Colors where alpha is 0 are replaced by the mean of the visible ones, or by mid gray.

    Raises:
        PictureError: its values are 32-bit numbers outside the expected range.
    """
    notes += getattr(image, "notes", ())
    if (count := _frames(image, file)) > 1:
        notes.append(f"it has {count} {'pages' if isinstance(image, Tiff) else 'frames'}: the first is taken")
    color = read_declared_color(image, exif, notes)
    try:
        deep = read_high_bit_depth(image)
    except OSError:
        deep = None  # truncated: Pillow's 8 bits may have enough of it
    if deep is None:
        image, note = load(image, file)
        notes += [note] if note else []
    value = exif.get(Base.Orientation, 1)  # Pillow has rotated a TIFF already, and removed the tag
    orientation = value if value in _FLIPS else 1
    if deep is None:
        numbers, white, alpha = _of_pillow(path, image, color, notes)
    else:
        numbers, white, alpha = _of_deep(path, deep, color, notes)
        del deep  # frees the memory of a large picture
    if isinstance(color, ColorEncoding):
        notes += [tone_mapping_note(color)] if color.is_hdr else []
        numbers, white = color.to_srgb(numbers.reshape(*numbers.shape[:2], -1), white), 1
    return _to_tensors(numbers, white, alpha, orientation)


def decode_frame(path: Path, image: Image.Image, color: bytes | ColorEncoding | None) -> tuple[Tensor, Tensor | None]:
    """Return one frame of an animation as :func:`decode` returns a picture.

    Args:
        path: its name in messages.
        image: the frame.
        color: what the file declares.
    """
    numbers, white, alpha = _of_pillow(path, image, color, [])
    if isinstance(color, ColorEncoding):
        numbers, white = color.to_srgb(numbers.reshape(*numbers.shape[:2], -1), white, HDR_PEAK), 1
    return _to_tensors(numbers, white, alpha, 1)


def tone_mapping_note(color: ColorEncoding) -> str:
    """Return the note about a picture of high dynamic range."""
    return f"it has high dynamic range ({str(color.transfer).upper()}): tone-mapped to sRGB (ITU-R BT.2390)"


def _to_tensors(
    numbers: NDArray[Any], white: int, alpha: NDArray[np.floating[Any]] | None, orientation: int
) -> tuple[Tensor, Tensor | None]:
    """Return sRGB values as pixels, and alpha, or None if it is 1 everywhere; hidden colors are filled."""
    pixels = _tensor(numbers, white, orientation).expand(1, 3, -1, -1).contiguous()
    if alpha is None or alpha.min() == 1:
        return pixels, None
    opacity = _tensor(alpha, 1, orientation)
    fill_hidden(pixels, opacity)
    return pixels, opacity


def _frames(image: ImageFile, file: IO[bytes]) -> int:
    """Return the number of frames or pages, as far as they can be counted."""
    if isinstance(image, Png | Tiff):
        return image.frames
    if image.format not in ("GIF", "WEBP", "AVIF"):
        return 1  # other images in a JPEG or HEIC file are versions of the same picture
    file.seek(0)
    again: Any = type(image)(file)  # counting a GIF's frames moves through the file
    try:
        return int(again.n_frames)
    except DAMAGE:
        return int(again.tell()) + 1


def _of_pillow(
    path: Path, image: Image.Image, color: bytes | ColorEncoding | None, notes: list[str]
) -> tuple[NDArray[Any], int, NDArray[np.floating[Any]] | None]:
    """Return the values of a loaded image, shape (H, W) or (H, W, 3), the value of white, and alpha."""
    colors, alpha = _split(image)
    samples = np.asarray(_profiled(colors, color, notes))
    if samples.dtype == np.uint8:
        return samples, 255, alpha
    if colors.mode in ("I", "F"):
        white = 65535 if colors.mode == "I" else 1
        _check_range(path, samples, white)
    else:
        white, samples = 65535, samples.astype(np.uint16)  # in native byte order
    tags = image.tag_v2 if isinstance(image, Tiff) else {}
    # Pillow returns the raw values of a TIFF of more than 8 bits: in 12 bits, or with 0 for white.
    if tags.get(BITSPERSAMPLE) == (12,):
        white = 4095
    return white - samples if tags.get(PHOTOMETRIC_INTERPRETATION) == 0 else samples, white, alpha


def _of_deep(
    path: Path, deep: Samples, color: bytes | ColorEncoding | None, notes: list[str]
) -> tuple[NDArray[Any], int, NDArray[np.floating[Any]] | None]:
    """Return the same as :func:`_of_pillow` for samples of more than 8 bits."""
    _check_range(path, deep.color, deep.white)
    channels = deep.color.shape[2]
    if channels == 4 or isinstance(color, bytes):  # lcms gets 8 bits, except for gray
        bits = 16 if channels == 1 else 8
        samples = np.asarray(_profiled(deep.as_image(bits), color, notes))
        return samples, 255 if samples.dtype == np.uint8 else 65535, deep.alpha
    return deep.color, deep.white, deep.alpha


def _split(image: Image.Image) -> tuple[Image.Image, NDArray[np.floating[Any]] | None]:
    """Return an image's colors, in a mode for ``convert_to_srgb``, and its alpha, shape (H, W), in [0, 1]."""
    if image.mode in GRAY_16_BIT:
        clear = image.info.get("transparency")
        return image, None if clear is None else (np.asarray(image) != clear).astype(np.float32)
    if image.mode in ("CMYK", "LAB", "I", "F"):
        return image, None
    plain = "L" if image.mode in ("1", "L", "LA", "La") else "RGB"
    if not image.has_transparency_data:
        return image if image.mode == plain else image.convert(plain), None
    if image.mode != plain + "A":
        image = image.convert(plain + "A")
    return image.convert(plain), np.asarray(image.getchannel("A"), np.float32) / 255


def _profiled(image: Image.Image, color: bytes | ColorEncoding | None, notes: list[str]) -> Image.Image:
    """Return an image in sRGB if it has an ICC profile, or is in CMYK or Lab."""
    if isinstance(color, bytes):
        followed = convert_to_srgb(image, color)
        if followed is not None:
            return followed
        notes.append(UNUSABLE_PROFILE)
    return to_rgb(image)


def _check_range(path: Path, samples: NDArray[Any], white: int) -> None:
    if samples.dtype.kind != "u" and not (samples.min() >= 0 and samples.max() <= white):
        raise PictureError(f"{path}: its values are not of the range 0 to {white}", hint="save it in 8 or 16 bits")


def _tensor(samples: NDArray[Any], white: int, orientation: int) -> Tensor:
    """Return samples of shape (H, W) or (H, W, C) as an upright tensor, shape (1, C, H, W), ``white`` scaled to 1."""
    samples = samples.reshape(*samples.shape[:2], -1)
    if orientation >= 5:
        samples = samples.swapaxes(0, 1)
    samples = np.flip(samples, _FLIPS[orientation]).transpose(2, 0, 1)
    return torch.from_numpy(np.array(samples, order="C"))[None].to(torch.float32).div_(white)


def fill_hidden(pixels: Tensor, alpha: Tensor) -> None:
    """Replace the colors where ``alpha`` is 0 by the mean of the others, or mid gray if there are none, in place."""
    visible = alpha[0, 0] > 0
    count = int(visible.sum())
    for channel in pixels[0]:
        mean = float((channel * visible).sum()) / count if count else 0.5
        channel.masked_fill_(~visible, mean)
