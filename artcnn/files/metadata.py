"""Metadata of a photo that its results keep: dates, author and copyright, resolution, and GPS position.

Nothing else is copied, so no thumbnail, maker note or serial number can leak. The position is written only on request.
Orientation is dropped, since the pixels are upright.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from PIL.ExifTags import GPS, IFD, Base
from PIL.Image import Exif
from PIL.ImageFile import ImageFile
from PIL.TiffImagePlugin import IFDRational

from artcnn.files.open import DAMAGE

LONGEST_TEXT = 1000
"""Longest author or copyright, in bytes: all of JPEG's EXIF data must fit into 65,533."""

_DATE, _OFFSET, _FRACTION = r"\d{4}:\d\d:\d\d \d\d:\d\d:\d\d", r"[+-]\d\d:\d\d", r"\d{1,9}"

_DATES = {
    Base.DateTimeOriginal: _DATE,
    Base.DateTimeDigitized: _DATE,
    Base.OffsetTime: _OFFSET,
    Base.OffsetTimeOriginal: _OFFSET,
    Base.OffsetTimeDigitized: _OFFSET,
    Base.SubsecTime: _FRACTION,
    Base.SubsecTimeOriginal: _FRACTION,
    Base.SubsecTimeDigitized: _FRACTION,
}
"""EXIF tags of dates, with the pattern of their values: EXIF 2.32, section 4.6.5."""

_TEXTS = {Base.Artist: "Author", Base.Copyright: "Copyright"}
"""EXIF tags to the keywords of PNG's texts."""

_LETTERS = {GPS.GPSLatitudeRef: "NS", GPS.GPSLongitudeRef: "EW"}
_ANGLES = {GPS.GPSLatitude: 90, GPS.GPSLongitude: 180}
"""GPS tags that a position needs: hemispheres, and angles with their limits in degrees."""

_LOWEST, _HIGHEST = 1, 100_000
"""Plausible dots per inch."""


@dataclass(frozen=True)
class Metadata:
    """Metadata of a photo.

    Attributes:
        texts: author and copyright, by EXIF tag, as bytes.
        changed: EXIF's DateTime, or None.
        dates: when it was taken, by EXIF tag.
        dpi: dots per inch, horizontal and vertical, or None.
        position: by GPS tag; may be empty.
    """

    texts: Mapping[int, bytes] = field(default_factory=dict)
    changed: str | None = None
    dates: Mapping[int, str] = field(default_factory=dict)
    dpi: tuple[float, float] | None = None
    position: Mapping[int, Any] = field(default_factory=dict)

    def add_to(self, exif: Exif, *, keep_gps: bool) -> None:
        """Add the metadata to EXIF data; the position only with ``keep_gps``."""
        for tag, text in self.texts.items():
            exif[tag] = text
        if self.changed is not None:
            exif[Base.DateTime] = self.changed
        if self.dpi is not None:
            exif[Base.XResolution], exif[Base.YResolution] = (IFDRational(round(n * 100), 100) for n in self.dpi)
            exif[Base.ResolutionUnit] = 2
        if self.dates:
            exif.get_ifd(IFD.Exif).update(self.dates)
        if keep_gps and self.position:
            exif.get_ifd(IFD.GPSInfo).update(self.position)


def read_exif(image: ImageFile, notes: list[str]) -> Exif:
    """Return the EXIF data of an opened image; a sentence is added to ``notes`` if they are damaged."""
    try:
        return image.getexif()
    except DAMAGE:
        notes.append("its EXIF data cannot be read, taken as upright")
        return Exif()


def read_metadata(image: ImageFile, exif: Exif) -> Metadata:
    """Return the metadata of an opened image; damaged values are ignored.

    Args:
        image: as ``open_picture`` yields it, not yet loaded.
        exif: its EXIF data.
    """
    texts = {}
    for tag, keyword in _TEXTS.items():
        text = exif.get(tag) or image.info.get(keyword)
        if isinstance(text, str) and (content := _encoded(text, from_exif=tag in exif)):
            texts[int(tag)] = content
    try:
        camera, gps = exif.get_ifd(IFD.Exif), exif.get_ifd(IFD.GPSInfo)
    except DAMAGE:
        camera, gps = {}, {}
    return Metadata(
        texts=texts,
        changed=_matching(_DATE, exif.get(Base.DateTime)),
        dates={int(tag): text for tag, kind in _DATES.items() if (text := _matching(kind, camera.get(tag)))},
        dpi=_resolution(image, exif),
        position=_position(gps),
    )


def _encoded(text: str, *, from_exif: bool) -> bytes:
    """Encode a text for EXIF: the original bytes if it comes from EXIF, else UTF-8."""
    content = text.encode("latin-1" if from_exif else "utf-8", "replace").strip(b"\0 ")
    return content if len(content) <= LONGEST_TEXT else b""


def _matching(pattern: str, value: object) -> str | None:
    text = str(value).strip("\0 ")
    return text if re.fullmatch(pattern, text, re.ASCII) else None


def _resolution(image: ImageFile, exif: Exif) -> tuple[float, float] | None:
    """Return the dots per inch in a file; Pillow's ``dpi`` is 72 or 1 if some files have none."""
    per_inch = {2: 1.0, 3: 2.54}
    unit = exif.get(Base.ResolutionUnit, 2)
    if image.info.get("jfif_unit") in (1, 2):
        numbers, factor = image.info.get("jfif_density"), per_inch[image.info["jfif_unit"] + 1]
    elif Base.XResolution in exif and unit in per_inch:
        across = exif.get(Base.XResolution)
        numbers, factor = (across, exif.get(Base.YResolution, across)), per_inch[unit]
    elif image.format in ("PNG", "BMP"):
        numbers, factor = image.info.get("dpi"), 1.0
    else:
        return None
    try:
        across, down = (float(number) * factor for number in numbers or ())
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return (across, down) if all(_LOWEST <= number <= _HIGHEST for number in (across, down)) else None


def _position(gps: Mapping[int, Any]) -> dict[int, Any]:
    """Return latitude, longitude, altitude and time of EXIF's GPS data."""
    position: dict[int, Any] = {}
    for tag, letters in _LETTERS.items():
        letter = str(gps.get(tag, "")).strip("\0 ")
        if letter == "" or letter not in letters:
            return {}
        position[int(tag)] = letter
    for tag, most in _ANGLES.items():
        angle = _rationals(gps.get(tag), 3)
        if angle is None or not sum(float(n) / 60**k for k, n in enumerate(angle)) <= most:
            return {}
        position[int(tag)] = angle
    if altitude := _rationals([gps.get(GPS.GPSAltitude)], 1):
        below = gps.get(GPS.GPSAltitudeRef) in (1, b"\1")
        position |= {int(GPS.GPSAltitudeRef): b"\1" if below else b"\0", int(GPS.GPSAltitude): altitude[0]}
    if (time := _rationals(gps.get(GPS.GPSTimeStamp), 3)) and (
        day := _matching(r"\d{4}:\d\d:\d\d", gps.get(GPS.GPSDateStamp))
    ):
        position |= {int(GPS.GPSTimeStamp): time, int(GPS.GPSDateStamp): day}
    return {int(GPS.GPSVersionID): b"\2\3\0\0"} | position


def _rationals(values: Any, count: int) -> tuple[IFDRational, ...] | None:  # noqa: ANN401 - from a file
    """Return ``count`` rational numbers, or None if they are anything else."""
    try:
        numbers = tuple(IFDRational(value) for value in values if not isinstance(value, str))
        sound = len(numbers) == count and all(isfinite(number) and number >= 0 for number in numbers)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return numbers if sound else None
