"""Read the color codes (nclx) of a HEIC or AVIF file: ISO/IEC 14496-12, sections 4 and 12.1.5; 23008-12."""

from collections.abc import Iterator
from typing import IO

LARGEST_META = 1 << 24
"""Largest meta box that is read, in bytes."""


def read_nclx(file: IO[bytes]) -> tuple[int, int] | None:
    """Return the codes of primaries and transfer (ITU-T H.273) of a file's primary picture, or None.

    Raises:
        ValueError, IndexError: its boxes are damaged.
    """
    meta = _meta(file)
    if meta is None:
        return None
    boxes = dict(_boxes(meta[4:]))
    primary = boxes.get(b"pitm", b"")
    item = int.from_bytes(primary[4 : 6 if primary[:1] == b"\0" else 8], "big")
    described = dict(_boxes(boxes.get(b"iprp", b"")))
    properties = [*_boxes(described.get(b"ipco", b""))]
    for index in _associated(described.get(b"ipma", b""), item):
        name, content = properties[index - 1]
        if name == b"colr" and content[:4] == b"nclx":
            return int.from_bytes(content[4:6], "big"), int.from_bytes(content[6:8], "big")
    return None


def _meta(file: IO[bytes]) -> bytes | None:
    """Return the content of a file's top-level ``meta`` box."""
    end = file.seek(0, 2)
    position = 0
    while position + 8 <= end:
        file.seek(position)
        head = file.read(16)
        size, name = int.from_bytes(head[:4], "big"), head[4:8]
        begin = 8
        if size == 1:
            size, begin = int.from_bytes(head[8:16], "big"), 16
        size = size or end - position
        if name == b"meta":
            file.seek(position + begin)
            return file.read(min(size - begin, LARGEST_META))
        if size < begin:
            raise ValueError("a box smaller than its own head")
        position += size
    return None


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the name and content of each box inside a box."""
    position = 0
    while position + 8 <= len(content):
        size = int.from_bytes(content[position : position + 4], "big") or len(content) - position
        if size < 8:
            raise ValueError("a box smaller than its own head")
        yield content[position + 4 : position + 8], content[position + 8 : position + size]
        position += size


def _associated(content: bytes, item: int) -> list[int]:
    """Return the indices, from 1, of an item's properties."""
    version, wide = content[0], content[3] & 1
    count, position = int.from_bytes(content[4:8], "big"), 8
    for _ in range(count):
        width = 2 if version < 1 else 4
        number = int.from_bytes(content[position : position + width], "big")
        of_it = content[position + width]
        position += width + 1
        step = 2 if wide else 1
        found = [
            int.from_bytes(content[at : at + step], "big") & (0x7FFF if wide else 0x7F)
            for at in range(position, position + of_it * step, step)
        ]
        position += of_it * step
        if number == item:
            return [index for index in found if index]
    return []
