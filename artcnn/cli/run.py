"""One run from files to a file: check everything, open everything, watch the engine, write the picture."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import typer

from artcnn.cli.job import Job, tell
from artcnn.errors import ArtcnnError

if TYPE_CHECKING:
    from rich.console import Console
    from torch import Tensor, device

    from artcnn.backbones.vgg import Backbone
    from artcnn.engines.step import Step
    from artcnn.image import Size
    from artcnn.media.read import Picture
    from artcnn.recipes import Recipe


@dataclass(frozen=True)
class Manner:
    """How a job is run, which changes nothing in the picture."""

    out: Path | None = None
    device: str = "auto"
    save_every: int | None = None
    preview: bool = False
    quiet: bool = False
    as_json: bool = False


def run(job: Job, manner: Manner) -> None:
    """Make the picture of a job and say where it is.

    Raises:
        ArtcnnError: anything the user can mend, before the slow work begins.
        typer.Exit: with 130, after Ctrl-C; the picture reached so far is kept.
    """
    from rich.console import Console

    from artcnn.media.open import check_picture

    console = Console(stderr=True, quiet=manner.quiet)
    start = monotonic()
    for path in job.inputs:
        check_picture(path)
    out = destination(job, manner.out)
    _say(console, f"loading {job.recipe.backbone}")
    from artcnn.backbones.device import choose_device  # torch is loaded here, when what was named is there

    place = choose_device(manner.device)
    job = _decided(job, place)
    opened = _open(job, place, console)
    step, interrupted = _watch(job, manner, opened, out, console)
    if step is None:
        _say(console, "stopped before the first step: there is no picture to keep")
        raise typer.Exit(130)
    _write(job, opened, out, step)
    seconds = monotonic() - start
    if manner.as_json:
        typer.echo(json.dumps(_report(job, opened, out, step) | {"seconds": round(seconds, 3)}))
    elif not manner.quiet:
        typer.echo(out)
    how_far = "" if step.index == step.total else f", stopped after step {step.index} of {step.total} ({step.stage})"
    _say(console, f"{step.image.shape[-1]} x {step.image.shape[-2]} pixels in {seconds:.0f} s{how_far}")
    if interrupted:
        raise typer.Exit(130)


@dataclass(frozen=True)
class _Opened:
    """What a job works with: its pictures, their pixels on the device, and the network there."""

    pictures: "tuple[Picture, ...]"
    images: "tuple[Tensor, ...]"
    backbone: "Backbone"


def destination(job: Job, out: Path | None) -> Path:
    """Return the file that a job's picture goes to, having checked that it can be written there.

    Raises:
        ArtcnnError: the format is unknown, the folder is not there, or a picture that the job reads would be lost.
    """
    from artcnn.media.write import check_writable, new_path

    photo = job.inputs[0]
    tag = "dream" if job.kind == "dream" else job.inputs[1].stem
    if out is None or out.is_dir():
        path = new_path(photo if out is None else out / photo.name, tag)
    else:
        path = out
    check_writable(path, job.recipe.size)
    for source in job.inputs:
        if path.exists() and source.exists() and path.samefile(source):
            raise ArtcnnError(f"{path} is what the picture is made from: give --out another name")
    return path


def _decided(job: Job, place: "device") -> Job:
    """Return the job with the precision that is the fastest here, where none is asked for, so that it is recorded."""
    from artcnn.backbones.precision import fastest

    if job.recipe.precision != "auto":
        return job
    return replace(job, recipe=job.recipe.model_copy(update={"precision": fastest(place)}))


def _open(job: Job, place: "device", console: "Console") -> _Opened:
    """Return everything a job needs, having checked that it can succeed."""
    from artcnn.backbones.vgg import load_backbone
    from artcnn.image import fit, size_of
    from artcnn.media.read import read_picture

    pictures = tuple(read_picture(path) for path in job.inputs)
    for note in (note for picture in pictures for note in picture.notes):
        _say(console, f"note: {note}")
    images = fit(pictures[0].pixels, job.recipe.size), *(picture.pixels for picture in pictures[1:])
    if place.type == "cpu":
        check_memory(job.recipe, size_of(images[0]))
    recipe = job.recipe
    assert recipe.precision != "auto"  # noqa: S101 - it was decided
    backbone = load_backbone(
        recipe.backbone, pooling=recipe.pooling, padding=recipe.padding, precision=recipe.precision, device=place
    )
    return _Opened(pictures, tuple(image.to(place) for image in images), backbone)


def _watch(job: Job, manner: Manner, opened: _Opened, out: Path, console: "Console") -> "tuple[Step | None, bool]":
    """Return the last step that was reached, and whether Ctrl-C was what ended it."""
    from artcnn.cli.display import display
    from artcnn.cli.engines import steps

    step: Step | None = None
    value = "objective" if job.kind == "dream" else "loss"
    with display(console, value, quiet=manner.quiet, preview=manner.preview) as show:
        try:
            for step in steps(job.recipe, opened.images, opened.backbone):
                show(step)
                if step.index == job.stop_after:
                    break
                if manner.save_every and step.index % manner.save_every == 0 and step.index < step.total:
                    _write(job, opened, out.with_stem(f"{out.stem}-{step.index:04d}"), step)
        except KeyboardInterrupt:
            return step, True
    return step, False


def check_memory(recipe: "Recipe", photo: "Size") -> None:
    """Raise an ArtcnnError where a result of ``photo`` (height, width) takes more memory than there is."""
    from artcnn.engines.memory import bytes_needed
    from artcnn.media.memory import available_memory

    needed, free = bytes_needed(recipe, photo), available_memory()
    if needed > free:
        affordable = int(recipe.size * (free / needed) ** 0.5)
        raise ArtcnnError(
            f"size {recipe.size} needs about {needed / 1e9:.1f} GB of memory and {free / 1e9:.1f} GB are free: "
            f"use --size {affordable} or less"
        )


def _write(job: Job, opened: _Opened, out: Path, step: "Step") -> None:
    """Write the picture of a step, with the photo's alpha and the story of how it was made."""
    from artcnn.image import resize, size_of
    from artcnn.media.write import write_picture

    alpha = opened.pictures[0].alpha
    if alpha is not None:
        alpha = resize(alpha, size_of(step.image))
    stopped_after = step.index if step.index < step.total else None
    sha256s = tuple(picture.sha256 for picture in opened.pictures)
    write_picture(out, step.image.cpu(), alpha, tell(job, sha256s, out, stopped_after))


def _report(job: Job, opened: _Opened, out: Path, step: "Step") -> dict[str, Any]:
    """Return what ``--json`` prints, the picture judged as it stands in its file."""
    from artcnn.backbones.vgg import load_backbone
    from artcnn.cli.engines import judge
    from artcnn.media.read import read_picture

    written = read_picture(out).pixels.to(step.image.device)
    recipe = job.recipe
    exact = load_backbone(
        recipe.backbone, pooling=recipe.pooling, padding=recipe.padding, device=step.image.device
    )  # judged in float32, whatever it was made in
    return {
        "out": str(out),
        "width": written.shape[-1],
        "height": written.shape[-2],
        "steps": step.index,
        "recipe": recipe.model_dump(),
    } | judge(recipe, opened.images, exact, written)


def _say(console: "Console", text: str) -> None:
    console.print(text, style="dim", highlight=False, soft_wrap=True, markup=False)
