"""The color space that a picture file declares, by ICC profile, cICP, gAMA and cHRM, nclx or EXIF."""

from collections.abc import Sequence
from struct import unpack
from typing import Any

from PIL.AvifImagePlugin import AvifImageFile
from PIL.ExifTags import IFD, Base, Interop
from PIL.Image import Exif
from PIL.ImageFile import ImageFile

from artcnn.files.color import UNUSABLE_PROFILE
from artcnn.files.encoding import ColorEncoding, find_encoding
from artcnn.files.isobmff import read_nclx
from artcnn.files.open import DAMAGE
from artcnn.files.png import Png
from artcnn.files.primaries import ADOBE_RGB, BT709, Primaries

_ADOBE_GAMMA = 563 / 256
"""Adobe RGB (1998), section 4.3.4.2."""

_SRGB_GAMMA = 0.45455
"""The value of PNG's gAMA in sRGB files: PNG, section 11.3.2.5."""

_LEAST_GAMMA, _MOST_GAMMA = 10_000, 1_000_000
"""Limits of a plausible gAMA, in 1/100,000."""

_UNCALIBRATED, _COLOR_SPACE_ADOBE = 0xFFFF, 2
"""Values of EXIF's ColorSpace: uncalibrated; and Adobe RGB, which cameras write though the standard lacks it."""

_GAMMA = 0xA500


def read_declared_color(image: ImageFile, exif: Exif, notes: list[str]) -> bytes | ColorEncoding | None:
    """Return the ICC profile, or the encoding if it is not sRGB, or None for sRGB.

    Precedence: in a PNG cICP, ICC profile, then sRGB, gAMA and cHRM (PNG, third edition, section 4.3); in HEIC and AVIF
    ICC profile, then nclx; EXIF last.

    Args:
        image: as ``open_picture`` yields it, not yet loaded.
        exif: its EXIF data.
        notes: a sentence is added for each declaration that cannot be used.
    """
    told = image.told if isinstance(image, Png) else {}
    encoding = None
    if b"cICP" in told and (encoding := _cicp(told[b"cICP"])) is None:
        notes.append("its cICP chunk names colors that artcnn does not know, and is left out")
    if encoding is None and "icc_profile" in image.info:
        profile: bytes | None = image.info["icc_profile"]
        if profile:
            return profile
        notes.append(UNUSABLE_PROFILE)
    if encoding is None and image.mode not in ("CMYK", "LAB"):
        try:
            encoding = _png(told) or _nclx(image, notes) or _exif(exif, notes)
        except DAMAGE:
            notes.append("what it says of its colors cannot be read, taken as sRGB")
    return None if encoding is None or encoding.is_srgb else encoding


def _cicp(content: bytes) -> ColorEncoding | None:
    """Return the encoding of a PNG's cICP chunk: primaries, transfer, matrix (0 for RGB), full range."""
    if len(content) != 4 or content[2] != 0 or content[3] > 1:
        return None
    return find_encoding(content[0], content[1], narrow=content[3] == 0)


def _png(told: dict[bytes, bytes]) -> ColorEncoding | None:
    """Return the encoding of a PNG's sRGB chunk, or of gAMA and cHRM."""
    srgb = ColorEncoding(BT709, "srgb")
    if b"sRGB" in told:
        return srgb
    if b"gAMA" not in told and b"cHRM" not in told:
        return None
    primaries, transfer = BT709, srgb.transfer
    if b"cHRM" in told:
        white, red, green, blue = _pairs([number / 100_000 for number in unpack(">8I", told[b"cHRM"])])
        primaries = Primaries(red, green, blue, white)
        primaries.to_bt709()
    if b"gAMA" in told:
        (number,) = unpack(">I", told[b"gAMA"])
        if not _LEAST_GAMMA < number < _MOST_GAMMA:
            raise ValueError(f"no gamma: {number}")
        told_by_srgb = abs(number / 100_000 - _SRGB_GAMMA) < 0.0005 and primaries.is_like(BT709)
        transfer = srgb.transfer if told_by_srgb else 100_000 / number
    return ColorEncoding(primaries, transfer)


def _nclx(image: ImageFile, notes: list[str]) -> ColorEncoding | None:
    """Return the encoding of a HEIC or AVIF file's nclx box."""
    if not (isinstance(image, AvifImageFile) or image.format == "HEIF") or image.fp is None:
        return None
    codes = read_nclx(image.fp)
    if codes is None:
        return None
    encoding = find_encoding(*codes)
    if encoding is None:
        notes.append("its nclx box names colors that artcnn does not know, taken as sRGB")
    return encoding


def _exif(exif: Exif, notes: list[str]) -> ColorEncoding | None:
    """Return the encoding that EXIF declares: DCF 2.0 has Adobe RGB as its optional color space."""
    camera, interop = exif.get_ifd(IFD.Exif), exif.get_ifd(IFD.Interop)
    space, index = camera.get(Base.ColorSpace), str(interop.get(Interop.InteropIndex, "")).strip("\0 ")
    if space == _COLOR_SPACE_ADOBE or (space in (None, _UNCALIBRATED) and index == "R03"):
        return ColorEncoding(ADOBE_RGB, _ADOBE_GAMMA)
    if space not in (None, _UNCALIBRATED):
        return None
    lights, white, gamma = exif.get(Base.PrimaryChromaticities), exif.get(Base.WhitePoint), camera.get(_GAMMA)
    if lights and white:
        primaries = Primaries(*_pairs(lights), *_pairs(white))
        primaries.to_bt709()
        return ColorEncoding(primaries, float(gamma) if gamma else "srgb")
    if space == _UNCALIBRATED:
        notes.append("it says that its colors are not those of sRGB, but not which they are: taken as sRGB")
    return None


def _pairs(numbers: Sequence[Any]) -> list[tuple[float, float]]:
    values = [float(number) for number in numbers]
    return list(zip(values[::2], values[1::2], strict=True))
