"""Cached files. Nothing depends on them: failures to write or delete are ignored."""

from contextlib import suppress
from pathlib import Path

from artcnn.errors import ArtcnnError
from artcnn.files.atomic import write_atomic


def store(path: Path, content: bytes | memoryview) -> None:
    """Write ``content`` to the cache if possible."""
    with suppress(OSError, ArtcnnError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, content)


def discard(path: Path) -> None:
    """Delete a damaged file from the cache if possible."""
    with suppress(OSError):
        path.unlink(missing_ok=True)
