"""Photos for a network to learn on, from folders or those that ship."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import Tensor

from artcnn.datasets.photos import Photos
from artcnn.errors import ArtcnnError, DataError
from artcnn.files.collection import bundled_photos
from artcnn.files.folder import list_pictures
from artcnn.files.read import read_picture
from artcnn.files.read_each import read_each
from artcnn.image import fit, size_of

LEAST = 10
"""Photos that are needed: with fewer, a network learns them instead of how to paint."""
_MOST = 1000
_LONG_SIDE = 768
"""Pixels of a photo's longer side, at most: crops are of a few hundred."""


def find_photos(folders: Sequence[Path]) -> list[Path]:
    """Return the files of the photos in some folders, or of those that ship where there is none.

    Of more than a thousand, a thousand are taken, evenly spread.

    Raises:
        DataError: a folder is missing, or there are too few.
    """
    for folder in folders:
        if not folder.is_dir():
            raise DataError(f"{folder} is not a folder", hint="give a folder of photos")
    paths = [path for folder in folders for path in list_pictures(folder)] if folders else bundled_photos("photo")
    _check_enough(folders, len(paths))
    return [paths[index * len(paths) // min(len(paths), _MOST)] for index in range(min(len(paths), _MOST))]


def read_photos(
    folders: Sequence[Path], held_out: Sequence[str], skip: Callable[[ArtcnnError], None]
) -> tuple[Photos, Photos]:
    """Return the photos in some folders, or those that ship: those to learn from, and those to validate on.

    Args:
        folders: of photos.
        held_out: names of the files to validate on, without their endings; by default every tenth.
        skip: takes the error of each photo that cannot be read; it is left out.

    Raises:
        ArtcnnError: there are too few.
    """
    paths = find_photos(folders)
    parts: tuple[list[Tensor], list[Tensor]] = ([], [])
    for number, (path, read) in enumerate(zip(paths, read_each(paths, _read), strict=True)):
        if isinstance(read, ArtcnnError):
            skip(read)
        else:
            parts[path.stem in held_out if held_out else number % 10 == 0].append(read)
    _check_enough(folders, sum(map(len, parts)))
    if not all(parts):
        raise DataError("of the photos, some have to be held out and some not", hint="give other names to hold out")
    names = ", ".join(folder.name for folder in folders) or "photos that ship with artcnn"
    name = re.sub(r"[^\w .,:/+()-]", "-", names)[:80]  # what a card may say
    training, validation = (Photos(tuple(part), name) for part in parts)
    return training, validation


def _read(path: Path) -> Tensor:
    """Return a photo, shape (3, H, W), uint8."""
    pixels = read_picture(path, long_side=_LONG_SIDE).pixels
    if max(size_of(pixels)) > _LONG_SIDE:
        pixels = fit(pixels, _LONG_SIDE)
    return (pixels[0] * 255).round().to(torch.uint8)


def _check_enough(folders: Sequence[Path], count: int) -> None:
    if count < LEAST:
        where = ", ".join(map(str, folders)) or "the package"
        photos = "1 photo" if count == 1 else f"{count} photos"
        raise DataError(f"{where}: {photos} are too few to learn on, {LEAST} are needed", hint="give a larger folder")
