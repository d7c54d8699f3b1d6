"""PNG files: chunks with pixels are passed to Pillow, the others are checked and read here.

Pillow refuses a file with a damaged or oversized ancillary chunk; here only that chunk is ignored. Imports no numpy.
"""

import zlib
from bisect import bisect_right
from collections.abc import Iterator
from io import BufferedReader, RawIOBase
from itertools import accumulate
from struct import unpack
from typing import IO, NamedTuple

from PIL import Image
from PIL.PngImagePlugin import PngImageFile

LARGEST_TEXT = 1 << 20
"""Longest text, in bytes."""

LARGEST_PROFILE = 1 << 24
"""Largest ICC profile, in bytes."""

_SIGNATURE = 8
_PICTURE = (b"IHDR", b"PLTE")
_READ = (b"tRNS", b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM", b"pHYs", b"eXIf", b"acTL")
_TEXTS = (b"tEXt", b"zTXt", b"iTXt")
_WANTED = ("Raw profile type exif", "XML:com.adobe.xmp", "Author", "Copyright")
"""Keywords of texts with EXIF or XMP data (orientation), author and copyright."""


class Chunk(NamedTuple):
    """A chunk: its name, the offset of its content, and its declared and its actual length."""

    name: bytes
    start: int
    length: int
    there: int


class Png(PngImageFile):
    """A PNG file.

    Attributes:
        told: the content of chunks about color, resolution and frames, by chunk name.
        frames: number of pictures of an animation.
        notes: a sentence for each part of the file that cannot be used.
        ended: whether the file has its last chunk.
    """

    def _open(self) -> None:
        assert self.fp is not None  # noqa: S101 - the one that it was made with
        self._file = file = self.fp
        self.told: dict[bytes, bytes] = {}
        self.notes: list[str] = []
        chunks = [*read_chunks(file)]
        self.ended = bool(chunks) and chunks[-1].name == b"IEND"
        texts = self._read(file, chunks)
        self.fp = BufferedReader(_Spliced(file, [*_parts(chunks, self.told)]))
        super()._open()
        self.info.update(texts)
        self.frames = int.from_bytes(self.told.get(b"acTL", bytes(4))[:4], "big")
        profile = self.told.get(b"iCCP")
        if profile is not None:
            content, whole = _inflated(profile.partition(b"\0")[2][1:], LARGEST_PROFILE)
            self.info["icc_profile"] = content if whole else None
        if len(density := self.told.get(b"pHYs", b"")) == 9 and density[8] == 1:
            self.info["dpi"] = tuple(number * 0.0254 for number in unpack(">2I", density[:8]))

    @property
    def deep(self) -> bool:
        """Whether Pillow would reduce its 16 bits to 8."""
        return any(tile.args in ("RGB;16B", "RGBA;16B", "LA;16B") for tile in self.tile)

    def unpacked(self, rawmode: str) -> Image.Image:
        """Return the pixels as Pillow decodes them for another ``rawmode``."""
        image = Png(self._file)
        image.tile = [tile._replace(args=rawmode) for tile in image.tile]
        image.info.pop("transparency", None)
        image.load()
        return image

    def getexif(self) -> Image.Exif:
        """Return the EXIF data; unlike Pillow's own, this does not decode the pixels to look for chunks after them."""
        return Image.Image.getexif(self)

    def _read(self, file: IO[bytes], chunks: list[Chunk]) -> dict[str, str]:
        """Fill ``told`` and ``notes``; return the wanted texts by keyword."""
        texts: dict[str, str] = {}
        broken, large = set(), False
        for chunk in chunks:
            if chunk.name not in _READ + _TEXTS or chunk.name in self.told:
                continue
            if chunk.length > LARGEST_PROFILE or (chunk.name in _TEXTS and chunk.length > LARGEST_TEXT):
                large = True
                continue
            file.seek(chunk.start)
            content, checksum = file.read(chunk.length), file.read(4)
            if len(checksum) < 4 or zlib.crc32(chunk.name + content) != int.from_bytes(checksum, "big"):
                broken.add(chunk.name.decode())
            elif chunk.name in _READ:
                self.told[chunk.name] = content
            elif not large:
                keyword, text = _text(chunk.name, content)
                large = text is None
                texts |= {keyword: text} if text and keyword in _WANTED else {}
        if broken:
            self.notes.append(f"damaged metadata ({', '.join(sorted(broken))}) is left out")
        if large:
            self.notes.append(f"it holds more than {LARGEST_TEXT >> 20} MB of text, which is left out")
        return texts


def read_chunks(file: IO[bytes]) -> Iterator[Chunk]:
    """Yield the chunks of a PNG file, up to the end or the first invalid one."""
    size = file.seek(0, 2)
    position = _SIGNATURE
    while position + 8 <= size:
        file.seek(position)
        length, name = unpack(">I4s", file.read(8))
        if not name.isalpha():
            return
        yield Chunk(name, position + 8, length, min(length, size - position - 8))
        if name == b"IEND":
            return
        position += length + 12


def _parts(chunks: list[Chunk], told: dict[bytes, bytes]) -> "Iterator[bytes | range]":
    """Yield the parts of the file for Pillow: bytes, and ranges of the original file."""
    yield b"\x89PNG\r\n\x1a\n"
    yield from (range(c.start - 8, c.start + c.there + 4) for c in chunks if c.name in _PICTURE)
    for name in (b"tRNS", b"eXIf"):
        if name in told:
            content = name + told[name]
            yield len(told[name]).to_bytes(4, "big") + content + zlib.crc32(content).to_bytes(4, "big")
    for chunk in chunks:
        if chunk.name == b"IDAT":
            yield chunk.there.to_bytes(4, "big") + chunk.name  # the actual length, if the file is truncated
            yield range(chunk.start, chunk.start + chunk.there)
            yield bytes(4)  # the checksum, which Pillow ignores; zlib has its own
    yield bytes(4) + b"IEND\xae\x42\x60\x82"


def _text(name: bytes, content: bytes) -> tuple[str, str | None]:
    """Return the keyword and text of a chunk; the text is None if it is too long, and empty if it is damaged."""
    keyword, _, rest = content.partition(b"\0")
    packed = name == b"zTXt"
    if name == b"iTXt":
        packed = rest[:1] == b"\1"
        rest = rest[2:].partition(b"\0")[2].partition(b"\0")[2]
    elif packed:
        rest = rest[1:]
    if packed:
        rest, _ = _inflated(rest, LARGEST_TEXT)
    encoding = "utf-8" if name == b"iTXt" else "latin-1"
    return keyword.decode("latin-1"), None if len(rest) == LARGEST_TEXT else rest.decode(encoding, "replace")


def _inflated(data: bytes, largest: int) -> tuple[bytes, bool]:
    """Decompress at most ``largest`` bytes; return them, and whether that is all."""
    stream = zlib.decompressobj()
    try:
        return stream.decompress(data, largest), stream.eof
    except zlib.error:
        return b"", False


class _Spliced(RawIOBase):
    """A read-only file composed of bytes and ranges of another file.

    Args:
        file: the other file; it is not closed.
        parts: in order.
    """

    def __init__(self, file: IO[bytes], parts: "list[bytes | range]") -> None:
        self._file, self._parts = file, [part for part in parts if len(part)]
        self._ends = [*accumulate(map(len, self._parts))]
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self._position = offset + (0, self._position, self._ends[-1])[whence]
        return self._position

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        number = bisect_right(self._ends, self._position)
        if number == len(self._parts):
            return 0
        part, left = self._parts[number], self._ends[number] - self._position
        wanted = part[len(part) - left :][: len(buffer)]
        if isinstance(wanted, range):
            self._file.seek(wanted.start)
            wanted = self._file.read(len(wanted))
        buffer[: len(wanted)] = wanted
        self._position += len(wanted)
        return len(wanted)
