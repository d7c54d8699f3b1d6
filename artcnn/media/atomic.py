"""Files written whole or not at all."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path
from secrets import token_hex

from artcnn.errors import ArtcnnError


def check_folder(path: Path) -> None:
    """Check, before the slow work, that a file can be written to ``path``.

    Raises:
        ArtcnnError: the folder is missing or closed, or a folder has that name.
    """
    if not path.parent.is_dir():
        raise ArtcnnError(
            f"cannot write {path}: there is no folder {path.parent}, make it first: mkdir -p '{path.parent}'"
        )
    if path.is_dir():
        raise ArtcnnError(f"cannot write {path}: it is a folder, choose another name")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise ArtcnnError(f"cannot write {path}: you may not write into {path.parent}, choose another folder")


def check_png(path: Path, what: str) -> None:
    """Check that a picture of what we found, ``what`` in a word, can be written to ``path``.

    Raises:
        ArtcnnError: it is not named .png, or cannot be written there.
    """
    if path.suffix.lower() != ".png":
        raise ArtcnnError(f"cannot write {path}: the name of a {what} ends in .png")
    check_folder(path)


def unused(name: Callable[[str], Path], taken: Callable[[Path], bool] = Path.exists) -> Path:
    """Return the first path that is not taken of ``name("")``, ``name("-2")``, ``name("-3")`` and so on."""
    return next(path for path in map(name, chain([""], map("-{}".format, count(2)))) if not taken(path))


@contextmanager
def replacing(path: Path, temporary: Path | None = None) -> Iterator[Path]:
    """Yield the name of a file that takes the place of ``path`` in one step when it is written: nobody sees half of it.

    Args:
        path: the file.
        temporary: the name until then, where one that was left by a run that was killed is to be found, and replaced,
            by the next; by default it is one that nothing else has.

    Raises:
        ArtcnnError: the disk or the folder does not allow it; what was there before still is.
    """
    temporary = temporary or path.with_name(f".artcnn-{token_hex(8)}")
    try:
        temporary.unlink(missing_ok=True)
        yield temporary
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise ArtcnnError(f"cannot write {path}: {(error.strerror or str(error)).lower()}") from error
    finally:
        temporary.unlink(missing_ok=True)


def write_whole(path: Path, content: bytes | memoryview) -> None:
    """Put ``content`` into the file ``path`` in one step.

    Raises:
        ArtcnnError: the disk or the folder does not allow it; what was there before still is.
    """
    with replacing(path) as temporary, temporary.open("xb") as file:
        file.write(content)
