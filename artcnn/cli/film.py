"""``artcnn dream --zoom``: a film that falls into a dream, from a photo to a file."""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import typer

from artcnn.cli.batch import check_place, choose_file
from artcnn.cli.checkpoints import Checkpoints
from artcnn.cli.job import Job, tell
from artcnn.cli.options import RunOptions
from artcnn.cli.signals import held_back
from artcnn.cli.studio import Opened, Studio, decided, open_job, open_studio
from artcnn.cli.tally import say
from artcnn.errors import ArtcnnError, DivergenceError, enough_memory

if TYPE_CHECKING:
    from rich.console import Console

    from artcnn.cli.cost import Estimate
    from artcnn.engines.step import State, Step
    from artcnn.files.frame_store import FrameStore
    from artcnn.image import Size
    from artcnn.recipes import VideoRecipe

_MASK_SIDE = 64
"""Pixels of the mask by which it is told how long something of it is in sight: enough for a time."""


def film(jobs: Sequence[Job], options: RunOptions, suffix: str = ".webp") -> None:
    """Make the film of a job, and say where it is.

    Args:
        jobs: the only one.
        options: how it is run.
        suffix: the format's, where ``--out`` names no file.

    Raises:
        ArtcnnError: anything the user can mend, before the slow work begins.
        DivergenceError: the frames before it are kept as a shorter film.
        typer.Exit: with 130 after Ctrl-C; the frames so far are kept as a shorter film.
    """
    from artcnn.cli.cost import less_memory
    from artcnn.files.name_lock import locked_path
    from artcnn.files.open import check_picture

    _check_together(jobs, options)
    for name, path in jobs[0].inputs.items():
        check_picture(path, long_side=jobs[0].recipe.size if name == "photo" else None)
    chosen = locked_path(lambda: _destination(jobs[0], options, suffix))
    with chosen as out, enough_memory(less_memory(jobs[0].recipe)):
        _make(jobs[0], out, options)


def _make(job: Job, out: Path, options: RunOptions) -> None:
    """Make the film of a job that was checked."""
    from rich.console import Console

    console = Console(stderr=True, quiet=options.quiet)
    say(console, f"loading {job.recipe.backbone}")
    from artcnn.backbones.device import choose_device  # torch is loaded here, when what was named is there
    from artcnn.cli.run import taken_up

    began = monotonic()
    place = choose_device(options.device)
    job = replace(job, recipe=decided(job.recipe, place))
    studio = open_studio(job, place, console)
    opened = open_job(job, options, studio, console)
    size = _frame_size(job, opened, console)
    checkpoints = Checkpoints(out, tell(job, opened.sha256s, out, None))
    state = taken_up(checkpoints, options, console)
    estimate = _estimate(job, opened, studio, state, console)
    started = monotonic()
    with _kept(checkpoints, size, state) as frames:
        step, out, ended = _watch(job, opened, studio, state, frames, checkpoints, out, options, console)
    if step.index == step.total and state is None:
        estimate.was(monotonic() - started)
    _tell(job, out, step, estimate, monotonic() - began, options, console)
    if isinstance(ended, DivergenceError):
        raise ended
    if ended:
        raise typer.Exit(130)


def _check_together(jobs: Sequence[Job], options: RunOptions) -> None:
    """Check that what is asked for goes together.

    Raises:
        ArtcnnError: it does not.
    """
    from artcnn.recipes import DreamRecipe

    if options.many:
        raise ArtcnnError("a film is made of one photo: name one file, not several or a folder")
    recipe = jobs[0].recipe
    if isinstance(recipe, DreamRecipe) and recipe.colors != "dream":
        raise ArtcnnError(f"--colors {recipe.colors}: a film moves on from the photo's colours, leave it out")
    if isinstance(recipe, DreamRecipe) and recipe.optimizer != "gradient":
        raise ArtcnnError("a film's frames have too few steps to climb along a spectrum: add --set optimizer=gradient")
    if options.keep_gps:
        raise ArtcnnError("--keep-gps: a film tells nothing of the photo, leave it out")
    if options.save_every:
        raise ArtcnnError("--save-every: a film keeps every step that there is, leave it out")


def _destination(job: Job, options: RunOptions, suffix: str) -> Path:
    """Return the file that the film goes to, having checked that it can be written there."""
    from artcnn.files.video import check_video

    path = choose_file(job, options.out, suffix)
    check_video(path, _settings(job).fps, job.recipe.size)
    check_place(path, job, options.force or path != options.out)
    return path


def _settings(job: Job) -> "VideoRecipe":
    assert job.film is not None  # noqa: S101 - it is a film's job
    return job.film


