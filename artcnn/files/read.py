"""Read a picture file."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from artcnn.files.decode import decode
from artcnn.files.metadata import Details, read_details, read_exif
from artcnn.files.open import SMALLEST_SIDE, open_file, opened


@dataclass(frozen=True)
class Picture:
    """What a picture file holds.

    Attributes:
        pixels: shape (1, 3, H, W), float32, sRGB in [0, 1], upright.
        alpha: opacity, shape (1, 1, H, W) in [0, 1], or None where all of the picture is opaque.
        sha256: of the file's bytes, in hexadecimal.
        notes: what the user should know of how the file was understood, a sentence each.
        details: what the file says about the picture: when it was taken, whose it is, its resolution, and where.
    """

    pixels: Tensor
    alpha: Tensor | None
    sha256: str
    notes: tuple[str, ...]
    details: Details


def read_picture(path: Path | str, smallest: int = SMALLEST_SIDE, enough: int | None = None) -> Picture:
    """Return the picture in a JPEG, PNG, WebP, AVIF, TIFF, BMP, GIF (first frame) or HEIC file.

    The content decides what it is, not the name. It is turned as its EXIF orientation says and converted to sRGB by
    its colour profile; colours that full transparency hides are replaced by the mean of the visible ones.

    Args:
        path: the file.
        smallest: pixels that either side needs, for what is done with it.
        enough: pixels that its longer side is wanted in: a JPEG of more than 64 megapixels may be decoded smaller, in
            twice as many at least. None for all that there are.

    Raises:
        PictureError: there is no such file, it is no picture, is damaged, too small, or too large for the memory.
    """
    path = Path(path)
    notes: list[str] = []
    with opened(path, smallest, enough) as (image, file):
        exif = read_exif(image, notes)
        details = read_details(image, exif)
        pixels, alpha = decode(path, image, file, exif, notes)
    with open_file(path) as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return Picture(pixels, alpha, sha256, tuple(f"{path}: {note}" for note in notes), details)
