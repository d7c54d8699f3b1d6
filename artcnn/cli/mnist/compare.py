"""``artcnn mnist compare``: what shared weights are worth, by the number of examples to learn from."""

from typing import TYPE_CHECKING, Annotated

import typer

from artcnn.cli import options
from artcnn.cli.bad_files import BadFiles
from artcnn.cli.comparing import Comparison, Out, Rates, Seeds, rates_of, target
from artcnn.cli.mnist.data import Data, load
from artcnn.errors import ArtcnnError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from artcnn.datasets.examples import Examples
    from artcnn.training.comparison import Arm, Trial
    from artcnn.training_recipes import MnistRecipe

_LEAST_STEPS = 400
_HELD_OUT = 5_000
"""Digits on which learning rates are chosen; a sixth of the digits where there are fewer than six times as many."""


def compare(
    sizes: Annotated[str, typer.Option(metavar="N,N,...", help="Numbers of digits to learn from.")] = "100,1000,10000",
    seeds: Seeds = 3,
    rates: Rates = "0.002,0.005,0.01,0.02",
    augment: Annotated[float, typer.Option(min=0, max=4, help="Strength of random turns and shifts.")] = 0.0,
    data: Data = None,
    out: Out = None,
    force: options.Force = False,
    quiet: options.Quiet = False,
    as_json: options.AsJson = False,
) -> None:
    """Compare the lecture's CNN with a fully connected network of as many weights, and with two controls.

    The controls: without shared weights, and with the pixels in a fixed random order. Each learns from the same digits
    in the same order, at least 400 steps, at the learning rate that digits held out prefer; half an hour in all.
    """
    counts, grid, path = _counts(sizes), rates_of(rates), target(out, "mnist", force)
    bad = BadFiles()
    train, test = load(data, bad)
    held_out = min(_HELD_OUT, len(train) // 6)
    if counts[-1] > len(train) - held_out:
        left = f"there are {len(train) - held_out} digits to learn from, {held_out} held out"
        raise ArtcnnError(f"--sizes: {left}, not {counts[-1]}")
    from artcnn.presets import load_recipe

    arms = _arms()
    recipes = {arm.name: load_recipe("mnist", arm.preset, augment=augment, **arm.changes) for arm in arms}
    Comparison(
        arms=arms,
        recipes=recipes,
        conditions=[f"{count}" for count in counts],
        trial=_trial(train, held_out, test),
        score="test error",
        condition="digits",
        classes=len(train.classes),
        title=f"What shared weights are worth, {seeds} runs each",
    ).run(seeds, grid, path, force, quiet, as_json)
    bad.exit()


def _arms() -> "Sequence[Arm]":
    from artcnn.training.comparison import Arm

    return (
        Arm("lecture", "lecture", {}, "shared weights, local"),
        Arm("dense", "dense", {}, "neither"),
        Arm("local", "local", {}, "local, not shared"),
        Arm("permuted", "lecture", {"permuted": True}, "shared, no neighborhood"),
    )


def _counts(text: str) -> list[int]:
    try:
        counts = sorted({int(part) for part in text.split(",")})
    except ValueError:
        counts = []
    if not counts or counts[0] < 10:
        raise ArtcnnError(f"--sizes {text}: write whole numbers from 10 up with commas between, such as 100,1000")
    return counts


def _trial(train: "Examples", held_out: int, test: "Examples") -> "Trial[MnistRecipe]":
    """Return what trains a network on so many digits, chosen by the seed; its last weights count."""
    import torch

    from artcnn.training.comparison import Fit, limit_batch
    from artcnn.training.loop import evaluate
    from artcnn.training.mnist import mnist_training
    from artcnn.training_recipes import MnistRecipe

    def trial(recipe: MnistRecipe, condition: str) -> Fit:
        count = int(condition)
        rest, validation = train.split(held_out, recipe.seed)
        chosen = rest.take(torch.arange(count))
        changed = limit_batch(recipe, count)
        epochs = max(recipe.epochs, -(-_LEAST_STEPS // max(1, count // changed.batch)))
        changed = changed.model_copy(update={"epochs": epochs})
        # Epochs are not chosen between, so the digits held out are looked at once, behind the last.
        training = mnist_training(changed, chosen, chosen.take(torch.arange(10)))
        for _ in training.run():
            pass
        return Fit(
            evaluate(training.eval_network, validation),
            lambda: 100 * (1 - evaluate(training.eval_network, test).accuracy),
        )

    return trial
