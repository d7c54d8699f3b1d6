"""Make a sheet: check every picture of it, then make one after the other, and write what there is."""

import json
import shlex
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import typer

from artcnn.cli.batch_report import say
from artcnn.cli.options import RunOptions
from artcnn.cli.sheet.vary import Plan, steering, typed
from artcnn.cli.signals import cancelling
from artcnn.errors import ArtcnnError, combined
from artcnn.jobs.batch import check_apart, destination
from artcnn.jobs.inputs import is_mask
from artcnn.jobs.job import Job

if TYPE_CHECKING:
    from rich.console import Console
    from torch import Tensor

    from artcnn.cli.display import Display
    from artcnn.files.read import Picture
    from artcnn.jobs.inputs import Inputs
    from artcnn.jobs.prepared import PreparedJob
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


def make(plan: Plan, inputs: "Inputs[Path]", arguments: Sequence[Path], options: RunOptions) -> None:
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
    check_files(inputs.named().values(), options.out, options.force)
    jobs = [Job(recipe, inputs) for recipe in plan.recipes]
    out = destination(jobs[0], options.out, force=options.force, tag="-sheet")
    if is_standard_output(out) and options.as_json:
        raise ArtcnnError("--json and the sheet cannot both go to the standard output: give --out a file")
    say(console, f"loading {', '.join(dict.fromkeys(recipe.backbone for recipe in plan.recipes))}")
    from artcnn.cli.sheet.story import tell_sheet  # what is below needs torch, which is loaded here
    from artcnn.files.provenance import check_provenance
    from artcnn.files.write import check_writable, write_picture

    prepared = _prepare(jobs, options, console)
    contact = _contact(plan, prepared, arguments)
    check_writable(out, max(contact.size))
    command = contact.command
    check_provenance(tell_sheet(prepared, plan.options, command, out, ()))  # it fits, and will with fewer pictures
    made = _Made()
    interrupted = False
    try:
        interrupted = _make_all(plan, prepared, options, console, made)
    except KeyboardInterrupt:
        interrupted = True
    finally:  # whatever it was that ended it, what is done is kept
        if made.pictures:
            story = tell_sheet(prepared, plan.options, command, out, tuple(made.pictures))
            out = write_picture(
                out, contact.draw(made.pictures, absent="not made"), provenance=story, replace=options.force
            )
            if not (options.quiet or options.as_json or is_stream(out)):
                typer.echo(out)
    seconds = monotonic() - began
    if options.as_json:
        typer.echo(json.dumps(_report(plan, prepared, contact, made, out, seconds)))
    height, width = contact.size
    what = f"{width} x {height} pixels" if made.pictures else "there is no sheet to keep"
    say(console, f"{len(made.pictures)} of {len(jobs)} pictures, {what}, in {seconds:.0f} s")
    if interrupted or made.errors:
        raise typer.Exit(130 if interrupted else 1)


def _prepare(jobs: Sequence[Job], options: RunOptions, console: "Console") -> "list[PreparedJob]":
    """Return the jobs made ready, pictures and networks loaded once, and say what all of them will take.

    Raises:
        ArtcnnError: some cannot be made, a line for each reason.
    """
    from artcnn.jobs.estimate import format_duration
    from artcnn.jobs.runtime import Runtime
    from artcnn.machine.memory import format_gigabytes

    runtime = Runtime(options.device)
    prepared: list[PreparedJob] = []
    errors: list[ArtcnnError] = []
    for job in jobs:
        try:
            prepared.append(runtime.prepare(job))
        except ArtcnnError as error:
            errors.append(error)
    if errors:
        raise combined(errors)
    for note in dict.fromkeys(note for one in prepared for note in one.notes):
        say(console, f"note: {note}")
    estimates = [one.estimate for one in prepared]
    seconds, memory = sum(e.seconds for e in estimates), max(e.memory for e in estimates)
    count = f"{len(jobs)} pictures" if len(jobs) > 1 else "1 picture"
    say(console, f"{count} will take about {format_duration(seconds)} and {format_gigabytes(memory)} of memory")
    return prepared


