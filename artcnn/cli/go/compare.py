"""``artcnn go compare``: what pooling costs, and which part of it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from artcnn.cli import options
from artcnn.cli.comparing import Comparison, Out, Rates, Seeds, rates_of, target
from artcnn.cli.go.data import games_in
from artcnn.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from artcnn.datasets.go.games import Games
    from artcnn.training.comparison import Arm, Trial
    from artcnn.training_recipes import GoRecipe

_TESTED = 10_000


def compare(
    games: Annotated[
        list[Path] | None,
        typer.Argument(metavar="SGF...", help="Your games [default: 300 of go-moves against itself, shipped]."),
    ] = None,
    seeds: Seeds = 2,
    rates: Rates = "0.003,0.01",
    positions: Annotated[int, typer.Option(min=1, help="Positions that each network learns from.")] = 40_000,
    out: Out = None,
    force: options.Force = False,
    settings: options.Settings = None,
    quiet: options.Quiet = False,
    as_json: options.AsJson = False,
) -> None:
    """Compare networks with and without pooling: which of them finds the move that was played.

    Pooling with stride 1 blurs where a pattern is as pooling with stride 2 does, but leaves every point its own place.
    A sixth of the games is to test on, another one chooses the learning rate. Half an hour or so on one core.
    """
    arms, grid = _arms(), rates_of(rates)
    recipes = {
        arm.name: options.recipe_from(
            "go", arm.preset, settings, epochs=1, width=48, depth=5, ema_decay=0, epoch_size=positions, **arm.changes
        )
        for arm in arms
    }
    path = target(out, "go", force)
    from artcnn.files.games import find_games
    from artcnn.locations import bundled_games_file

    sources = find_games(games or [bundled_games_file()])
    from rich.console import Console

    from artcnn.datasets.go.points import NAMES

    found = games_in(sources, Console(stderr=True, quiet=quiet))
    sixth = len(found) // 6
    if sixth < 1:
        raise DataError(f"{len(found)} games are too few: a sixth is to test on, another one to choose by")
    recipes = {name: recipe.model_copy(update={"validation": sixth}) for name, recipe in recipes.items()}
    Comparison(
        arms=arms,
        recipes=recipes,
        conditions=[f"{positions}"],
        trial=_trial(found, sixth),
        score="top-1 accuracy",
        condition="positions",
        classes=len(NAMES),
        title=f"What pooling costs, {seeds} runs each",
    ).run(seeds, grid, path, force, quiet, as_json)


def _arms() -> "Sequence[Arm]":
    from artcnn.training.comparison import Arm

    return (
        Arm("no pooling", "default", {}, "21 planes, every point its own"),
        Arm("stride 1", "default", {"pool": True, "pool_stride": 1}, "blurred, no place lost"),
        Arm("stride 2", "default", {"pool": True}, "blurred, three places of four lost"),
        Arm("stones only", "default", {"planes": "stones"}, "no pooling, one plane"),
    )


def _trial(games: "Games", count: int) -> "Trial[GoRecipe]":
    """Return what learns from games; ``count`` others, the same for every seed, are to test on."""
    from artcnn.datasets.go.games import Games
    from artcnn.training.comparison import Fit
    from artcnn.training.go import go_training
    from artcnn.training.loop import Score, evaluate
    from artcnn.training_recipes import GoRecipe

    others, tests = games.split(count, seed=0)
    train = Games.of([games.game(number) for number in others.tolist()])

    def trial(recipe: GoRecipe, condition: str) -> Fit:  # noqa: ARG001 - there is one condition
        training = go_training(recipe, train)
        for _ in training.run():
            pass
        test = games.positions(recipe.planes, tests).sample(_TESTED)
        # The only epoch's validation is that of the weights which are left.
        last = training.history[-1]
        validation = Score(last.validation_loss, last.validation_error, last.validation_accuracy)
        return Fit(validation, lambda: 100 * evaluate(training.eval_network, test).accuracy)

    return trial
