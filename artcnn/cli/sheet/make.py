"""Make a sheet: check every picture of it, then make one after the other, and write what there is."""

import json
import shlex
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import typer

from artcnn.cli.batch import check_apart, destination
from artcnn.cli.job import Job, is_mask
from artcnn.cli.options import RunOptions
from artcnn.cli.sheet.vary import Plan, steering, typed
from artcnn.cli.studio import Studio, alpha_of, decided, open_job, say_notes, say_stretched
from artcnn.cli.tally import say
from artcnn.errors import ArtcnnError, enough_memory

if TYPE_CHECKING:
    from rich.console import Console
    from torch import Tensor

    from artcnn.cli.cost import Estimate
    from artcnn.cli.display import Display
    from artcnn.files.read import Picture
    from artcnn.reports.contact_sheet import ContactSheet


@dataclass
class _Made:
    """What there is so far, by a picture's number: it, the seconds it took, or what was wrong."""

    pictures: "dict[int, Tensor]" = field(default_factory=dict)
    seconds: dict[int, float] = field(default_factory=dict)
    errors: dict[int, str] = field(default_factory=dict)


def check_files(inputs: Collection[Path], out: Path | None, force: bool) -> None:
    """Check what needs no recipe, before recipes of networks that are no VGG load torch.

    Raises:
        ArtcnnError: an input is no picture that can be read, or the sheet cannot be written to ``out``.
    """
    from artcnn.files.atomic import check_no_overwrite
    from artcnn.files.open import check_picture
    from artcnn.files.write import check_writable

    for path in inputs:
        check_picture(path)
    if out is not None and not out.is_dir():
        check_writable(out)
        check_apart(out, inputs, "picture")
        check_no_overwrite(out, force)


def make(plan: Plan, inputs: Mapping[str, Path], arguments: Sequence[Path], options: RunOptions) -> None:
    """Make a sheet of a photo, and say where it is.

    A picture that fails leaves its place on the sheet empty, and the others are made.

    Args:
        plan: what is varied.
        inputs: what each picture is made from, by name.
        arguments: the same as they were given.
        options: how it is done.

    Raises:
        ArtcnnError: anything the user can mend, of any of the pictures, before the slow work begins.
        typer.Exit: with 1 where a picture failed; with 130 after Ctrl-C, the sheet of those that were done is kept.
    """
    from rich.console import Console

    from artcnn.files.streams import is_standard_output, is_stream

    began = monotonic()
    console = Console(stderr=True, quiet=options.quiet)
    check_files(inputs.values(), options.out, options.force)
    jobs = [Job(plan.kind, recipe, inputs) for recipe in plan.recipes]
    out = destination(jobs[0], options.out, force=options.force, tag="-sheet")
    if is_standard_output(out) and options.as_json:
        raise ArtcnnError("--json and the sheet cannot both go to the standard output: give --out a file")
    say(console, f"loading {', '.join(dict.fromkeys(recipe.backbone for recipe in plan.recipes))}")
    from artcnn.cli.sheet.story import tell_sheet  # what is below needs torch, which is loaded here
    from artcnn.files.provenance import check_provenance
    from artcnn.files.write import check_writable, write_picture

    jobs, studios = _studios(jobs, options, console)
    estimates = _estimates(jobs, studios, options, console)
    contact = _contact(plan, jobs, arguments, studios[0])
    check_writable(out, max(contact.size))
    sha256s = {name: picture.sha256 for name, picture in studios[0].pictures.items()}
    command = contact.command
    check_provenance(tell_sheet(jobs, plan.options, command, sha256s, out, ()))  # it fits, and will with fewer pictures
    made = _Made()
    interrupted = False
    try:
        _make_all(plan, jobs, studios, estimates, options, console, made)
    except KeyboardInterrupt:
        interrupted = True
    finally:  # whatever it was that ended it, what is done is kept
        if made.pictures:
            story = tell_sheet(jobs, plan.options, command, sha256s, out, tuple(made.pictures))
            out = write_picture(
                out, contact.draw(made.pictures, absent="not made"), provenance=story, replace=options.force
            )
            if not (options.quiet or options.as_json or is_stream(out)):
                typer.echo(out)
    seconds = monotonic() - began
    if options.as_json:
        typer.echo(json.dumps(_report(plan, jobs, contact, made, estimates, out, seconds)))
    height, width = contact.size
    what = f"{width} x {height} pixels" if made.pictures else "there is no sheet to keep"
    say(console, f"{len(made.pictures)} of {len(jobs)} pictures, {what}, in {seconds:.0f} s")
    if interrupted or made.errors:
        raise typer.Exit(130 if interrupted else 1)


