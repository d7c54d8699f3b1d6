"""Planes: the bytes of a file of 16-bit numbers, all even ones first, then all odd ones.

A wheel has the weights of VGG-16 in this order: signs and exponents, which repeat, are beside each other, and deflate
needs 2 MB less. ``hatch_build.py`` writes them.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

_CHUNK_BYTES = 1 << 18  # small enough for the processor's cache


def join(path: Path) -> bytearray:
    """Return the bytes in their own order, of a file that has them as planes.

    Raises:
        OSError: it cannot be read.
    """
    joined, end = bytearray(path.stat().st_size // 2 * 2), 0
    for chunk in _chunks(path):
        start, end = end, end + chunk.nbytes
        joined[start:end] = chunk.cast("B")
    return joined


def sha256_of_joined(path: Path) -> str:
    """Return the sha256 of the same bytes, in hexadecimal.

    Raises:
        OSError: it cannot be read.
    """
    digest = hashlib.sha256()
    for chunk in _chunks(path):
        digest.update(chunk)
    return digest.hexdigest()


def _chunks(path: Path) -> Iterator[memoryview]:
    half = path.stat().st_size // 2
    with path.open("rb") as evens, path.open("rb") as odds:
        odds.seek(half)
        for start in range(0, half, _CHUNK_BYTES):
            count = min(_CHUNK_BYTES, half - start)
            numbers = np.frombuffer(odds.read(count), np.uint8).astype("<u2")
            numbers <<= 8
            numbers |= np.frombuffer(evens.read(count), np.uint8)
            yield numbers.data
