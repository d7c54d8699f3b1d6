"""Load truncated picture files, if enough of the picture is there."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import IO, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile

from artcnn.files.png import Png

LEAST = 0.9
"""Part of a picture's area that must be there."""

_END = b"\xff\xd9"
"""JPEG's EOI marker. If it comes too early, libjpeg leaves the rest of the picture gray."""

_BY_ROWS = {"raw", "zip", "gif", "bmp_rle"}
"""Pillow's decoders that fill the picture progressively: PNG, GIF, BMP and uncompressed TIFF."""

_FILLS: dict[str, tuple[int | tuple[int, ...], int | tuple[int, ...]]] = {
    "1": (0, 255),
    "L": (128, 255),
    "P": (0, 255),
    "RGB": ((128,) * 3, (255,) * 3),
    "RGBA": ((128, 128, 128, 255), (255,) * 4),
    "LA": ((128, 255), (255,) * 2),
    "I;16": (32768, 65535),
    "CMYK": ((128,) * 4, (255,) * 4),
}
"""By mode, two different fills. Pixels that differ between two decodings were not written by the decoder."""


def load(image: ImageFile, file: IO[bytes]) -> tuple[ImageFile, str | None]:
    """Load an opened image's pixels; return it, and a note if the file is truncated.

    Raises:
        OSError: it is damaged, or less than ``LEAST`` of the picture is there.
    """
    try:
        image.load()
    except OSError as error:
        rest, there = _jpeg(image, file) if isinstance(image, JpegImageFile) else _written(image, file)
        if there < LEAST:
            raise OSError(f"only {there:.0%} of the picture is there") from error
        if there < 1:
            return rest, f"the file is cut short: the last {1 - there:.1%} of the picture are missing, and gray"
        return rest, "the file is cut short, and lacks its finest detail at most"
    if isinstance(image, Png) and not image.ended:
        return image, "the file is cut short, behind its last pixel"
    return image, None


def _written(image: ImageFile, file: IO[bytes]) -> tuple[ImageFile, float]:
    """Return an image as far as it can be decoded, and the part of its area."""
    if image.mode not in _FILLS or not {tile.codec_name for tile in image.tile} <= _BY_ROWS:
        return image, 0.0
    if file.seek(0, 2) < LEAST * image.width * image.height * _least_bytes(image):
        return image, 0.0  # skips decoding, which is slow for a huge declared size
    first, second = (_filled(image, file, fill) for fill in _FILLS[image.mode])
    missing = (np.asarray(first) != np.asarray(second)).reshape(image.height, image.width, -1).any(axis=-1)
    there = 1 - float(missing.mean())
    missing[1:] &= ~missing[:-1]  # in interlaced files, a missing row between present ones is tolerated
    first.paste(ImageChops.offset(first, 0, 1), (0, 0), Image.fromarray(missing))
    return first, there


def _least_bytes(image: ImageFile) -> float:
    """Return the smallest number of bytes for a pixel."""
    if {tile.codec_name for tile in image.tile} == {"raw"} and image.mode != "P":
        return len(image.getbands()) if image.mode != "1" else 1 / 8
    return 1 / 8 / 4096  # the most pixels of a GIF code; deflate has fewer


def _filled(image: ImageFile, file: IO[bytes], fill: int | tuple[int, ...]) -> ImageFile:
    """Return an image as far as it can be decoded, the rest filled."""
    file.seek(0)
    again = type(image)(file)
    again.load_prepare()
    again.im.paste(fill, (0, 0, *again.im.size))
    again.load_prepare = lambda: None  # type: ignore[method-assign] # it would start from black
    try:
        again.load()
    except OSError:
        again.tile = []  # nothing is left to decode
        again._size = again.im.size  # Pillow rotates a TIFF once it is fully loaded
    return again