def _studios(jobs: Sequence[Job], options: RunOptions, console: "Console") -> "tuple[list[Job], list[Studio]]":
    """Return the jobs with their precision decided, and where each is made; pictures and networks are loaded once."""
    from artcnn.backbones.device import choose_device
    from artcnn.files.read import read_picture

    place = choose_device(options.device)
    pictures = {name: read_picture(path) for name, path in jobs[0].inputs.items()}
    say_notes(console, pictures)
    say_stretched(console, jobs[0], pictures)
    jobs = [replace(job, recipe=decided(job.recipe, place)) for job in jobs]
    by_network: dict[tuple[str, ...], Studio] = {}
    studios = []
    for recipe in (job.recipe for job in jobs):
        network = recipe.backbone, recipe.pooling, recipe.padding, recipe.precision
        studios.append(by_network.setdefault(network, Studio(place, recipe, pictures)))
    return jobs, studios


def _estimates(
    jobs: Sequence[Job], studios: "Sequence[Studio]", options: RunOptions, console: "Console"
) -> "list[Estimate]":
    """Return what each picture will take, and say what all will.

    Raises:
        ArtcnnError: some cannot be made, a line for each reason.
    """
    from artcnn.cli.cost import duration, expected
    from artcnn.machine.memory import format_gigabytes

    estimates: list[Estimate] = []
    mistakes: list[str] = []
    tried: dict[str, float] = {}
    for job, studio in zip(jobs, studios, strict=True):
        try:
            opened = open_job(job, options, studio, console)
        except ArtcnnError as error:
            mistakes += error.lines
        else:
            if not mistakes:
                estimates.append(expected(job.recipe, opened.images, opened.tiling, studio.backbone, tried=tried))
    if mistakes:
        raise ArtcnnError(*dict.fromkeys(mistakes))
    seconds, memory = sum(e.seconds for e in estimates), max(e.memory for e in estimates)
    count = f"{len(jobs)} pictures" if len(jobs) > 1 else "1 picture"
    say(console, f"{count} will take about {duration(seconds)} and {format_gigabytes(memory)} of memory")
    return estimates


def _contact(plan: Plan, jobs: Sequence[Job], arguments: Sequence[Path], studio: Studio) -> "ContactSheet":
    """Return the sheet without its pictures: files are called by their names, without the folders."""
    from artcnn.image import fit_size, size_of
    from artcnn.reports.contact_sheet import ContactSheet

    photo, *paintings = [path.name for path in arguments]
    guide = jobs[0].inputs.get("guide")
    dreamt = ", dreamt" if guide is None else f", dreamt towards {guide.name}"
    how = f" in the style of {', '.join(paintings)}" if paintings else dreamt
    where = "above and left of" if len(plan.axes) > 1 else "below"
    plain = " ".join(map(shlex.quote, [photo, *paintings]))
    usual = type(plan.recipes[0]).model_fields["size"].default
    smaller = "--size" in dict(plan.fixed) and plan.recipes[0].size < usual
    size = "; without --size it will be larger" if smaller else ""
    pictures = studio.pictures
    return ContactSheet(
        sizes=[fit_size(size_of(pictures["photo"].pixels), job.recipe.size) for job in jobs],
        columns=plan.axes[0].labels,
        rows=plan.axes[1].labels if len(plan.axes) > 1 else (),
        title=f"{photo}{how}",
        command=f"artcnn {plan.kind} {plain} {typed([*steering(jobs[0].inputs), *plan.fixed])}".rstrip(),
        hint=f"To make a picture anew, add what stands {where} it{size}.",
        references=[_reference(name, picture) for name, picture in pictures.items()],
    )


