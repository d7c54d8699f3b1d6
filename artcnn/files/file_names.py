"""File names derived from other names, and short enough for the file system."""

import hashlib
import os
from collections.abc import Callable
from itertools import chain, count
from pathlib import Path

LONGEST_NAME = 255
"""Longest file name in bytes on Linux and macOS."""


def fit_name(head: str, tail: str = "") -> str:
    """Return ``head + tail`` as a file name; if it is too long, the end of ``head`` is replaced by a hash.

    The result is deterministic, so a later run finds the files of an earlier one.
    """
    if _bytes(head + tail) <= LONGEST_NAME:
        return head + tail
    tail = f"~{hashlib.sha256(os.fsencode(head)).hexdigest()[:8]}{tail}"
    while head and _bytes(head + tail) > LONGEST_NAME:
        head = head[:-1]
    return head + tail


def hidden_sibling(path: Path, tail: str) -> Path:
    """Return the hidden file ``.NAME`` + ``tail`` beside ``path``."""
    return path.with_name(fit_name(f".{path.name}", tail))


def unique_path(name: Callable[[str], Path], exists: Callable[[Path], bool] = os.path.lexists) -> Path:
    """Return the first of ``name("")``, ``name("-2")``, ``name("-3")`` ... that does not exist."""
    return next(path for path in map(name, chain([""], map("-{}".format, count(2)))) if not exists(path))


def output_path(photo: Path, tag: str, suffix: str = ".png", exists: Callable[[Path], bool] = os.path.lexists) -> Path:
    """Return a new path beside ``photo``: ``photo-TAG.png``, else ``photo-TAG-2.png`` and so on."""
    return unique_path(lambda number: photo.with_name(fit_name(f"{photo.stem}-{tag}", f"{number}{suffix}")), exists)


def next_numbered(path: Path) -> Path:
    """Return the first path that does not exist, with a number at the end of the stem of ``path``."""
    suffix = path.suffix
    return unique_path(lambda number: path.with_name(fit_name(path.name.removesuffix(suffix), f"{number}{suffix}")))


def _bytes(name: str) -> int:
    return len(os.fsencode(name))