def _jpeg(image: JpegImageFile, file: IO[bytes]) -> tuple[ImageFile, float]:
    """Add the end to a truncated JPEG; return it, and the part of its area that is there.

    In a progressive JPEG, every coefficient must be there except for its last bit. If the last scan has more than that
    bit, its area counts.
    """
    file.seek(0)
    data = file.read()
    frame, scans = _scans(data)
    if frame is None or not scans:
        return image, 0.0
    whole = _with_end(image, data)
    if _lacks_one_bit(frame, scans[:-1]):
        return whole, 1.0
    if not _lacks_one_bit(frame, scans):
        return image, 0.0
    without = _with_end(image, data[: scans[-1].start])
    return whole, _area(np.asarray(whole), np.asarray(without), frame)


def _lacks_one_bit(frame: "_Frame", scans: "list[_Scan]") -> bool:
    """Return whether scans contain every coefficient, except for one bit at most."""
    come = {(c, k) for s in scans for c in s.components for k in range(s.first, s.last + 1) if s.lowest_bit <= 1}
    return len(come) == 64 * frame.components


def _with_end(image: JpegImageFile, data: bytes) -> ImageFile:
    again = JpegImageFile(BytesIO(data + _END))
    again.draft(None, (max(1, image.width - 1), max(1, image.height - 1)))  # the reduced size of the original
    again.load()
    return again


def _area(whole: NDArray[np.uint8], without: NDArray[np.uint8], frame: "_Frame") -> float:
    """Return the part of the blocks, in reading order, up to the last block that the last scan changed."""
    different = (whole != without).reshape(*whole.shape[:2], -1).any(axis=-1)
    scale = max(1, round(frame.width / different.shape[1]))  # the JPEG may be decoded at a reduced size
    down, across = (max(1, side // scale) for side in frame.block)
    rows, columns = (-(-length // side) for length, side in zip(different.shape, (down, across), strict=True))
    padded = np.zeros((rows * down, columns * across), bool)
    padded[: different.shape[0], : different.shape[1]] = different
    # Subsampled chroma also changes the first pixels of the next blocks.
    inner = [slice(2 if side > 8 else 0, None) for side in (down, across)]
    changed = np.flatnonzero(padded.reshape(rows, down, columns, across)[:, inner[0], :, inner[1]].any(axis=(1, 3)))
    return (int(changed[-1]) + 1) / (rows * columns) if changed.size else 0.0


class _Frame(NamedTuple):
    """A JPEG's frame: number of components, width in pixels, and height and width of a block."""

    components: int
    width: int
    block: tuple[int, int]


class _Scan(NamedTuple):
    """A scan of a JPEG: its components, coefficients and lowest bit."""

    components: tuple[int, ...]
    first: int
    last: int
    lowest_bit: int
    start: int


def _scans(data: bytes) -> tuple[_Frame | None, list[_Scan]]:
    """Return the frame of a JPEG and its scans: ITU-T T.81, annex B."""
    frame: _Frame | None = None
    scans = []
    for marker, start, content in _segments(data):
        if marker in _FRAMES and len(content) > 5:
            factors = [*content[7::3]] if content[5] > 1 else [0x11]
            block = 8 * max(f & 15 for f in factors), 8 * max(f >> 4 for f in factors)
            frame = _Frame(content[5], int.from_bytes(content[3:5], "big"), block)
        if marker == 0xDA and content and len(content) == 4 + 2 * content[0]:
            first, last, bits = content[-3:]
            scans.append(_Scan((*content[1:-3:2],), first, last, bits & 15, start + len(content)))
    return frame, scans


_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7\x01])", re.DOTALL)
"""Markers that end the entropy-coded data of a scan; restart markers do not."""


def _segments(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield each complete segment: its marker, the offset of its content, and the content."""
    position = 2
    while match := _MARKER.search(data, position):
        start = match.end() + 2
        end = match.end() + int.from_bytes(data[match.end() : start], "big")
        if match[1] == b"\xd9" or not start <= end <= len(data):
            return
        yield match[1][0], start, data[start:end]
        position = end
