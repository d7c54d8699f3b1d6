"""Picture files to tensors. A file is hostile until it has been decoded."""

import hashlib
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from io import BytesIO
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError
from torch import Tensor

from artcnn.errors import PictureError
from artcnn.image import SMALLEST_SIDE
from artcnn.media.memory import available_memory

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "TIFF", "BMP", "GIF")
"""The decoders that Pillow may use; whatever else it knows is never tried on a stranger's file."""

BYTES_PER_PIXEL = 28
"""Decoded in 8 bits, as a float tensor, and one working copy of it."""

_DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    IndexError,
    KeyError,
    EOFError,
    OverflowError,
    MemoryError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    ImageCms.PyCMSError,
)
"""What Pillow's decoders raise on a damaged file."""

_pillow = threading.Lock()


@dataclass(frozen=True)
class Picture:
    """A picture file's content.

    Attributes:
        pixels: shape (1, 3, H, W), sRGB in [0, 1], upright.
        alpha: opacity, shape (1, 1, H, W) in [0, 1], or None where the picture is opaque.
        sha256: of the file, in hexadecimal.
        notes: what the user should know about how the file was understood.
    """

    pixels: Tensor
    alpha: Tensor | None
    sha256: str
    notes: tuple[str, ...]


def read_picture(path: Path | str) -> Picture:
    """Return the picture in a JPEG, PNG, WebP, AVIF, TIFF, BMP, GIF (first frame) or HEIC file.

    It is turned as its EXIF orientation says and converted to sRGB by its colour profile. Where it is fully
    transparent, the hidden colours are replaced by the mean of the visible ones.

    Raises:
        PictureError: the file cannot be read, is no such picture, is damaged, too small, or too large for the memory.
    """
    path = Path(path)
    data = read_bytes(path)
    with opened(path, data) as image:
        _check_size(path, image.size)
        notes: list[str] = []
        try:
            image.load()
            image = _upright(path, image, notes)
            alpha = _alpha(image)
            colours = np.array(_srgb(path, image, notes))
        except _DAMAGE as error:
            raise PictureError(f"{path}: the file is damaged or cut short ({error}): get a fresh copy") from error
    pixels = torch.from_numpy(colours).permute(2, 0, 1)[None].float().div(255).contiguous()
    if alpha is None:
        return Picture(pixels, None, hashlib.sha256(data).hexdigest(), tuple(notes))
    opacity = torch.from_numpy(alpha)[None, None].float() / 255
    return Picture(_unhidden(pixels, opacity), opacity, hashlib.sha256(data).hexdigest(), tuple(notes))


def read_bytes(path: Path) -> bytes:
    """Return a file's bytes.

    Raises:
        PictureError: it is not there, not a file, cannot be read, or is empty.
    """
    if path.is_dir():
        raise PictureError(f"{path} is a folder: give a picture file")
    if not path.exists():
        folder = path.parent
        near = get_close_matches(path.name, [p.name for p in folder.iterdir()] if folder.is_dir() else [], n=1)
        raise PictureError(f"no such file: {path}" + (f": did you mean '{folder / near[0]}'?" if near else ""))
    if not path.is_file():
        raise PictureError(f"{path} is not a regular file: give a picture file")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PictureError(f"cannot read {path}: {(error.strerror or str(error)).lower()}") from error
    if not data:
        raise PictureError(f"{path} is empty: give a picture file")
    return data


@contextmanager
def opened(path: Path, data: bytes) -> Iterator[Image.Image]:
    """Yield the picture in ``data``, its header read and nothing decoded.

    Raises:
        PictureError: the bytes are no picture of a known format.
    """
    formats, heic = _formats()
    # Pillow's own limit of pixels is of the whole process: it is set aside here, where the memory there is decides.
    with _pillow, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of broken metadata, which decides nothing here
        limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            with Image.open(BytesIO(data), formats=formats) as image:
                yield image
        except UnidentifiedImageError as error:
            if not heic and data[4:8] == b"ftyp" and data[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"hevc"):
                raise PictureError(f"{path} is a HEIC picture: pip install 'artcnn[heic]' to read it") from error
            known = "JPEG, PNG, WebP, AVIF, TIFF, BMP, GIF, HEIC"
            raise PictureError(f"{path}: not a picture that artcnn can read ({known})") from error
        except _DAMAGE as error:
            raise PictureError(f"{path}: the file is damaged or cut short ({error}): get a fresh copy") from error
        finally:
            Image.MAX_IMAGE_PIXELS = limit


