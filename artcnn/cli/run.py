"""One run from files to a file: check everything, open everything, watch the engine, write the picture."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import typer

from artcnn.cli.job import Job, tell
from artcnn.errors import ArtcnnError

if TYPE_CHECKING:
    from rich.console import Console
    from torch import Tensor

    from artcnn.backbones.vgg import Backbone
    from artcnn.engines.step import Step
    from artcnn.media.read import Picture


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

    console = Console(stderr=True, quiet=manner.quiet)
    start = monotonic()
    out = destination(job, manner.out)
    _say(console, f"loading {job.recipe.backbone}")
    opened = _open(job, manner.device, console)
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
    check_writable(path)
    for source in job.inputs:
        if path.exists() and source.exists() and path.samefile(source):
            raise ArtcnnError(f"{path} is what the picture is made from: give --out another name")
    return path


def _open(job: Job, device: str, console: "Console") -> _Opened:
    """Return everything a job needs, having checked that it can succeed."""
    from artcnn.backbones.device import choose_device
    from artcnn.backbones.vgg import load_backbone
    from artcnn.media.read import read_picture

    place = choose_device(device)
    pictures = tuple(read_picture(path) for path in job.inputs)
    for note in (note for picture in pictures for note in picture.notes):
        _say(console, f"note: {note}")
    images = _sized(job, pictures)
    recipe = job.recipe
    backbone = load_backbone(recipe.backbone, pooling=recipe.pooling, padding=recipe.padding, device=place)
    return _Opened(pictures, tuple(image.to(place) for image in images), backbone)


def _watch(
    job: Job, manner: Manner, opened: _Opened, out: Path, console: "Console"
) -> "tuple[Step | None, bool]":
    """Return the last step that was reached, and whether Ctrl-C was what ended it."""
    from artcnn.cli.display import display

    step: Step | None = None
    with display(console, quiet=manner.quiet, preview=manner.preview) as show, closing(_steps(job, opened)) as steps:
        try:
            for step in steps:
                show(step)
                if step.index == job.stop_after:
                    break
                if manner.save_every and step.index % manner.save_every == 0 and step.index < step.total:
                    _write(job, opened, out.with_stem(f"{out.stem}-{step.index:04d}"), step)
        except KeyboardInterrupt:
            return step, True
    return step, False


def _steps(job: Job, opened: _Opened) -> "Iterator[Step]":
    """Return the engine's steps for a job."""
    from artcnn.engines.dream import dream
    from artcnn.engines.style import style
    from artcnn.recipes import StyleRecipe

    if isinstance(job.recipe, StyleRecipe):
        return style(*opened.images, opened.backbone, job.recipe)
    return dream(*opened.images, opened.backbone, job.recipe)


def _sized(job: Job, pictures: "tuple[Picture, ...]") -> "tuple[Tensor, ...]":
    """Return the pictures' pixels no larger than the run needs them, having checked that there is memory for it."""
    from artcnn.engines.memory import bytes_needed
    from artcnn.image import fit, size_of
    from artcnn.media.memory import available_memory

    photo = fit(pictures[0].pixels, job.recipe.size)
    needed, free = bytes_needed(job.recipe, size_of(photo)), available_memory()
    if needed > free:
        affordable = int(job.recipe.size * (free / needed) ** 0.5)
        raise ArtcnnError(
            f"size {job.recipe.size} needs about {needed / 1e9:.1f} GB of memory and {free / 1e9:.1f} GB are free: "
            f"use --size {affordable} or less"
        )
    return photo, *(picture.pixels for picture in pictures[1:])


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
    import torch

    from artcnn.engines.dream import DreamObjective
    from artcnn.engines.style import StyleObjective
    from artcnn.image import resize, size_of
    from artcnn.media.read import read_picture
    from artcnn.recipes import DreamRecipe, StyleRecipe

    height, width = size_of(step.image)
    report = {"out": str(out), "width": width, "height": height, "steps": step.index, "recipe": job.recipe.model_dump()}
    written = read_picture(out).pixels.to(step.image.device)
    with torch.no_grad():
        if isinstance(job.recipe, StyleRecipe):
            loss = StyleObjective(*opened.images, opened.backbone, job.recipe, max(height, width))(written)
            terms = {name: getattr(loss, name).item() for name in ("content", "style", "tv", "total")}
            return report | {"loss": terms}
        assert isinstance(job.recipe, DreamRecipe)
        photo = resize(opened.images[0], (height, width))
        objective = DreamObjective(photo, opened.backbone, job.recipe)
        return report | {"objective": {"before": objective(photo).item(), "after": objective(written).item()}}


def _say(console: "Console", text: str) -> None:
    console.print(text, style="dim", highlight=False, soft_wrap=True, markup=False)
