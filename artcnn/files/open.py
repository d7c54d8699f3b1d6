"""Open a picture file as a Pillow image that has been checked, and is safe to decode. No torch is imported."""

import struct
import sys
import threading
import warnings
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from functools import lru_cache
from io import BufferedReader, BytesIO
from math import ceil
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import BinaryIO

from PIL import Image
from PIL.AvifImagePlugin import AvifImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile

from artcnn.errors import MissingExtraError, PictureError, PictureNotFoundError, lacks_memory, missing, reason
from artcnn.extras import importing
from artcnn.files.png import Png
from artcnn.files.streams import STREAM
from artcnn.files.tiff import Tiff
from artcnn.files.webp import WebP
from artcnn.machine.memory import available_memory, format_gigabytes

READABLE = "JPEG, PNG, WebP, AVIF, TIFF, BMP, GIF, HEIC"

SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".avif", ".heic"}
"""Endings of picture files. Files without one of these are recognized by content."""

LARGEST_STREAM = 1 << 30
"""Most bytes that are read from the standard input."""

SMALLEST_DIGIT = 8
"""Smallest width and height of a picture of a digit, in pixels."""

SMALLEST_SIDE = 32
"""Smallest width and height of a picture, in pixels; the same as in ``artcnn.image``, which would import torch."""

LARGE_JPEG = 64_000_000
"""Pixels above which a JPEG is decoded at a reduced size where that will do: 0.1 s instead of 30 s."""

BYTES_PER_PIXEL = 28
"""Memory for opening, per pixel: 4 bytes decoded, 12 as float32 RGB, 12 for a working copy."""

DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    EOFError,
    OverflowError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)
"""Exceptions that decoders raise for damaged files."""

_SIGNATURES: dict[bytes, type[ImageFile]] = {
    b"\xff\xd8\xff": JpegImageFile,
    b"\x89PNG\r\n\x1a\n": Png,
    b"GIF87a": GifImageFile,
    b"GIF89a": GifImageFile,
    b"BM": BmpImageFile,
    b"II*\0": Tiff,
    b"MM\0*": Tiff,
    b"II+\0": Tiff,
    b"MM\0+": Tiff,
}

_JUNK = b"\0\t\n\r \xef\xbb\xbf"
"""Bytes that may precede a picture: white space, zeros, and the byte order mark of UTF-8."""

_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}

_quiet = threading.Lock()


def is_picture(head: bytes) -> bool:
    """Return whether a file that begins with ``head`` (up to 64 bytes) is a picture in a known format."""
    if head.startswith(b"BM") and head[6:10] != bytes(4):
        return False  # texts may begin with these letters
    known = head.startswith(tuple(_SIGNATURES)) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")
    return known or bool(_brands(head) & {b"avif", b"avis", *_HEIF_BRANDS})


def check_picture(
    path: Path, min_side: int = SMALLEST_SIDE, long_side: int | None = None, content: bytes | None = None
) -> None:
    """Check the header of a picture file; done before slow work.

    Raises:
        PictureError: as ``open_picture``.
    """
    with open_picture(path, min_side, long_side, content):
        pass


@contextmanager
def open_picture(
    path: Path, min_side: int = SMALLEST_SIDE, long_side: int | None = None, content: bytes | None = None
) -> Iterator[tuple[ImageFile, BufferedReader | BytesIO]]:
    """Open a picture file: the header is read and checked, the pixels are not decoded yet.

    The format is recognized by content, and only that format's decoder is called. Its exceptions inside the ``with``
    block become PictureErrors. Its warnings are suppressed; since Python's warning filters are global to a process, a
    lock allows one open picture at a time.

    Args:
        path: the file, or ``STREAM``.
        min_side: pixels needed along both sides.
        long_side: pixels needed along the longer side; a JPEG above ``LARGE_JPEG`` is decoded at 1/2, 1/4 or 1/8 of its
            size if twice as many remain. None for all.
        content: the bytes of the file, if they are in memory; ``path`` is then only used in messages.

    Yields:
        The image, to be loaded inside the block, and the file.

    Raises:
        PictureError: the file does not exist, is not a picture, is damaged, too small, or too large for the memory.
    """
    with open_file(path, content) as file:
        file = _from_its_beginning(file)
        decoder = _decoder(path, file.read(64))
        file.seek(0)
        with decoding(path, getattr(decoder, "format", "picture")):
            # Image.open has its own limit on pixels, which only a global variable can lift.
            image = decoder(file)
            if long_side is not None and isinstance(image, JpegImageFile) and image.width * image.height > LARGE_JPEG:
                scale = min(1, 2 * long_side / max(image.size))
                image.draft(None, (ceil(image.width * scale), ceil(image.height * scale)))
            check_size(path, image.size, min_side)
            yield image, file