def _reference(name: str, picture: "Picture") -> "Tensor":
    """Return an input as it is shown: a mask as it is understood, in greys, anything else on white."""
    from artcnn.image import as_mask

    if is_mask(name):
        return as_mask(picture.pixels, picture.alpha).expand_as(picture.pixels)
    return laid_on_paper(picture.pixels, picture.alpha)


def laid_on_paper(pixels: "Tensor", alpha: "Tensor | None") -> "Tensor":
    """Return an image as it looks on white."""
    return pixels if alpha is None else pixels * alpha + (1 - alpha)


def _make_all(
    plan: Plan,
    jobs: Sequence[Job],
    studios: "Sequence[Studio]",
    estimates: "Sequence[Estimate]",
    options: RunOptions,
    console: "Console",
    made: _Made,
) -> None:
    """Make one picture after the other, and put each into ``made``."""
    from artcnn.cli.display import display

    total, before = sum(estimate.seconds for estimate in estimates), 0.0
    with display(console, "objective" if plan.kind == "dream" else "loss", quiet=options.quiet, preview=False) as show:
        for number, (job, studio, estimate) in enumerate(zip(jobs, studios, estimates, strict=True)):
            name = f"{number + 1} of {len(jobs)}, {typed(plan.options[number])}"
            part = _part(show, name, before / total, estimate.seconds / total)
            began = monotonic()
            try:
                with enough_memory(f"use a --size below {job.recipe.size}"):
                    made.pictures[number] = _picture(job, studio, options, part, console)
                made.seconds[number] = monotonic() - began
                estimate.was(made.seconds[number])
            except ArtcnnError as error:
                made.errors[number] = " ".join(error.lines)
                typer.echo(f"error: {typed(plan.options[number])}: {made.errors[number]}", err=True)
            before += estimate.seconds


def _part(show: "Display", name: str, before: float, share: float) -> "Display":
    """Return a display of the steps of one picture as a share of all the work."""
    return lambda step: show(replace(step, progress=before + share * step.progress, stage=f"{name}, {step.stage}"))


def _picture(job: Job, studio: Studio, options: RunOptions, show: "Display", console: "Console") -> "Tensor":
    """Return the picture of one job, as it would be written, on white."""
    from artcnn.cli.engines import steps

    opened = open_job(job, options, studio, console)
    for step in steps(job.recipe, opened.images, studio.backbone, opened.tiling):
        show(step)
    image = step.image.cpu()
    return laid_on_paper(image, alpha_of(opened, image))


def _report(
    plan: Plan,
    jobs: Sequence[Job],
    contact: "ContactSheet",
    made: _Made,
    estimates: "Sequence[Estimate]",
    out: Path,
    seconds: float,
) -> dict[str, Any]:
    """Return what ``--json`` prints: where each picture is on the sheet, and how it is made alone."""
    pictures = []
    for number, (job, box) in enumerate(zip(jobs, contact.boxes, strict=True)):
        state = {"seconds": round(made.seconds[number], 3)} if number in made.seconds else {"seconds": None}
        wrong = {"error": made.errors[number]} if number in made.errors else {}
        pictures.append(
            {"options": typed(plan.options[number]), "box": box, "recipe": job.recipe.model_dump()} | state | wrong
        )
    return {
        **{name: str(path) for name, path in jobs[0].inputs.items()},
        "out": str(out) if made.pictures else None,
        "width": contact.size[1],
        "height": contact.size[0],
        "command": contact.command,
        "pictures": pictures,
        "seconds": round(seconds, 3),
        "estimate": {
            "seconds": round(sum(estimate.seconds for estimate in estimates), 1),
            "bytes": max(estimate.memory for estimate in estimates),
        },
    }
