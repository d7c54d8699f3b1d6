"""Set up the training of a network for spoken words."""

from functools import partial

import torch

from artcnn.datasets.augment_speech import vary
from artcnn.datasets.examples import Examples
from artcnn.datasets.synthetic_negatives import WithOthers
from artcnn.datasets.utterance import OTHER
from artcnn.training.distributed import Processes
from artcnn.training.loop import Training
from artcnn.training.start import augment_inputs, new_training
from artcnn.training_recipes import SpeechRecipe


def speech_classes(recipe: SpeechRecipe, words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the classes of a network for these words; with negatives, the class ``OTHER`` is the last."""
    return (*words, OTHER) if recipe.negatives else words


def speech_training(
    recipe: SpeechRecipe,
    train: Examples,
    validation: Examples,
    device: torch.device | None = None,
    processes: Processes | None = None,
) -> Training:
    """Return a new training; its network's weights are initialized by the recipe's seed."""
    augment = augment_inputs(partial(vary, strength=recipe.augment)) if recipe.augment else None
    words = WithOthers(train, recipe.negatives) if recipe.negatives else train
    classes = len(speech_classes(recipe, train.classes))
    return new_training(recipe, classes, words, validation, augment, device, processes)
