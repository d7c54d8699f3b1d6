"""``artcnn mnist train``: train a network on handwritten digits."""

from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import typer

from artcnn.cli import options
from artcnn.cli.bad_files import BadFiles
from artcnn.cli.mnist.data import Data, load
from artcnn.cli.training import Resume, Run, card_of, check_shares
from artcnn.cli.training_files import Files
from artcnn.errors import RecipeError

if TYPE_CHECKING:
    from artcnn.datasets.examples import Examples
    from artcnn.training_recipes import MnistRecipe

Out = Annotated[
    Path | None,
    typer.Option("--out", "-o", metavar="FILE", help="Where to put the model [default: a new mnist-ARCH.safetensors]."),
]


def train(
    arch: Annotated[
        str, typer.Option(metavar="lecture|dense|local|best", help="The network, and the recipe shipped for it.")
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
    resume: Resume = False,
    force: options.Force = False,
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
    files = Files.choose(out, f"mnist-{Path(arch).stem}", resume, force)
    from artcnn.backbones.device import choose_device
    from artcnn.training.distributed import processes

    place = choose_device(device)
    with processes(place) as group, files.claimed(group.rank == 0) as files:
        from rich.console import Console

        from artcnn.training.mnist import mnist_training

        started, speaks = monotonic(), group.rank == 0
        console = Console(stderr=True, quiet=quiet or not speaks)
        console.print("loading the digits", style="dim")
        bad = BadFiles()
        digits, test = load(data, bad)
        check_shares(recipe, group)
        train, validation = _split(recipe, digits)
        training = mnist_training(recipe, train, validation, place, group)
        run = Run(recipe, card_of("mnist", recipe, digits), training, files, group, console, started)
        title, then = f"{recipe.arch}, seed {recipe.seed}", f"artcnn mnist test {files.model}"
        run.finish(test, resume, as_json and speaks, title, then)
        bad.exit()


def _split(recipe: "MnistRecipe", digits: "Examples") -> "tuple[Examples, Examples]":
    """Return the digits to learn from, and those held out.

    Raises:
        RecipeError: there would be none of the one kind.
    """
    if len(digits) <= recipe.validation:
        raise RecipeError(
            f"validation: {recipe.validation} of {len(digits)} digits leave none to learn from, "
            f"use --set validation={max(1, len(digits) // 6)}"
        )
    return digits.split(recipe.validation, recipe.seed)
