"""Where a run is, kept beside its picture, or its film, until that is there."""

from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from artcnn.errors import CheckpointError

if TYPE_CHECKING:
    from artcnn.engines.step import State, Step

EVERY, RARER = 45.0, 50.0
"""Seconds between two checkpoints; or so many times what writing one takes, where that is more."""


class Checkpoints:
    """The checkpoints of one run, each in the place of the one before.

    Args:
        out: where the picture will be; no file is written where it goes into a stream.
        run: all that the run depends on, as text.

    Attributes:
        path: where they are; None where none is written.
        frames: where a film's frames so far are.
    """

    def __init__(self, out: Path, run: str) -> None:
        from artcnn.files.file_names import hidden_sibling
        from artcnn.files.streams import is_stream

        self.path = None if is_stream(out) else hidden_sibling(out, ".checkpoint")
        self.frames = hidden_sibling(out, ".frames")
        self.run, self._last, self._took = run, monotonic(), 0.0

    @property
    def there(self) -> bool:
        """Whether an earlier run was killed."""
        return self.path is not None and self.path.exists()

    def read(self) -> "State":
        """Return where the earlier run was.

        Raises:
            CheckpointError: none was killed, or what it left is not of this run.
        """
        from artcnn.files.checkpoint import read_checkpoint

        if self.path is None or not self.path.exists():
            raise CheckpointError(f"there is nothing to resume: no {self.path or 'file where the picture goes'}")
        return read_checkpoint(self.path, self.run)

    def write(self, step: "Step", before: Callable[[], None] | None = None) -> None:
        """Write where the run is, if it is time; ``before`` is called first, then."""
        from artcnn.files.checkpoint import write_checkpoint

        began = monotonic()
        if self.path is None or step.index == step.total or began - self._last < max(EVERY, RARER * self._took):
            return
        if before is not None:
            before()
        write_checkpoint(self.path, step.state(), self.run)
        self._last = monotonic()
        self._took = self._last - began

    def remove(self) -> None:
        """Remove what was written."""
        from artcnn.files.checkpoint import remove_partial

        if self.path is not None:
            self.path.unlink(missing_ok=True)
            remove_partial(self.path)
            self.frames.unlink(missing_ok=True)
