"""WebP files: damaged metadata is dropped, so that the picture can be read. No numpy is imported."""

from io import BytesIO
from struct import pack, unpack_from

from PIL.WebPImagePlugin import WebPImageFile

_EXIF, _XMP = 0x08, 0x04
_FLAGS = {b"EXIF": _EXIF, b"XMP ": _XMP}
"""Metadata chunks, and their flags in VP8X."""

_WHERE_FLAGS_ARE = 20


class WebP(WebPImageFile):
    """A WebP file.

    Attributes:
        notes: a sentence for each part of the file that cannot be used.
    """

    def _open(self) -> None:
        assert self.fp is not None  # noqa: S101 - the one that it was made with
        self.notes: list[str] = []
        start = self.fp.tell()
        try:
            super()._open()
        except OSError:  # libwebp reads a whole file or nothing
            self.fp.seek(start)
            self.fp = BytesIO(_whole_chunks(self.fp.read()))
            super()._open()
            self.notes.append("its metadata or its length is damaged, and what of it is not whole is left out")


def _whole_chunks(data: bytes) -> bytes:
    """Return a WebP file of only the complete chunks: RFC 9649, section 2.7."""
    chunks, flags, position = b"", 0, 12
    while position + 8 <= len(data):
        name, size = unpack_from("<4sI", data, position)
        chunk = data[position : position + 8 + size + size % 2]
        if len(chunk) < 8 + size:
            break
        flags |= _FLAGS.get(name, 0)
        chunks += chunk + bytes(len(chunk) % 2)
        position += len(chunk)
    whole = bytearray(b"RIFF" + pack("<I", 4 + len(chunks)) + b"WEBP" + chunks)
    if whole[12:16] == b"VP8X" and len(whole) > _WHERE_FLAGS_ARE:
        whole[_WHERE_FLAGS_ARE] &= ~(_EXIF | _XMP) | flags
    return bytes(whole)
