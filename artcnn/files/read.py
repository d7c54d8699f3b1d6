"""Read picture files."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from artcnn.files.decode import decode
from artcnn.files.metadata import Metadata, read_exif, read_metadata
from artcnn.files.open import SMALLEST_SIDE, open_file, open_picture


@dataclass(frozen=True)
class Picture:
    """The content of a picture file.

    Attributes:
        pixels: shape (1, 3, H, W), float32, sRGB in [0, 1], upright.
        alpha: opacity, shape (1, 1, H, W) in [0, 1], or None if the picture is opaque.
        sha256: of the file's bytes, in hexadecimal.
        notes: a sentence for each thing that the user should know about how the file was read.
        metadata: dates, author and copyright, resolution, and position.
    """

    pixels: Tensor
    alpha: Tensor | None
    sha256: str
    notes: tuple[str, ...]
    metadata: Metadata


def read_picture(
    path: Path | str, min_side: int = SMALLEST_SIDE, long_side: int | None = None, *, content: bytes | None = None
) -> Picture:
    """Return the picture in a JPEG, PNG, WebP, AVIF, TIFF, BMP, GIF (first frame) or HEIC file.

    The format is recognized by content, not by name. The picture is rotated by its EXIF orientation and converted to
    sRGB. Colors of fully transparent pixels are replaced by the mean of the visible ones.

    Args:
        path: the file.
        min_side: pixels needed along both sides.
        long_side: pixels needed along the longer side: a JPEG of more than 64 megapixels may be decoded smaller, with
            twice as many at least. None for all.
        content: the bytes of the file, if they are in memory; ``path`` is then only used in messages.

    Raises:
        PictureError: the file does not exist, is not a picture, is damaged, too small, or too large for the memory.
    """
    path = Path(path)
    notes: list[str] = []
    with open_picture(path, min_side, long_side, content) as (image, file):
        exif = read_exif(image, notes)
        metadata = read_metadata(image, exif)
        pixels, alpha = decode(path, image, file, exif, notes)
    with open_file(path, content) as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return Picture(pixels, alpha, sha256, tuple(f"{path}: {note}" for note in notes), metadata)
