"""What a machine of the cluster does: open the inputs that came, make what is wanted, and return it as bytes."""

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

from artcnn.cluster.work import Advanced, Answer, CutsFound, Failed, FindCuts, Made, Make, Parcel, Work
from artcnn.engines.step import Step
from artcnn.errors import ArtcnnError, DivergenceError, usable_names
from artcnn.files.atomic import write_atomic
from artcnn.files.films.pack import pack
from artcnn.jobs.events import Finished, Progress, Started
from artcnn.jobs.film import find_cuts
from artcnn.jobs.inputs import convert_inputs
from artcnn.jobs.job import Job
from artcnn.jobs.prepared import PreparedJob
from artcnn.jobs.runner import run
from artcnn.jobs.runtime import Runtime
from artcnn.jobs.summary import summarize

_EVERY = 1.0
"""Seconds between two answers that tell how far the work is."""


class Worker:
    """Does one work after the other on one machine.

    Args:
        device: what is computed on, as the command line has it.
        limit: bytes that a job may take.
        folder: where inputs are kept that several works need; others on this machine keep theirs there, too.
        fetch: returns the bytes that a parcel's content stands for.
    """

    def __init__(self, device: str, limit: int, folder: Path, fetch: Callable[[Any], bytes]) -> None:
        self._runtime, self._folder, self._fetch = Runtime(device, limit), folder, fetch

    def do(self, work: Work) -> Iterator[Answer]:
        """Do what is wanted; yield how far it is, and what came of it at the end."""
        with TemporaryDirectory(dir=self._folder) as folder:
            here = Path(folder)
            placed: dict[str, Path] = {}
            try:
                with usable_names():
                    placed |= {name: self._place(parcel, here) for name, parcel in work.parcels.items()}
                    yield from self._do(work, placed, here)
            except ArtcnnError as error:
                yield Failed(_told(error, _names(placed, work.parcels)))

    def _place(self, parcel: Parcel, here: Path) -> Path:
        """Return where an input is on this machine, under its own name."""
        if parcel.at is not None:
            return parcel.at
        folder = (self._folder if parcel.keep else here) / parcel.sha256
        path = folder / parcel.path.name
        if not path.exists():
            folder.mkdir(exist_ok=True)
            write_atomic(path, self._fetch(parcel.content))
        return path

    def _do(self, work: Work, placed: Mapping[str, Path], here: Path) -> Iterator[Answer]:
        job = _with_files(work.job, placed)
        task = work.task
        prepared = self._runtime.prepare(job, precision=task.precision if isinstance(task, Make) else None)
        if isinstance(task, FindCuts):
            precision = prepared.recipe.precision
            assert precision != "auto"  # noqa: S101 - it is decided by now
            yield CutsFound(tuple(find_cuts(prepared, task.frames.start, task.frames.stop)), precision)
            return
        if task.shot is not None:
            prepared = prepared.of_shot(task.shot.start, task.shot.stop)
        made = yield from _make(prepared, task, here / f"result{task.suffix}")
        names = _names(placed, work.parcels)
        yield replace(made, notes=tuple(_renamed(note, names) for note in made.notes))


def _with_files(job: Job, paths: Mapping[str, Path]) -> Job:
    """Return a job whose input files are elsewhere."""
    return replace(job, inputs=convert_inputs(job.inputs, lambda name, source: paths.get(name, source)))


def _make(prepared: PreparedJob, task: Make, out: Path) -> Generator[Answer, None, Made]:
    """Make a result, write it to ``out`` and return it; yield how far it is.

    Raises:
        ArtcnnError: there is no result.
    """
    began, due = monotonic(), 0.0
    started: Started | None = None
    last: Step | None = None
    made: Made | None = None
    events = run(prepared)
    with closing(events):
        try:
            for event in events:
                if isinstance(event, Started):
                    started = event
                elif isinstance(event, Progress):
                    last = event.step
                    if monotonic() >= due:
                        yield Advanced(last.progress)
                        due = monotonic() + _EVERY
                elif isinstance(event, Finished) and event.result is not None:
                    assert last is not None and started is not None  # noqa: S101, PT018 - they come first
                    result = event.result.with_paths(task.inputs, task.folder)
                    written = result.save(out, keep_gps=task.keep_gps)
                    report = prepared.describe(written, result, started.estimate) if task.describe else {}
                    made = Made(pack(written), summarize(last, result), 0.0, tuple(started.notes), report)
        except DivergenceError as error:
            if made is None:
                raise
            made = replace(made, error=error)
    assert made is not None  # noqa: S101 - a run that nobody ends has a result
    return replace(made, seconds=monotonic() - began)


def _names(placed: Mapping[str, Path], parcels: Mapping[str, Parcel]) -> dict[str, str]:
    """Return what the user calls the files that are on this machine, by their paths here."""
    return {str(path): str(parcels[name].path) for name, path in placed.items()}


def _told(error: ArtcnnError, names: Mapping[str, str]) -> ArtcnnError:
    """Return an error that calls files as the user does."""
    hint = None if error.hint is None else _renamed(error.hint, names)
    return type(error)(*(_renamed(message, names) for message in error.messages), hint=hint)


def _renamed(text: str, names: Mapping[str, str]) -> str:
    for here, there in names.items():
        text = text.replace(here, there)
    return text
