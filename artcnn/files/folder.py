"""The pictures in a folder: by file name, or by content if the name has no known ending."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from artcnn.errors import PictureError
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


def list_frames(path: Path) -> list[Path]:
    """Return the pictures of a folder in the order of the numbers in their names: 2 before 10.

    Raises:
        PictureError: it has none.
    """
    paths = sorted(list_pictures(path), key=lambda picture: _natural(picture.name))
    if not paths:
        raise PictureError(f"{path}: there is no picture in this folder", hint="give a folder of numbered frames")
    return paths


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


def _natural(name: str) -> tuple[list[tuple[int, str]], str]:
    """Return what names are ordered by: numbers by their value; the name itself where nothing else differs."""
    parts = re.findall(r"(\d+)|(\D+)", name)
    return [(int(digits), "") if digits else (-1, letters) for digits, letters in parts], name
