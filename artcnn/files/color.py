"""Color profiles: the one that artcnn writes, and the way from any other to it."""

import struct
from functools import cache
from io import BytesIO

from PIL import Image, ImageCms

GRAY_16_BIT = ("I;16", "I;16B", "I;16L", "I;16N")
"""Pillow's modes of gray in 16 bits, by byte order."""

UNUSABLE_PROFILE = "its color profile cannot be read or is not for such pixels, taken as sRGB"
"""What is said of a profile that cannot be followed."""


@cache
def srgb_profile() -> bytes:
    """Return an ICC profile of sRGB, the same bytes at each call and in each process."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = struct.pack(">6H", 2000, 1, 1, 0, 0, 0)  # the time of its making would differ at each run
    profile[84:100] = bytes(16)  # a checksum over that time; zero says that there is none
    return bytes(profile)


def convert_to_srgb(image: Image.Image, profile: bytes) -> Image.Image | None:
    """Return an image converted to sRGB, mode RGB, by the ICC profile in its file.

    None where the profile is damaged, or not for such pixels. It is the image itself where that is sRGB's already.

    Args:
        image: mode L, one of ``GRAY_16_BIT``, I, F, RGB, CMYK or LAB.
        profile: as it stands in the file.
    """
    if profile == srgb_profile():
        return image
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        # Gray pictures often carry the profile of the color pictures that they were made from.
        gray_in_rgb = image.mode == "L" and source.profile.xcolor_space.strip() == "RGB"
        return _convert(image.convert("RGB") if gray_in_rgb else image, source)
    except (OSError, TypeError, ValueError, ImageCms.PyCMSError):
        return None


def to_rgb(image: Image.Image) -> Image.Image:
    """Return an image without a profile in sRGB: mode RGB, or its own mode of gray."""
    if image.mode == "LAB":
        return _convert(image, ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")))
    return image.convert("RGB") if image.mode == "CMYK" else image


def _convert(image: Image.Image, source: ImageCms.ImageCmsProfile) -> Image.Image:
    if image.mode in ("I", "F"):
        raise ValueError(image.mode)  # which lcms does not have, and would take for 8 bits
    target = ImageCms.ImageCmsProfile(BytesIO(srgb_profile()))
    # The table that lcms makes of a curve for speed is too coarse for the dark tones of gray.
    flags = ImageCms.Flags.NOOPTIMIZE if image.mode in ("L", *GRAY_16_BIT) else ImageCms.Flags.NONE
    return ImageCms.buildTransform(source, target, image.mode, "RGB", flags=flags).apply(image)
