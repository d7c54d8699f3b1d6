"""A name kept for one run while it works, so that no other run chooses it, or goes on with its checkpoint."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from artcnn.errors import ArtcnnError
from artcnn.files.file_names import hidden_sibling
from artcnn.files.streams import is_stream

try:
    import fcntl
except ImportError:  # Windows: there, two runs at once are told apart when they write
    fcntl = None  # type: ignore[assignment]


def is_locked(path: Path) -> bool:
    """Return whether a run that is alive keeps the name ``path``."""
    lock = _lock_path(path)
    if fcntl is None or lock is None or not lock.exists():
        return False
    try:
        with lock.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # it is gone by now, or the file system has no locks
        return False
    return False


@contextmanager
def locked_path(choose: Callable[[], Path]) -> Iterator[Path]:
    """Keep a name that no other run keeps, as long as the block lasts or the process lives.

    Args:
        choose: returns the name; it is asked again where another run was quicker, and leaves out what ``is_locked``.

    Raises:
        ArtcnnError: of ``choose``.
    """
    while True:
        path = choose()
        lock = _lock_path(path)
        locked, file = _try_lock(lock)
        if locked:
            break
    try:
        yield path
    finally:
        if lock is not None and file is not None:
            lock.unlink(missing_ok=True)
            file.close()


def check_unlocked(path: Path) -> None:
    """Raise an ArtcnnError where a run that is alive keeps the name ``path``."""
    if is_locked(path):
        raise ArtcnnError(f"another run is making {path} now", hint="choose another name")


def _lock_path(path: Path) -> Path | None:
    """Return the file whose lock keeps a name; of a stream, which many may write into, none."""
    return None if is_stream(path) else hidden_sibling(path, ".lock")


def _try_lock(lock: Path | None) -> tuple[bool, BinaryIO | None]:
    """Return whether the lock could be had, and its file; without one where there are no locks at all."""
    if fcntl is None or lock is None:
        return True, None
    try:
        file = lock.open("ab")
    except OSError:  # the folder is closed, which is told when something is written
        return True, None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # A run that ends removes its lock: this may be a file that nobody finds any more.
        if os.path.samestat(os.fstat(file.fileno()), lock.stat()):
            return True, file
    except (BlockingIOError, FileNotFoundError):
        pass
    except OSError:  # a file system without locks
        file.close()
        lock.unlink(missing_ok=True)
        return True, None
    file.close()
    return False, None
