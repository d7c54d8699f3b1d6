"""Create a new training from a recipe."""

from collections.abc import Callable

import torch
from torch import Tensor

from artcnn.machine.randomness import SeededRandomness
from artcnn.nets.kinds import build
from artcnn.training.classification import Augment, Classification, Source
from artcnn.training.distributed import Processes
from artcnn.training.loop import Training
from artcnn.training_recipes import ClassifierRecipe


def new_training(
    recipe: ClassifierRecipe,
    classes: int,
    train: Source,
    validation: Source,
    augment: Augment | None,
    device: torch.device | None = None,
    processes: Processes | None = None,
) -> Training:
    """Return a training of the recipe's classifier; its weights are initialized by the recipe's seed."""
    with SeededRandomness(recipe.seed):
        network = build(recipe, classes)
    goal = Classification(recipe, train, validation, augment, device)
    return Training(network.to(device or "cpu"), recipe, goal, processes)


def augment_inputs(change: Callable[[Tensor, torch.Generator], Tensor]) -> Augment:
    """Return an augmentation that changes inputs and keeps labels."""
    return lambda inputs, labels, generator: (change(inputs, generator), labels)
