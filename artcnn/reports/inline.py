"""Pictures inside of a page: all that it shows is in its one file."""

import base64
from html import escape
from io import BytesIO

import numpy as np
from PIL import Image
from torch import Tensor

_LARGEST_PNG = 8_000  # bytes; what is larger is a photo, and a third of it as JPEG
_DRAWN = 128  # pixels, from which on a picture's own pixels were made large already


def inline_image(pixels: Tensor, alt: str, scale: int, *, large: bool = False) -> str:
    """Return a picture, (1 or 3, H, W) bytes, inside of the page: PNG, or JPEG where that would be large."""
    array = np.ascontiguousarray(pixels.permute(1, 2, 0).numpy())
    image = Image.fromarray(array[..., 0] if array.shape[2] == 1 else array)
    encoded, kind = _png(image), "png"
    if len(encoded) > _LARGEST_PNG:
        photo = BytesIO()
        image.save(photo, "JPEG", quality=90, subsampling="4:4:4")
        if photo.tell() < len(encoded):
            encoded, kind = photo.getvalue(), "jpeg"
    data = base64.b64encode(encoded).decode()
    size = f'width="{image.width * scale}" height="{image.height * scale}"'
    hard = "" if (kind == "jpeg" and not large) or image.width >= _DRAWN else ' class="pixels"'
    return f'<img src="data:image/{kind};base64,{data}" alt="{escape(alt)}" {size}{hard}>'


def _png(image: Image.Image) -> bytes:
    """Return a picture as PNG, by a palette where it has few enough colors, as drawings have: nothing is lost."""
    if image.mode == "RGB" and image.getcolors(256):
        red, green, blue = np.moveaxis(np.asarray(image, np.uint32), 2, 0)
        numbers, places = np.unique(
            red << 16 | green << 8 | blue, return_inverse=True
        )  # rows would take ten times as long
        image = Image.fromarray(places.reshape(red.shape).astype(np.uint8))
        image.putpalette(np.stack([numbers >> 16, numbers >> 8, numbers], 1).astype(np.uint8).tobytes())
    encoded = BytesIO()
    image.save(encoded, "PNG", optimize=True)
    return encoded.getvalue()
