"""Read several files, some of which may be unreadable."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from artcnn.errors import ArtcnnError, combined, usable_names

T = TypeVar("T")


def read_each(paths: Sequence[Path], read: Callable[[Path], T]) -> list[T | ArtcnnError]:
    """Return the result of ``read`` for each file, or the error instead.

    Raises:
        ArtcnnError: no file can be read.
    """
    results = [_read(path, read) for path in paths]
    errors = [result for result in results if isinstance(result, ArtcnnError)]
    if errors and len(errors) == len(results):
        raise combined(errors)
    return results


def _read(path: Path, read: Callable[[Path], T]) -> T | ArtcnnError:
    try:
        with usable_names():
            return read(path)
    except ArtcnnError as error:
        return error if str(path) in str(error) else error.about(path)
