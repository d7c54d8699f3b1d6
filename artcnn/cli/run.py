"""Run jobs from files to files: check everything first, then make one after the other, and show how far it is."""

import os
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from artcnn.cli.batch_report import BatchReport, name_of, say, say_left_out
from artcnn.cli.checks import check_joinable, check_options
from artcnn.cli.cluster import make_on_cluster
from artcnn.cli.options import RunOptions, Shard
from artcnn.cli.signals import cancelling
from artcnn.errors import ArtcnnError, CheckpointError, enough_memory

if TYPE_CHECKING:
    from artcnn.backbones.precision import Precision
    from artcnn.cli.display import Display
    from artcnn.cli.recipe_options import RecipeArguments
    from artcnn.engines.step import Step
    from artcnn.jobs.checkpoints import FileStore
    from artcnn.jobs.events import Started
    from artcnn.jobs.job import Job
    from artcnn.jobs.prepared import PreparedJob
    from artcnn.jobs.runtime import Runtime
    from artcnn.recipes import FilmRecipe


def run_photos(
    arguments: Sequence[Path],
    job_of: "Callable[[Path, FilmRecipe | None], Job]",
    options: RunOptions,
    film: "RecipeArguments",
    fps: float | None = None,
) -> None:
    """Run a job for each of the photos and clips that are meant by files, folders and patterns, as :func:`run` does.

    Args:
        arguments: files, folders and patterns.
        job_of: returns the job of a photo; of a clip it is given how it becomes a film.
        options: how jobs are run.
        film: what the command line says about clips.
        fps: frames a second of a film, where the option is not one for clips alone.

    Raises:
        ArtcnnError: an argument, a setting or a file is wrong.
    """
    from artcnn.jobs.photos import find_photos, is_film
    from artcnn.recipes import FilmRecipe

    settings = film.settings()
    found = find_photos(arguments, frames=bool(settings) or is_film(options.out))
    say_left_out(found, options.quiet)
    if settings and not found.clips:
        raise ArtcnnError(f"'{next(iter(settings))}' is a setting of clips, and {found.paths[0]} is a photo")
    clip = film.recipe(FilmRecipe, **({} if fps is None else {"fps": fps})) if found.clips else None
    run(
        [job_of(path, clip if path in found.clips else None) for path in found.paths], replace(options, many=found.many)
    )


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
    check_options(jobs[0], options)
    if options.shard is not None:
        jobs = command.take_shard(jobs, options.shard)
    if options.many:
        make_folder(options.out)
    todo = command.check(jobs) if jobs else []
    if options.cluster is None:
        interrupted = bool(todo) and command.make_all(todo)
    else:
        interrupted = bool(todo) and make_on_cluster(todo, command.report, command.destination)
    command.report.summarize()
    if interrupted or command.report.failed:
        raise typer.Exit(130 if interrupted else 1)


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

    def take_shard(self, jobs: "Sequence[Job]", shard: Shard) -> "list[Job]":
        """Return the jobs of a shard; what cannot be read is in all of them, and so told everywhere."""
        from artcnn.jobs.batch import is_in_shard

        taken = [job for job in jobs if is_in_shard(job, shard.number, shard.count)]
        self.say(f"shard {shard.number} of {shard.count}: {len(taken)} of {len(jobs)}")
        return taken

    def check(self, jobs: "Sequence[Job]") -> "list[Job]":
        """Return the jobs that are to be done, having checked all that needs no network and no pixel."""
        from artcnn.files.streams import is_stream
        from artcnn.jobs.batch import check_streamed, is_done
        from artcnn.jobs.sources import check_source

        first, *others = jobs[0].sources().items()
        for name, source in others:
            check_source(source, name)
        todo = []
        for job in jobs:
            with self.report.mistakes(job):
                enough = job.recipe.size if first[0] == "photo" else None
                if job.film is None:
                    check_source(job.sources()[first[0]], first[0], enough)
                out = self.destination(job)
                if self.options.cluster is not None:
                    check_joinable(job, out)
                if is_stream(out):
                    check_streamed(out, as_json=self.options.as_json, every=self.options.save_every)
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
        from artcnn.jobs.summary import summarize

        started: Started | None = None
        last: Step | None = None
        there = os.path.lexists(out)  # it may be replaced, or it would not be where this result goes
        with cancelling() as cancelled:
            events = run(prepared, checkpoints=checkpoints, cancelled=cancelled, stop_after=self.stop_after)
            with closing(events):
                for event in events:
                    if isinstance(event, Started):
                        started = event
                        self._say_started(prepared, event, out)
                    elif isinstance(event, Progress):
                        last = event.step
                        show(last)
                        self._snapshot(prepared, last, out)
                    elif isinstance(event, Finished) and event.result is None and last is not None:
                        self.say("stopped before the last pass over the film: --resume continues it")
                    elif isinstance(event, Finished) and event.result is not None:
                        assert started is not None and last is not None  # noqa: S101, PT018 - they come first
                        if prepared.job.makes_video:
                            self.say(f"writing {event.result.metrics['steps']} frames")
                        written = event.result.save(out, keep_gps=self.options.keep_gps, replace=there)
                        as_json, told = self.options.as_json, started.estimate
                        report = prepared.describe(written, event.result, told) if as_json else {}
                        self.report.add(written, summarize(last, event.result), report)
            if last is None:
                self.say("stopped before the first step: there is nothing to keep")
            return cancelled()

    def _say_started(self, prepared: "PreparedJob", started: "Started", out: Path) -> None:
        """Tell what is to be known of a run before its first step."""
        from artcnn.jobs.batch import check_output

        for note in [*started.notes, *check_output(prepared.job, out)]:
            self.report.note(note)
        count, left = prepared.frame_count, None
        if count is not None:
            left = (self.stop_after or count) - started.resumed_at
            if started.resumed_at:
                self.say(f"continuing after frame {started.resumed_at} of {count}")
        self.say(started.estimate.in_words(left))

    def _snapshot(self, prepared: "PreparedJob", step: "Step", out: Path) -> None:
        """Keep a picture of a step on the way to the one at ``out``, where that is asked for; it replaces none."""
        from artcnn.files.file_names import fit_name, unique_path

        every = self.options.save_every
        if every and step.index % every == 0 and step.index < step.total and step.index != self.stop_after:
            tail = f"-{step.index:04d}"
            path = unique_path(lambda number: out.with_name(fit_name(out.stem, f"{tail}{number}{out.suffix}")))
            result = prepared.result(step, 0.0)
            assert result is not None  # noqa: S101 - it is no film
            result.save(path, keep_gps=self.options.keep_gps, replace=False)


def _part(show: "Display", job: "Job", number: int, count: int) -> "Display":
    """Return a display of the steps of one job as a part of all that is to be done."""
    if count == 1:
        return show
    name = Path(name_of(job)).name
    return lambda step: show(
        replace(step, progress=(number + step.progress) / count, stage=f"{number + 1} of {count}, {name}, {step.stage}")
    )
