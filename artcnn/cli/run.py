"""Run jobs from files to files: check everything first, then make one after the other, and show how far it is."""

import os
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from artcnn.cli.batch_report import BatchReport, name_of, say, say_left_out
from artcnn.cli.options import RunOptions
from artcnn.cli.signals import cancelling
from artcnn.errors import ArtcnnError, CheckpointError, enough_memory

if TYPE_CHECKING:
    from artcnn.backbones.precision import Precision
    from artcnn.cli.display import Display
    from artcnn.engines.step import Step
    from artcnn.jobs.checkpoints import FileStore
    from artcnn.jobs.events import Started
    from artcnn.jobs.job import Job
    from artcnn.jobs.prepared import PreparedJob
    from artcnn.jobs.runtime import Runtime


def run_photos(arguments: Sequence[Path], job_of: "Callable[[Path], Job]", options: RunOptions) -> None:
    """Run a job for each of the photos that are meant by files, folders and patterns, as :func:`run` does."""
    from artcnn.jobs.batch import find_photos

    found = find_photos(arguments)
    say_left_out(found, options.quiet)
    run([job_of(photo) for photo in found.paths], replace(options, many=found.many))


def run(
    jobs: "Sequence[Job]",
    options: RunOptions,
    *,
    precision: "Precision | None" = None,
    stop_after: int | None = None,
    suffix: str | None = None,
) -> None:
    """Make the pictures, or the video, of jobs that differ only in the photo, and say where they are.

    Args:
        jobs: what is made; a video is the only job.
        options: how.
        precision: what to compute in where the recipe leaves it to the machine.
        stop_after: the step to stop after, of a video the frame, where a run is to end as an interrupted one did.
        suffix: of a file with a name of its own, where it is not the usual one.

    Raises:
        ArtcnnError: an error in the input, before the slow work begins; of many jobs, one that concerns all of them.
        DivergenceError: the engine diverged; the result before that is kept.
        typer.Exit: with 1 where some of many jobs failed; with 130 after Ctrl-C, the result reached so far is kept.
    """
    from rich.console import Console

    from artcnn.jobs.batch import make_folder

    command = _Command(BatchReport(options, Console(stderr=True, quiet=options.quiet)), precision, stop_after, suffix)
    _check_options(jobs[0], options)
    if options.many:
        make_folder(options.out)
    todo = command.check(jobs)
    interrupted = bool(todo) and command.make_all(todo)
    command.report.summarize()
    if interrupted or command.report.failed:
        raise typer.Exit(130 if interrupted else 1)


def _check_options(job: "Job", options: RunOptions) -> None:
    """Check that the options go with a video, where one is made.

    Raises:
        ArtcnnError: they do not.
    """
    if job.video is None:
        return
    if options.many:
        raise ArtcnnError("a film is made of one photo", hint="name one file, not several or a folder")
    if options.keep_gps:
        raise ArtcnnError("--keep-gps: a film tells nothing of the photo, leave it out")
    if options.save_every:
        raise ArtcnnError("--save-every: a film keeps every step that there is, leave it out")


def _check_streamed(out: Path, options: RunOptions) -> None:
    """Check that a picture can go into a stream with all that is asked for.

    Raises:
        ArtcnnError: it cannot.
    """
    from artcnn.files.streams import is_standard_output

    where = "to the standard output" if is_standard_output(out) else f"into {out}"
    if options.as_json and is_standard_output(out):
        raise ArtcnnError("--json and the picture cannot both go to the standard output", hint="give --out a file")
    if options.as_json:
        raise ArtcnnError(f"--json judges the picture as it stands in its file, not {where}", hint="give --out a file")
    if options.save_every:
        raise ArtcnnError(f"--save-every: several pictures do not go {where}", hint="give --out a file")


