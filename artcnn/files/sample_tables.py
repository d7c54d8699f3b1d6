"""How many samples an MP4 or MOV file declares: ISO/IEC 14496-12, sections 8.6.1, 8.7.3 and 8.8.8.

A few bytes can declare billions, and FFmpeg would reserve memory for each.
"""

from collections.abc import Iterator
from typing import BinaryIO

_NESTED = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf"}
"""Boxes that hold others, on the way to the tables."""

_MOST_BOXES = 1_000_000

_PACKED = b"cmov"
"""A compressed header, of QuickTime before 2001: what it declares cannot be seen."""

_TRUN_FIELDS = 0xF00
"""Flags of a trun box by which it lists something of each sample."""

_SPARE = 4_000_000
"""Samples that any file may declare: one that is cut short has more than bytes."""


def declares_too_much(file: BinaryIO) -> bool:
    """Return whether a file declares more samples than it can have, or hides how many."""
    end = file.seek(0, 2)
    declared = 0
    for number, (name, start, stop) in enumerate(_boxes(file, 0, end)):
        declared = max(declared, _count(file, name, start, stop))
        if declared > end + _SPARE or name == _PACKED or number > _MOST_BOXES:
            return True
    return False


def _boxes(file: BinaryIO, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield the name of each box from ``start`` to ``end``, and where its content begins and ends; nested ones, too."""
    stack = [(start, end)]
    while stack:
        start, end = stack.pop()
        if start + 8 > end:
            continue
        file.seek(start)
        head = file.read(16)
        size, name, content = int.from_bytes(head[:4], "big"), head[4:8], start + 8
        if size == 1:
            size, content = int.from_bytes(head[8:16], "big"), start + 16
        stop = end if size == 0 else min(end, start + size)
        if stop < content:
            continue
        yield name, content, stop
        stack.append((stop, end))
        if name in _NESTED:
            stack.append((content, stop))


def _count(file: BinaryIO, name: bytes, start: int, stop: int) -> int:
    """Return how many samples a box declares without listing them."""
    if name not in (b"stsz", b"stts", b"ctts", b"trun"):
        return 0
    file.seek(start)
    head = file.read(12)
    flags, first, second = (int.from_bytes(head[at : at + 4], "big") for at in (0, 4, 8))
    if name == b"stsz":
        return second if first else 0
    if name == b"trun":
        return 0 if flags & _TRUN_FIELDS else first
    entries = min(first, (stop - start - 8) // 8)
    file.seek(start + 8)
    table = file.read(8 * entries)
    return sum(int.from_bytes(table[at : at + 4], "big") for at in range(0, len(table), 8))
