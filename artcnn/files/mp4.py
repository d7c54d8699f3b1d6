"""MP4 films, through PyAV where that is installed: what is in one, and whether one can be written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from artcnn.errors import PictureError
from artcnn.files.open import open_file

if TYPE_CHECKING:
    from av.container import InputContainer


def check_mp4(path: Path) -> None:
    """Check that an MP4 film can be written here, as ``path``.

    Raises:
        PictureError: PyAV is not there, or has no H.264.
    """
    try:
        from av.codec import codecs_available
    except ImportError as error:
        raise _without_pyav(f"cannot write {path}", "; .webp needs none") from error
    if "libx264" not in codecs_available:
        raise PictureError(f"cannot write {path}: this build of PyAV has no H.264 (libx264); .webp needs none")


@contextmanager
def open_mp4(path: Path) -> Iterator[InputContainer]:
    """Open an MP4 film, to see what is in it.

    Raises:
        PictureError: PyAV is not there, or the film is damaged.
    """
    try:
        import av
    except ImportError as error:
        raise _without_pyav(f"cannot read {path}") from error
    try:
        with open_file(path) as file, av.open(file, "r", format="mp4") as container:
            yield container
    except (av.FFmpegError, LookupError, ValueError) as error:
        raise PictureError(f"{path}: damaged or cut short: get a fresh copy") from error


def _without_pyav(what: str, instead: str = "") -> PictureError:
    return PictureError(f"{what}: MP4 needs one more package: pip install 'artcnn[video]'{instead}")
