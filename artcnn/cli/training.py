"""What every ``train`` command does: going on where it was stopped, what it shows, keeps and says."""

import json
from contextlib import nullcontext
from dataclasses import dataclass, replace
from time import monotonic
from typing import TYPE_CHECKING, Annotated, NoReturn, Protocol

import typer

from artcnn.cli.training_files import Files
from artcnn.errors import ArtcnnError, DivergenceError, RecipeError, enough_memory

if TYPE_CHECKING:
    from rich.console import Console

    from artcnn.datasets.examples import Examples
    from artcnn.files.model import ModelCard
    from artcnn.training.distributed import Processes
    from artcnn.training.loop import Batch, Epoch, Training
    from artcnn.training_recipes import ModelKind, TrainRecipe


class Data(Protocol):
    """What a network learns from, as its card tells of it."""

    @property
    def classes(self) -> tuple[str, ...]:
        """What the labels stand for."""
        ...

    @property
    def name(self) -> str:
        """Where it comes from."""
        ...

    def sha256(self) -> str:
        """Return the sha256 of all of it, in hexadecimal."""
        ...


Resume = Annotated[bool, typer.Option("--resume", help="Go on with an interrupted run of the same --out.")]


def card_of(
    kind: "ModelKind", recipe: "TrainRecipe", data: Data, classes: tuple[str, ...] | None = None
) -> "ModelCard":
    """Return the card of a network that will be trained, without what comes of it.

    Args:
        kind: what it learns.
        recipe: how.
        data: what from.
        classes: what its outputs stand for; the data's labels by default.
    """
    from artcnn import __version__
    from artcnn.files.model import ModelCard

    return ModelCard(
        version=__version__,
        kind=kind,
        recipe=recipe.model_dump(),
        classes=classes or data.classes,
        data=data.name,
        data_sha256=data.sha256(),
    )


def check_shares(recipe: "TrainRecipe", group: "Processes") -> None:
    """Raise a RecipeError where a batch cannot be shared among the processes."""
    if recipe.batch % group.count:
        raise RecipeError(f"batch: {recipe.batch} cannot be shared among {group.count} processes, choose a multiple")


