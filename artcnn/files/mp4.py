"""MP4 videos, with PyAV: check that they can be written, and open them for reading."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from artcnn.errors import MissingExtraError, PictureError
from artcnn.extras import importing
from artcnn.files.open import open_file

if TYPE_CHECKING:
    from av.container import InputContainer


def check_mp4(path: Path) -> None:
    """Check that MP4 videos can be written on this machine.

    Raises:
        MissingExtraError: PyAV is not installed.
        PictureError: this build of PyAV has no H.264 encoder.
    """
    with _needing_pyav(f"cannot write {path}", "or write a .webp"):
        from av.codec import codecs_available
    if "libx264" not in codecs_available:
        raise PictureError(f"cannot write {path}: this build of PyAV has no H.264 (libx264); .webp needs none")


@contextmanager
def open_mp4(path: Path) -> Iterator[InputContainer]:
    """Open an MP4 video for reading.

    Raises:
        MissingExtraError: PyAV is not installed.
        PictureError: the file is damaged.
    """
    with _needing_pyav(f"cannot read {path}"):
        import av
    try:
        with open_file(path) as file, av.open(file, "r", format="mp4") as container:
            yield container
    except (av.FFmpegError, LookupError, ValueError) as error:
        raise PictureError(f"{path}: damaged or cut short", hint="get a fresh copy") from error


@contextmanager
def _needing_pyav(about: str, *instead: str) -> Iterator[None]:
    try:
        with importing("video"):
            yield
    except MissingExtraError as error:
        hint = ", ".join((str(error.hint), *instead))
        raise MissingExtraError(f"{about}: {error.messages[0]}", hint=hint) from error
