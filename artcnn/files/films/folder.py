"""Write a film as a folder of PNG frames, numbered from 1."""

from pathlib import Path
from typing import Any

from PIL import Image

from artcnn.files.color import srgb_profile
from artcnn.files.provenance import provenance_exif


class FolderFilm:
    """A folder of frames that is being written.

    Args:
        folder: it is there, and empty.
        provenance: ASCII text to store in each frame.
    """

    def __init__(self, folder: Path, provenance: str | None) -> None:
        self._folder, self._count = folder, 0
        self._settings: dict[str, Any] = {} if provenance is None else {"exif": provenance_exif(provenance)}

    def __call__(self, image: Image.Image) -> None:
        """Add a frame, RGB or RGBA."""
        self._count += 1
        image.save(self._folder / f"{self._count:06}.png", icc_profile=srgb_profile(), **self._settings)

    def finish(self) -> None:
        """Do nothing: each frame is complete."""
