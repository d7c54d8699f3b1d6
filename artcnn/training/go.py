"""Set up the training of a network for Go."""

import torch
from torch import Tensor

from artcnn.datasets.go.games import Games
from artcnn.datasets.go.points import NAMES
from artcnn.datasets.go.symmetry import random_symmetry
from artcnn.errors import DataError
from artcnn.training.distributed import Processes
from artcnn.training.loop import Training
from artcnn.training.start import new_training
from artcnn.training_recipes import GoRecipe


def go_training(
    recipe: GoRecipe,
    games: Games,
    device: torch.device | None = None,
    processes: Processes | None = None,
    weights: dict[str, Tensor] | None = None,
) -> Training:
    """Return a new training; its network starts from the given weights, or random ones by the recipe's seed.

    ``recipe.validation`` games, chosen by the seed, are for validation; the others are for training.

    Raises:
        DataError: the boards differ in size, and the network has no plane that marks the board.
    """
    sizes = games.sizes()
    if len(sizes) > 1 and (recipe.planes != "all" or recipe.pool):
        raise DataError(
            f"games on boards of {sizes[0]} to {sizes[-1]} lines: only a network of all planes without pooling learns "
            "from several sizes at once"
        )
    train, validation = (games.positions(recipe.planes, part) for part in games.split(recipe.validation, recipe.seed))
    train, validation = (part.with_small(recipe.small_boards) for part in (train, validation))
    validation = validation.sample(recipe.validation_positions)
    augment = random_symmetry if recipe.augment else None
    training = new_training(recipe, len(NAMES), train, validation, augment, device, processes)
    if weights is not None:
        training.network.load_state_dict(weights)
    return training