def _formats() -> tuple[list[str], bool]:
    """Return Pillow's names of the formats that can be read here, and whether HEIC is one of them."""
    try:
        from pillow_heif import register_heif_opener
    except ImportError:
        return [*FORMATS], False
    register_heif_opener()
    return [*FORMATS, "HEIF"], True


def _check_size(path: Path, size: tuple[int, int]) -> None:
    width, height = size
    if min(size) < SMALLEST_SIDE:
        raise PictureError(f"{path} is {width} x {height} pixels: it needs {SMALLEST_SIDE} at least on either side")
    needed, free = width * height * BYTES_PER_PIXEL, available_memory()
    if needed > free:
        raise PictureError(
            f"{path}: {width} x {height} pixels need about {needed / 1e9:.1f} GB of memory to open, "
            f"and {free / 1e9:.1f} GB are free: make it smaller first"
        )


def _upright(path: Path, image: Image.Image, notes: list[str]) -> Image.Image:
    """Return the image turned as its EXIF orientation says."""
    try:
        return ImageOps.exif_transpose(image)
    except _DAMAGE:
        notes.append(f"{path}: its EXIF data is damaged; taken as upright")
        return image


def _alpha(image: Image.Image) -> "np.ndarray[tuple[int, int], np.dtype[np.uint8]] | None":
    """Return the opacity, shape (H, W), 0 to 255, or None where every pixel is opaque."""
    if not image.has_transparency_data or image.mode.startswith("I"):
        return None
    alpha = np.array(image.convert("RGBA").getchannel("A"))
    return None if (alpha == 255).all() else alpha


def _srgb(path: Path, image: Image.Image, notes: list[str]) -> Image.Image:
    """Return the image's colours in sRGB, mode RGB."""
    profile = image.info.get("icc_profile")
    image = _eight_bits(path, image)
    srgb = ImageCms.createProfile("sRGB")
    if image.mode == "LAB":
        return ImageCms.profileToProfile(image, ImageCms.createProfile("LAB"), srgb, outputMode="RGB") or image
    if image.mode not in ("RGB", "L", "CMYK"):
        image = image.convert("L" if image.mode in ("1", "LA", "La") else "RGBA").convert("RGB")
    if profile:
        try:
            embedded = ImageCms.ImageCmsProfile(BytesIO(profile))
            return ImageCms.profileToProfile(image, embedded, srgb, outputMode="RGB") or image
        except (ImageCms.PyCMSError, *_DAMAGE):
            notes.append(f"{path}: its colour profile cannot be used; taken as sRGB")
    return image.convert("RGB")


def _eight_bits(path: Path, image: Image.Image) -> Image.Image:
    """Return an image of 16-bit or float greyscale in 8 bits, mode L, and any other as it is."""
    if image.mode not in ("I;16", "I;16B", "I;16L", "I", "F"):
        return image
    values = np.array(image).astype(np.float64)
    largest = 1.0 if image.mode == "F" else 65535.0
    if not np.isfinite(values).all() or values.min() < 0 or values.max() > largest:
        raise PictureError(f"{path}: its values are not of the range 0 to {largest:.0f}: save it with 8 or 16 bits")
    return Image.fromarray(np.rint(values * (255 / largest)).astype(np.uint8))


def _unhidden(pixels: Tensor, alpha: Tensor) -> Tensor:
    """Return the pixels with whatever full transparency hides replaced by the mean visible colour, or mid-grey."""
    visible = alpha.sum()
    mean = (pixels * alpha).sum(dim=(2, 3), keepdim=True) / visible if visible > 0 else torch.full((1, 3, 1, 1), 0.5)
    return torch.where(alpha == 0, mean, pixels)
