"""Embed pictures in a page."""

import base64
from html import escape
from io import BytesIO

import numpy as np
from PIL import Image
from torch import Tensor

_LARGEST_PNG = 8_000  # bytes; larger pictures are photos, and a third of that as JPEG
_DRAWN = 128  # pixels of a side from which a picture is not enlarged


def inline_image(pixels: Tensor, alt: str, scale: int, *, large: bool = False) -> str:
    """Return a picture, (1 or 3, H, W), uint8, as HTML with embedded data: PNG, or JPEG if that is too large."""
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
    """Encode a picture as PNG, with a palette if it has few colors; lossless."""
    if image.mode == "RGB" and image.getcolors(256):
        red, green, blue = np.moveaxis(np.asarray(image, np.uint32), 2, 0)
        numbers, places = np.unique(
            red << 16 | green << 8 | blue, return_inverse=True
        )  # np.unique on rows takes ten times as long
        image = Image.fromarray(places.reshape(red.shape).astype(np.uint8))
        image.putpalette(np.stack([numbers >> 16, numbers >> 8, numbers], 1).astype(np.uint8).tobytes())
    encoded = BytesIO()
    image.save(encoded, "PNG", optimize=True)
    return encoded.getvalue()
