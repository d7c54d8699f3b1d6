"""The text that a picture carries about how it was made.

It is the ImageDescription of the picture's EXIF data: Pillow writes no EXIF comment into TIFF, and a description into
PNG, JPEG, WebP and TIFF alike. GIF and MP4, which have no EXIF data, carry it as a comment.
"""

from pathlib import Path

from PIL.ExifTags import Base
from PIL.Image import Exif

from artcnn import __version__
from artcnn.errors import PictureError
from artcnn.files.mp4 import open_mp4
from artcnn.files.open import DAMAGE, is_mp4, open_picture

MAX_PROVENANCE = 60_000
"""Characters: all of JPEG's EXIF data has to fit into 65,533 bytes, with what the photo says about itself."""

LONGEST_READ = 65_000
"""Characters of a provenance that artcnn has ever written."""


def check_provenance(provenance: str) -> None:
    """Check that a picture can carry a provenance.

    Args:
        provenance: ASCII text, such as ``json.dumps`` makes.

    Raises:
        PictureError: it is not ASCII, or too long.
    """
    if not provenance.isascii() or len(provenance) > MAX_PROVENANCE:
        raise PictureError(f"the recipe does not fit into a picture: {MAX_PROVENANCE} characters do, in ASCII")


def provenance_exif(provenance: str) -> Exif:
    """Return EXIF data that carry a provenance and name artcnn as the software.

    Raises:
        PictureError: as :func:`check_provenance` does.
    """
    check_provenance(provenance)
    exif = Exif()
    exif[Base.Software] = f"artcnn {__version__}"
    exif[Base.ImageDescription] = provenance
    return exif


def provenance_comment(provenance: str) -> bytes:
    """Return a comment that carries a provenance and names artcnn as the software: a GIF's."""
    return f"artcnn {__version__}\n{provenance}".encode("ascii")


def read_provenance(path: Path | str) -> str | None:
    """Return the provenance that a picture or a film carries, or None where artcnn did not put one there.

    No pixel is decoded.

    Raises:
        PictureError: there is no such file, it is no picture, or is damaged.
    """
    path = Path(path)
    provenance = _mp4_provenance(path) if is_mp4(path) else _picture_provenance(path)
    return (
        provenance if isinstance(provenance, str) and provenance.isascii() and len(provenance) <= LONGEST_READ else None
    )


def _mp4_provenance(path: Path) -> str | None:
    with open_mp4(path) as container:
        provenance = container.metadata.get("comment", "")
    return provenance if provenance.startswith('{"artcnn":') else None  # other programs have comments, too


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
