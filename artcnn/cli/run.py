"""A run from files to files: check everything, open everything, watch the engine, write the pictures."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import typer

from artcnn.cli.batch import destination, is_done, make_folder
from artcnn.cli.checkpoints import Checkpoints
from artcnn.cli.job import Job, tell
from artcnn.cli.options import RunOptions
from artcnn.cli.studio import Opened, Studio, alpha_of, decided, open_job, open_studio
from artcnn.cli.tally import Tally, say
from artcnn.errors import ArtcnnError, DivergenceError, enough_memory

if TYPE_CHECKING:
    from rich.console import Console

    from artcnn.cli.display import Display
    from artcnn.engines.step import State, Step


def run(jobs: Sequence[Job], options: RunOptions) -> None:
    """Make the pictures of jobs that differ only in the photo, and say where they are.

    Raises:
        ArtcnnError: anything the user can mend, before the slow work begins; of many jobs, what concerns them all.
        typer.Exit: with 1 where some of many jobs failed; with 130 after Ctrl-C, the picture reached so far is kept.
    """
    from rich.console import Console

    from artcnn.files.open import check_picture
    from artcnn.files.streams import is_stream

    console = Console(stderr=True, quiet=options.quiet)
    tally = Tally(options, console, monotonic())
    if options.many:
        make_folder(options.out)
    for path in jobs[0].others.values():
        check_picture(path)
    ready = []
    for job in jobs:
        with tally.mistakes(job):
            check_picture(job.photo, long_side=job.recipe.size if "photo" in job.inputs else None)
            out = destination(job, options.out, many=options.many, force=options.force)
            if is_stream(out):
                _check_streamed(out, options)
            ready.append(job)
    interrupted = bool(ready) and _make_all(ready, options, tally, console)
    if options.many:
        say(console, f"{tally.made} made, {tally.done} there already, {tally.failed} failed")
    if interrupted or tally.failed:
        raise typer.Exit(130 if interrupted else 1)


def _check_streamed(out: Path, options: RunOptions) -> None:
    """Check that a picture can go into a stream with all that is asked for.

    Raises:
        ArtcnnError: it cannot.
    """
    from artcnn.files.streams import is_standard_output

    where = "to the standard output" if is_standard_output(out) else f"into {out}"
    if options.as_json and is_standard_output(out):
        raise ArtcnnError("--json and the picture cannot both go to the standard output: give --out a file")
    if options.as_json:
        raise ArtcnnError(f"--json judges the picture as it stands in its file, not {where}: give --out a file")
    if options.save_every:
        raise ArtcnnError(f"--save-every: several pictures do not go {where}: give --out a file")


def _make_all(jobs: Sequence[Job], options: RunOptions, tally: Tally, console: "Console") -> bool:
    """Make the pictures of jobs that were checked, and return whether Ctrl-C was what ended it."""
    say(console, f"loading {jobs[0].recipe.backbone}")
    from artcnn.backbones.device import choose_device  # torch is loaded here, when what was named is there
    from artcnn.cli.display import display

    place = choose_device(options.device)
    todo = []
    recipe = decided(jobs[0].recipe, place)
    for job in (replace(job, recipe=recipe) for job in jobs):
        out = destination(job, options.out, many=options.many, force=options.force)
        if options.many and not options.force and is_done(job, out):
            tally.skip(job, out)
        else:
            todo.append(job)
    if not todo:
        return False
    studio = open_studio(todo[0], place, console)
    value = "objective" if todo[0].kind == "dream" else "loss"
    with display(console, value, quiet=options.quiet, preview=options.preview) as show:
        for number, job in enumerate(todo):
            with tally.mistakes(job):
                among = _among(show, job.photo.name, number, len(todo))
                if _make(job, options, studio, among, tally, console):
                    return True
    return False


def _among(show: "Display", name: str, number: int, count: int) -> "Display":
    """Return a display of the steps of one picture as a part of all that is to be done."""
    if count == 1:
        return show
    return lambda step: show(
        replace(step, progress=(number + step.progress) / count, stage=f"{number + 1} of {count}, {name}, {step.stage}")
    )


def _make(job: Job, options: RunOptions, studio: Studio, show: "Display", tally: Tally, console: "Console") -> bool:
    """Make the picture of one job, and return whether Ctrl-C was what ended it.

    Raises:
        DivergenceError: the picture before it is kept, where there is one.
    """
    from artcnn.cli.cost import less_memory
    from artcnn.files.name_lock import locked_path

    chosen = locked_path(lambda: destination(job, options.out, many=options.many, force=options.force))
    with chosen as out, enough_memory(less_memory(job.recipe)):
        return _make_at(out, job, options, studio, show, tally, console)


def _make_at(
    out: Path, job: Job, options: RunOptions, studio: Studio, show: "Display", tally: Tally, console: "Console"
) -> bool:
    """As ``_make``, in the file ``out``."""
    from artcnn.cli.cost import duration, expected, taken
    from artcnn.machine.memory import format_gigabytes

    again = os.path.lexists(out)  # it may be replaced, or it would not be where this picture goes
    opened = open_job(job, options, studio, console)
    checkpoints = Checkpoints(out, tell(job, opened.sha256s, out, None))
    state = taken_up(checkpoints, options, console)
    estimate = expected(job.recipe, opened.images, opened.tiling, studio.backbone)
    say(console, f"it will take about {duration(estimate.seconds)} and {format_gigabytes(estimate.memory)} of memory")
    began = monotonic()
    step, ended = _watch(job, options, studio, opened, out, show, checkpoints, state)
    if step is None:
        if isinstance(ended, DivergenceError):
            raise ended
        say(console, "stopped before the first step: there is no picture to keep")
        return True
    step = _alone(step)
    out = _write(job, options, opened, out, step, replace=again)
    seconds = monotonic() - began
    if step.index == step.total and state is None:
        estimate.was(seconds)
    checkpoints.remove()
    report: dict[str, Any] = {}
    if options.as_json:
        report = {"estimate": estimate.told(), "usage": taken(seconds, studio.place)}
        report = _report(job, studio, opened, out, step) | report
    tally.made_one(out, step, report)
    if isinstance(ended, DivergenceError):
        raise ended
    return ended is not None


def taken_up(checkpoints: Checkpoints, options: RunOptions, console: "Console") -> "State | None":
    """Return where an earlier run that was killed is to be taken up; what it left is removed where it is not to be."""
    if options.resume and (checkpoints.there or not options.many):
        return checkpoints.read()
    if checkpoints.there:
        say(console, f"note: {checkpoints.path} is of a run that was killed; --resume would have taken it up")
        checkpoints.remove()
    return None


def _watch(
    job: Job,
    options: RunOptions,
    studio: Studio,
    opened: Opened,
    out: Path,
    show: "Display",
    checkpoints: Checkpoints,
    state: "State | None",
) -> "tuple[Step | None, KeyboardInterrupt | DivergenceError | None]":
    """Return the last step that was reached, and what ended the run before its last."""
    from artcnn.cli.engines import steps
    from artcnn.image import size_of
    from artcnn.machine.memory import malloc_trim

    step: Step | None = None
    stage = ""
    try:
        for step in steps(job.recipe, opened.images, studio.backbone, opened.tiling, state):
            if step.stage != stage and opened.tiling.plan(size_of(step.image)).stages:
                malloc_trim()  # what a smaller size left is in the way where memory is short
            stage = step.stage
            show(step)
            checkpoints.write(step)
            if step.index == job.stop_after:
                break
            if options.save_every and step.index % options.save_every == 0 and step.index < step.total:
                _write(job, options, opened, _snapshot(out, step.index), step, replace=False)
            step = _alone(step)  # else it would be held while the engine is at the next
    except (KeyboardInterrupt, DivergenceError) as ended:
        return step, ended
    return step, None


def _snapshot(out: Path, index: int) -> Path:
    """Return the file for the picture of a step on the way to the one at ``out``; it replaces none."""
    from artcnn.files.file_names import fit_name, unique_path

    return unique_path(lambda number: out.with_name(fit_name(out.stem, f"-{index:04d}{number}{out.suffix}")))


def _alone(step: "Step") -> "Step":
    """Return a step without its state, which holds all that the engine had then, and memory is short."""
    return replace(step, state=dict)


def _write(job: Job, options: RunOptions, opened: Opened, out: Path, step: "Step", replace: bool) -> Path:
    """Write the picture of a step, with the photo's alpha and details and its story; return where it is."""
    from artcnn.files.write import write_picture

    stopped_after = step.index if step.index < step.total else None
    story = tell(job, opened.sha256s, out, stopped_after)
    details = opened.pictures["photo"].metadata if "photo" in opened.pictures else None
    alpha = alpha_of(opened, step.image)
    return write_picture(out, step.image.cpu(), alpha, story, replace, details, keep_gps=options.keep_gps)


def _report(job: Job, studio: Studio, opened: Opened, out: Path, step: "Step") -> dict[str, Any]:
    """Return what ``--json`` prints, the picture judged as it stands in its file."""
    from artcnn.cli.engines import judge
    from artcnn.files.read import read_picture
    from artcnn.machine.memory import malloc_trim

    malloc_trim()  # what the steps left is in the way of the judge
    written = read_picture(out).pixels.to(step.image.device)
    return {
        next(iter(job.inputs)): str(job.photo),
        "out": str(out),
        "width": written.shape[-1],
        "height": written.shape[-2],
        "steps": step.index,
        "recipe": job.recipe.model_dump(),
    } | judge(job.recipe, opened.images, studio.exact, written)
