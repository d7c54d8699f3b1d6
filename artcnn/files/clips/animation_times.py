"""When the pictures of an animated GIF, WebP or PNG are shown: read from the file's structure, without decoding."""

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from struct import unpack, unpack_from
from typing import BinaryIO

from artcnn.files.open import open_file
from artcnn.files.png import read_chunks

SHORTEST = Fraction(1, 100)
"""Durations up to this many seconds are not believed: browsers take them as ``INSTEAD``."""

INSTEAD = Fraction(1, 10)


@dataclass
class Timing:
    """The pictures of an animation.

    Attributes:
        durations: how long each is shown, in seconds, without those that are cut off.
        hidden: the pictures before the animation, which only programs without animation show.
        alpha: whether something can be transparent; for a GIF, whether it can become so after the first picture.
        whole: whether nothing is missing.
    """

    durations: list[Fraction] = field(default_factory=list)
    hidden: int = 0
    alpha: bool = False
    whole: bool = False

    def add(self, duration: Fraction) -> None:
        """Add a picture."""
        self.durations.append(duration if duration > SHORTEST else INSTEAD)


def read_timing(path: Path) -> Timing | None:
    """Return the timing of the pictures in a file, or None if it is not a GIF, WebP or PNG.

    A WebP or PNG that is not animated has none.

    Raises:
        PictureError: it cannot be opened.
    """
    with open_file(path) as file:
        head = file.read(12)
        file.seek(0)
        if head.startswith((b"GIF87a", b"GIF89a")):
            return _gif(file)
        if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
            return _webp(file)
        return _png(file) if head.startswith(b"\x89PNG\r\n\x1a\n") else None


def count_pictures(path: Path) -> int:
    """Return how many pictures a GIF, WebP or PNG shows one after the other; 0 if it is another file.

    Raises:
        PictureError: it cannot be opened.
    """
    timing = read_timing(path)
    return 0 if timing is None else max(1, len(timing.durations))


def _gif(file: BinaryIO) -> Timing:
    """CompuServe, "Graphics Interchange Format, Version 89a"."""
    timing, duration = Timing(), Fraction(0)
    head = file.read(13)
    _skip_palette(file, head[10] if len(head) == 13 else 0)
    while mark := file.read(1):
        if mark == b"!":
            kind, content = file.read(1), _read_blocks(file, 4)
            if kind == b"\xf9" and content is not None and len(content) == 4:
                duration = Fraction(unpack_from("<H", content, 1)[0], 100)
                timing.alpha |= content[0] & 0x1D == 0x09  # the place becomes transparent afterwards
        elif mark == b",":
            place = file.read(9)
            _skip_palette(file, place[8] if len(place) == 9 else 0)
            file.read(1)
            if _read_blocks(file, 0) is None:
                return timing
            timing.add(duration)
        else:
            timing.whole = mark == b";"
            return timing
    return timing


def _skip_palette(file: BinaryIO, packed: int) -> None:
    if packed & 0x80:
        file.seek(3 * 2 ** ((packed & 7) + 1), 1)


def _read_blocks(file: BinaryIO, most: int) -> bytes | None:
    """Return the first bytes of a series of blocks, ``most`` at most; None if the file ends before them."""
    content = b""
    while length := file.read(1):
        if length == b"\0":
            return content
        block = file.read(length[0])
        if len(block) < length[0]:
            return None
        content += block[: most - len(content)]
    return None


def _webp(file: BinaryIO) -> Timing:
    """RFC 9649, section 2.7."""
    timing = Timing(whole=True)
    end = file.seek(0, 2)
    position = 12
    while position + 8 <= end:
        file.seek(position)
        name, size = unpack("<4sI", file.read(8))
        content = file.read(min(size, 16))
        position += 8 + size + size % 2
        timing.whole = position <= end + size % 2
        if name == b"VP8X" and content:
            timing.alpha = bool(content[0] & 0x10)
        if name == b"ANMF" and timing.whole and len(content) == 16:
            timing.add(Fraction(int.from_bytes(content[12:15], "little"), 1000))
    return timing


def _png(file: BinaryIO) -> Timing:
    """PNG, third edition, section 11.3.6: a frame's data follow its fcTL chunk."""
    timing, duration, whole, last = Timing(), None, True, b""
    for chunk in read_chunks(file):
        last = chunk.name
        whole &= chunk.there == chunk.length
        if chunk.name == b"IHDR":
            file.seek(chunk.start + 9)
            timing.alpha = file.read(1) in (b"\4", b"\6")
        timing.alpha |= chunk.name == b"tRNS"
        if chunk.name == b"IDAT" and duration is None and not timing.durations:
            timing.hidden = 1
        if chunk.name == b"fcTL" and chunk.there >= 24:
            file.seek(chunk.start + 20)
            number, per = unpack(">2H", file.read(4))
            duration = Fraction(number, per or 100)
        if chunk.name in (b"IDAT", b"fdAT") and duration is not None and whole:
            timing.add(duration)
            duration = None
    timing.whole = whole and last == b"IEND"
    return timing
