"""``artcnn go train``: train a network on the moves of games."""

from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import typer

from artcnn.cli import options
from artcnn.cli.go.data import Paths, games_in
from artcnn.cli.training import Resume, Run, card_of, check_shares
from artcnn.cli.training_files import Files
from artcnn.errors import DataError, ModelError

if TYPE_CHECKING:
    from torch import Tensor

    from artcnn.training_recipes import GoRecipe

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
        typer.Option(metavar="all|stones", help="What is told of a position: 21 planes, or stones only."),
    ] = None,
    width: Annotated[int | None, typer.Option(help="Filters of each layer.")] = None,
    depth: Annotated[int | None, typer.Option(help="Layers with filters.")] = None,
    pool: Annotated[
        bool | None, typer.Option("--pool", help="Put max pooling behind the first layer, to see the harm.")
    ] = None,
    begin: Annotated[
        str | None,
        typer.Option("--from", metavar="MODEL", help="Begin with a model's weights; of the same shape."),
    ] = None,
    epochs: Annotated[int | None, typer.Option(help="Epochs, of 'epoch_size' positions each.")] = None,
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
    recipe = options.recipe_from(
        "go",
        preset,
        settings,
        planes=planes,
        width=width,
        depth=depth,
        pool=pool,
        epochs=epochs,
        batch=batch,
        lr=lr,
        seed=seed,
    )
    files = Files.choose(out, "go", resume, force)
    from artcnn.files.games import find_games

    sources, weights = find_games(games), None if begin is None else _weights_of(begin, recipe)
    from artcnn.backbones.device import choose_device
    from artcnn.training.distributed import processes

    place = choose_device(device)
    with processes(place) as group, files.claimed(group.rank == 0) as files:
        from rich.console import Console

        from artcnn.training.go import go_training

        started, speaks = monotonic(), group.rank == 0
        console = Console(stderr=True, quiet=quiet or not speaks)
        check_shares(recipe, group)
        found = games_in(sources, console)
        if len(found) <= recipe.validation:
            raise DataError(
                f"{len(found)} games are too few: {recipe.validation} are held out; give more, or --set validation=1"
            )
        training = go_training(recipe, found, place, group, weights)
        run = Run(recipe, card_of("go", recipe, found), training, files, group, console, started)
        title, then = f"width {recipe.width}, depth {recipe.depth}, seed {recipe.seed}", f"artcnn go play {files.model}"
        run.finish(None, resume, as_json and speaks, title, then)


def _weights_of(name: str, recipe: "GoRecipe") -> "dict[str, Tensor]":
    """Return the weights of a model.

    Raises:
        ModelError: its network has another shape than the recipe's.
    """
    from artcnn.files.model import read_model

    opened = read_model(name, "go")
    begun = opened.card.train_recipe()
    for key in ("planes", "width", "depth", "residual", "pool"):
        its, wanted = getattr(begun, key), getattr(recipe, key)
        if its != wanted:
            raise ModelError(f"{opened.path} has {key} = {its}, not {wanted}: --from takes a network of the same shape")
    return opened.network.state_dict()
