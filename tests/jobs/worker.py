"""A worker that makes pictures as a cluster or a web server would: in a thread, without the command line.

It works in the current folder, reads orders from its standard input, a line of JSON each, and prints what happens.
"""

import json
import sys
import threading
from pathlib import Path

from artcnn.jobs import checkpoints, estimate
from artcnn.jobs.checkpoints import FileStore
from artcnn.jobs.events import Checkpointed, Finished, Progress, Started
from artcnn.jobs.job import Job
from artcnn.jobs.runner import run
from artcnn.jobs.runtime import Runtime


class Button:
    """Ends a run once it was pressed."""

    pressed = False

    def is_pressed(self) -> bool:
        return self.pressed


def tell(**what: object) -> None:
    print(json.dumps(what), flush=True)  # noqa: T201 - it is how a worker tells


def work(runtime: Runtime, order: dict) -> None:
    """Make one picture: ``job``, into ``out``; the button is pressed at the step ``cancel_at``."""
    job, out, button = Job.from_json(order["job"]), Path(order["out"]), Button()
    prepared = runtime.prepare(job)
    for event in run(prepared, checkpoints=FileStore(out), cancelled=button.is_pressed):
        if isinstance(event, Started):
            tell(started=job.fingerprint(), resumed_at=event.resumed_at, seconds=event.estimate.seconds)
        elif isinstance(event, Progress):
            tell(step=event.step.index, of=event.step.total)
            button.pressed = event.step.index == order.get("cancel_at")
        elif isinstance(event, Checkpointed):
            tell(checkpoint=event.index)
        elif isinstance(event, Finished):
            tell(saved=str(event.result.save(out)), complete=event.result.complete)


def work_all() -> None:
    runtime = Runtime("cpu")
    for line in sys.stdin:
        work(runtime, json.loads(line))
    unwanted = [name for name in sys.modules if name.startswith("artcnn.cli") or name in ("typer", "rich")]
    tell(thread=threading.current_thread().name, unwanted=unwanted)


if __name__ == "__main__":
    checkpoints.EVERY = checkpoints.RARER = 0.0  # a checkpoint at each step
    estimate._measure_speed = lambda *_: 1e11  # without the second in which it is measured how fast this machine is
    thread = threading.Thread(target=work_all, name="worker")
    thread.start()
    thread.join()
