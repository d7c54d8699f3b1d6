"""``artcnn go train``: train a network on the moves of games."""

from pathlib import Path
from typing import Annotated

import typer

from artcnn.cli import options
from artcnn.cli.go.data import Paths
from artcnn.cli.training import Resume, TrainingOptions, run_training

Out = Annotated[
    Path | None,
    typer.Option("--out", "-o", metavar="FILE", help="Where to put the model [default: a new go.safetensors]."),
]


def train(
    games: Paths,
    preset: Annotated[
        str, typer.Option("--preset", "-p", metavar="NAME|FILE", help="A recipe by name, or a .toml file.")
    ] = "default",
    planes: Annotated[
        str | None,
        typer.Option(metavar="all|stones", help="What the network sees of a position: 21 planes, or stones only."),
    ] = None,
    width: Annotated[int | None, typer.Option(help="Filters of each layer.")] = None,
    depth: Annotated[int | None, typer.Option(help="Layers with filters.")] = None,
    pool: Annotated[
        bool | None, typer.Option("--pool", help="Put max pooling behind the first layer, to see the harm.")
    ] = None,
    initial: Annotated[
        str | None,
        typer.Option("--from", metavar="MODEL", help="Start from a model's weights; of the same shape."),
    ] = None,
    epochs: Annotated[int | None, typer.Option(help="Epochs, of 'per_epoch' positions each.")] = None,
    batch: Annotated[int | None, typer.Option(help="Positions in a step.")] = None,
    lr: Annotated[float | None, typer.Option(help="Peak learning rate.")] = None,
    seed: options.Seed = None,
    settings: options.Settings = None,
    out: Out = None,
    resume: Resume = False,
    force: options.Force = False,
    device: options.Device = "auto",
    quiet: options.Quiet = False,
    as_json: options.AsJson = False,
) -> None:
    """Train a network from scratch to play the next move of games, some of them held out."""
    shape = {"planes": planes, "width": width, "depth": depth, "pool": pool}
    recipe = options.recipe_from("go", preset, settings, **shape, epochs=epochs, batch=batch, lr=lr, seed=seed)
    from artcnn.jobs.tasks.sources import GoSource

    source, then = GoSource(tuple(games), initial), "artcnn go play {model}"
    run_training(recipe, source, TrainingOptions(out, "go", resume, force, device, quiet, as_json, then))
