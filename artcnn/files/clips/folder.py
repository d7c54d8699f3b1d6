"""Clips that are a folder of numbered pictures."""

import hashlib
from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from pathlib import Path

from artcnn.errors import PictureError
from artcnn.files.clips.source import DEFAULT_FPS, Facts, Frame, Picture, check_count, fit_frame
from artcnn.files.folder import list_frames
from artcnn.files.open import open_picture
from artcnn.files.read import read_picture
from artcnn.hashes import sha256_of
from artcnn.image import Size, size_of


class FrameFolder:
    """A clip in a folder: its pictures in the order of the numbers in their names, all of the same size.

    Args:
        path: the folder.
        fps: frames a second, or None.

    Raises:
        PictureError: it has no pictures, they differ in size, or one is damaged.
    """

    def __init__(self, path: Path, fps: Fraction | None) -> None:
        self._paths = list_frames(path)
        fps = fps or DEFAULT_FPS
        check_count(path, count := len(self._paths))
        first = read_picture(self._paths[0])
        alpha, size = False, None
        for picture in self._paths:
            with open_picture(picture) as (image, _):
                alpha |= image.has_transparency_data
                size = size or image.size
                if image.size != size:
                    sizes = f"{image.width} x {image.height} pixels, and {self._paths[0]} is {size[0]} x {size[1]}"
                    raise PictureError(f"{picture} is {sizes}", hint="give frames of one size")
        self._has_alpha = alpha
        times = [number / fps for number in range(count)]
        self.facts = Facts(size_of(first.pixels), times, count / fps, fps, alpha, list(first.notes))

    def pictures(self, start: Fraction) -> Iterator[Picture]:
        """Yield the pictures as ``Source`` says."""
        for number in range(int(start * self.facts.fps), len(self._paths)):
            yield self.facts.times[number], partial(self._make, self._paths[number])

    def _make(self, path: Path, size: Size) -> Frame:
        picture = read_picture(path, long_side=max(size))
        return fit_frame(picture.pixels, picture.alpha, size, has_alpha=self._has_alpha)


def hash_frames(path: Path) -> str:
    """Return the sha256 of the sha256 of all frames of a folder, in hexadecimal."""
    return hashlib.sha256("".join(map(sha256_of, list_frames(path))).encode()).hexdigest()
