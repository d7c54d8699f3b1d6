"""Learn the style of one painting, from the network that ships: by its scales and shifts alone, or all its weights."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from artcnn.files.style_names import NETWORK, read_card, shipped_network
from artcnn.jobs.tasks.sources import InstantSource, PaintingFile
from artcnn.settings import parse
from artcnn.training_recipes import InstantTrainRecipe

_QUICK = {"only_styles": True, "epochs": 10, "epoch_size": 400, "validation": 12}
"""Ten minutes on two cores."""
_THOROUGH = {"only_styles": False, "epochs": 40, "epoch_size": 400, "validation": 12, "lr": 0.001}
"""An hour. The rate is lower than for a network that knows nothing."""
_SHAPE = "widths", "blocks", "full_channels"


def learning_recipe(settings: Mapping[str, Any], *, thorough: bool = False) -> InstantTrainRecipe:
    """Return the recipe that learns one style.

    Args:
        settings: that differ.
        thorough: train all weights of the network, not the style's scales and shifts alone.

    Raises:
        ModelError: there is no network to start from.
        RecipeError: settings are wrong, one line for each.
    """
    card = read_card(shipped_network())["recipe"]
    shape = {name: card[name] for name in _SHAPE}
    return parse(InstantTrainRecipe, (_THOROUGH if thorough else _QUICK) | dict(settings) | shape)


def learning_source(painting: Path, photos: Path | None = None) -> InstantSource:
    """Return what a style is learned from.

    Args:
        painting: its picture.
        photos: a folder of photos to paint meanwhile; by default those that ship.
    """
    name = re.sub(r"[^\w.+()-]+", "-", painting.stem)[:80] or "style"
    return InstantSource((PaintingFile(name, painting),), () if photos is None else (photos,), initial=NETWORK)
