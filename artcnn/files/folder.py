"""Which files of a folder are pictures: by their names, and where these say nothing by what is in them."""

import os
from dataclasses import dataclass
from pathlib import Path

from artcnn.files.open import SUFFIXES, is_picture

_RAW = {
    *(".3fr", ".arw", ".cr2", ".dcr", ".dng", ".erf", ".iiq", ".kdc", ".mef"),
    *(".mos", ".nef", ".nrw", ".orf", ".pef", ".rw2", ".sr2", ".srw"),
}
"""A camera's raw data, whose files look like TIFF and show no more than a thumbnail to who reads them as that."""


@dataclass(frozen=True)
class Folder:
    """What is in a folder, in order of the names; hidden files do not count.

    Attributes:
        pictures: the pictures; whether each can be read is told when its turn comes.
        others: how many other files there are.
    """

    pictures: tuple[Path, ...]
    others: int

    @classmethod
    def scan(cls, path: Path) -> "Folder":
        """Return what is in the folder ``path``, and not in those below it."""
        entries = sorted(entry for entry in path.iterdir() if not entry.name.startswith("."))
        pictures = tuple(filter(_is_picture, entries))
        return cls(pictures, sum(not entry.is_dir() for entry in entries) - len(pictures))


def list_pictures(folder: Path) -> list[Path]:
    """Return the pictures of a folder, in order of their names; hidden ones are left out."""
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
