"""Read handwritten digits from picture files."""

import re
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from artcnn.datasets.examples import Examples
from artcnn.datasets.handwriting import Handwriting, find_digit
from artcnn.errors import ArtcnnError, DataError, MissingExtraError, PictureError
from artcnn.files.folder import list_pictures
from artcnn.files.open import SMALLEST_DIGIT
from artcnn.files.read import Picture, read_picture

_LUMA = (0.2126, 0.7152, 0.0722)  # weights of sRGB's red, green and blue (Rec. 709)


def read_digit(path: Path) -> Handwriting:
    """Return the digit in a picture file, in the format of MNIST.

    Raises:
        PictureError: the file cannot be read as a picture.
    """
    return find_digit(to_gray(read_picture(path, SMALLEST_DIGIT)))


def to_gray(picture: Picture) -> Tensor:
    """Return a picture in gray, shape (1, 1, H, W) in [0, 1].

    Transparent areas become white. If the visible pixels are light, they are inverted: strokes are dark on white.
    """
    gray = (picture.pixels * torch.tensor(_LUMA).view(1, 3, 1, 1)).sum(1, keepdim=True)
    if picture.alpha is None:
        return gray
    alpha = picture.alpha
    if (gray * alpha).sum() > alpha.sum() / 2:
        gray = 1 - gray
    return gray * alpha + 1 - alpha


def read_folder(folder: Path, skip: Callable[[ArtcnnError], None]) -> Examples:
    """Return the digits in a folder's subfolders; the name of a subfolder is the label.

    Args:
        folder: the folder.
        skip: called with the error of each picture that cannot be read.

    Raises:
        DataError: there are fewer than two labels with pictures, or no picture of a label can be read.
    """
    if not folder.is_dir():
        raise DataError(f"--data {folder}: there is no such folder; or say torchvision")
    found = {label.name: list_pictures(label) for label in sorted(folder.iterdir()) if label.is_dir()}
    found = {label: paths for label, paths in found.items() if paths}
    if len(found) < 2:
        raise DataError(f"{folder}: it needs a subfolder with pictures for each label, such as {folder}/7/a.png")
    for label in found:
        if not re.fullmatch(r"[\w .,:/+()-]{1,80}", label):
            raise DataError(f"{folder}: {label!r} will not do as a label, use letters and digits")
    digits = [_read_label(folder / label, paths, skip) for label, paths in found.items()]
    labels = torch.cat([torch.full((len(some),), number) for number, some in enumerate(digits)])
    return Examples(torch.cat(digits).mul(255).round().byte(), labels, tuple(found), "a folder of pictures")


def _read_label(folder: Path, paths: list[Path], skip: Callable[[ArtcnnError], None]) -> Tensor:
    """Return the digits of one label, shape (N, 1, 28, 28)."""
    digits = []
    for path in paths:
        try:
            digits.append(read_digit(path).digit)
        except (PictureError, MissingExtraError) as error:
            skip(error)
    if not digits:
        raise DataError(f"{folder}: none of its pictures can be read: mend them, or remove the folder")
    return torch.cat(digits)
