"""Add EXIF directories to a TIFF file; Pillow omits them from compressed TIFFs."""

from struct import iter_unpack, pack, unpack_from
from typing import Any

from PIL.ExifTags import IFD
from PIL.Image import Exif
from PIL.TiffImagePlugin import ImageFileDirectory_v2

_ENTRY = "HHI4s"
_LONG = 4


def with_directories(tiff: bytes, exif: Exif) -> bytes:
    """Append the EXIF and GPS directories to a TIFF file of one page.

    They are followed by a new first directory, with a tag for each of them.
    """
    directories = {tag: values for tag in (IFD.Exif, IFD.GPSInfo) if (values := exif.get_ifd(tag))}
    if not directories:
        return tiff
    order = ">" if tiff[:2] == b"MM" else "<"
    (position,) = unpack_from(f"{order}I", tiff, 4)
    (count,) = unpack_from(f"{order}H", tiff, position)
    table = tiff[position + 2 : position + 2 + 12 * count]
    entries: dict[int, tuple[Any, ...]] = {entry[0]: entry for entry in iter_unpack(order + _ENTRY, table)}
    for tag, values in directories.items():
        tiff += bytes(len(tiff) % 2)  # directories start at even offsets
        directory = ImageFileDirectory_v2(prefix=tiff[:2])
        directory.update(values)
        entries[tag] = (int(tag), _LONG, 1, pack(f"{order}I", len(tiff)))
        tiff += directory.tobytes(len(tiff))
    tiff += bytes(len(tiff) % 2)
    first = pack(f"{order}H", len(entries)) + b"".join(pack(order + _ENTRY, *entries[tag]) for tag in sorted(entries))
    return tiff[:4] + pack(f"{order}I", len(tiff)) + tiff[8:] + first + bytes(4)
