"""The child process that makes jobs, one after the other: ``python -m artcnn.studio.worker FOLDER``.

It reads wishes from its standard input and writes what happens to its standard output, a line of JSON each. When its
input ends, the server is gone: it keeps what it has reached, and ends.
"""

import json
import os
import sys
import traceback
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from threading import Lock, Thread
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from artcnn.errors import ArtcnnError
from artcnn.files.name_lock import is_locked, locked_path
from artcnn.studio.lines import Tell, take_output
from artcnn.studio.orders import job_of
from artcnn.studio.store import Order

if TYPE_CHECKING:
    from artcnn.jobs.result import Result

PREVIEW_SIDE = 1024
"""Longer side of a preview, in pixels."""

_EVERY = 0.4
"""Seconds between two previews, at least; they take a tenth of the time at most."""


class Wishes:
    """What the server wants, as it is read by a thread of its own."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[str | None] = SimpleQueue()
        self._lock, self._paused, self._gone = Lock(), set[str](), False

    def read(self) -> None:
        """Read until the input ends."""
        for line in sys.stdin:
            wish = json.loads(line)
            if wish["do"] == "make":
                self._queue.put(wish["id"])
            else:
                with self._lock:
                    self._paused.add(wish["id"])
        with self._lock:
            self._gone = True
        self._queue.put(None)

    def next_job(self) -> str | None:
        """Return the next job to make, when there is one; None when the server is gone."""
        identifier = self._queue.get()
        if identifier is not None:
            with self._lock:
                self._paused.discard(identifier)
        return identifier

    def is_to_stop(self, identifier: str) -> bool:
        """Return whether a job is to be paused, or the server is gone."""
        with self._lock:
            return self._gone or identifier in self._paused


class Pause:
    """Ends a run behind a step of which a checkpoint was kept."""

    def __init__(self, wanted: Callable[[], bool]) -> None:
        self._wanted, self.kept = wanted, False

    def is_due(self) -> bool:
        """Return whether a checkpoint is to be kept now, because the run is to end."""
        self.kept = self.kept or self._wanted()
        return self.kept

    def has_come(self) -> bool:
        """Return whether the run may end."""
        return self.kept


class Worker:
    """Makes jobs.

    Args:
        root: the studio's folder.
        wishes: what the server wants.
        tell: takes what happens.
    """

    def __init__(self, root: Path, wishes: Wishes, tell: Tell) -> None:
        from artcnn.jobs.runtime import Runtime

        self._root, self._wishes, self._tell = root, wishes, tell
        self._runtime = Runtime()

    def work(self) -> None:
        """Make jobs until the server is gone."""
        self._tell({"event": "ready"})
        while (identifier := self._wishes.next_job()) is not None:
            try:
                self._make(identifier)
            except ArtcnnError as error:
                self._tell({"event": "failed", "id": identifier, "message": "\n".join(error.lines)})
            except Exception as error:  # noqa: BLE001 - a bug ends one job, and is told
                traceback.print_exc()
                message = f"this is a bug in artcnn: {type(error).__name__}: {error}"
                self._tell({"event": "failed", "id": identifier, "message": message})

    def _make(self, identifier: str) -> None:
        from artcnn.jobs.batch import usual_suffix
        from artcnn.jobs.checkpoints import FileStore
        from artcnn.jobs.events import Finished, Progress, Started
        from artcnn.jobs.runner import run

        folder = self._root / "jobs" / identifier
        order = Order(**json.loads((folder / "order.json").read_text(encoding="utf-8")))
        job = job_of(order, self._root / "files")
        out = folder / f"result{usual_suffix(job)}"
        pause = Pause(lambda: self._wishes.is_to_stop(identifier))
        previews = Previews(folder)
        events = run(
            self._runtime.prepare(job), checkpoints=FileStore(out), cancelled=pause.has_come, pausing=pause.is_due
        )
        with closing(events):
            for event in events:
                if isinstance(event, Started):
                    notes = " ".join(event.notes)
                    self._tell(
                        {"event": "started", "id": identifier, "seconds": event.estimate.seconds, "message": notes}
                    )
                elif isinstance(event, Progress):
                    step = event.step
                    self._tell(
                        {
                            "event": "progress",
                            "id": identifier,
                            "step": step.index,
                            "total": step.total,
                            "progress": step.progress,
                            "stage": step.stage,
                            "preview": previews.show(step.image, last=step.index == step.total),
                        }
                    )
                elif isinstance(event, Finished):
                    if pause.kept or event.result is None:
                        self._tell({"event": "paused", "id": identifier})
                        return  # the checkpoint stays
                    made = called_as_by_the_user(event.result, order, folder).save(out)
                    self._tell({"event": "done", "id": identifier, "result": made.name})


def called_as_by_the_user(result: "Result", order: Order, folder: Path) -> "Result":
    """Return a result that tells of its inputs by the user's names for them, as if they were beside it in ``folder``.

    The studio calls files by their sha256, which the user has never seen.
    """
    made = result.provenance
    inputs = tuple(replace(entry, path=folder / order.names.get(entry.name, entry.path.name)) for entry in made.inputs)
    return replace(result, provenance=replace(made, inputs=inputs))


class Previews:
    """Writes how far a picture is into its job's folder, every now and then."""

    def __init__(self, folder: Path) -> None:
        self._path, self._number = folder / "preview.jpg", 0
        self._due = 0.0

    def show(self, image: Any, *, last: bool) -> int:  # noqa: ANN401 - a tensor; torch is loaded later
        """Write a picture, (1, 3, H, W), if it is time; return the number of the last that was written."""
        from artcnn.files.atomic import write_atomic
        from artcnn.files.write import to_pillow
        from artcnn.image import fit, size_of

        began = monotonic()
        if began < self._due and not last:
            return self._number
        from io import BytesIO

        content = BytesIO()
        to_pillow(fit(image, min(PREVIEW_SIDE, max(size_of(image))))).save(content, "JPEG", quality=85)
        write_atomic(self._path, content.getvalue())
        self._number += 1
        now = monotonic()
        self._due = now + max(_EVERY, 9 * (now - began))
        return self._number


def main() -> None:
    """Make jobs for the server that has started this process."""
    if hasattr(os, "nice"):
        os.nice(5)  # pages, and questions of the classroom, are answered first
    root = Path(sys.argv[1])
    if hasattr(os, "nice"):
        os.nice(5)  # pages and their quick questions go before: somebody waits for them
    tell = take_output()
    wishes = Wishes()
    Thread(target=wishes.read, daemon=True).start()

    def wait() -> Path:
        while is_locked(root / "worker"):  # that of a killed server is at its last step
            sleep(0.05)
        return root / "worker"

    with locked_path(wait):
        Worker(root, wishes, tell).work()


if __name__ == "__main__":
    main()
