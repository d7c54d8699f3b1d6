"""``artcnn mnist train``: train a network on handwritten digits."""

import json
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import typer

from artcnn.cli import options
from artcnn.cli.mnist.data import Data, load
from artcnn.errors import ArtcnnError, RecipeError

if TYPE_CHECKING:
    import torch
    from rich.console import Console

    from artcnn.datasets.examples import Examples
    from artcnn.media.model import Card
    from artcnn.recipes import DigitsRecipe
    from artcnn.training.loop import Batch, Epoch, Training
    from artcnn.training.processes import Processes

Out = Annotated[
    Path | None,
    typer.Option("--out", "-o", metavar="FILE", help="Where to put the model [default: a new mnist-ARCH.safetensors]."),
]


def train(
    arch: Annotated[
        str, typer.Option(metavar="lecture|dense|best", help="The network, and the recipe shipped for it.")
    ] = "lecture",
    epochs: Annotated[int | None, typer.Option(help="How often every digit is seen.")] = None,
    batch: Annotated[int | None, typer.Option(help="Digits in a step.")] = None,
    lr: Annotated[float | None, typer.Option(help="Peak learning rate.")] = None,
    augment: Annotated[float | None, typer.Option(help="Strength of random turns and shifts; 0 for none.")] = None,
    pooling: Annotated[str | None, typer.Option(metavar="max|average|both", help="How maps are halved.")] = None,
    seed: options.Seed = None,
    settings: options.Settings = None,
    data: Data = None,
    out: Out = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an interrupted run of the same --out.")] = False,
    device: options.Device = "auto",
    quiet: options.Quiet = False,
    as_json: options.AsJson = False,
) -> None:
    """Train a network from scratch on handwritten digits: half a minute on two cores for the lecture's.

    Several machines or cards: torchrun --nproc-per-node 2 -m artcnn mnist train
    """
    recipe = options.recipe_from(
        "mnist", arch, settings, epochs=epochs, batch=batch, lr=lr, augment=augment, pooling=pooling, seed=seed
    )
    files = Files.choose(out, arch, resume)
    from artcnn.backbones.device import choose_device
    from artcnn.training.processes import processes

    place = choose_device(device)
    with processes(place) as group:
        from rich.console import Console

        speaks = group.rank == 0
        console = Console(stderr=True, quiet=quiet or not speaks)
        _run(recipe, data, files, resume, place, group, console, as_json and speaks)


@dataclass(frozen=True)
class Files:
    """What a run writes.

    Attributes:
        model: the trained network.
        checkpoint: all that is needed to go on, while it is not done.
        curve: the learning curve.
    """

    model: Path
    checkpoint: Path
    curve: Path

    @classmethod
    def of(cls, model: Path) -> "Files":
        """Return the files of a run whose network goes to ``model``."""
        return cls(model, model.with_suffix(".checkpoint.safetensors"), model.with_name(f"{model.stem}-curve.png"))

    @classmethod
    def choose(cls, out: Path | None, arch: str, resume: bool) -> "Files":
        """Return where a run may write, having checked it.

        Raises:
            ArtcnnError: the name or the folder will not do, or an interrupted run would be lost, or there is none.
        """
        from artcnn.media.atomic import check_folder, unused

        def taken(model: Path) -> bool:
            return not resume and (model.exists() or cls.of(model).checkpoint.exists())

        files = cls.of(out or unused(lambda number: Path(f"mnist-{Path(arch).stem}{number}.safetensors"), taken))
        if files.model.suffix != ".safetensors":
            raise ArtcnnError(f"cannot write {files.model}: the name of a model ends in .safetensors")
        check_folder(files.model)
        if resume and not files.checkpoint.is_file():
            raise ArtcnnError(f"there is nothing to resume: no {files.checkpoint}")
        if not resume and files.checkpoint.exists():
            raise ArtcnnError(
                f"an interrupted run left {files.checkpoint}: give --resume to go on with it, or delete it"
            )
        return files


