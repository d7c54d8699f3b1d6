"""The provenance of a picture: a text in the file with its recipe and inputs.

It is stored as EXIF's ImageDescription, which Pillow can write to PNG, JPEG, WebP and TIFF alike. GIF, MP4 and WebM
have no EXIF data, and store it as a comment.
"""

from pathlib import Path

from PIL.ExifTags import Base
from PIL.Image import Exif

from artcnn import __version__
from artcnn.errors import PictureError
from artcnn.files.containers import is_container, open_container
from artcnn.files.folder import list_frames
from artcnn.files.open import DAMAGE, open_picture

MAX_PROVENANCE = 60_000
"""Longest provenance, in characters: JPEG's EXIF data, with the photo's metadata, must fit into 65,533 bytes."""

LONGEST_READ = 65_000
"""Longest provenance that is read: no version of artcnn has written a longer one."""


def check_provenance(provenance: str) -> None:
    """Check that a provenance can be stored in a picture.

    Args:
        provenance: ASCII text, as from ``json.dumps``.

    Raises:
        PictureError: it is not ASCII, or too long.
    """
    if not provenance.isascii() or len(provenance) > MAX_PROVENANCE:
        raise PictureError(f"the recipe does not fit into a picture: {MAX_PROVENANCE} characters do, in ASCII")


def provenance_exif(provenance: str) -> Exif:
    """Return EXIF data with a provenance, and artcnn as the software.

    Raises:
        PictureError: as :func:`check_provenance` does.
    """
    check_provenance(provenance)
    exif = Exif()
    exif[Base.Software] = f"artcnn {__version__}"
    exif[Base.ImageDescription] = provenance
    return exif


def provenance_comment(provenance: str) -> bytes:
    """Return a GIF comment with a provenance, and artcnn as the software."""
    return f"artcnn {__version__}\n{provenance}".encode("ascii")


def read_provenance(path: Path | str) -> str | None:
    """Return the provenance in a picture or video, or None if it was not made by artcnn. No pixel is decoded.

    A folder of frames has that of its first frame.

    Raises:
        PictureError: the file does not exist, is not a picture, or is damaged.
    """
    path = Path(path)
    if path.is_dir():
        path = list_frames(path)[0]
    provenance = _container_provenance(path) if is_container(path) else _picture_provenance(path)
    return (
        provenance if isinstance(provenance, str) and provenance.isascii() and len(provenance) <= LONGEST_READ else None
    )


def _container_provenance(path: Path) -> str | None:
    with open_container(path) as container:
        provenance = container.metadata.get("comment", container.metadata.get("COMMENT", ""))  # in MP4, in WebM
    return provenance if provenance.startswith('{"artcnn":') else None  # other programs write comments, too


def _picture_provenance(path: Path) -> object:
    with open_picture(path) as (image, _):
        try:
            exif = image.getexif()
            software, provenance = exif.get(Base.Software), exif.get(Base.ImageDescription)
            if image.format == "GIF":
                software, _, provenance = image.info.get("comment", b"").decode("ascii", "replace").partition("\n")
        except DAMAGE:
            return None
    return provenance if isinstance(software, str) and software.startswith("artcnn ") else None
