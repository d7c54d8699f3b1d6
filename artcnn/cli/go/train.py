"""``artcnn go train``: train a network on the moves of games."""

from typing import Annotated

from artcnn.cli import options
from artcnn.cli.go.data import Paths
from artcnn.cli.recipe_options import PRESET, RecipeArguments, RecipeOptions
from artcnn.cli.training import Run, run_training

_FIELDS = {options.MAKE: ["planes", "width", "depth", "pool"], options.CONTROL: ["epochs", "batch", "lr", "seed"]}
_PRESET = PRESET.replace(default="default")


def train(
    games: Paths,
    *,
    what: Annotated[RecipeArguments, RecipeOptions("go", "GoRecipe", _FIELDS, preset=_PRESET)],
    initial: Annotated[
        str | None, options.make("--from", metavar="MODEL", help="Start from a model's weights; of the same shape.")
    ] = None,
    run: Run,
) -> None:
    """Train a network from scratch to play the next move of games, some of them held out."""
    from artcnn.jobs.tasks.sources import GoSource
    from artcnn.training_recipes import GoRecipe

    source = GoSource(tuple(games), initial)
    run_training(what.recipe(GoRecipe), source, run, "go", "artcnn go play {model}")
