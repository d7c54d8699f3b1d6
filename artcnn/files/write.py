"""Write picture files atomically."""

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

if TYPE_CHECKING:  # paths are checked before the slow import of torch
    from torch import Tensor

WRITABLE = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP", ".tif": "TIFF", ".tiff": "TIFF"}
"""Pillow's name of the format, by ending."""

LONGEST_SIDE = {"WEBP": 16_383, "JPEG": 65_500}
"""Longest side of a picture in pixels, by format."""

_SETTINGS: dict[str, dict[str, Any]] = {
    "PNG": {},
    "JPEG": {"quality": 95, "subsampling": "4:4:4"},
    "WEBP": {"quality": 95, "method": 4},
    "TIFF": {"compression": "tiff_adobe_deflate"},
}


def check_writable(path: Path, long_side: int = 0) -> None:
    """Check that a picture can be written to ``path``; done before slow work.

    Args:
        path: a file, or a stream, which gets a PNG unless it has another ending.
        long_side: the longer side of the picture in pixels, if it is known.

    Raises:
        PictureError: the ending is unknown, the picture is too large for the format, the file cannot be written there,
            or the standard output is a terminal.
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
    """Write an image to a PNG, JPEG, WebP or TIFF file, by its ending. The same pixels give the same bytes.

    An existing file is replaced once the new one is complete. Symbolic links are followed; pipes and devices are
    written into.

    Args:
        path: the file to write, or ``-`` for the standard output.
        pixels: shape (1, 3, H, W), sRGB in [0, 1], rounded to 8 bits.
        alpha: opacity, shape (1, 1, H, W) in [0, 1], or None. In a JPEG, the picture is composed on white.
        provenance: ASCII text to store in the file.
        replace: whether an existing file may be replaced; if not, another name is chosen.
        metadata: of the photo that it was made from: ``Picture.metadata``.
        keep_gps: whether to write the position, too.

    Returns:
        The path that was written.

    Raises:
        PictureError: it cannot be written there, or is too large for the format.
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
        settings["dpi"] = metadata.dpi  # in the format's own field, for programs that read no EXIF
    content = _encode(path, image, kind, settings)
    return write_atomic(path, with_directories(content, exif) if kind == "TIFF" else content, replace)


def _encode(path: Path, image: Image.Image, kind: str, settings: dict[str, Any]) -> bytes:
    """Encode an image; ``path`` is its name in messages."""
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
    """Return Pillow's name of the format for a path, or None; PNG for streams without an ending."""
    return WRITABLE.get(path.suffix.lower(), "PNG" if is_stream(path) else None)


def quantize(pixels: Tensor) -> Tensor:
    """Round an image to 8 bits, in [0, 1], as it would be read back from a lossless file."""
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