def _frame_size(job: Job, opened: Opened, console: "Console") -> "Size":
    """Return the (height, width) of the frames, having told what may surprise in them."""
    from artcnn.engines.camera import min_zoom, video_size
    from artcnn.image import size_of

    settings, photo = _settings(job), opened.images["photo"]
    if opened.pictures["photo"].alpha is not None:
        say(console, "note: a film has no transparency, the photo's is left out")
    size = video_size(size_of(photo), job.recipe.size)
    needed = min_zoom(size, settings.rotate)
    if 1 <= settings.zoom < needed:
        say(console, f"note: as it turns the corners show the picture mirrored, below --zoom {needed:.3f}")
    return size


def _estimate(job: Job, opened: Opened, studio: Studio, state: "State | None", console: "Console") -> "Estimate":
    """Return what the film, or what is left of it, will take, and say it."""
    from artcnn.cli.cost import duration, expected
    from artcnn.engines.zoom import count_dreamed_frames
    from artcnn.image import fit_size, resize, size_of
    from artcnn.machine.memory import format_gigabytes

    settings, mask = _settings(job), opened.images.get("mask")
    left = range(0 if state is None else int(state["index"]), job.stop_after or settings.frames)
    if mask is not None:
        mask = resize(mask, fit_size(size_of(opened.images["photo"]), _MASK_SIDE))
    count = count_dreamed_frames(settings, left, mask)
    counted = settings.model_copy(update={"frames": count + 1})  # of which the photo is one
    estimate = expected(job.recipe, opened.images, opened.tiling, studio.backbone, counted)
    if state is not None:
        say(console, f"going on after frame {left.start} of {settings.frames}")
    say(
        console,
        f"it will take about {duration(estimate.seconds)}, {estimate.seconds / len(left):.1f} s a frame, "
        f"and {format_gigabytes(estimate.memory)} of memory",
    )
    return estimate


@contextmanager
def _kept(checkpoints: Checkpoints, size: "Size", state: "State | None") -> "Iterator[FrameStore]":
    """Keep the frames until the film is there; or, where it will not be, as long as it can be gone on with."""
    from artcnn.files.frame_store import open_frame_store

    last, count = (None, 0) if state is None else (state["picture"], int(state["index"]))
    made = False
    try:
        with open_frame_store(checkpoints.frames, size, last, count) as frames:
            yield frames
        made = True
    finally:
        if made or not checkpoints.there:
            checkpoints.remove()


def _watch(
    job: Job,
    opened: Opened,
    studio: Studio,
    state: "State | None",
    frames: "FrameStore",
    checkpoints: Checkpoints,
    out: Path,
    options: RunOptions,
    console: "Console",
) -> "tuple[Step, Path, KeyboardInterrupt | DivergenceError | None]":
    """Write the film, and return its last frame, where it is, and what ended it before its end."""
    from artcnn.cli.display import display
    from artcnn.cli.engines import steps
    from artcnn.files.video import video_writer

    settings = _settings(job)
    last: Step | None = None
    ended: KeyboardInterrupt | DivergenceError | None = None
    with (
        display(console, "objective", quiet=options.quiet, preview=options.preview) as show,
        video_writer(out, settings.fps, checkpoints.run, replace=os.path.lexists(out)) as add,
    ):
        for frame in frames:
            add(frame)
        try:
            for step in steps(job.recipe, opened.images, studio.backbone, opened.tiling, state, settings):
                with held_back():
                    add(step.image)
                    frames.add(step.image)
                    last = step
                    checkpoints.write(step, frames.sync)
                show(step)
                if step.index == job.stop_after:
                    break
        except (KeyboardInterrupt, DivergenceError) as error:
            ended = error
        if last is None and isinstance(ended, DivergenceError):
            raise ended
        if last is None:  # the film is not written, and what a run that was killed left stays as it was
            say(console, "stopped before a frame was made: there is no film to keep")
            raise KeyboardInterrupt
    return last, add.path, ended


def _tell(
    job: Job, out: Path, step: "Step", estimate: "Estimate", seconds: float, options: RunOptions, console: "Console"
) -> None:
    """Tell that the film is there."""
    settings = _settings(job)
    height, width = step.image.shape[-2:]
    report = {
        "photo": str(job.photo),
        "out": str(out),
        "width": width,
        "height": height,
        "frames": step.index,
        "recipe": job.recipe.model_dump(),
        "film": settings.model_dump(),
        "estimate": estimate.told(),
        "seconds": round(seconds, 3),
    }
    if options.as_json:
        typer.echo(json.dumps(report))
    elif not options.quiet:
        typer.echo(out)
    how_far = ""
    if step.index < step.total:
        how_far = f", stopped after frame {step.index} of {step.total}"
        how_far += ", so that it jumps where it begins again" if settings.loop else ""
    say(console, f"{step.index} frames of {width} x {height} pixels in {seconds:.0f} s{how_far}")
