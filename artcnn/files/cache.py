"""What is kept from one run to the next, to save time: nothing depends on it."""

from contextlib import suppress
from pathlib import Path

from artcnn.errors import ArtcnnError
from artcnn.files.atomic import write_atomic


def store(path: Path, content: bytes | memoryview) -> None:
    """Put ``content`` into the cache, where that is possible: its folder may be closed, or the disk full."""
    with suppress(OSError, ArtcnnError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, content)


def discard(path: Path) -> None:
    """Remove what is damaged from the cache, where that is possible."""
    with suppress(OSError):
        path.unlink(missing_ok=True)
