"""Set up the training of a network for digits."""

from functools import partial

import torch

from artcnn.datasets.augment_digits import distort
from artcnn.datasets.examples import Examples
from artcnn.training.distributed import Processes
from artcnn.training.loop import Training
from artcnn.training.start import augment_inputs, new_training
from artcnn.training_recipes import MnistRecipe


def mnist_training(
    recipe: MnistRecipe,
    train: Examples,
    validation: Examples,
    device: torch.device | None = None,
    processes: Processes | None = None,
) -> Training:
    """Return a new training; its network's weights are initialized by the recipe's seed."""
    if recipe.examples:
        train = train.take(torch.arange(min(recipe.examples, len(train))))
    change = partial(distort, strength=recipe.augment, elastic=recipe.elastic)
    augment = augment_inputs(change) if recipe.augment else None
    return new_training(recipe, len(train.classes), train, validation, augment, device, processes)
