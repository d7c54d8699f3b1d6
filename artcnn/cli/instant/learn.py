"""``artcnn instant learn``: learn the style of a painting of one's own."""

from pathlib import Path
from typing import Annotated

import typer

from artcnn.cli import options
from artcnn.cli.recipe_options import RecipeArguments, RecipeOptions
from artcnn.cli.training import Run, run_training

_FIELDS = {options.CONTROL: ["epochs", "lr", "painting_size", "content_weight", "seed"]}
_EPOCHS = {"epochs": "Epochs of --set epoch_size=400 samples, after each of which a picture is shown [default: 10]."}


def learn(
    painting: Annotated[Path, typer.Argument(metavar="PAINTING", help="A picture file.")],
    *,
    photos: Annotated[
        Path | None,
        options.control(metavar="FOLDER", help="Photos to paint meanwhile [default: those that ship]."),
    ] = None,
    thorough: Annotated[
        bool, options.control(help="Train the whole network, not only the style's part of it: an hour.")
    ] = False,
    what: Annotated[RecipeArguments, RecipeOptions(None, "InstantTrainRecipe", _FIELDS, _EPOCHS)],
    run: Run,
) -> None:
    """Learn the style of a painting, to paint photos in it at once: ten minutes on two cores.

    What it makes so far is shown beside the style's file, after each epoch. Ctrl-C keeps the best epoch.
    The second example is for two cards, or machines.

    Examples: artcnn instant learn painting.jpg -o mine.safetensors ·
    torchrun --nproc-per-node 2 -m artcnn instant learn painting.jpg
    """
    from artcnn.jobs.learning import learning_recipe, learning_source

    recipe = learning_recipe(what.settings(), thorough=thorough)
    source = learning_source(painting, photos)
    run_training(recipe, source, run, f"style-{painting.stem}", "artcnn instant photo.jpg --style {model}")
