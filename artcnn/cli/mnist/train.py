"""``artcnn mnist train``: train a network on handwritten digits."""

from pathlib import Path
from typing import Annotated

from artcnn.cli import options
from artcnn.cli.mnist.data import Data
from artcnn.cli.option_groups import option
from artcnn.cli.recipe_options import RecipeArguments, RecipeOptions
from artcnn.cli.training import Run, run_training

_FIELDS = {options.MAKE: ["pooling"], options.CONTROL: ["epochs", "batch", "lr", "augment", "seed"]}
_ARCH = option(
    "arch",
    Annotated[
        str, options.make(metavar="lecture|dense|local|best", help="The network, and the preset that trains it.")
    ],
    "lecture",
)


def train(
    *,
    what: Annotated[RecipeArguments, RecipeOptions("mnist", "MnistRecipe", _FIELDS, preset=_ARCH)],
    data: Data = None,
    run: Run,
) -> None:
    """Train a network from scratch on handwritten digits: half a minute on two cores for the lecture's.

    Several machines or cards: torchrun --nproc-per-node 2 -m artcnn mnist train
    """
    from artcnn.jobs.tasks.sources import MnistSource
    from artcnn.training_recipes import MnistRecipe

    recipe, name = what.recipe(MnistRecipe), f"mnist-{Path(what.preset or '').stem}"
    run_training(recipe, MnistSource(data), run, name, "artcnn mnist test {model}")