def _contact(plan: Plan, prepared: "Sequence[PreparedJob]", arguments: Sequence[Path]) -> "ContactSheet":
    """Return the sheet without its pictures: files are called by their names, without the folders."""
    from artcnn.image import fit_size, size_of
    from artcnn.reports.contact_sheet import ContactSheet

    photo, *paintings = [path.name for path in arguments]
    inputs: Inputs[Path] = prepared[0].job.inputs  # type: ignore[assignment]  # they are files
    guide = inputs.named().get("guide")
    dreamt = ", dreamt" if guide is None else f", dreamt towards {guide.name}"
    how = f" in the style of {', '.join(paintings)}" if paintings else dreamt
    where = "above and left of" if len(plan.axes) > 1 else "below"
    plain = " ".join(map(shlex.quote, [photo, *paintings]))
    usual = type(plan.recipes[0]).model_fields["size"].default
    smaller = "--size" in dict(plan.fixed) and plan.recipes[0].size < usual
    size = "; without --size it will be larger" if smaller else ""
    pictures = prepared[0].pictures
    return ContactSheet(
        sizes=[fit_size(size_of(pictures["photo"].pixels), recipe.size) for recipe in plan.recipes],
        columns=plan.axes[0].labels,
        rows=plan.axes[1].labels if len(plan.axes) > 1 else (),
        title=f"{photo}{how}",
        command=f"artcnn {plan.kind} {plain} {typed([*steering(inputs), *plan.fixed])}".rstrip(),
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
    plan: Plan, prepared: "Sequence[PreparedJob]", options: RunOptions, console: "Console", made: _Made
) -> bool:
    """Make one picture after the other, put each into ``made``, and return whether that was interrupted."""
    from artcnn.cli.display import display

    total, before = sum(one.estimate.seconds for one in prepared), 0.0
    value = prepared[0].engine.value
    with display(console, value, quiet=options.quiet, preview=False) as show, cancelling() as cancelled:
        for number, one in enumerate(prepared):
            name = f"{number + 1} of {len(prepared)}, {typed(plan.options[number])}"
            part = _part(show, name, before / total, one.estimate.seconds / total)
            began = monotonic()
            try:
                picture = _picture(one, part, cancelled)
            except ArtcnnError as error:
                made.errors[number] = " ".join(error.lines)
                typer.echo(f"error: {typed(plan.options[number])}: {made.errors[number]}", err=True)
            else:
                if picture is not None:
                    made.pictures[number], made.seconds[number] = picture, monotonic() - began
            if cancelled():
                return True
            before += one.estimate.seconds
    return False


def _part(show: "Display", name: str, before: float, share: float) -> "Display":
    """Return a display of the steps of one picture as a share of all the work."""
    return lambda step: show(replace(step, progress=before + share * step.progress, stage=f"{name}, {step.stage}"))


def _picture(prepared: "PreparedJob", show: "Display", cancelled: "Callable[[], bool]") -> "Tensor | None":
    """Return the picture of one job, as it would be written, on white; None where it was interrupted."""
    from artcnn.jobs.events import Finished, Progress
    from artcnn.jobs.runner import run

    picture = None
    for event in run(prepared, cancelled=cancelled):
        if isinstance(event, Progress):
            show(event.step)
        elif isinstance(event, Finished) and event.result is not None and event.result.complete:
            picture = laid_on_paper(event.result.image, event.result.alpha)
    return picture


def _report(
    plan: Plan,
    prepared: "Sequence[PreparedJob]",
    contact: "ContactSheet",
    made: _Made,
    out: Path,
    seconds: float,
) -> dict[str, Any]:
    """Return what ``--json`` prints: where each picture is on the sheet, and how it is made alone."""
    pictures = []
    for number, (job, box) in enumerate(zip(prepared, contact.boxes, strict=True)):
        state = {"seconds": round(made.seconds[number], 3)} if number in made.seconds else {"seconds": None}
        wrong = {"error": made.errors[number]} if number in made.errors else {}
        pictures.append(
            {"options": typed(plan.options[number]), "box": box, "recipe": job.recipe.model_dump()} | state | wrong
        )
    return {
        **{name: str(path) for name, path in prepared[0].job.sources().items()},
        "out": str(out) if made.pictures else None,
        "width": contact.size[1],
        "height": contact.size[0],
        "command": contact.command,
        "pictures": pictures,
        "seconds": round(seconds, 3),
        "estimate": {
            "seconds": round(sum(one.estimate.seconds for one in prepared), 1),
            "bytes": max(one.estimate.memory for one in prepared),
        },
    }
