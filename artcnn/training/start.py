"""A training that has not begun, from its recipe."""

from collections.abc import Callable

import torch
from torch import Tensor

from artcnn.nets.kinds import build
from artcnn.training.distributed import Processes
from artcnn.training.loop import Augment, Source, Training
from artcnn.training.randomness import SeededRandomness
from artcnn.training_recipes import TrainRecipe


def new_training(
    recipe: TrainRecipe,
    classes: int,
    train: Source,
    validation: Source,
    augment: Augment | None,
    device: torch.device | None = None,
    processes: Processes | None = None,
) -> Training:
    """Return a training of the network that the recipe names, its first weights drawn by the recipe's seed."""
    with SeededRandomness(recipe.seed):
        network = build(recipe, classes)
    return Training(network.to(device or "cpu"), recipe, train, validation, augment, processes)


def augment_inputs(change: Callable[[Tensor, torch.Generator], Tensor]) -> Augment:
    """Return a random change of inputs that leaves what they are as it is."""
    return lambda inputs, labels, generator: (change(inputs, generator), labels)
