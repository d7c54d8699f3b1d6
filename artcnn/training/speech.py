"""The training of a network that hears words, from its recipe."""

from functools import partial

import torch

from artcnn.datasets.examples import Examples
from artcnn.datasets.vary import vary
from artcnn.recipes import SpeechRecipe
from artcnn.training.loop import Training
from artcnn.training.processes import Processes
from artcnn.training.start import start


def speech_training(
    recipe: SpeechRecipe,
    learnt: Examples,
    held_out: Examples,
    device: torch.device | None = None,
    processes: Processes | None = None,
) -> Training:
    """Return a training that has not begun, its network's first weights drawn by the recipe's seed."""
    augment = partial(vary, strength=recipe.augment) if recipe.augment else None
    return start(recipe, learnt, held_out, augment, device, processes)
