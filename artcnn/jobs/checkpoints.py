"""Where a run has got to, kept so that another can continue it: beside its picture, or in memory.

A store belongs to one result. What is in it carries the key of its run, ``PreparedJob.key``, and is used for no other.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from time import monotonic
from typing import TYPE_CHECKING, Protocol
from weakref import finalize

from artcnn.errors import CheckpointError

if TYPE_CHECKING:
    from artcnn.engines.step import State
    from artcnn.files.frame_store import FrameStore
    from artcnn.image import Size

EVERY, RARER = 45.0, 50.0
"""Seconds between two checkpoints; or so many times what writing one takes, where that is more."""


class CheckpointStore(Protocol):
    """Keeps the last checkpoint of a run, and of a video the frames that are made."""

    def load(self, key: str) -> "State | None":
        """Return the checkpoint there is, or None.

        Raises:
            CheckpointError: it is damaged, or not of the run with this key.
        """

    def save(self, key: str, state: "State") -> None:
        """Keep a checkpoint in the place of the one before."""

    def clear(self) -> None:
        """Forget everything: the result is there."""

    def frames(self, size: "Size", state: "State | None") -> "AbstractContextManager[FrameStore]":
        """Open the frames of a video, (height, width) each, as far as a checkpoint says that there are some."""


class FileStore:
    """Checkpoints in hidden files beside the file that the result will be in.

    Attributes:
        path: the file of the checkpoint.
    """

    def __init__(self, out: Path) -> None:
        from artcnn.files.file_names import hidden_sibling

        self.path = hidden_sibling(out, ".checkpoint")
        self._frames = hidden_sibling(out, ".frames")

    def load(self, key: str) -> "State | None":
        """Return the checkpoint there is, or None.

        Raises:
            CheckpointError: it is damaged, or not of the run with this key.
        """
        from artcnn.files.checkpoint import read_checkpoint

        return read_checkpoint(self.path, key) if self.path.exists() else None

    def save(self, key: str, state: "State") -> None:
        """Keep a checkpoint in the place of the one before.

        Raises:
            CheckpointError: the disk or the folder does not allow it.
        """
        from artcnn.files.checkpoint import write_checkpoint

        write_checkpoint(self.path, state, key)

    def clear(self) -> None:
        """Remove what was written."""
        from artcnn.files.checkpoint import remove_partial

        self.path.unlink(missing_ok=True)
        remove_partial(self.path)
        self._frames.unlink(missing_ok=True)

    @contextmanager
    def frames(self, size: "Size", state: "State | None") -> "Iterator[FrameStore]":
        """Open the frames of a video; they stay as long as there is a checkpoint that tells of them.

        Raises:
            ArtcnnError: they are not those of the checkpoint, or the disk or the folder does not allow it.
        """
        from artcnn.files.frame_store import open_frame_store

        last, count = (None, 0) if state is None else (state.get("picture"), _count(state))
        try:
            with open_frame_store(self._frames, size, last, count) as frames:
                yield frames
        finally:
            if not self.path.exists():
                self._frames.unlink(missing_ok=True)


class MemoryStore:
    """Checkpoints that live as long as this object: for tests, notebooks and servers that resume in one process."""

    def __init__(self) -> None:
        self._kept: tuple[str, State] | None = None
        self._frames: FrameStore | None = None

    def load(self, key: str) -> "State | None":
        """Return the checkpoint there is, or None.

        Raises:
            CheckpointError: it is not of the run with this key.
        """
        if self._kept is None:
            return None
        if self._kept[0] != key:
            raise CheckpointError("the checkpoint is of a run with other settings, pictures or another version")
        return self._kept[1]

    def save(self, key: str, state: "State") -> None:
        """Keep a checkpoint in the place of the one before."""
        self._kept = key, {name: x.detach().cpu().clone() for name, x in state.items()}

    def clear(self) -> None:
        """Forget everything."""
        self._kept = None
        if self._frames is not None:
            self._frames.close()
            self._frames = None

    @contextmanager
    def frames(self, size: "Size", state: "State | None") -> "Iterator[FrameStore]":
        """Open the frames of a video, in a file without a name that is there as long as somebody has them."""
        from artcnn.files.frame_store import FrameStore

        if state is None or self._frames is None:
            file = TemporaryFile()  # noqa: SIM115 - it is kept for the next run
            self._frames = FrameStore(file, size, 0)
            finalize(self._frames, file.close)
        elif (count := _count(state)) is not None:
            self._frames.truncate(count)
        yield self._frames


def _count(state: "State") -> int | None:
    """Return how many frames a checkpoint tells of; None if it goes with all that are complete, as a clip's film."""
    return int(state["index"]) if "index" in state else None


class Clock:
    """Says when the next checkpoint is due: seldom enough that writing it takes little of the time."""

    def __init__(self) -> None:
        self._last, self._took = monotonic(), 0.0

    def is_due(self) -> bool:
        """Return whether it is time for a checkpoint."""
        return monotonic() - self._last >= max(EVERY, RARER * self._took)

    def record(self, began: float) -> None:
        """Note that a checkpoint was written, whose writing began at that ``monotonic`` time."""
        self._last = monotonic()
        self._took = self._last - began
