"""Write a picture file, whole or not at all."""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.Image import Exif

from artcnn.errors import PictureError
from artcnn.files.atomic import check_folder, write_atomic
from artcnn.files.color import srgb_profile
from artcnn.files.metadata import Metadata
from artcnn.files.provenance import provenance_exif
from artcnn.files.streams import is_standard_output, is_stream
from artcnn.files.tiff_directories import with_directories

if TYPE_CHECKING:  # where a picture may go is checked before the slow import of torch
    from torch import Tensor

WRITABLE = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP", ".tif": "TIFF", ".tiff": "TIFF"}
"""Suffix to Pillow's name of the format."""

LONGEST_SIDE = {"WEBP": 16_383, "JPEG": 65_500}
"""Pixels that a format can hold in a row or a column, where that is a limit."""

_SETTINGS: dict[str, dict[str, Any]] = {
    "PNG": {},
    "JPEG": {"quality": 95, "subsampling": "4:4:4"},
    "WEBP": {"quality": 95, "method": 4},
    "TIFF": {"compression": "tiff_adobe_deflate"},
}


def check_writable(path: Path, long_side: int = 0) -> None:
    """Check, before the slow work, that a picture can be written to ``path``.

    Args:
        path: the file, or a stream, which takes a PNG unless its name says otherwise.
        long_side: the picture's longer side, in pixels, where it is known.

    Raises:
        PictureError: the suffix is unknown, the format too small for the picture, the folder missing or closed, or a
            folder has that name; the standard output is a screen.
    """
    if is_standard_output(path) and sys.stdout.isatty():
        raise PictureError("a picture is nothing for a terminal: send it on with | or >, or give --out a file name")
    kind = _kind_of(path)
    if kind is None:
        raise PictureError(
            f"cannot write {path}: its name must end in one of {', '.join(WRITABLE)}, or be a folder that is there"
        )
    if long_side > LONGEST_SIDE.get(kind, long_side):
        raise PictureError(f"cannot write {path}: {kind} holds {LONGEST_SIDE[kind]} pixels in a row, use .png")
    check_folder(path)


def write_picture(
    path: Path | str,
    pixels: Tensor,
    alpha: Tensor | None = None,
    provenance: str | None = None,
    replace: bool = True,
    metadata: Metadata | None = None,
    *,
    keep_gps: bool = False,
) -> Path:
    """Write an image to a PNG, JPEG, WebP or TIFF file, as the suffix says; the same pixels give the same bytes.

    A file that is there is replaced once the new one is complete, and stays as it is if anything goes wrong. A
    symbolic link is followed; a pipe or a device is written into.

    Args:
        path: the file to write, or ``-`` for the standard output.
        pixels: shape (1, 3, H, W), sRGB in [0, 1], rounded to 8 bits.
        alpha: opacity, shape (1, 1, H, W) in [0, 1], or None. JPEG has none: the picture is laid on white.
        provenance: ASCII text that the file carries along.
        replace: whether a file that is there may be replaced; if not, another name is chosen.
        metadata: what the photo that it was made from says about itself: ``Picture.metadata``.
        keep_gps: whether to write where that was taken, too.

    Returns:
        Where it is.

    Raises:
        PictureError: it cannot be written there, or the format cannot hold it.
    """
    path = Path(path)
    check_writable(path)
    kind = _kind_of(path) or "PNG"
    if alpha is not None and kind == "JPEG":
        pixels, alpha = pixels * alpha + (1 - alpha), None
    image = to_pillow(pixels, alpha)
    settings, exif = dict(_SETTINGS[kind]), Exif() if provenance is None else provenance_exif(provenance)
    metadata = metadata or Metadata()
    metadata.add_to(exif, keep_gps=keep_gps)
    if provenance is not None or metadata != Metadata():
        settings["exif"] = exif
    if metadata.dpi is not None and kind in ("PNG", "JPEG"):
        settings["dpi"] = metadata.dpi  # in the format's own words, for what reads no EXIF
    content = _encode(path, image, kind, settings)
    return write_atomic(path, with_directories(content, exif) if kind == "TIFF" else content, replace)


def _encode(path: Path, image: Image.Image, kind: str, settings: dict[str, Any]) -> bytes:
    """Return an image as a file; ``path`` is what to call it in errors."""
    encoded = BytesIO()
    try:
        image.save(encoded, kind, icc_profile=srgb_profile(), **settings)
    except (OSError, ValueError) as error:
        width, height = image.size
        raise PictureError(
            f"cannot write {path}: {kind} cannot hold {width} x {height} pixels ({error}), use .png"
        ) from error
    return encoded.getvalue()


def _kind_of(path: Path) -> str | None:
    """Return Pillow's name of the format that a file's name asks for; a stream's need not ask for any."""
    return WRITABLE.get(path.suffix.lower(), "PNG" if is_stream(path) else None)


def quantize(pixels: Tensor) -> Tensor:
    """Return an image as it is read back once written without loss: rounded to 8 bits, in [0, 1]."""
    return pixels.clamp(0, 1).mul(255).round().div(255)


def to_pillow(pixels: Tensor, alpha: Tensor | None = None) -> Image.Image:
    """Return an image, shape (1, 3, H, W), sRGB in [0, 1], as Pillow has it: RGB, or RGBA with an opacity."""
    image = Image.fromarray(to_uint8(pixels))
    if alpha is not None:
        image.putalpha(Image.fromarray(to_uint8(alpha)))
    return image


def to_uint8(x: Tensor) -> NDArray[np.uint8]:
    """Return a (1, C, H, W) tensor in 8 bits, shape (H, W, C), or (H, W) where C is 1."""
    channels = quantize(x.detach().cpu())[0].mul(255).round().byte()
    array: NDArray[np.uint8] = np.ascontiguousarray(channels.permute(1, 2, 0).numpy())
    return array[..., 0] if array.shape[2] == 1 else array