@dataclass(frozen=True)
class _Command:
    """The jobs of one command: how they are run, and what became of them."""

    report: BatchReport
    precision: "Precision | None"
    stop_after: int | None
    suffix: str | None

    @property
    def options(self) -> RunOptions:
        return self.report.options

    def say(self, text: str) -> None:
        say(self.report.console, text)

    def destination(self, job: "Job") -> Path:
        """Return the file that a job's result goes to, having checked that it can be written there."""
        from artcnn.jobs.batch import destination

        options = self.options
        return destination(job, options.out, many=options.many, force=options.force, suffix=self.suffix)

    def check(self, jobs: "Sequence[Job]") -> "list[Job]":
        """Return the jobs that are to be done, having checked all that needs no network and no pixel."""
        from artcnn.files.streams import is_stream
        from artcnn.jobs.batch import is_done
        from artcnn.jobs.sources import check_source

        first, *others = jobs[0].sources().items()
        for name, source in others:
            check_source(source, name)
        todo = []
        for job in jobs:
            with self.report.mistakes(job):
                enough = job.recipe.size if first[0] == "photo" else None
                check_source(job.sources()[first[0]], first[0], enough)
                out = self.destination(job)
                if is_stream(out):
                    _check_streamed(out, self.options)
                if self.options.many and not self.options.force and is_done(out):
                    self.report.skip(job, out)
                else:
                    todo.append(job)
        return todo

    def make_all(self, jobs: "Sequence[Job]") -> bool:
        """Make jobs that were checked, and return whether they were interrupted."""
        self.say(f"loading {jobs[0].recipe.network_name}")
        from artcnn.cli.display import display  # torch is loaded here, when what was named is there
        from artcnn.jobs.batch import read_ahead
        from artcnn.jobs.engines import engine_of
        from artcnn.jobs.inputs import is_model
        from artcnn.jobs.runtime import Runtime

        options, recipe = self.options, jobs[0].recipe
        runtime = Runtime(options.device, options.max_memory)
        _, *others = ((name, source) for name, source in jobs[0].sources().items() if not is_model(name))
        shared = [runtime.read(source, name, recipe.size) for name, source in others]  # read once, while this is held
        value, short = engine_of(recipe).value, engine_of(recipe).trial is None
        with display(self.report.console, value, quiet=options.quiet, preview=options.preview) as show:
            for number, job in enumerate(read_ahead(jobs, runtime) if short else jobs):
                with self.report.mistakes(job):
                    if self._make(job, runtime, _part(show, job, number, len(jobs))):
                        return True
        del shared
        return False

    def _make(self, job: "Job", runtime: "Runtime", show: "Display") -> bool:
        """Make the result of one job, and return whether that was interrupted.

        Raises:
            DivergenceError: the result before it is kept, where there is one.
        """
        from artcnn.files.name_lock import locked_path
        from artcnn.jobs.estimate import less_memory

        chosen = locked_path(lambda: self.destination(job))
        with chosen as out, enough_memory(less_memory(job.recipe)):
            prepared = runtime.prepare(job, precision=self.precision)
            checkpoints = self._checkpoints(out)
            return self._consume(prepared, checkpoints, out, show)

    def _checkpoints(self, out: Path) -> "FileStore | None":
        """Return where checkpoints are kept: what a killed run left is removed where it is not to be resumed."""
        from artcnn.files.streams import is_stream
        from artcnn.jobs.checkpoints import FileStore

        store = None if is_stream(out) else FileStore(out)
        there = store is not None and store.path.exists()
        if self.options.resume and not there and not self.options.many:
            where = "file where the picture goes" if store is None else store.path
            raise CheckpointError(f"there is nothing to resume: no {where}")
        if store is not None and there and not self.options.resume:
            self.say(f"note: removed {store.path} of a run that was killed; use --resume to continue one")
            store.clear()
        return store

    def _consume(self, prepared: "PreparedJob", checkpoints: "FileStore | None", out: Path, show: "Display") -> bool:
        """Show each step of a run, write its result, and return whether it was interrupted."""
        from artcnn.jobs.events import Finished, Progress, Started
        from artcnn.jobs.runner import run

        started: Started | None = None
        last: Step | None = None
        there = os.path.lexists(out)  # it may be replaced, or it would not be where this result goes
        with cancelling() as cancelled:
            events = run(prepared, checkpoints=checkpoints, cancelled=cancelled, stop_after=self.stop_after)
            with closing(events):
                for event in events:
                    if isinstance(event, Started):
                        started = event
                        self._say_started(prepared, event)
                    elif isinstance(event, Progress):
                        last = event.step
                        show(last)
                        self._snapshot(prepared, last, out)
                    elif isinstance(event, Finished) and event.result is not None:
                        assert started is not None and last is not None  # noqa: S101, PT018 - they come first
                        if prepared.job.video is not None:
                            self.say(f"writing {last.index} frames")
                        written = event.result.save(out, keep_gps=self.options.keep_gps, replace=there)
                        as_json, told = self.options.as_json, started.estimate
                        report = prepared.describe(written, event.result, told) if as_json else {}
                        self.report.add(written, last, prepared.job.video, report)
            if last is None:
                self.say("stopped before the first step: there is nothing to keep")
            return cancelled()

    def _say_started(self, prepared: "PreparedJob", started: "Started") -> None:
        """Tell what is to be known of a run before its first step."""
        from artcnn.jobs.estimate import format_duration
        from artcnn.machine.memory import format_gigabytes

        for note in started.notes:
            self.report.note(note)
        estimate, frames = started.estimate, ""
        if prepared.job.video is not None:
            if started.resumed_at:
                self.say(f"continuing after frame {started.resumed_at} of {prepared.job.video.frames}")
            left = (self.stop_after or prepared.job.video.frames) - started.resumed_at
            frames = f", {estimate.seconds / left:.1f} s a frame,"
        memory = format_gigabytes(estimate.memory)
        self.say(f"it will take about {format_duration(estimate.seconds)}{frames} and {memory} of memory")

    def _snapshot(self, prepared: "PreparedJob", step: "Step", out: Path) -> None:
        """Keep a picture of a step on the way to the one at ``out``, where that is asked for; it replaces none."""
        from artcnn.files.file_names import fit_name, unique_path

        every = self.options.save_every
        if every and step.index % every == 0 and step.index < step.total and step.index != self.stop_after:
            tail = f"-{step.index:04d}"
            path = unique_path(lambda number: out.with_name(fit_name(out.stem, f"{tail}{number}{out.suffix}")))
            prepared.result(step, 0.0).save(path, keep_gps=self.options.keep_gps, replace=False)


def _part(show: "Display", job: "Job", number: int, count: int) -> "Display":
    """Return a display of the steps of one job as a part of all that is to be done."""
    if count == 1:
        return show
    name = Path(name_of(job)).name
    return lambda step: show(
        replace(step, progress=(number + step.progress) / count, stage=f"{number + 1} of {count}, {name}, {step.stage}")
    )
