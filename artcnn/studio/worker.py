"""The child process that makes jobs and looks, one after the other: ``python -m artcnn.studio.worker FOLDER``.

It reads wishes from its standard input and writes what happens to its standard output, a line of JSON each. When its
input ends, the server is gone: it keeps what it has reached, and ends.
"""

import json
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from queue import SimpleQueue
from threading import Lock, Thread
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from artcnn.errors import ArtcnnError
from artcnn.files.name_lock import is_locked, locked_path
from artcnn.studio.lines import Tell, take_output
from artcnn.studio.looks import LOOK_SIZE, looks_folder
from artcnn.studio.orders import job_of, try_out
from artcnn.studio.records import Order
from artcnn.studio.thumbnails import small_jpeg

if TYPE_CHECKING:
    from torch import Tensor

    from artcnn.backbones.precision import Precision
    from artcnn.jobs.events import Event
    from artcnn.jobs.result import Result

PREVIEW_SIDE = 1024
"""Longer side of a preview, in pixels."""

_EVERY = 0.4
"""Seconds between two previews, at least; they take a tenth of the time at most."""


class Wishes:
    """What the server wants, as it is read by a thread of its own."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[dict[str, Any]] = SimpleQueue()
        self._lock, self._paused = Lock(), set[str]()
        self._busy, self._gone = False, False

    def read(self) -> None:
        """Read until the input ends; nothing has to be kept then, unless something is being made."""
        for line in sys.stdin:
            wish = json.loads(line)
            with self._lock:
                if wish["do"] == "pause":
                    self._paused.add(wish["id"])
                else:
                    self._paused.discard(wish["id"])
                    self._queue.put(wish)
        with self._lock:
            self._gone = True
            if not self._busy:  # torch may still be loading
                os._exit(0)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yield what is to be made, when it is there, until the server is gone."""
        while True:
            with self._lock:
                if self._gone:
                    return
                self._busy = False
            wish = self._queue.get()
            with self._lock:
                self._busy = True
            yield wish

    def is_to_stop(self, identifier: str) -> bool:
        """Return whether something is to be paused, or the server is gone."""
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


