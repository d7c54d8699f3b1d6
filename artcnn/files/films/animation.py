"""Write animated WebP and GIF.

Pillow would collect all frames first, so each frame is encoded as a picture of its own, and its data is copied into the
container: Google's "WebP Container Specification" and CompuServe's "Graphics Interchange Format, Version 89a".
"""

from io import BytesIO
from struct import pack, unpack_from
from typing import BinaryIO

import numpy as np
from PIL import Image

from artcnn.files.color import srgb_profile
from artcnn.files.films.times import FrameTimes
from artcnn.files.provenance import provenance_comment, provenance_exif

_QUALITY = 85
"""Quality of WebP, 0 to 100. Dreams have no smooth areas, where a higher one would show."""

_EXIF, _ICC_AND_ANIMATION, _ALPHA = 0x08, 0x22, 0x10
"""Flags of VP8X."""

_CLEAR = 255
"""The color of a GIF's transparent pixels."""


class Ticks:
    """The durations of frames in units of 1/``unit`` s; rounding errors do not accumulate.

    Args:
        times: when they are shown.
        unit: parts of a second.
        least: the shortest duration, in units.
        most: the longest.
    """

    def __init__(self, times: FrameTimes, unit: int, least: int, most: int) -> None:
        self._times, self._unit, self._least, self._most, self._now = times, unit, least, most, 0

    def __call__(self, number: int) -> int:
        """Return the duration of the frame after the last one that was asked for."""
        end = max(self._now + self._least, round(self._times.begin(number + 1) * self._unit))
        duration, self._now = min(end - self._now, self._most), end
        return duration


class WebpFilm:
    """An animated WebP that is being written; it loops.

    Args:
        file: empty.
        times: when its frames are shown.
        provenance: ASCII text to store in the file.
        alpha: whether its frames have an alpha.
    """

    def __init__(self, file: BinaryIO, times: FrameTimes, provenance: str | None, *, alpha: bool) -> None:
        self._file, self._count = file, 0
        self._ticks = Ticks(times, 1000, 11, 0xFFFFFF)  # browsers show what is shorter for 100 ms
        self._exif = None if provenance is None else provenance_exif(provenance).tobytes().removeprefix(b"Exif\0\0")
        self._flags = _ICC_AND_ANIMATION | (0 if self._exif is None else _EXIF) | (_ALPHA if alpha else 0)
        file.write(b"RIFF\0\0\0\0WEBP")

    def __call__(self, image: Image.Image) -> None:
        """Add a frame, RGB or RGBA."""
        if self._count == 0:
            size = b"".join(_uint24(side - 1) for side in image.size)
            self._file.write(_chunk(b"VP8X", bytes([self._flags, 0, 0, 0]) + size))
            self._file.write(_chunk(b"ICCP", srgb_profile()))
            self._file.write(_chunk(b"ANIM", bytes(6)))  # black background, endless loop
        still = BytesIO()
        image.save(still, "WEBP", quality=_QUALITY, method=4)
        # Offset, size, duration; 2: replaces the last frame instead of blending. Then the picture's own chunks.
        where = [0, 0, image.width - 1, image.height - 1, self._ticks(self._count)]
        head = b"".join(map(_uint24, where)) + b"\x02"
        data = still.getvalue()[12:]
        if data.startswith(b"VP8X"):
            data = data[8 + unpack_from("<I", data, 4)[0] :]
        self._file.write(_chunk(b"ANMF", head + data))
        self._count += 1

    def finish(self) -> None:
        """Write what is left."""
        if self._exif is not None:
            self._file.write(_chunk(b"EXIF", self._exif))
        length = self._file.tell()
        self._file.seek(4)
        self._file.write(pack("<I", length - 8))


class GifFilm:
    """An animated GIF that is being written; it loops. Its arguments are those of ``WebpFilm``."""

    def __init__(self, file: BinaryIO, times: FrameTimes, provenance: str | None) -> None:
        self._file, self._count, self._provenance = file, 0, provenance
        self._ticks = Ticks(times, 100, 2, 0xFFFF)  # many players ignore shorter delays

    def __call__(self, image: Image.Image) -> None:
        """Add a frame, RGB or RGBA: what is less than half opaque is transparent."""
        file = self._file
        if self._count == 0:
            file.write(b"GIF89a" + pack("<HHBBB", *image.size, 0x70, 0, 0))  # no global palette
            file.write(b"!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0")  # endless loop
            if self._provenance is not None:
                file.write(b"!\xfe" + _blocks(provenance_comment(self._provenance)))
        # A transparent frame is cleared when it ends, an opaque one is left: the next covers it.
        flags, clear = (0x09, _CLEAR) if image.mode == "RGBA" else (0x04, 0)
        file.write(b"!\xf9\x04" + pack("<BHBB", flags, self._ticks(self._count), clear, 0))
        _write_gif_frame(file, _clear_palette(image) if image.mode == "RGBA" else _palette(image, 256))
        self._count += 1

    def finish(self) -> None:
        """Write what is left."""
        self._file.write(b";")


def _palette(image: Image.Image, colors: int) -> Image.Image:
    """Return an image with its own palette: a shared one would show banding as colors drift."""
    palette = image.quantize(colors, Image.Quantize.MEDIANCUT, kmeans=1)
    return image.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)


def _clear_palette(image: Image.Image) -> Image.Image:
    """Return an RGBA image with a palette of 256 colors, of which ``_CLEAR`` stands for transparent."""
    paletted = _palette(image.convert("RGB"), _CLEAR)
    numbers = np.where(np.asarray(image.getchannel("A")) < 128, _CLEAR, np.asarray(paletted)).astype(np.uint8)
    whole = Image.fromarray(numbers, "P")
    whole.putpalette([*(paletted.getpalette() or []), *bytes(768)][:768])
    return whole


def _write_gif_frame(file: BinaryIO, image: Image.Image) -> None:
    still = BytesIO()
    image.save(still, "GIF", optimize=False, interlace=0)
    data = still.getvalue()
    bits = data[10] & 7  # the palette has 2 ** (bits + 1) entries
    at = 13 + 3 * 2 ** (bits + 1)
    colors = data[13:at]
    while data[at : at + 1] == b"!":
        at += 2
        while data[at]:
            at += 1 + data[at]
        at += 1
    place = unpack_from("<HHHH", data, at + 1)
    file.write(b"," + pack("<HHHHB", *place, 0x80 | bits) + colors + data[at + 10 : -1])


def _blocks(data: bytes) -> bytes:
    """Split data into GIF's blocks of at most 255 bytes."""
    parts = (data[start : start + 255] for start in range(0, len(data), 255))
    return b"".join(bytes([len(part)]) + part for part in parts) + b"\0"


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + pack("<I", len(data)) + data + bytes(len(data) % 2)


def _uint24(number: int) -> bytes:
    return number.to_bytes(3, "little")
