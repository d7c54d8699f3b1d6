"""File names made from other names, each short enough for the file system."""

import hashlib
import os
from collections.abc import Callable
from itertools import chain, count
from pathlib import Path

LONGEST_NAME = 255
"""Bytes of a name within its folder: Linux and macOS allow no more."""


def fit_name(head: str, tail: str = "") -> str:
    """Return ``head + tail`` as a file name; where that is too long, the end of ``head`` gives way to a hash of it.

    The same names give the same name, so that what was left behind by an earlier run is found again.
    """
    if _bytes(head + tail) <= LONGEST_NAME:
        return head + tail
    tail = f"~{hashlib.sha256(os.fsencode(head)).hexdigest()[:8]}{tail}"
    while head and _bytes(head + tail) > LONGEST_NAME:
        head = head[:-1]
    return head + tail


def hidden_sibling(path: Path, tail: str) -> Path:
    """Return the hidden file beside ``path`` that belongs to it: ``.NAME`` and ``tail``."""
    return path.with_name(fit_name(f".{path.name}", tail))


def unique_path(name: Callable[[str], Path], exists: Callable[[Path], bool] = os.path.lexists) -> Path:
    """Return the first path that does not exist of ``name("")``, ``name("-2")``, ``name("-3")`` and so on."""
    return next(path for path in map(name, chain([""], map("-{}".format, count(2)))) if not exists(path))


def output_path(photo: Path, tag: str, suffix: str = ".png", exists: Callable[[Path], bool] = os.path.lexists) -> Path:
    """Return a path beside ``photo`` that is not exists: ``photo-TAG.png``, else ``photo-TAG-2.png`` and so on."""
    return unique_path(lambda number: photo.with_name(fit_name(f"{photo.stem}-{tag}", f"{number}{suffix}")), exists)


def next_numbered(path: Path) -> Path:
    """Return the first free path that differs from ``path`` in a number at the end of its stem."""
    suffix = path.suffix
    return unique_path(lambda number: path.with_name(fit_name(path.name.removesuffix(suffix), f"{number}{suffix}")))


def _bytes(name: str) -> int:
    return len(os.fsencode(name))
