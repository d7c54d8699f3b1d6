"""What every ``train`` command does: choose the files, show the training, write the network, and report."""

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from artcnn.cli import options, signals
from artcnn.cli.bad_files import BadFiles
from artcnn.cli.charts import can_draw
from artcnn.cli.epochs import format_measure
from artcnn.cli.option_groups import DataclassOptions
from artcnn.errors import DivergenceError
from artcnn.jobs.training_files import TrainingFiles

if TYPE_CHECKING:
    from rich.console import Console

    from artcnn.jobs.tasks.sources import Source
    from artcnn.jobs.training import Preview, TrainingEvent, TrainingResult
    from artcnn.training_recipes import TrainRecipe

Out = Annotated[
    Path | None,
    options.output(
        "--out", "-o", metavar="FILE", help="Where to write the model, a .safetensors [default: a new file]."
    ),
]
Resume = Annotated[bool, options.output("--resume", help="Continue an interrupted run of the same --out.")]


@dataclass(frozen=True)
class TrainingOptions:
    """Where a training writes, and how it is reported."""

    out: Out = None
    resume: Resume = False
    force: options.Force = False
    quiet: options.Quiet = False
    as_json: options.AsJson = False
    device: options.Device = "auto"


Run = Annotated[TrainingOptions, DataclassOptions(TrainingOptions)]


def run_training(recipe: "TrainRecipe", source: "Source", run: TrainingOptions, name: str, next_command: str) -> None:
    """Train a network and write it; the exit code is 1 if a file could not be read, 130 if the run was interrupted.

    Args:
        recipe: the settings.
        source: of the examples.
        run: the other options.
        name: of a new file for the model, without its ending.
        next_command: what to do with the model, with ``{model}`` for its file.
    """
    files = TrainingFiles.choose(run.out, name, run.resume, run.force)
    source.check_training()
    draws = can_draw("learning curve", quiet=run.quiet)
    from artcnn.backbones.device import choose_device
    from artcnn.training.distributed import processes

    with processes(choose_device(run.device)) as group, files.locked(group.rank == 0) as files:
        from rich.console import Console

        from artcnn.jobs.training import train

        files = files if draws else replace(files, curve=None)
        first, bad = group.rank == 0, BadFiles()  # the first process writes and prints
        console = Console(stderr=True, quiet=run.quiet or not first)
        checkpoint, cancelled = files.checkpoint, signals.asked_to_end
        events = train(recipe, source, device=run.device, checkpoint=checkpoint, processes=group, cancelled=cancelled)
        written = _Written(files if first else None)
        try:
            result = _follow(events, written, console, bad)
        except DivergenceError:
            if first:
                raise
            raise typer.Exit(1) from None
        if result is None:
            console.print("stopped before the first epoch was done: there is nothing to keep", style="dim")
            raise typer.Exit(130)
        if first:
            _report(result, written, console, run.as_json, next_command)
        if not result.complete:
            done = f"stopped after epoch {len(result.history)} of {recipe.epochs}"
            console.print(f"{done}; --resume goes on from there", style="dim")
            raise typer.Exit(130)
        bad.exit()


class _Written:
    """The files of a training that are written; none in a process that writes none.

    Attributes:
        model: where the network is.
        curve: where the learning curve is; None without matplotlib.
    """

    def __init__(self, files: TrainingFiles | None) -> None:
        self._files, self.model, self.curve = files, Path(), None

    curve: Path | None

    def write(self, result: "TrainingResult") -> None:
        """Write the network and its learning curve."""
        if self._files is not None:
            self.model = result.save(self._files.model, replace=self._files.may_replace)
            if self._files.curve is not None:
                self.curve = result.save_curve(self._files.curve, replace=self._files.may_replace)

    def show(self, preview: "Preview") -> None:
        """Write what a network that makes pictures makes so far."""
        from artcnn.files.write import write_picture

        if self._files is not None:
            write_picture(self._files.preview, preview.image)


def _follow(
    events: "Iterator[TrainingEvent]", written: _Written, console: "Console", bad: BadFiles
) -> "TrainingResult | None":
    """Show a training, and write its network; return the result.

    Raises:
        DivergenceError: the training diverged; the best epoch before that, where there is one, is written.
    """
    from artcnn.cli.epochs import show_epochs
    from artcnn.jobs.tasks.task import LeftOut
    from artcnn.jobs.training import Preview, TrainingFinished, TrainingStarted
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
                    if result is not None:
                        written.write(result)
                elif isinstance(event, LeftOut):
                    bad.add(event.error)
                elif isinstance(event, Preview):
                    written.show(event)
                else:
                    console.print(event.what, style="dim")
        except DivergenceError as error:
            if result is None:
                raise
            raise DivergenceError(f"{error} (epoch {result.best} is kept as {written.model})") from error
    return result


def print_notes(console: "Console", notes: Sequence[str]) -> None:
    """Print what there is to know about examples."""
    for note in notes:
        style = "yellow" if note.startswith("left out") else "dim"
        console.print(note, style=style, highlight=False, soft_wrap=True)


def _report(result: "TrainingResult", written: _Written, console: "Console", as_json: bool, next_command: str) -> None:
    metrics = result.metrics
    if as_json:
        report: dict[str, Any] = {"out": str(written.model), "curve": written.curve and str(written.curve)}
        report |= {"recipe": result.recipe.model_dump()} | metrics
        typer.echo(json.dumps(report | {"epochs": len(result.history), "seconds": round(result.seconds, 3)}))
    elif not console.quiet:
        typer.echo(written.model)
    validation = {name: value for name, value in metrics.items() if name.startswith("validation_")}
    text = ", ".join(f"{name.replace('_', ' ')} {format_measure(name, value)}" for name, value in validation.items())
    if "test_accuracy" in metrics:
        low, high = 100 * metrics["test_low"], 100 * metrics["test_high"]
        text = f"test accuracy {100 * metrics['test_accuracy']:.2f} % (95 % interval {low:.2f} to {high:.2f})"
    if result.complete:
        then = next_command.format(model=written.model)
        text += f", epoch {result.best} kept, {result.seconds:.0f} s; next: {then}"
        console.print(text, style="dim", highlight=False, soft_wrap=True)
