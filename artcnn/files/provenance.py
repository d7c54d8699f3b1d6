"""The text that a picture carries about how it was made.

It is the ImageDescription of the picture's EXIF data: Pillow writes no EXIF comment into TIFF, and a description into
PNG, JPEG, WebP and TIFF alike. GIF and MP4, which have no EXIF data, carry it as a comment.
"""

from pathlib import Path

from PIL.ExifTags import Base
from PIL.Image import Exif

from artcnn import __version__
from artcnn.errors import PictureError
from artcnn.files.mp4 import opened_mp4
from artcnn.files.open import DAMAGE, is_mp4, opened

LONGEST_STORY = 60_000
"""Characters: all of JPEG's EXIF data has to fit into 65,533 bytes, with what the photo says about itself."""

LONGEST_READ = 65_000
"""Characters of a story that artcnn has ever written."""


def check_story(story: str) -> None:
    """Check that a picture can carry a story.

    Args:
        story: ASCII text, such as ``json.dumps`` makes.

    Raises:
        PictureError: it is not ASCII, or too long.
    """
    if not story.isascii() or len(story) > LONGEST_STORY:
        raise PictureError(f"the recipe does not fit into a picture: {LONGEST_STORY} characters do, in ASCII")


def story_exif(story: str) -> Exif:
    """Return EXIF data that carry a story and name artcnn as the software.

    Raises:
        PictureError: as :func:`check_story` does.
    """
    check_story(story)
    exif = Exif()
    exif[Base.Software] = f"artcnn {__version__}"
    exif[Base.ImageDescription] = story
    return exif


def story_comment(story: str) -> bytes:
    """Return a comment that carries a story and names artcnn as the software: a GIF's."""
    return f"artcnn {__version__}\n{story}".encode("ascii")


def read_story(path: Path | str) -> str | None:
    """Return the story that a picture or a film carries, or None where artcnn did not put one there.

    No pixel is decoded.

    Raises:
        PictureError: there is no such file, it is no picture, or is damaged.
    """
    path = Path(path)
    story = _mp4_story(path) if is_mp4(path) else _picture_story(path)
    return story if isinstance(story, str) and story.isascii() and len(story) <= LONGEST_READ else None


def _mp4_story(path: Path) -> str | None:
    with opened_mp4(path) as container:
        story = container.metadata.get("comment", "")
    return story if story.startswith('{"artcnn":') else None  # other programs have comments, too


def _picture_story(path: Path) -> object:
    with opened(path) as (image, _):
        try:
            exif = image.getexif()
            software, story = exif.get(Base.Software), exif.get(Base.ImageDescription)
            if image.format == "GIF":
                software, _, story = image.info.get("comment", b"").decode("ascii", "replace").partition("\n")
        except DAMAGE:
            return None
    return story if isinstance(software, str) and software.startswith("artcnn ") else None
