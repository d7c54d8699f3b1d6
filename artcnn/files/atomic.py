"""Write files atomically: complete or not at all, and never over a file that should stay."""

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
"""Errors of file systems that have no hard links."""


def check_folder(path: Path) -> None:
    """Check that a file can be written to ``path``; done before slow work.

    Raises:
        ArtcnnError: the folder does not exist or is not writable, or ``path`` is a folder.
        OSError: the system cannot resolve the name; ``usable_names`` reports it.
    """
    if is_stream(path):
        return
    with suppress(FileNotFoundError, NotADirectoryError):
        path.stat()  # raises for a circle of links, or a folder that may not be entered
    folder = resolve_link(path).parent
    if not folder.is_dir():
        raise ArtcnnError(f"cannot write {path}: there is no folder {folder}, make it first: mkdir -p '{folder}'")
    if path.is_dir():
        raise ArtcnnError(f"cannot write {path}: it is a folder, choose another name")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ArtcnnError(f"cannot write {path}: you may not write into {folder}, choose another folder")


def check_no_overwrite(path: Path, force: bool) -> None:
    """Check that writing ``path`` overwrites no file, unless ``force`` is set; streams are always fine.

    Raises:
        OutputExistsError: the file exists.
    """
    if not force and path.exists() and not is_stream(path):
        raise OutputExistsError(f"{path} already exists", hint="choose another name, or replace it with --force")


def check_png(path: Path, what: str, force: bool = False) -> None:
    """Check that a PNG can be written to ``path``; ``what`` names it in messages, such as "chart".

    Raises:
        ArtcnnError: the name does not end in .png, the file exists, or it cannot be written there.
    """
    if path.suffix.lower() != ".png" and not is_stream(path):
        raise ArtcnnError(f"cannot write {path}: the name of a {what} ends in .png")
    check_folder(path)
    check_no_overwrite(path, force)


@dataclass
class Draft:
    """A file that is being written.

    Attributes:
        temporary: its path while it is written.
        path: its final path.
    """

    temporary: Path
    path: Path


@contextmanager
def atomic_replace(path: Path, temporary: Path | None = None, replace: bool = True) -> Iterator[Draft]:
    """Yield a draft that is renamed to ``path`` in one step when the block ends.

    A symbolic link is followed. A file that is replaced passes on its mode.

    Args:
        path: the file.
        temporary: the path of the draft; give one for the next run to find and replace a draft that a killed run left.
            By default it is unique.
        replace: whether an existing file may be replaced; if not, another name is chosen: the draft's ``path``.

    Raises:
        ArtcnnError: it cannot be written; an existing file is unchanged.
    """
    target = resolve_link(path)
    draft = Draft(temporary or target.with_name(f".artcnn-{token_hex(8)}"), path)
    try:
        draft.temporary.unlink(missing_ok=True)
        yield draft
        with draft.temporary.open("r+b") as file:  # Windows flushes only what is open for writing
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
    """Write a file in one step, or write into a stream.

    Args:
        path: the file or stream.
        content: all of it.
        replace: whether an existing file may be replaced; if not, another name is chosen.

    Returns:
        The path that was written.

    Raises:
        ArtcnnError: it cannot be written; an existing file is unchanged.
    """
    if is_stream(path):
        write_into(path, content)
        return path
    with atomic_replace(path, replace=replace) as draft, draft.temporary.open("xb") as file:
        file.write(content)
    return draft.path


def write_folder(path: Path, fill: Callable[[Path], None]) -> Path:
    """Create a folder atomically: ``fill`` writes into a temporary one, which is then renamed.

    Returns:
        The path of the folder: ``path``, or a numbered one if that exists by then.

    Raises:
        ArtcnnError: it cannot be written there.
    """
    with atomic_folder(path) as draft:
        fill(draft.temporary)
    return draft.path


@contextmanager
def atomic_folder(path: Path, temporary: Path | None = None) -> Iterator[Draft]:
    """Yield the draft of a folder that is renamed in one step when the block ends; no other folder is replaced.

    Args:
        path: the folder; if it exists by then, the draft's ``path`` is a numbered one.
        temporary: the path of the draft, as for ``atomic_replace``; what is there is removed.

    Raises:
        ArtcnnError: it cannot be written there.
    """
    draft = Draft(temporary or path.with_name(f".artcnn-{token_hex(8)}"), path)
    try:
        if draft.temporary.is_dir():
            rmtree(draft.temporary)
        draft.temporary.mkdir()
        yield draft
        while os.path.lexists(draft.path) or not _rename_folder(draft.temporary, draft.path):
            draft.path = next_numbered(path)
    except OSError as error:
        raise ArtcnnError(f"cannot write {path}: {reason(error)}") from error
    finally:
        if draft.temporary.exists():
            rmtree(draft.temporary)


def resolve_link(path: Path) -> Path:
    """Return the target of a symbolic link, which need not exist; any other path is returned unchanged."""
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def _link_to(temporary: Path, target: Path) -> bool:
    """Rename a file to ``target``; return False if that exists."""
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
    """Do as ``_link_to`` without hard links: an empty file reserves the name for a moment."""
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
    """Rename a folder; return False if the new name exists."""
    try:
        temporary.rename(folder)
    except OSError as error:
        if error.errno not in (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR):
            raise
        return False
    return True
