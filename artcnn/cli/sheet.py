"""``artcnn sheet``: one photo made in many ways, side by side, to find the look one wants."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import typer

from artcnn.cli import options
from artcnn.cli.group import App
from artcnn.cli.recipe_options import RecipeArguments, RecipeOptions
from artcnn.errors import ArtcnnError

if TYPE_CHECKING:
    from rich.console import Console

    from artcnn.jobs.inputs import Inputs
    from artcnn.jobs.sheet import PreparedSheet, SheetResult
    from artcnn.jobs.sweep import Sweep

app = App("One photo in many ways on a sheet, to find the settings you like.", extras=("report",), no_args_is_help=True)

_FIELDS = {options.MAKE: ["size"], options.CONTROL: ["seed"], options.MACHINE: ["precision"]}
INSTANT_FIELDS = {options.MAKE: ["size"], options.CONTROL: ["strength", "colors"], options.MACHINE: ["precision"]}
HELP = {"size": "Longer side of each picture, in pixels. [default 320]"}

Photo = Annotated[Path, typer.Argument(metavar="PHOTO", help="The photo, or - for a pipe.")]
Vary = Annotated[
    list[str] | None,
    typer.Option(
        metavar="KEY=VALUE,VALUE,...",
        help="A setting, or preset, and its values: once, or twice for columns and rows. "
        "Separate values that contain commas by semicolons: 'KEY=A,B;C'. [default: every preset]",
        rich_help_panel=options.MAKE,
    ),
]


@app.command()
def style(
    photo: Photo,
    paintings: Annotated[
        list[Path],
        typer.Argument(
            metavar="PAINTING...",
            help="The picture whose style to take; several need --set blend=W1,W2 or --mask.",
        ),
    ],
    *,
    vary: Vary = None,
    what: Annotated[RecipeArguments, RecipeOptions("style", "StyleRecipe", _FIELDS, HELP)],
    mask: options.StyleMasks = None,
    protect: options.Protect = None,
    run: options.RunOfSheet,
) -> None:
    """Repaint a photo in many ways, on one sheet.

    Examples: artcnn sheet style photo.jpg painting.jpg --vary preset=default,painterly --vary strength=0.3,0.6,1
    · artcnn sheet style photo.jpg a.jpg b.jpg --vary 'blend=1,0;0.5,0.5;0,1'
    · artcnn sheet style photo.jpg a.jpg b.jpg --mask painting2=sky.png
    """
    from artcnn.jobs.batch import check_files
    from artcnn.jobs.paintings import style_inputs
    from artcnn.jobs.sweep import sweep_of

    check_files({"photo": photo}, run.out, run.force)
    sweep = sweep_of(what.kind, vary, what.preset, what.pairs, what.options)
    _make(sweep, style_inputs(photo, paintings, mask or [], protect, sweep.recipes), run)


@app.command()
def dream(
    photo: Photo,
    *,
    vary: Vary = None,
    what: Annotated[RecipeArguments, RecipeOptions("dream", "DreamRecipe", _FIELDS, HELP)],
    inputs: options.DreamInputs,
    run: options.RunOfSheet,
) -> None:
    """Let the network dream on a photo in many ways, on one sheet.

    Examples: artcnn sheet dream photo.jpg --vary layers=relu3_3,relu4_3,relu5_1 --vary palette=0,0.5,1
    · artcnn sheet dream photo.jpg --guide fruit.jpg --vary guide_size=192,384,768
    """
    from artcnn.jobs.batch import check_files
    from artcnn.jobs.inputs import DreamInputs
    from artcnn.jobs.sweep import sweep_of

    sources = DreamInputs(photo, **vars(inputs))
    check_files(sources.named(), run.out, run.force)
    _make(sweep_of(what.kind, vary, what.preset, what.pairs, what.options), sources, run)


@app.command()
def instant(
    photo: Photo,
    *,
    vary: Vary = None,
    what: Annotated[RecipeArguments, RecipeOptions("instant", "InstantRecipe", INSTANT_FIELDS, HELP)],
    protect: options.Protect = None,
    run: options.RunOfSheet,
) -> None:
    """Paint a photo at once in many styles, on one sheet: in every style that ships, if it is not said what to vary.

    Examples: artcnn sheet instant photo.jpg · artcnn sheet instant photo.jpg --vary style=wave,cafe --vary
    strength=0.5,1
    """
    make_instant(photo, vary, what, protect, run)


def make_instant(
    photo: Path, vary: Sequence[str] | None, what: RecipeArguments, protect: Path | None, run: options.RunOptions
) -> None:
    """Make a sheet of instant styles, of every one that ships by default."""
    from artcnn.jobs.batch import check_files
    from artcnn.jobs.inputs import InstantInputs
    from artcnn.jobs.styles import find_styles, instant_styles
    from artcnn.jobs.sweep import sweep_of
    from artcnn.recipes import InstantRecipe

    check_files(InstantInputs(photo, (), protect).named(), run.out, run.force)
    vary = vary or [f"style={','.join(instant_styles())}"]
    sweep = sweep_of(what.kind, vary, what.preset, what.pairs, what.options)
    found = [find_styles(recipe) for recipe in sweep.recipes if isinstance(recipe, InstantRecipe)]
    files = tuple(dict.fromkeys(file for _, several in found for file in several))
    _make(replace(sweep, recipes=tuple(recipe for recipe, _ in found)), InstantInputs(photo, files, protect), run)


def _make(sweep: "Sweep", inputs: "Inputs[Path]", run: options.RunOptions) -> None:
    """Make a sheet of a photo, and say where it is. Whatever ends it, what is made is kept.

    Raises:
        ArtcnnError: an error in the input of any of the pictures, before the slow work begins.
        typer.Exit: with 1 if a picture failed; with 130 after Ctrl-C.
    """
    from rich.console import Console

    from artcnn.cli.batch_report import say
    from artcnn.files.streams import is_standard_output
    from artcnn.files.write import check_writable
    from artcnn.jobs.batch import check_files, destination
    from artcnn.jobs.job import Job

    began = monotonic()
    console = Console(stderr=True, quiet=run.quiet)
    check_files(inputs.named(), run.out, run.force)
    out = destination(Job(sweep.recipes[0], inputs), run.out, force=run.force, tag="-sheet")
    if is_standard_output(out) and run.as_json:
        raise ArtcnnError("--json and the sheet cannot both go to the standard output", hint="give --out a file")
    say(console, f"loading {', '.join(dict.fromkeys(recipe.network_name for recipe in sweep.recipes))}")
    from artcnn.jobs.runtime import Runtime  # torch is loaded here, once all files were found to be there
    from artcnn.jobs.sheet import SheetResult, prepare_sheet

    sheet = prepare_sheet(Runtime(run.device), sweep, inputs)
    check_writable(out, max(sheet.layout.size))
    _say_estimate(sheet, console)
    reached = [SheetResult(sheet, {}, {}, {})]
    try:
        interrupted = _follow(sheet, run, console, reached)
    finally:
        (result,) = reached
        if result.pictures:
            out = result.save(out, replace=run.force)
        _report(result, out, inputs, run, monotonic() - began, console)
    if interrupted or result.errors:
        raise typer.Exit(130 if interrupted else 1)


def _say_estimate(sheet: "PreparedSheet", console: "Console") -> None:
    from artcnn.cli.batch_report import say
    from artcnn.jobs.estimate import format_duration
    from artcnn.machine.memory import format_gigabytes

    for note in sheet.notes:
        say(console, f"note: {note}")
    count = f"{len(sheet.jobs)} pictures" if len(sheet.jobs) > 1 else "1 picture"
    memory = format_gigabytes(sheet.memory)
    say(console, f"{count} will take about {format_duration(sheet.seconds)} and {memory} of memory")


def _follow(sheet: "PreparedSheet", run: options.RunOptions, console: "Console", reached: "list[SheetResult]") -> bool:
    """Show each step, keep the sheet so far in ``reached``, and return whether it was interrupted."""
    from artcnn.cli.display import display
    from artcnn.cli.signals import cancelling
    from artcnn.jobs.sheet import SheetProgress, run_sheet
    from artcnn.jobs.sweep import join_labels

    value, labels = sheet.jobs[0].engine.value, sheet.sweep.labels
    with display(console, value, quiet=run.quiet, preview=False) as show, cancelling() as cancelled:
        for event in run_sheet(sheet, cancelled=cancelled):
            typed = join_labels(labels[event.number])
            if isinstance(event, SheetProgress):
                stage = f"{event.number + 1} of {len(labels)}, {typed}, {event.step.stage}"
                show(replace(event.step, progress=event.progress, stage=stage))
                continue
            reached[0] = event.result
            if error := event.result.errors.get(event.number):
                typer.echo(f"error: {typed}: {' '.join(error.lines)}", err=True)
        return cancelled()


def _report(
    result: "SheetResult",
    out: Path,
    inputs: "Inputs[Path]",
    run: options.RunOptions,
    seconds: float,
    console: "Console",
) -> None:
    """Say where the sheet is, and how much of it was made."""
    from artcnn.cli.batch_report import say
    from artcnn.files.streams import is_stream

    report = result.to_json()
    if run.as_json:
        head = {name: str(path) for name, path in inputs.named().items()}
        head["out"] = str(out) if result.pictures else None  # type: ignore[assignment]
        typer.echo(json.dumps({**head, **report, "seconds": round(seconds, 3)}))
    elif result.pictures and not (run.quiet or is_stream(out)):
        typer.echo(out)
    what = f"{report['width']} x {report['height']} pixels" if result.pictures else "there is no sheet to keep"
    say(console, f"{len(result.pictures)} of {len(result.sheet.jobs)} pictures, {what}, in {seconds:.0f} s")
