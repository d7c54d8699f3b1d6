"""Small pictures of large ones, for the pages."""

from functools import lru_cache
from io import BytesIO
from pathlib import Path

from artcnn.files.open import open_picture


@lru_cache(maxsize=256)
def thumbnail(path: Path, side: int) -> bytes:
    """Return what :func:`draw_thumbnail` does, of a file that never changes."""
    return draw_thumbnail(path, side)


def draw_thumbnail(path: Path, side: int) -> bytes:
    """Return a JPEG of a picture, its longer side ``side`` pixels at most, upright.

    Its colors are the file's own numbers: it is looked at, and nothing is made of it.

    Raises:
        PictureError: it is none, is damaged, or has too many pixels for this machine.
    """
    from PIL import ImageOps

    with open_picture(path, long_side=side) as (image, _):
        image.load()
        upright = ImageOps.exif_transpose(image)
        plain = upright.convert("RGBA") if upright.has_transparency_data else upright.convert("RGB")
    plain.thumbnail((side, side))
    if plain.mode == "RGBA":
        from PIL import Image

        white = Image.new("RGBA", plain.size, "white")
        plain = Image.alpha_composite(white, plain).convert("RGB")
    content = BytesIO()
    plain.save(content, "JPEG", quality=85)
    return content.getvalue()
