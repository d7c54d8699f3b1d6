"""The training of a network that reads digits, from its recipe."""

from functools import partial

import torch

from artcnn.datasets.augment_digits import distort
from artcnn.datasets.examples import Examples
from artcnn.training.distributed import Processes
from artcnn.training.loop import Training
from artcnn.training.start import of_inputs, start
from artcnn.training_recipes import MnistRecipe


def mnist_training(
    recipe: MnistRecipe,
    learnt: Examples,
    held_out: Examples,
    device: torch.device | None = None,
    processes: Processes | None = None,
) -> Training:
    """Return a training that has not begun, its network's first weights drawn by the recipe's seed."""
    if recipe.examples:
        learnt = learnt.take(torch.arange(min(recipe.examples, len(learnt))))
    change = partial(distort, strength=recipe.augment, elastic=recipe.elastic)
    augment = of_inputs(change) if recipe.augment else None
    return start(recipe, len(learnt.classes), learnt, held_out, augment, device, processes)
