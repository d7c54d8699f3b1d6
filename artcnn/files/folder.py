"""The pictures in a folder: by file name, or by content if the name has no known ending."""

import os
from dataclasses import dataclass
from pathlib import Path

from artcnn.files.open import SUFFIXES, is_picture

_RAW = {
    *(".3fr", ".arw", ".cr2", ".dcr", ".dng", ".erf", ".iiq", ".kdc", ".mef"),
    *(".mos", ".nef", ".nrw", ".orf", ".pef", ".rw2", ".sr2", ".srw"),
}
"""Endings of cameras' raw files, which look like TIFF but contain only a thumbnail as such."""


@dataclass(frozen=True)
class Folder:
    """The content of a folder, sorted by name, without hidden files.

    Attributes:
        pictures: the pictures, not yet opened.
        others: the number of other files.
    """

    pictures: tuple[Path, ...]
    others: int

    @classmethod
    def scan(cls, path: Path) -> "Folder":
        """Return the content of a folder, without its subfolders."""
        entries = sorted(entry for entry in path.iterdir() if not entry.name.startswith("."))
        pictures = tuple(filter(_is_picture, entries))
        return cls(pictures, sum(not entry.is_dir() for entry in entries) - len(pictures))


def list_pictures(folder: Path) -> list[Path]:
    """Return the pictures of a folder, sorted by name, without hidden ones."""
    return list(Folder.scan(folder).pictures)


def _is_picture(path: Path) -> bool:
    suffix = path.suffix.lower()
    if suffix in SUFFIXES:
        return not path.is_dir()
    if suffix in _RAW or not os.path.isfile(path):  # noqa: PTH113 - a file that may not be looked at is no picture
        return False
    try:
        with path.open("rb") as file:
            return is_picture(file.read(64))
    except OSError:
        return False