class EarlyCheckpoints:
    """Asks for checkpoints 2, 4, 8, ... seconds after a run began: one that is killed again and again still gets on."""

    def __init__(self) -> None:
        self._began, self._wait = monotonic(), 2.0

    def is_due(self) -> bool:
        """Return whether a checkpoint is to be kept now."""
        if monotonic() - self._began < self._wait:
            return False
        self._wait *= 2
        return True


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
        """Make jobs and looks until the server is gone."""
        self._tell({"event": "ready"})
        for wish in self._wishes:
            make = self._try_out if wish["do"] == "try" else self._make
            try:
                self._tell({"id": wish["id"], **make(wish)})
            except ArtcnnError as error:
                self._fail(wish, "\n".join(error.lines))
            except Exception as error:  # noqa: BLE001 - a bug ends one job, and is told
                traceback.print_exc()
                self._fail(wish, f"this is a bug in artcnn: {type(error).__name__}: {error}")

    def _fail(self, wish: Mapping[str, Any], message: str) -> None:
        told = {"event": "look", "made": False} if wish["do"] == "try" else {"event": "failed", "message": message}
        self._tell({"id": wish["id"], **told})

    def _make(self, wish: Mapping[str, Any]) -> dict[str, Any]:
        """Make a job, and return how it ended."""
        from artcnn.jobs.batch import usual_suffix
        from artcnn.jobs.checkpoints import FileStore
        from artcnn.jobs.events import Finished
        from artcnn.jobs.runner import run

        identifier = wish["id"]
        folder = self._root / "jobs" / identifier
        order = Order(**json.loads((folder / "order.json").read_text(encoding="utf-8")))
        job = job_of(order, self._root / "files")
        out, previews = folder / f"result{usual_suffix(job)}", Previews(folder)
        pause, early = Pause(lambda: self._wishes.is_to_stop(identifier)), EarlyCheckpoints()
        prepared = self._runtime.prepare(job, precision=_decided_precision(folder))
        _keep_precision(folder, prepared.recipe.precision)
        events = run(
            prepared,
            checkpoints=FileStore(out),
            cancelled=pause.has_come,
            pausing=lambda: pause.is_due() or early.is_due(),
        )
        made = None
        with closing(events):
            for event in events:
                if not isinstance(event, Finished):
                    self._tell_progress(identifier, event, previews)
                elif pause.kept or event.result is None:
                    return {"event": "paused"}  # the checkpoint stays
                else:
                    made = called_as_by_the_user(event.result, order, folder).save(out)
        assert made is not None  # noqa: S101 - a run ends with its result
        return {"event": "done", "result": made.name}

    def _tell_progress(self, identifier: str, event: "Event", previews: "Previews") -> None:
        from artcnn.jobs.events import Progress, Started

        if isinstance(event, Started):
            told = {"event": "started", "seconds": event.estimate.seconds, "message": " ".join(event.notes)}
        elif isinstance(event, Progress):
            step = event.step
            told = {"event": "progress", "step": step.index, "total": step.total, "progress": step.progress}
            told |= {"stage": step.stage, "preview": previews.show(step.image, last=step.index == step.total)}
        else:
            return
        self._tell({"id": identifier, **told})

    def _try_out(self, wish: Mapping[str, Any]) -> dict[str, Any]:
        """Make a look, and return whether it was made; None where it is to stop."""
        from artcnn.files.atomic import write_atomic
        from artcnn.jobs.events import Finished
        from artcnn.jobs.runner import run

        job = try_out(wish["kind"], wish["preset"], wish["inputs"], self._root / "files", LOOK_SIZE)
        result = None
        for event in run(self._runtime.prepare(job), cancelled=lambda: self._wishes.is_to_stop(wish["id"])):
            if isinstance(event, Finished):
                result = event.result
        if result is None or not result.complete:
            return {"event": "look", "made": None}
        write_atomic(looks_folder(self._root) / f"{wish['id']}.jpg", small_jpeg(result.image, LOOK_SIZE))
        return {"event": "look", "made": True}


def _decided_precision(folder: Path) -> "Precision | None":
    """Return what a job was computed in before: only so can it go on, and what is faster is not always the same."""
    from artcnn.backbones.precision import DTYPES

    path = folder / "precision"
    kept = path.read_text(encoding="utf-8") if path.exists() else None
    return next((precision for precision in DTYPES if precision == kept), None)


def _keep_precision(folder: Path, precision: str) -> None:
    from artcnn.files.atomic import write_atomic

    write_atomic(folder / "precision", precision.encode())


def called_as_by_the_user(result: "Result", order: Order, folder: Path) -> "Result":
    """Return a result that tells of its inputs by the user's names for them, as if they were beside it in ``folder``.

    The studio calls files by their sha256, which the user has never seen.
    """
    names = {entry.name: order.names.get(entry.name, entry.path.name) for entry in result.provenance.inputs}
    return result.with_paths({name: folder / path for name, path in names.items()}, folder)


class Previews:
    """Writes how far a picture is into its job's folder, every now and then."""

    def __init__(self, folder: Path) -> None:
        self._path, self._number = folder / "preview.jpg", 0
        self._due = 0.0

    def show(self, image: "Tensor", *, last: bool) -> int:
        """Write a picture, (1, 3, H, W), if it is time; return the number of the last that was written."""
        from artcnn.files.atomic import write_atomic

        began = monotonic()
        if began < self._due and not last:
            return self._number
        write_atomic(self._path, small_jpeg(image, PREVIEW_SIDE))
        self._number += 1
        now = monotonic()
        self._due = now + max(_EVERY, 9 * (now - began))
        return self._number


def main() -> None:
    """Make jobs for the server that has started this process."""
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