@dataclass
class Run:
    """A training from its first or next epoch to the files that are left of it.

    Attributes:
        recipe: its settings.
        card: its network's card.
        training: the run.
        files: where things go.
        group: this process among others.
        console: where it speaks.
        started: when the command was given, by ``monotonic``.
    """

    recipe: "TrainRecipe"
    card: "ModelCard"
    training: "Training"
    files: Files
    group: "Processes"
    console: "Console"
    started: float

    def finish(self, test: "Examples | None", resume: bool, as_json: bool, title: str, then: str) -> None:
        """Train, keep the best, test it once, and say what came of it.

        Args:
            test: examples that had no part in the training, where there are some.
            resume: go on where an interrupted run was.
            as_json: print one object for machines.
            title: what the learning curve is called.
            then: the command to go on with.

        Raises:
            ArtcnnError: there is a checkpoint that does not fit.
            DivergenceError: the training diverged; the best epoch before is kept, where there is one.
        """
        from artcnn.machine.memory import disable_trim

        disable_trim(None)  # each step asks for the blocks that the one before has freed
        if resume:
            self._resume()
        try:
            interrupted = self._watch()
        except DivergenceError as error:
            self._stop(error, title)
        training, epochs = self.training, self.recipe.epochs
        if not training.best:
            self.console.print("stopped before the first epoch was done: there is nothing to keep", style="dim")
            raise typer.Exit(130)
        metrics: dict[str, float] = {}
        if test is not None and not interrupted:
            try:
                metrics = self._test(test)
            except KeyboardInterrupt:
                interrupted = True
        metrics = self._write(title, metrics, done=not interrupted)
        if self.group.rank == 0:
            self._report(metrics, monotonic() - self.started, as_json, then)
        if interrupted:
            done = len(training.history)
            self.console.print(f"stopped after epoch {done} of {epochs}; --resume goes on from there", style="dim")
            raise typer.Exit(130)

    def _stop(self, error: DivergenceError, title: str) -> NoReturn:
        """Keep the best epoch before a divergence, and let one process tell of it.

        The checkpoint goes: the same recipe would diverge again, and with another one it cannot be gone on with.
        """
        if self.group.rank != 0:
            raise typer.Exit(1) from error
        if not self.training.best:
            raise error
        self._write(title, {}, done=True)
        raise DivergenceError(f"{error} (epoch {self.training.best} is kept as {self.files.model})") from error

    def _write(self, title: str, metrics: dict[str, float], done: bool) -> dict[str, float]:
        """Write the best epoch and the learning curve, and return what is known of the network.

        Args:
            title: what the learning curve is called.
            metrics: what else is known of it.
            done: whether the checkpoint is of no use any more.
        """
        from artcnn.files.model import write_model
        from artcnn.reports.chart import write_learning_curve

        training = self.training
        best = training.history[training.best - 1]
        metrics = {"validation_accuracy": best.validation_accuracy, "best_epoch": float(best.index)} | metrics
        if self.group.rank == 0:
            files, card = self.files, self.card.with_history(training.history, **metrics)
            model = write_model(files.model, training.best_state, card, files.may_replace)
            curve = write_learning_curve(files.curve, training.history, training.best, title, files.may_replace)
            self.files = replace(files, model=model, curve=curve)
            if done:
                files.checkpoint.unlink(missing_ok=True)
        return metrics

    def _resume(self) -> None:
        """Bring the run to where an interrupted one was.

        Raises:
            ArtcnnError: the checkpoint is damaged, or of another recipe, other data or another network.
        """
        from artcnn.files.model import read_tensors

        checkpoint = self.files.checkpoint
        found, state = read_tensors(checkpoint)
        differ = [key for key, value in self.card.recipe.items() if found.recipe.get(key) != value]
        if differ:
            was = ", ".join(f"{key} was {found.recipe.get(key)}" for key in differ)
            raise ArtcnnError(f"{checkpoint} is of another recipe ({was}): give the same options as then")
        if found.data_sha256 != self.card.data_sha256:
            raise ArtcnnError(f"{checkpoint} was trained on other data: give the same as then")
        try:
            self.training.restore(state, found.epochs())
        except ValueError as error:
            raise ArtcnnError(f"{checkpoint}: {error}") from error

    def _watch(self) -> bool:
        """Train to the end, a checkpoint after each epoch; return whether Ctrl-C ended it before."""
        from artcnn.cli.epochs import epochs_table
        from artcnn.files.model import write_model
        from artcnn.training.loop import Epoch

        training, speaks = self.training, self.group.rank == 0
        advice = "use a smaller batch (--set batch=...); --resume goes on where there is a checkpoint"
        table = epochs_table(self.console, training) if speaks else nullcontext(_say_nothing)
        with enough_memory(advice), table as show:
            try:
                for event in training.run():
                    show(event)
                    if isinstance(event, Epoch) and speaks:
                        write_model(self.files.checkpoint, training.state(), self.card.with_history(training.history))
            except KeyboardInterrupt:
                return True
        return False

    def _test(self, test: "Examples") -> dict[str, float]:
        from artcnn.training.loop import evaluate
        from artcnn.training.metrics import wilson_interval

        self.training.eval_network.load_state_dict(self.training.best_state)
        accuracy = evaluate(self.training.eval_network, test, self.group).accuracy
        low, high = wilson_interval(round(accuracy * len(test)), len(test))
        return {"test_accuracy": accuracy, "test_low": low, "test_high": high, "test_count": float(len(test))}

    def _report(self, metrics: dict[str, float], seconds: float, as_json: bool, then: str) -> None:
        files, training = self.files, self.training
        if as_json:
            report = {"out": str(files.model), "curve": str(files.curve), "recipe": self.recipe.model_dump()} | metrics
            typer.echo(json.dumps(report | {"epochs": len(training.history), "seconds": round(seconds, 3)}))
        elif not self.console.quiet:
            typer.echo(files.model)
        says = f"validation accuracy {100 * metrics['validation_accuracy']:.2f} %"
        if "test_accuracy" in metrics:
            low, high = 100 * metrics["test_low"], 100 * metrics["test_high"]
            says = f"test accuracy {100 * metrics['test_accuracy']:.2f} % (95 % interval {low:.2f} to {high:.2f})"
        if len(training.history) == self.recipe.epochs:
            says += f", epoch {training.best} kept, {seconds:.0f} s; next: {then}"
            self.console.print(says, style="dim", highlight=False, soft_wrap=True)


def _say_nothing(event: "Batch | Epoch") -> None:
    """Show nothing: another process does."""
