"""``artcnn dream --zoom``: a film that falls into a dream, from a photo to a file."""

import json
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import typer

from artcnn.cli.job import Job, tell
from artcnn.cli.tally import Manner, say
from artcnn.errors import ArtcnnError

if TYPE_CHECKING:
    from rich.console import Console
    from torch import Tensor

    from artcnn.backbones.bands import Tiling
    from artcnn.backbones.extractor import FeatureExtractor
    from artcnn.cli.cost import Estimate
    from artcnn.engines.step import Step
    from artcnn.recipes import DreamRecipe, FilmSettings


def film(jobs: Sequence[Job], settings: "FilmSettings", manner: Manner) -> None:
    """Make a film of the dream that a job would make a picture of, and say where it is.

    Raises:
        ArtcnnError: anything the user can mend, before the slow work begins.
        typer.Exit: with 130 after Ctrl-C; the frames so far are kept as a shorter film.
    """
    from rich.console import Console

    from artcnn.media.open import check_picture
    from artcnn.recipes import DreamRecipe

    _check_together(jobs, manner)
    photo, recipe = jobs[0].photo, jobs[0].recipe
    assert isinstance(recipe, DreamRecipe)  # noqa: S101 - no other command makes films
    check_picture(photo)
    out = _destination(photo, recipe, settings, manner.out)
    console = Console(stderr=True, quiet=manner.quiet)
    say(console, f"loading {recipe.backbone}")
    began = monotonic()
    recipe, image, sha256, tiling, backbone = _opened(photo, recipe, settings, manner, console)
    estimate = _estimate(recipe, settings, image, tiling, backbone, console)
    job = replace(jobs[0], recipe=recipe)
    story = json.dumps(json.loads(tell(job, {"photo": sha256}, out, None)) | {"film": settings.model_dump()})
    started = monotonic()
    step, interrupted = _watch(image, backbone, recipe, settings, tiling, out, story, manner, console)
    if step.index == step.total:
        estimate.was(monotonic() - started)
    height, width = step.image.shape[-2:]
    report = {
        "photo": str(photo),
        "out": str(out),
        "width": width,
        "height": height,
        "frames": step.index,
        "recipe": recipe.model_dump(),
        "film": settings.model_dump(),
        "estimate": estimate.told(),
        "seconds": round(monotonic() - began, 3),
    }
    _tell(out, report, step, settings, manner, console)
    if interrupted:
        raise typer.Exit(130)


def _check_together(jobs: Sequence[Job], manner: Manner) -> None:
    """Check that what is asked for goes together.

    Raises:
        ArtcnnError: it does not.
    """
    from artcnn.recipes import DreamRecipe

    if manner.many:
        raise ArtcnnError("a film is made of one photo: name one file, not several or a folder")
    if jobs[0].others:
        raise ArtcnnError(f"a film is made of a photo alone: leave out the {' and the '.join(jobs[0].others)}")
    recipe = jobs[0].recipe
    if isinstance(recipe, DreamRecipe) and recipe.colours != "dream":
        raise ArtcnnError(f"--colors {recipe.colours}: a film moves on from the photo's colours, leave it out")
    if isinstance(recipe, DreamRecipe) and recipe.ascent != "gradient":
        raise ArtcnnError("a film's frames have too few steps to climb along a spectrum: add --set ascent=gradient")
    if manner.resume:
        raise ArtcnnError("--resume: a film that was killed cannot be gone on with, Ctrl-C keeps its frames")
    if manner.save_every:
        raise ArtcnnError("--save-every: a film keeps every step that there is, leave it out")
    if manner.force:
        raise ArtcnnError("--force is for many pictures: a film named by --out is made again in any case")


def _destination(photo: Path, recipe: "DreamRecipe", settings: "FilmSettings", out: Path | None) -> Path:
    """Return the file that the film goes to, having checked that it can be written there."""
    from artcnn.media.film import check_film
    from artcnn.media.open import STREAM
    from artcnn.media.write import new_path

    if photo == STREAM and out is None:
        raise ArtcnnError("a film does not go to the standard output: give --out a file name")
    if out is None or out.is_dir():
        name = photo.name if photo != STREAM else "stdin"
        out = new_path(photo if out is None else out / name, "dream", ".webp")
    check_film(out, settings.fps, recipe.size)
    if out.exists() and photo.exists() and out.samefile(photo):
        raise ArtcnnError(f"{out} is what the film is made from: give --out another name")
    return out