def _run(
    recipe: "DigitsRecipe",
    data: str | None,
    files: Files,
    resume: bool,
    device: "torch.device",
    group: "Processes",
    console: "Console",
    as_json: bool,
) -> None:
    """Train, keep the best, test it once, and say what came of it."""
    from artcnn.media.model import write_model
    from artcnn.training.loop import evaluate
    from artcnn.training.metrics import interval

    start = monotonic()
    console.print("loading the digits", style="dim")
    digits, test = load(data)
    training, card = _prepare(recipe, digits, device, group)
    if resume:
        _resume(training, card, files.checkpoint)
    interrupted = _watch(training, card, files, group, console)
    if not training.best:
        console.print("stopped before the first epoch was done: there is nothing to keep", style="dim")
        raise typer.Exit(130)
    best = training.history[training.best - 1]
    metrics = {"validation_accuracy": best.validation_accuracy, "best_epoch": float(best.index)}
    if not interrupted:
        training.kept.load_state_dict(training.best_state)
        accuracy = evaluate(training.kept, test, group).accuracy
        low, high = interval(round(accuracy * len(test)), len(test))
        metrics |= {"test_accuracy": accuracy, "test_low": low, "test_high": high, "test_count": float(len(test))}
    seconds = monotonic() - start
    if group.rank == 0:
        from artcnn.media.chart import learning_curve

        write_model(files.model, training.best_state, card.with_history(training.history, **metrics))
        learning_curve(files.curve, training.history, training.best, f"{recipe.arch}, seed {recipe.seed}")
        if not interrupted:
            files.checkpoint.unlink(missing_ok=True)
        _report(recipe, files, metrics, seconds, training, console, as_json)
    if interrupted:
        console.print(
            f"stopped after epoch {len(training.history)} of {recipe.epochs}; --resume goes on from there", style="dim"
        )
        raise typer.Exit(130)


def _prepare(
    recipe: "DigitsRecipe", digits: "Examples", device: "torch.device", group: "Processes"
) -> "tuple[Training, Card]":
    """Return a run that has not begun, and the card of its model."""
    from artcnn import __version__
    from artcnn.media.model import Card
    from artcnn.training.digits import digits_training

    if recipe.batch % group.count:
        raise RecipeError(f"batch: {recipe.batch} cannot be shared among {group.count} processes, choose a multiple")
    if len(digits) <= recipe.validation:
        raise RecipeError(
            f"validation: {recipe.validation} of {len(digits)} digits leave none to learn from, "
            f"use --set validation={max(1, len(digits) // 6)}"
        )
    learnt, held_out = digits.split(recipe.validation, recipe.seed)
    card = Card(
        version=__version__,
        kind="digits",
        recipe=recipe.model_dump(),
        classes=digits.classes,
        data=digits.name,
        data_sha256=digits.sha256(),
    )
    return digits_training(recipe, learnt, held_out, device, group), card


def _resume(training: "Training", card: "Card", checkpoint: Path) -> None:
    """Bring a run to where an interrupted one was.

    Raises:
        ArtcnnError: the checkpoint is damaged, or of another recipe, other data or another network.
    """
    from artcnn.media.model import read_tensors

    found, state = read_tensors(checkpoint)
    differ = [key for key, value in card.recipe.items() if found.recipe.get(key) != value]
    if differ:
        was = ", ".join(f"{key} was {found.recipe.get(key)}" for key in differ)
        raise ArtcnnError(f"{checkpoint} is of another recipe ({was}): give the same options as then")
    if found.data_sha256 != card.data_sha256:
        raise ArtcnnError(f"{checkpoint} was trained on other data: give the same --data as then")
    try:
        training.restore(state, found.epochs())
    except ValueError as error:
        raise ArtcnnError(f"{checkpoint}: {error}") from error


def _watch(training: "Training", card: "Card", files: Files, group: "Processes", console: "Console") -> bool:
    """Train to the end, a checkpoint after each epoch; return whether Ctrl-C ended it before."""
    from artcnn.cli.epochs import epochs_table
    from artcnn.media.model import write_model
    from artcnn.training.loop import Epoch

    with epochs_table(console, training) if group.rank == 0 else nullcontext(_say_nothing) as show:
        try:
            for event in training.run():
                show(event)
                if isinstance(event, Epoch) and group.rank == 0:
                    write_model(files.checkpoint, training.state(), card.with_history(training.history))
        except KeyboardInterrupt:
            return True
    return False


def _say_nothing(event: "Batch | Epoch") -> None:
    """Show nothing: another process does."""


def _report(
    recipe: "DigitsRecipe",
    files: Files,
    metrics: dict[str, float],
    seconds: float,
    training: "Training",
    console: "Console",
    as_json: bool,
) -> None:
    if as_json:
        report = {"out": str(files.model), "curve": str(files.curve), "recipe": recipe.model_dump()} | metrics
        typer.echo(json.dumps(report | {"epochs": len(training.history), "seconds": round(seconds, 3)}))
    elif not console.quiet:
        typer.echo(files.model)
    if "test_accuracy" in metrics:
        low, high = 100 * metrics["test_low"], 100 * metrics["test_high"]
        console.print(
            f"test accuracy {100 * metrics['test_accuracy']:.2f} % (95 % interval {low:.2f} to {high:.2f}), "
            f"epoch {training.best} kept, {seconds:.0f} s; next: artcnn mnist test {files.model}",
            style="dim",
            highlight=False,
            soft_wrap=True,
        )