@contextmanager
def decoding(path: Path, kind: str) -> Iterator[None]:
    """Turn a decoder's exceptions within the block into PictureErrors, and suppress its warnings.

    Args:
        path: the file, in messages.
        kind: its format, in messages.
    """
    with _quiet, warnings.catch_warnings(action="ignore"):
        try:
            yield
        except DAMAGE as error:
            if lacks_memory(error):
                raise PictureError(
                    f"{path}: there is not enough memory to open it, or it is damaged", hint="make it smaller first"
                ) from error
            raise PictureError(
                f"{path}: damaged or cut short, or a kind of {kind} that artcnn cannot read",
                hint="get a fresh copy, or a PNG",
            ) from error


def open_file(path: Path, content: bytes | None = None) -> BufferedReader | BytesIO:
    """Open a file, the standard input, or ``content``, the bytes of a file in memory.

    Raises:
        PictureError: the file does not exist, is not a regular file, is empty or may not be read.
    """
    if content is not None:
        return BytesIO(content)
    if path == STREAM:
        return BytesIO(_all_of(sys.stdin.buffer))
    try:
        status = path.stat()
        if S_ISDIR(status.st_mode):
            raise PictureError(f"{path} is a folder", hint="give a picture file")
        if not S_ISREG(status.st_mode):
            raise PictureError(f"{path} is not a regular file", hint="give a picture file")
        if status.st_size == 0:
            raise PictureError(f"{path} is empty", hint="get a fresh copy")
        return path.open("rb")
    except (FileNotFoundError, NotADirectoryError):
        raise PictureNotFoundError(missing(path), hint=None if path.is_symlink() else _near(path)) from None
    except PermissionError as error:
        raise PictureError(f"{path}: cannot be opened ({error.strerror})", hint="check its permissions") from error
    except OSError as error:
        raise PictureError(f"{path}: {reason(error)}") from error


@lru_cache(maxsize=1)  # a pipe can be read only once, but a picture is opened several times
def _all_of(stream: BinaryIO) -> bytes:
    """Return all of the standard input.

    Raises:
        PictureError: it is a terminal, empty, or too long.
    """
    if stream.isatty():
        raise PictureError("-: there is nothing on the standard input", hint="pipe a picture into artcnn")
    data = stream.read(LARGEST_STREAM + 1)
    if not data:
        raise PictureError("-: nothing came from the standard input", hint="pipe a picture into artcnn")
    if len(data) > LARGEST_STREAM:
        raise PictureError(
            f"-: more than {format_gigabytes(LARGEST_STREAM)} came from the standard input", hint="give a file"
        )
    return data


def _from_its_beginning(file: BufferedReader | BytesIO) -> BufferedReader | BytesIO:
    """Skip white space before a JPEG or PNG."""
    head = file.read(64)
    file.seek(0)
    junk = len(head) - len(head.lstrip(_JUNK))
    if not junk or not head[junk:].startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        return file
    return BytesIO(file.read()[junk:])


def _near(path: Path) -> str | None:
    """Return the hint ``"did you mean 'x'?"`` with a file of a similar name in the same folder, or None."""
    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        return None
    near = get_close_matches(path.name, names, n=1, cutoff=0.75)
    return f"did you mean '{path.with_name(near[0])}'?" if near else None


def _decoder(path: Path, head: bytes) -> Callable[[BufferedReader | BytesIO], ImageFile]:
    """Return the decoder for a file that begins with ``head``.

    Raises:
        PictureError: it is not a picture.
        MissingExtraError: it needs pillow-heif, which is not installed.
    """
    for signature, decoder in _SIGNATURES.items():
        if head.startswith(signature):
            return decoder
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WebP
    brands = _brands(head)
    if brands & {b"avif", b"avis"}:
        return AvifImageFile
    if brands & _HEIF_BRANDS:
        try:
            with importing("heic"):
                from pillow_heif import HeifImageFile
        except MissingExtraError as error:
            raise error.about(path) from error
        return HeifImageFile
    raise PictureError(f"{path}: not a picture that artcnn can read ({READABLE})")


def _brands(head: bytes) -> set[bytes]:
    """Return the brands of an ISO media file (AVIF, HEIC, MP4 ...)."""
    if head[4:8] != b"ftyp":
        return set()
    end = min(len(head), int.from_bytes(head[:4], "big"))
    return {head[start : start + 4] for start in (8, *range(16, end, 4))}


def check_size(path: Path, size: tuple[int, int], min_side: int = SMALLEST_SIDE) -> None:
    """Check the (width, height) of a picture in pixels.

    Raises:
        PictureError: it is too small, or too large for the memory.
    """
    width, height = size
    if min(width, height) < min_side:
        raise PictureError(f"{path} is {width} x {height} pixels: it needs {min_side} at least on either side")
    needed, free = width * height * BYTES_PER_PIXEL, available_memory()
    if needed > free:
        raise PictureError(
            f"{path}: {width} x {height} pixels need about {format_gigabytes(needed)} of memory to open "
            f"and {format_gigabytes(free)} are free",
            hint="make it smaller first",
        )
