"""What every ``train`` command does: choose the files, show the training, write the network, and report."""

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from artcnn.cli import signals
from artcnn.cli.bad_files import BadFiles
from artcnn.cli.charts import can_draw
from artcnn.errors import DivergenceError
from artcnn.jobs.training_files import TrainingFiles

if TYPE_CHECKING:
    from rich.console import Console

    from artcnn.jobs.tasks.sources import Source
    from artcnn.jobs.training import TrainingEvent, TrainingResult
    from artcnn.training_recipes import TrainRecipe

Resume = Annotated[bool, typer.Option("--resume", help="Go on with an interrupted run of the same --out.")]


@dataclass(frozen=True)
class TrainingOptions:
    """The options of a ``train`` command that say nothing about the training itself.

    Attributes:
        out: ``--out``, or None for a new file.
        name: the name of that new file, without its ending.
        resume: whether to continue an interrupted run.
        force: whether to replace files.
        device: what to compute on.
        quiet: print nothing but errors.
        as_json: print one JSON object.
        next_command: what to do with the network, with ``{model}`` for its file.
    """

    out: Path | None
    name: str
    resume: bool
    force: bool
    device: str
    quiet: bool
    as_json: bool
    next_command: str


def run_training(recipe: "TrainRecipe", source: "Source", options: TrainingOptions) -> None:
    """Train a network and write it; the exit code is 1 if a file could not be read, 130 if the run was interrupted."""
    files = TrainingFiles.choose(options.out, options.name, options.resume, options.force)
    source.check_training()
    draws = can_draw("learning curve", quiet=options.quiet)
    from artcnn.backbones.device import choose_device
    from artcnn.training.distributed import processes

    with processes(choose_device(options.device)) as group, files.locked(group.rank == 0) as files:
        from rich.console import Console

        from artcnn.jobs.training import train

        files = files if draws else replace(files, curve=None)
        speaks = group.rank == 0
        console = Console(stderr=True, quiet=options.quiet or not speaks)
        events = train(
            recipe,
            source,
            device=options.device,
            checkpoint=files.checkpoint,
            processes=group,
            cancelled=signals.asked_to_end,
        )
        bad = BadFiles()
        try:
            result, files = _follow(events, files, console, bad, speaks)
        except DivergenceError:
            if speaks:
                raise
            raise typer.Exit(1) from None  # the first process reports it
        if result is None:
            console.print("stopped before the first epoch was done: there is nothing to keep", style="dim")
            raise typer.Exit(130)
        if speaks:
            _report(result, files, console, options)
        if not result.complete:
            done = f"stopped after epoch {len(result.history)} of {recipe.epochs}"
            console.print(f"{done}; --resume goes on from there", style="dim")
            raise typer.Exit(130)
        bad.exit()


def _follow(
    events: "Iterator[TrainingEvent]", files: TrainingFiles, console: "Console", bad: BadFiles, writes: bool
) -> "tuple[TrainingResult | None, TrainingFiles]":
    """Show a training, and write its network; return the result, and where it is.

    Raises:
        DivergenceError: the training diverged; the best epoch before that, where there is one, is written.
    """
    from artcnn.cli.epochs import show_epochs
    from artcnn.jobs.tasks.task import LeftOut
    from artcnn.jobs.training import TrainingFinished, TrainingStarted
    from artcnn.training.loop import Batch, Epoch

    result = None
    with ExitStack() as stack:
        try:
            for event in events:
                if isinstance(event, TrainingStarted):
                    print_notes(console, event.notes)
                    show = stack.enter_context(show_epochs(console, event.history))
                    stack.enter_context(signals.cancelling())
                elif isinstance(event, Batch | Epoch):
                    show(event)
                elif isinstance(event, TrainingFinished):
                    stack.close()
                    result = event.result
                    if result is not None and writes:
                        files = _write(result, files)
                elif isinstance(event, LeftOut):
                    bad.add(event.error)
                else:
                    console.print(event.what, style="dim")
        except DivergenceError as error:
            if result is None:
                raise
            raise DivergenceError(f"{error} (epoch {result.best} is kept as {files.model})") from error
    return result, files


def _write(result: "TrainingResult", files: TrainingFiles) -> TrainingFiles:
    model = result.save(files.model, replace=files.may_replace)
    curve = None if files.curve is None else result.save_curve(files.curve, replace=files.may_replace)
    return replace(files, model=model, curve=curve)


def print_notes(console: "Console", notes: Sequence[str]) -> None:
    """Print what there is to know about examples."""
    for note in notes:
        style = "yellow" if note.startswith("left out") else "dim"
        console.print(note, style=style, highlight=False, soft_wrap=True)


def _report(result: "TrainingResult", files: TrainingFiles, console: "Console", options: TrainingOptions) -> None:
    metrics = result.metrics
    if options.as_json:
        report: dict[str, Any] = {"out": str(files.model), "curve": files.curve and str(files.curve)}
        report |= {"recipe": result.recipe.model_dump()} | metrics
        typer.echo(json.dumps(report | {"epochs": len(result.history), "seconds": round(result.seconds, 3)}))
    elif not console.quiet:
        typer.echo(files.model)
    text = f"validation accuracy {100 * metrics['validation_accuracy']:.2f} %"
    if "test_accuracy" in metrics:
        low, high = 100 * metrics["test_low"], 100 * metrics["test_high"]
        text = f"test accuracy {100 * metrics['test_accuracy']:.2f} % (95 % interval {low:.2f} to {high:.2f})"
    if result.complete:
        then = options.next_command.format(model=files.model)
        text += f", epoch {result.best} kept, {result.seconds:.0f} s; next: {then}"
        console.print(text, style="dim", highlight=False, soft_wrap=True)
