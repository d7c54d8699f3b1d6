"""Write a film as a folder of PNG frames, numbered from 1."""

from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from struct import unpack_from
from typing import Any
from zlib import crc32

from PIL import Image

from artcnn.errors import PictureError
from artcnn.files.color import srgb_profile
from artcnn.files.open import open_file
from artcnn.files.png import read_chunks
from artcnn.files.provenance import provenance_exif
from artcnn.image import Size

_SIGNATURE = 8
"""Bytes before a PNG's first chunk, whose content begins eight bytes later."""

_END = b"IEND\xaeB`\x82"
"""The last bytes of a PNG."""


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
        image.save(self._folder / frame_name(self._count), icc_profile=srgb_profile(), **self._settings)

    def finish(self) -> None:
        """Do nothing: each frame is complete."""


def frame_name(number: int) -> str:
    """Return the name of the file of a frame, from 1 on."""
    return f"{number:06}.png"


def copy_frames(folder: Path, frames: Sequence[Path], size: Size, provenance: str | None) -> None:
    """Write frames of other folders as :class:`FolderFilm` would have, with the provenance of this one.

    Args:
        folder: it is there, and empty.
        frames: files that :class:`FolderFilm` wrote.
        size: (height, width) that they should have.
        provenance: ASCII text to store in each frame.

    Raises:
        PictureError: one is damaged, or has another size.
    """
    exif = None if provenance is None else provenance_exif(provenance).tobytes().removeprefix(b"Exif\0\0")
    for number, frame in enumerate(frames, start=1):
        with open_file(frame) as file:
            png = file.read()
        parts = list(_with_exif(frame, png, exif))
        if unpack_from(">2I", png, _SIGNATURE + 8) != size[::-1]:
            raise PictureError(f"{frame} has not the film's {size[1]} x {size[0]} pixels")
        (folder / frame_name(number)).write_bytes(b"".join(parts))


def _with_exif(path: Path, png: bytes, exif: bytes | None) -> Iterator[bytes]:
    """Yield the parts of a PNG, with other EXIF data before its pixels.

    Raises:
        PictureError: it is damaged.
    """
    chunks = list(read_chunks(BytesIO(png)))
    names = [chunk.name for chunk in chunks]
    if names[:1] != [b"IHDR"] or b"IDAT" not in names or not png.endswith(_END):
        raise PictureError(f"{path}: damaged or cut short, or no PNG")
    yield png[:_SIGNATURE]
    for place, chunk in enumerate(chunks):
        if exif is not None and place == names.index(b"IDAT"):
            content = b"eXIf" + exif
            yield len(exif).to_bytes(4, "big") + content + crc32(content).to_bytes(4, "big")
        if chunk.name != b"eXIf":
            yield png[chunk.start - 8 : chunk.start + chunk.length + 4]
