"""Picture files opened and checked, without decoding them: quick, and before torch is loaded.

A file is hostile until it has been decoded.
"""

import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageCms, UnidentifiedImageError

from artcnn.errors import PictureError
from artcnn.media.memory import available_memory

SMALLEST_SIDE = 32
"""Pixels that a picture needs on either side: as ``artcnn.image`` has it, which would import torch."""

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "TIFF", "BMP", "GIF")
"""The decoders that Pillow may use; whatever else it knows is never tried on a stranger's file."""

BYTES_PER_PIXEL = 28
"""Decoded in 8 bits, as a float tensor, and one working copy of it."""

DAMAGE = (
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


def check_picture(path: Path) -> None:
    """Raise a PictureError where the file is no picture that can be read, by its header alone."""
    with opened(path, read_bytes(path)) as image:
        check_size(path, image.size)


def read_bytes(path: Path) -> bytes:
    """Return a file's bytes.

    Raises:
        PictureError: it is not there, not a file, cannot be read, or is empty.
    """
    if path.is_dir():
        raise PictureError(f"{path} is a folder: give a picture file")
    if not path.exists():
        folder = path.parent
        near = get_close_matches(
            path.name, [p.name for p in folder.iterdir()] if folder.is_dir() else [], n=1, cutoff=0.75
        )
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
        except DAMAGE as error:
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


def check_size(path: Path, size: tuple[int, int]) -> None:
    """Raise a PictureError where a picture of ``size`` (width, height) is too small, or too large for the memory."""
    width, height = size
    if min(size) < SMALLEST_SIDE:
        raise PictureError(f"{path} is {width} x {height} pixels: it needs {SMALLEST_SIDE} at least on either side")
    needed, free = width * height * BYTES_PER_PIXEL, available_memory()
    if needed > free:
        raise PictureError(
            f"{path}: {width} x {height} pixels need about {needed / 1e9:.1f} GB of memory to open, "
            f"and {free / 1e9:.1f} GB are free: make it smaller first"
        )
