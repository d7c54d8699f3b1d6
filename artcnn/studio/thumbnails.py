"""Small pictures of large ones, for the pages."""

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from artcnn.files.open import open_picture

if TYPE_CHECKING:
    from torch import Tensor


def draw_thumbnail(path: Path, side: int) -> bytes:
    """Return a JPEG of a picture, its longer side ``side`` pixels at most, upright.

    Its colors are the file's own numbers: it is looked at, and nothing is made of it.

    Raises:
        PictureError: it is none, is damaged, or has too many pixels for this machine.
    """
    from PIL import Image, ImageOps

    with open_picture(path, long_side=side) as (image, _):
        image.draft(None, (2 * side, 2 * side))  # a JPEG is decoded at 1/2, 1/4 or 1/8 where that will do
        image.load()
        ImageOps.exif_transpose(image, in_place=True)
        plain: Image.Image = image
        if image.has_transparency_data or image.mode not in ("L", "RGB"):
            plain = image.convert("RGBA" if image.has_transparency_data else "RGB")
    plain.thumbnail((side, side))
    if plain.mode == "RGBA":
        white = Image.new("RGBA", plain.size, "white")
        plain = Image.alpha_composite(white, plain).convert("RGB")
    content = BytesIO()
    plain.save(content, "JPEG", quality=85)
    return content.getvalue()


def small_jpeg(image: "Tensor", side: int) -> bytes:
    """Return a JPEG of an image, (1, 3, H, W), its longer side ``side`` pixels at most."""
    from artcnn.files.write import to_pillow
    from artcnn.image import fit, size_of

    content = BytesIO()
    to_pillow(fit(image, min(side, max(size_of(image))))).save(content, "JPEG", quality=85)
    return content.getvalue()
