"""Streams: the standard output, named pipes and devices, which are written into but never replaced."""

import sys
from pathlib import Path
from stat import S_ISCHR, S_ISFIFO

from artcnn.errors import ArtcnnError, reason

STREAM = Path("-")
"""The path that stands for the standard input or output."""

_STANDARD_OUTPUT = {STREAM, Path("/dev/stdout"), Path("/dev/fd/1"), Path("/proc/self/fd/1")}


def is_stream(path: Path) -> bool:
    """Return whether ``path`` is the standard output, a pipe or a device."""
    if path in _STANDARD_OUTPUT:
        return True
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return False
    return S_ISFIFO(mode) or S_ISCHR(mode)


def is_standard_output(path: Path) -> bool:
    """Return whether ``path`` is the standard output, by one of its names."""
    return path in _STANDARD_OUTPUT


def write_into(path: Path, content: bytes | memoryview) -> None:
    """Write all of ``content`` into a stream.

    Raises:
        ArtcnnError: the device is full, or nobody reads the pipe.
    """
    try:
        if is_standard_output(path):
            sys.stdout.buffer.write(content)
            sys.stdout.buffer.flush()
        else:
            path.write_bytes(content)
    except OSError as error:
        where = "to the standard output" if is_standard_output(path) else f"into {path}"
        raise ArtcnnError(f"cannot write {where}: {reason(error)}") from error
