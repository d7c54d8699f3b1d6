"""Lock an output name while a run works, so that no other run chooses it or uses its checkpoint."""

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
except ImportError:  # Windows has no fcntl: there, runs notice each other only when they write
    fcntl = None  # type: ignore[assignment]


def is_locked(path: Path) -> bool:
    """Return whether a running process has locked ``path``."""
    lock = _lock_path(path)
    if fcntl is None or lock is None or not lock.exists():
        return False
    try:
        with lock.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # the lock is gone by now, or the file system has no locks
        return False
    return False


@contextmanager
def locked_path(choose: Callable[[], Path]) -> Iterator[Path]:
    """Choose a path and lock it until the block ends or the process dies.

    Args:
        choose: returns a path that is not locked; it is called again if another run was faster.

    Raises:
        ArtcnnError: raised by ``choose``.
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
    """Raise an ArtcnnError if a running process has locked ``path``."""
    if is_locked(path):
        raise ArtcnnError(f"another run is making {path} now", hint="choose another name")


def _lock_path(path: Path) -> Path | None:
    """Return the lock file of a path; None for a stream, which needs no lock."""
    return None if is_stream(path) else hidden_sibling(path, ".lock")


def _try_lock(lock: Path | None) -> tuple[bool, BinaryIO | None]:
    """Try to lock; return whether that worked, and the open file. Without support for locks it works without a file."""
    if fcntl is None or lock is None:
        return True, None
    try:
        file = lock.open("ab")
    except OSError:  # the folder is not writable: reported when something is written
        return True, None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # A run that ends deletes its lock file: this may be a deleted file.
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
