"""The text that a picture carries about how it was made.

It stands in EXIF's ImageDescription, the one field of text that Pillow keeps in PNG, JPEG, WebP and TIFF alike.
"""

from pathlib import Path

from PIL import ExifTags, Image

from artcnn.errors import ArtcnnError
from artcnn.media.open import opened, read_bytes

BEGINNING = '{"artcnn": '
"""What every story begins with, and no other description of a picture does."""

LARGEST_STORY = 60_000
"""Bytes; JPEG has room for 65,533 with everything else that EXIF says."""


def exif_with(story: str | None, software: str) -> Image.Exif:
    """Return EXIF data that name the program and tell the story.

    Raises:
        ArtcnnError: the story has characters that are not ASCII, or more than there is room for.
    """
    exif = Image.Exif()
    exif[ExifTags.Base.Software] = software
    if story is not None:
        if not story.isascii() or len(story) > LARGEST_STORY:
            raise ArtcnnError("the recipe does not fit into the picture's metadata")
        exif[ExifTags.Base.ImageDescription] = story
    return exif


def read_story(path: Path | str) -> str | None:
    """Return the story that a picture carries, or None; its pixels are not decoded.

    Raises:
        PictureError: the file is no picture, or damaged.
    """
    path = Path(path)
    with opened(path, read_bytes(path)) as image:
        text = image.getexif().get(ExifTags.Base.ImageDescription)
    is_story = isinstance(text, str) and text.startswith(BEGINNING) and len(text) <= LARGEST_STORY
    return str(text) if is_story else None
