"""Files written whole or not at all, and none lost that was there before."""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from shutil import copymode, rmtree

from artcnn.errors import ArtcnnError, OutputExistsError, reason
from artcnn.files.file_names import next_numbered
from artcnn.files.streams import is_stream, write_into

_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EACCES, errno.EINVAL}
"""How file systems without hard links refuse one."""


def check_folder(path: Path) -> None:
    """Check, before the slow work, that a file can be written to ``path``.

    Raises:
        ArtcnnError: the folder is missing or closed, or a folder has that name.
        OSError: the system does not even look for such a name: ``usable_names`` tells why.
    """
    if is_stream(path):
        return
    with suppress(FileNotFoundError, NotADirectoryError):
        path.stat()  # which raises where it is a link in a circle, or in a folder that may not be entered
    folder = resolve_link(path).parent
    if not folder.is_dir():
        raise ArtcnnError(f"cannot write {path}: there is no folder {folder}, make it first: mkdir -p '{folder}'")
    if path.is_dir():
        raise ArtcnnError(f"cannot write {path}: it is a folder, choose another name")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ArtcnnError(f"cannot write {path}: you may not write into {folder}, choose another folder")


def check_no_overwrite(path: Path, force: bool) -> None:
    """Check, before the slow work, that nothing is lost when ``path`` is written; a stream loses nothing.

    Raises:
        OutputExistsError: there is such a file, and ``force`` does not say that it may be replaced.
    """
    if not force and path.exists() and not is_stream(path):
        raise OutputExistsError(f"{path} already exists", hint="choose another name, or replace it with --force")


def check_png(path: Path, what: str, force: bool = False) -> None:
    """Check that a picture of what we found, ``what`` in a word, can be written to ``path``.

    Raises:
        ArtcnnError: it is not named .png, cannot be written there, or is there already and not to be replaced.
    """
    if path.suffix.lower() != ".png" and not is_stream(path):
        raise ArtcnnError(f"cannot write {path}: the name of a {what} ends in .png")
    check_folder(path)
    check_no_overwrite(path, force)


@dataclass
class Draft:
    """A file that is being written.

    Attributes:
        temporary: its name until it is whole.
        path: the name that it takes then.
    """

    temporary: Path
    path: Path


@contextmanager
def atomic_replace(path: Path, temporary: Path | None = None, replace: bool = True) -> Iterator[Draft]:
    """Yield a file that takes the name ``path`` in one step when the block ends: nobody sees half of it.

    Of a symbolic link, the file that it leads to is written. A file that is replaced hands on its mode.

    Args:
        path: the file.
        temporary: the name until then, where one that was left by a run that was killed is to be found, and replaced,
            by the next; by default it is one that nothing else has.
        replace: whether what has the name ``path`` may be replaced; if not, another name is chosen, and told in the
            draft's ``path``.

    Raises:
        ArtcnnError: the disk or the folder does not allow it; what was there before still is.
    """
    target = resolve_link(path)
    draft = Draft(temporary or target.with_name(f".artcnn-{token_hex(8)}"), path)
    try:
        draft.temporary.unlink(missing_ok=True)
        yield draft
        with draft.temporary.open("rb") as file:
            os.fsync(file.fileno())
        if replace:
            with suppress(FileNotFoundError):
                copymode(target, draft.temporary)
            draft.temporary.replace(target)
        else:
            while not _link_to(draft.temporary, target):
                draft.path = target = next_numbered(target)
    except OSError as error:
        raise ArtcnnError(f"cannot write {path}: {reason(error)}") from error
    finally:
        draft.temporary.unlink(missing_ok=True)


def write_atomic(path: Path, content: bytes | memoryview, replace: bool = True) -> Path:
    """Put ``content`` into the file ``path`` in one step, or into the stream of that name.

    Args:
        path: the file.
        content: all of it.
        replace: whether what has that name may be replaced; if not, another name is chosen.

    Returns:
        Where it is.

    Raises:
        ArtcnnError: the disk or the folder does not allow it; what was there before still is.
    """
    if is_stream(path):
        write_into(path, content)
        return path
    with atomic_replace(path, replace=replace) as draft, draft.temporary.open("xb") as file:
        file.write(content)
    return draft.path


def write_folder(path: Path, fill: Callable[[Path], None]) -> Path:
    """Make a new folder with what ``fill`` writes into the one it is given, all of it or nothing.

    Returns:
        Where it is: ``path``, or a name beside it where something took that one meanwhile.

    Raises:
        ArtcnnError: it cannot be written there.
    """
    temporary = path.with_name(f".artcnn-{token_hex(8)}")
    place = path
    try:
        temporary.mkdir()
        fill(temporary)
        while os.path.lexists(place) or not _rename_folder(temporary, place):
            place = next_numbered(path)
    except OSError as error:
        raise ArtcnnError(f"cannot write {path}: {reason(error)}") from error
    finally:
        if temporary.exists():
            rmtree(temporary)
    return place


def resolve_link(path: Path) -> Path:
    """Return the file that a symbolic link leads to, whether it is there or not; of anything else, its own path."""
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def _link_to(temporary: Path, target: Path) -> bool:
    """Give a file the name ``target``; return False, and do nothing, where something has that name."""
    try:
        os.link(temporary, target)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        return _rename_without_links(temporary, target)
    return True


def _rename_without_links(temporary: Path, target: Path) -> bool:
    """As ``_link_to``, on a file system that has no hard links: the name is reserved by an empty file for a moment."""
    try:
        target.touch(exist_ok=False)
    except FileExistsError:
        return False
    try:
        temporary.replace(target)
    except OSError:
        target.unlink()
        raise
    return True


def _rename_folder(temporary: Path, folder: Path) -> bool:
    """Give a folder another name; return False where something has that one."""
    try:
        temporary.rename(folder)
    except OSError as error:
        if error.errno not in (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR):
            raise
        return False
    return True
