"""``artcnn mnist train``: train a network on handwritten digits."""

from pathlib import Path
from typing import Annotated

import typer

from artcnn.cli import options
from artcnn.cli.mnist.data import Data
from artcnn.cli.training import Resume, TrainingOptions, run_training

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
    from artcnn.jobs.tasks.sources import MnistSource

    name, then = f"mnist-{Path(arch).stem}", "artcnn mnist test {model}"
    run_training(recipe, MnistSource(data), TrainingOptions(out, name, resume, force, device, quiet, as_json, then))
