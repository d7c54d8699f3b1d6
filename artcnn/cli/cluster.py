"""Pictures and films that the machines of a cluster make: the same command, bar, summary and files."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from artcnn.cli.batch_report import BatchReport, say
from artcnn.cli.options import RunOptions
from artcnn.cli.signals import cancelling

if TYPE_CHECKING:
    from rich.console import Console

    from artcnn.cluster.orders import Order
    from artcnn.cluster.run import Advance, RunEvent
    from artcnn.cluster.shipping import Shipping
    from artcnn.jobs.job import Job


def make_on_cluster(jobs: "Sequence[Job]", report: BatchReport, choose_file: "Callable[[Job], Path]") -> bool:
    """Make jobs that were checked on a cluster, and return whether they were interrupted.

    Args:
        jobs: what is made.
        report: told what becomes of each.
        choose_file: returns the file that a job's result goes to.

    Raises:
        ArtcnnError: there is no such cluster, or no machine of it can make them; where there is one job, its mistake.
    """
    from artcnn.cluster.pool import Pool
    from artcnn.cluster.ray_backend import connect
    from artcnn.cluster.run import Run, ask, job_memory
    from artcnn.cluster.shipping import Shipping
    from artcnn.machine.open_files import raise_file_limit

    options = report.options
    assert options.cluster is not None  # noqa: S101 - that is why this is called
    memory = job_memory(jobs, options.max_memory)
    raise_file_limit()  # each picture that is on its way has its name locked by an open file
    say(report.console, "starting Ray" if options.cluster == "auto" else f"joining {options.cluster}")
    opened: dict[int, ExitStack] = {}
    with (
        cancelling() as cancelled,
        connect(options.cluster, ask(jobs, options.device)) as backend,
        _bar(report.console, options) as show,
        ExitStack() as all_opened,
    ):
        shipping = Shipping(backend, shared=options.shared)

        def open_order(job: "Job") -> "Order":
            opened[id(job)] = stack = all_opened.enter_context(ExitStack())
            return _open_order(job, options, shipping, choose_file, stack)

        run = Run(jobs, open_order, lambda job: opened.pop(id(job)).close())
        pool = Pool(backend, run, memory, may_grow=options.max_memory is None)
        for event in run.events(pool, cancelled):
            _tell(event, report, show)
        return cancelled()


def _open_order(
    job: "Job", options: RunOptions, shipping: "Shipping", choose_file: "Callable[[Job], Path]", stack: ExitStack
) -> "Order":
    """Return the order of a job, whose name is locked until ``stack`` is closed."""
    from artcnn.cluster.films import FilmOrder
    from artcnn.cluster.orders import Destination, SingleOrder
    from artcnn.files.name_lock import locked_path

    out = stack.enter_context(locked_path(lambda: choose_file(job)))
    destination = Destination(
        out,
        os.path.lexists(out),
        options.keep_gps,
        options.as_json,
        options.resume,
        must_resume=options.resume and not options.many,
    )
    if job.film is None or not job.makes_video:
        return SingleOrder(job, destination, shipping)
    return FilmOrder(job, destination, shipping)


def _tell(event: "RunEvent", report: BatchReport, show: "Show") -> None:
    """Tell what happens."""
    from artcnn.cluster.orders import Written
    from artcnn.cluster.pool import Lost, Refused, Waiting
    from artcnn.cluster.run import Advance, Mistake, Opened

    if isinstance(event, Advance):
        show(event)
    elif isinstance(event, Opened):
        for note in event.notes:
            report.note(note)
    elif isinstance(event, Written):
        for note in event.made.notes:
            report.note(note)
        report.add(event.path, event.made.summary, event.made.report, event.made.seconds)
    elif isinstance(event, Mistake):
        with report.mistakes(event.job):
            raise event.error
    elif isinstance(event, Refused):
        report.warn(f"the machine {event.machine.address} takes no part: {' '.join(event.error.lines)}")
    elif isinstance(event, Waiting):
        say(report.console, "no worker has started yet: is the cluster busy? 'ray status' tells; Ctrl-C stops")
    elif isinstance(event, Lost):
        what = "the machine" if event.whole else "a worker on"
        say(report.console, f"{what} {event.machine.address} is gone: its work goes elsewhere")


class Show(Protocol):
    """Told how far all is."""

    def __call__(self, advance: "Advance") -> None:
        """Show it."""


@contextmanager
def _bar(console: "Console", options: RunOptions) -> Iterator[Show]:
    """Yield what shows how much of all is done; without a terminal, each result has its line, and that is enough."""
    if options.quiet or not console.is_terminal:
        yield lambda advance: None  # noqa: ARG005
        return
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    text = TextColumn("{task.description}", markup=False)
    with Progress(
        text, BarColumn(), TaskProgressColumn(), TimeRemainingColumn(), console=console, transient=True
    ) as bar:
        task = bar.add_task("waiting for the machines", total=1.0)

        def show(advance: "Advance") -> None:
            machines = "1 machine" if advance.machines == 1 else f"{advance.machines} machines"
            bar.update(task, completed=advance.progress, description=machines)

        yield show
