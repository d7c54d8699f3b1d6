"""ICC profiles: the sRGB profile that artcnn writes, and conversion to sRGB from any other."""

import struct
from functools import cache
from io import BytesIO

from PIL import Image, ImageCms

GRAY_16_BIT = ("I;16", "I;16B", "I;16L", "I;16N")
"""Pillow's modes of 16-bit gray, by byte order."""

UNUSABLE_PROFILE = "its color profile cannot be read or is not for such pixels, taken as sRGB"
"""The note about a profile that cannot be used."""


@cache
def srgb_profile() -> bytes:
    """Return an ICC profile of sRGB, always the same bytes."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = struct.pack(">6H", 2000, 1, 1, 0, 0, 0)  # a fixed date of creation
    profile[84:100] = bytes(16)  # no checksum, which would cover the date
    return bytes(profile)


def convert_to_srgb(image: Image.Image, profile: bytes) -> Image.Image | None:
    """Return an image converted to sRGB, mode RGB, by an ICC profile.

    Returns None if the profile is damaged or does not fit the pixels, and the image itself if it is sRGB's.

    Args:
        image: mode L, one of ``GRAY_16_BIT``, I, F, RGB, CMYK or LAB.
        profile: the bytes in the file.
    """
    if profile == srgb_profile():
        return image
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        # Gray pictures often carry an RGB profile, of the picture that they were made from.
        gray_in_rgb = image.mode == "L" and source.profile.xcolor_space.strip() == "RGB"
        return _convert(image.convert("RGB") if gray_in_rgb else image, source)
    except (OSError, TypeError, ValueError, ImageCms.PyCMSError):
        return None


def to_rgb(image: Image.Image) -> Image.Image:
    """Convert an image without a profile to mode RGB; gray stays gray."""
    if image.mode == "LAB":
        return _convert(image, ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")))
    return image.convert("RGB") if image.mode == "CMYK" else image


def _convert(image: Image.Image, source: ImageCms.ImageCmsProfile) -> Image.Image:
    if image.mode in ("I", "F"):
        raise ValueError(image.mode)  # lcms lacks these modes, and would read them as 8 bits
    target = ImageCms.ImageCmsProfile(BytesIO(srgb_profile()))
    # lcms approximates curves by a table that is too coarse for dark grays.
    flags = ImageCms.Flags.NOOPTIMIZE if image.mode in ("L", *GRAY_16_BIT) else ImageCms.Flags.NONE
    return ImageCms.buildTransform(source, target, image.mode, "RGB", flags=flags).apply(image)
