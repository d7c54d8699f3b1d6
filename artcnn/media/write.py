"""Tensors to picture files, whole or not at all."""

from __future__ import annotations

import os
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageCms

from artcnn.errors import PictureError
from artcnn.media.story import exif_with

if TYPE_CHECKING:  # where a picture may go is checked before the slow import of torch
    from torch import Tensor

WRITABLE: dict[str, tuple[str, dict[str, Any]]] = {
    ".png": ("PNG", {}),
    ".jpg": ("JPEG", {"quality": 95, "subsampling": "4:4:4"}),
    ".jpeg": ("JPEG", {"quality": 95, "subsampling": "4:4:4"}),
    ".webp": ("WEBP", {"quality": 95}),
    ".tif": ("TIFF", {"compression": "tiff_adobe_deflate"}),
    ".tiff": ("TIFF", {"compression": "tiff_adobe_deflate"}),
}
"""Pillow's format and settings by a file name's suffix."""


def check_writable(path: Path) -> None:
    """Raise a PictureError where a picture could not be written to ``path``."""
    if path.suffix.lower() not in WRITABLE:
        suffixes = ", ".join(WRITABLE)
        raise PictureError(f"cannot write {path}: its name must end in one of {suffixes}")
    if path.is_dir():
        raise PictureError(f"cannot write {path}: it is a folder")
    if not path.parent.is_dir():
        raise PictureError(f"cannot write {path}: there is no folder {path.parent}, make it first")
    if not os.access(path.parent, os.W_OK):
        raise PictureError(f"cannot write {path}: you may not write in {path.parent}")


def new_path(photo: Path, tag: str) -> Path:
    """Return a name beside ``photo`` that no file has: ``photo-TAG.png``, else ``photo-TAG-2.png`` and so on."""
    path, number = photo.with_name(f"{photo.stem}-{tag}.png"), 2
    while path.exists():
        path, number = photo.with_name(f"{photo.stem}-{tag}-{number}.png"), number + 1
    return path


def write_picture(path: Path | str, pixels: Tensor, alpha: Tensor | None = None, story: str | None = None) -> None:
    """Write an image to a PNG, JPEG, WebP or TIFF file, by the name's suffix; whole, or not at all.

    Args:
        path: where to.
        pixels: shape (1, 3, H, W), sRGB in [0, 1]; rounded to 8 bits.
        alpha: opacity, shape (1, 1, H, W) in [0, 1]. JPEG has none: the picture is laid on white.
        story: ASCII text to carry in its metadata.

    Raises:
        PictureError: it cannot be written there.
    """
    path = Path(path)
    check_writable(path)
    kind, settings = WRITABLE[path.suffix.lower()]
    image = _image(pixels, alpha)
    if kind == "JPEG" and image.mode == "RGBA":
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    exif = exif_with(story, f"artcnn {version('artcnn')}")
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("xb") as file:
            image.save(file, kind, icc_profile=srgb_profile(), exif=exif, **settings)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise PictureError(f"cannot write {path}: {(error.strerror or str(error)).lower()}") from error
    finally:
        part.unlink(missing_ok=True)


def quantize(pixels: Tensor) -> Tensor:
    """Return pixels as they are after they were written to a lossless file and read again."""
    return pixels.clamp(0, 1).mul(255).round().div(255)


@cache
def srgb_profile() -> bytes:
    """Return an sRGB profile, the same bytes whenever it is made."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = bytes(12)  # the time it was made
    return bytes(profile)


def _image(pixels: Tensor, alpha: Tensor | None) -> Image.Image:
    def channels(x: Tensor) -> Image.Image:
        values = x.detach().cpu().clamp(0, 1).mul(255).round().byte()[0].permute(1, 2, 0)
        return Image.fromarray(values.squeeze(-1).numpy())

    image = channels(pixels)
    if alpha is not None:
        image.putalpha(channels(alpha))
    return image
