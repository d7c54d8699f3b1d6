"""Video containers (MP4, MOV, MKV ...): recognized by content, and opened so that they reach no other file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from artcnn.errors import MissingExtraError, PictureError
from artcnn.extras import importing
from artcnn.files.open import BYTES_PER_PIXEL, is_picture, open_file
from artcnn.files.sample_tables import declares_too_much
from artcnn.machine.memory import available_memory

if TYPE_CHECKING:
    from av.container import InputContainer

READABLE_CLIPS = "MP4, MOV, MKV, WebM, AVI, FLV, MPEG, OGG, WMV, MXF, GIF, WebP, PNG, or a folder of pictures"

_HEAD = 400
"""Bytes by which a container is recognized."""

_SIGNATURES = {
    b"\x1a\x45\xdf\xa3": "matroska",
    b"FLV\x01": "flv",
    b"OggS": "ogg",
    b"\x30\x26\xb2\x75\x8e\x66\xcf\x11": "asf",
    b"\x00\x00\x01\xba": "mpeg",
    b"\x00\x00\x01\xb3": "mpegvideo",
    b"\x06\x0e\x2b\x34": "mxf",
    b"DKIF": "ivf",
    b"YUV4MPEG2 ": "yuv4mpegpipe",
    b"nut/multimedia container\0": "nut",
}
"""FFmpeg's name of the format, by the first bytes."""

_ATOMS = {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}
"""The atoms that an MP4 or MOV file may begin with."""

_TS_PACKET, _TS_SYNC = 188, 0x47
"""Length of a packet of an MPEG transport stream, and its first byte: ITU-T H.222.0. In a camera's file (M2TS), four
bytes precede each.
"""


def container_format(head: bytes) -> str | None:
    """Return FFmpeg's name of the format of a container that begins with ``head``, or None if it is none."""
    if is_picture(head):  # HEIC and AVIF are of the same family as MP4
        return None
    if head[4:8] in _ATOMS:
        return "mov"
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return "avi"
    if any({_TS_SYNC} == {*head[before :: before + _TS_PACKET][:2]} for before in (0, 4) if len(head) == _HEAD):
        return "mpegts"
    return next((name for signature, name in _SIGNATURES.items() if head.startswith(signature)), None)


def is_container(path: Path) -> bool:
    """Return whether a file is a video container, by content.

    Raises:
        PictureError: it cannot be opened.
    """
    with open_file(path) as file:
        return container_format(file.read(_HEAD)) is not None


@contextmanager
def open_container(path: Path) -> Iterator[InputContainer]:
    """Open a video container for reading.

    The demuxer is chosen here and reads from one open file: FFmpeg's own choice depends on the name, too, and some of
    its formats are lists of other files or addresses.

    Raises:
        MissingExtraError: PyAV is not installed.
        PictureError: it is no container, or is damaged; in the block, too.
    """
    with open_file(path) as file:
        name = container_format(file.read(_HEAD))
        if name is None:
            raise PictureError(f"{path}: not a clip that artcnn can read ({READABLE_CLIPS})")
        with needing_pyav(f"cannot read {path}"):
            import av
        damage = PictureError(f"{path}: damaged or cut short", hint="get a fresh copy")
        if name == "mov" and declares_too_much(file):
            raise damage
        file.seek(0)
        most = {"max_pixels": str(max_pixels())}
        # Texts that are no UTF-8: PyAV 19 has no option for them, and stops no more.
        texts: dict[str, Any] = {"metadata_errors": "replace"} if int(av.__version__.partition(".")[0]) < 19 else {}
        try:
            with av.open(file, "r", format=name, options=most, io_open=_refuse, **texts) as container:
                yield container
        except (av.FFmpegError, OSError, LookupError, ValueError) as error:
            raise damage from error


def max_pixels() -> int:
    """Return the most pixels that a frame may have on this machine."""
    return available_memory() // BYTES_PER_PIXEL


def _refuse(url: str, *_: object) -> BinaryIO:
    """Refuse to open a second file, whatever a container refers to."""
    raise PermissionError(f"a clip refers to another file: {url}")


def check_encoder(path: Path, encoder: str) -> None:
    """Check that a film can be encoded on this machine; done before slow work.

    Args:
        path: the film, in messages.
        encoder: FFmpeg's name of it.

    Raises:
        MissingExtraError: PyAV is not installed.
        PictureError: this build of PyAV lacks the encoder.
    """
    with needing_pyav(f"cannot write {path}", "or write a .webp"):
        import av
    if encoder not in av.codecs_available:
        raise PictureError(f"cannot write {path}: this build of PyAV has no {encoder}; .webp needs none")


@contextmanager
def needing_pyav(about: str, *instead: str) -> Iterator[None]:
    """Raise a MissingExtraError where the block imports PyAV and it is not installed.

    Args:
        about: what cannot be done, for the message.
        instead: what else can be done, for the hint.
    """
    try:
        with importing("video"):
            yield
    except MissingExtraError as error:
        hint = ", ".join((str(error.hint), *instead))
        raise MissingExtraError(f"{about}: {error.messages[0]}", hint=hint) from error
