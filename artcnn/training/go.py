"""The training of a network that plays Go, from its recipe."""

import torch

from artcnn.datasets.go.games import Games
from artcnn.datasets.go.points import NAMES
from artcnn.datasets.go.symmetry import turn_at_random
from artcnn.training.loop import Training
from artcnn.training.processes import Processes
from artcnn.training.start import start
from artcnn.training_recipes import GoRecipe


def go_training(
    recipe: GoRecipe,
    games: Games,
    device: torch.device | None = None,
    processes: Processes | None = None,
) -> Training:
    """Return a training that has not begun, its network's first weights drawn by the recipe's seed.

    It learns from all games but ``recipe.validation``, which the seed chooses and on which epochs are tested.
    """
    learnt, held_out = (games.positions(recipe.planes, part) for part in games.split(recipe.validation, recipe.seed))
    augment = turn_at_random if recipe.augment else None
    return start(recipe, len(NAMES), learnt, held_out.sample(recipe.tested), augment, device, processes)
