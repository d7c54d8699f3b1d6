"""Picture files to tensors. A file is hostile until it has been decoded."""

import hashlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageCms, ImageOps
from torch import Tensor

from artcnn.errors import PictureError
from artcnn.media.open import DAMAGE, check_size, opened, read_bytes


@dataclass(frozen=True)
class Picture:
    """A picture file's content.

    Attributes:
        pixels: shape (1, 3, H, W), sRGB in [0, 1], upright.
        alpha: opacity, shape (1, 1, H, W) in [0, 1], or None where the picture is opaque.
        sha256: of the file, in hexadecimal.
        notes: what the user should know about how the file was understood.
    """

    pixels: Tensor
    alpha: Tensor | None
    sha256: str
    notes: tuple[str, ...]


def read_picture(path: Path | str) -> Picture:
    """Return the picture in a JPEG, PNG, WebP, AVIF, TIFF, BMP, GIF (first frame) or HEIC file.

    It is turned as its EXIF orientation says and converted to sRGB by its colour profile. Where it is fully
    transparent, the hidden colours are replaced by the mean of the visible ones.

    Raises:
        PictureError: the file cannot be read, is no such picture, is damaged, too small, or too large for the memory.
    """
    path = Path(path)
    data = read_bytes(path)
    with opened(path, data) as image:
        check_size(path, image.size)
        notes: list[str] = []
        try:
            image.load()
            image = _upright(path, image, notes)
            alpha = _alpha(image)
            colours = np.array(_srgb(path, image, notes))
        except DAMAGE as error:
            raise PictureError(f"{path}: the file is damaged or cut short ({error}): get a fresh copy") from error
    pixels = torch.from_numpy(colours).permute(2, 0, 1)[None].float().div(255).contiguous()
    if alpha is None:
        return Picture(pixels, None, hashlib.sha256(data).hexdigest(), tuple(notes))
    opacity = torch.from_numpy(alpha)[None, None].float() / 255
    return Picture(_unhidden(pixels, opacity), opacity, hashlib.sha256(data).hexdigest(), tuple(notes))


def _upright(path: Path, image: Image.Image, notes: list[str]) -> Image.Image:
    """Return the image turned as its EXIF orientation says."""
    try:
        return ImageOps.exif_transpose(image)
    except DAMAGE:
        notes.append(f"{path}: its EXIF data is damaged; taken as upright")
        return image


def _alpha(image: Image.Image) -> "np.ndarray[tuple[int, int], np.dtype[np.uint8]] | None":
    """Return the opacity, shape (H, W), 0 to 255, or None where every pixel is opaque."""
    if not image.has_transparency_data or image.mode.startswith("I"):
        return None
    alpha = np.array(image.convert("RGBA").getchannel("A"))
    return None if (alpha == 255).all() else alpha


def _srgb(path: Path, image: Image.Image, notes: list[str]) -> Image.Image:
    """Return the image's colours in sRGB, mode RGB."""
    profile = image.info.get("icc_profile")
    image = _eight_bits(path, image)
    srgb = ImageCms.createProfile("sRGB")
    if image.mode == "LAB":
        return ImageCms.profileToProfile(image, ImageCms.createProfile("LAB"), srgb, outputMode="RGB") or image
    if image.mode not in ("RGB", "L", "CMYK"):
        image = image.convert("L" if image.mode in ("1", "LA", "La") else "RGBA").convert("RGB")
    if profile:
        try:
            embedded = ImageCms.ImageCmsProfile(BytesIO(profile))
            return ImageCms.profileToProfile(image, embedded, srgb, outputMode="RGB") or image
        except (ImageCms.PyCMSError, *DAMAGE):
            notes.append(f"{path}: its colour profile cannot be used; taken as sRGB")
    return image.convert("RGB")


def _eight_bits(path: Path, image: Image.Image) -> Image.Image:
    """Return an image of 16-bit or float greyscale in 8 bits, mode L, and any other as it is."""
    if image.mode not in ("I;16", "I;16B", "I;16L", "I", "F"):
        return image
    values = np.array(image).astype(np.float64)
    largest = 1.0 if image.mode == "F" else 65535.0
    if not np.isfinite(values).all() or values.min() < 0 or values.max() > largest:
        raise PictureError(f"{path}: its values are not of the range 0 to {largest:.0f}: save it with 8 or 16 bits")
    return Image.fromarray(np.rint(values * (255 / largest)).astype(np.uint8))


def _unhidden(pixels: Tensor, alpha: Tensor) -> Tensor:
    """Return the pixels with whatever full transparency hides replaced by the mean visible colour, or mid-grey."""
    visible = alpha.sum()
    mean = (pixels * alpha).sum(dim=(2, 3), keepdim=True) / visible if visible > 0 else torch.full((1, 3, 1, 1), 0.5)
    return torch.where(alpha == 0, mean, pixels)