def _opened(
    photo: Path, recipe: "DreamRecipe", settings: "FilmSettings", manner: Manner, console: "Console"
) -> "tuple[DreamRecipe, Tensor, str, Tiling, FeatureExtractor]":
    """Return the recipe with its precision decided, the photo, its sha256, and how it goes through which network."""
    from artcnn.backbones.device import choose_device  # torch is loaded here, when what was named is there
    from artcnn.cli.cost import memory_there_is, tiling_within
    from artcnn.cli.run import Studio, decided, say_notes
    from artcnn.engines.zoom import film_size, least_zoom
    from artcnn.image import fit, size_of
    from artcnn.media.memory import keep_freed_memory
    from artcnn.media.read import read_picture

    place = choose_device(manner.device)
    recipe = decided(recipe, place)
    picture = read_picture(photo)
    say_notes(console, {"photo": picture})
    if picture.alpha is not None:
        say(console, "note: a film has no transparency, the photo's is left out")
    size = film_size(size_of(picture.pixels), recipe.size)
    needed = least_zoom(size, settings.rotate)
    if 1 <= settings.zoom < needed:
        say(console, f"note: as it turns the corners show the picture mirrored, below --zoom {needed:.3f}")
    image = fit(picture.pixels, recipe.size).to(place)
    tiling = tiling_within(recipe, size, memory_there_is(place, manner.max_memory))
    keep_freed_memory(large=tiling.at(size).stages == 0)
    return recipe, image, picture.sha256, tiling, Studio(place, recipe, {"photo": picture}).backbone


def _estimate(
    recipe: "DreamRecipe",
    settings: "FilmSettings",
    image: "Tensor",
    tiling: "Tiling",
    backbone: "FeatureExtractor",
    console: "Console",
) -> "Estimate":
    """Return what the film will take, and say it."""
    from artcnn.cli.cost import duration, expected
    from artcnn.media.memory import gigabytes

    estimate = expected(recipe, {"photo": image}, tiling, backbone, settings)
    each = estimate.seconds / settings.frames
    say(
        console,
        f"it will take about {duration(estimate.seconds)}, {each:.1f} s a frame, "
        f"and {gigabytes(estimate.memory)} of memory",
    )
    return estimate


def _watch(
    image: "Tensor",
    backbone: "FeatureExtractor",
    recipe: "DreamRecipe",
    settings: "FilmSettings",
    tiling: "Tiling",
    out: Path,
    story: str,
    manner: Manner,
    console: "Console",
) -> "tuple[Step, bool]":
    """Write the film, and return its last frame and whether Ctrl-C was what ended it."""
    from artcnn.cli.display import display
    from artcnn.engines.zoom import zoom
    from artcnn.media.film import film_writer

    last: Step | None = None
    interrupted = False
    with (
        display(console, "objective", quiet=manner.quiet, preview=manner.preview) as show,
        film_writer(out, settings.fps, story) as add,
    ):
        try:
            for step in zoom(image, backbone, recipe, settings, tiling):
                with _held_back():
                    add(step.image)
                    last = step
                show(step)
        except KeyboardInterrupt:
            interrupted = True
        if last is None:
            raise ArtcnnError("stopped before the first frame: there is no film to keep")
    return last, interrupted


@contextmanager
def _held_back() -> Iterator[None]:
    """Let Ctrl-C wait until a frame is written: half a frame would spoil those before it."""
    came: list[int] = []
    previous = signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)
    if came:
        raise KeyboardInterrupt


def _tell(
    out: Path, report: dict[str, Any], step: "Step", settings: "FilmSettings", manner: Manner, console: "Console"
) -> None:
    """Tell that the film is there."""
    if manner.as_json:
        typer.echo(json.dumps(report))
    elif not manner.quiet:
        typer.echo(out)
    height, width = step.image.shape[-2:]
    how_far = ""
    if step.index < step.total:
        how_far = f", stopped after frame {step.index} of {step.total}"
        how_far += ", so that it jumps where it begins again" if settings.loop else ""
    say(console, f"{step.index} frames of {width} x {height} pixels in {report['seconds']:.0f} s{how_far}")
