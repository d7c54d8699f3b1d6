"""Learn the style of one painting, from the network that ships: by its scales and shifts alone, or all its weights."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artcnn.errors import ArtcnnError
from artcnn.files.style_names import NETWORK, read_card, shipped_network
from artcnn.jobs.events import never
from artcnn.jobs.tasks.sources import InstantSource, PaintingFile
from artcnn.settings import parse
from artcnn.training_recipes import INSTANT_SHAPE, InstantTrainRecipe

if TYPE_CHECKING:
    from artcnn.jobs.training import TrainingEvent, TrainingResult

_BRIEF = {"epochs": 10, "epoch_size": 400, "validation": 12, "ema_decay": 0.98, "crop": 128}
_QUICK = _BRIEF | {"only_styles": True, "lr": 0.002}
"""Ten minutes on two cores."""
_THOROUGH = _BRIEF | {"only_styles": False, "epochs": 40, "lr": 0.001}
"""An hour. The rate is lower than for a network that knows nothing."""


def learning_recipe(settings: Mapping[str, Any], *, thorough: bool = False) -> InstantTrainRecipe:
    """Return the recipe that learns one style: that of the network that ships, but for the length of the training.

    Args:
        settings: that differ.
        thorough: train all weights of the network, not the style's scales and shifts alone.

    Raises:
        ModelError: there is no network to start from.
        RecipeError: settings are wrong, one line for each.
    """
    shipped = read_card(shipped_network())["recipe"]
    shape = {name: shipped[name] for name in INSTANT_SHAPE}
    return parse(InstantTrainRecipe, shipped | (_THOROUGH if thorough else _QUICK) | dict(settings) | shape)


def learning_source(painting: Path, photos: Path | None = None) -> InstantSource:
    """Return what a style is learned from.

    Args:
        painting: its picture.
        photos: a folder of photos to paint meanwhile; by default those that ship.
    """
    name = re.sub(r"[^\w.+()-]+", "-", painting.stem)[:80] or "style"
    return InstantSource((PaintingFile(name, painting),), () if photos is None else (photos,), initial=NETWORK)


def learn_style(
    painting: str | Path,
    photos: str | Path | None = None,
    *,
    thorough: bool = False,
    checkpoint: str | Path | None = None,
    on_event: "Callable[[TrainingEvent], object]" = lambda _: None,
    cancelled: Callable[[], bool] = never,
    device: str = "auto",
    **settings: Any,  # noqa: ANN401 - of all types, and checked
) -> "TrainingResult":
    """Return a style that is learned from a painting, as ``artcnn instant learn`` does; ``save`` writes its file.

    Args:
        painting: the file of a picture.
        photos: a folder of photos to paint meanwhile; by default those that ship.
        thorough: train the whole network, not the style's scales and shifts alone.
        checkpoint: a file, written after each epoch; a training continues the one that is there.
        on_event: called with each event; the ``to_pil()`` of a ``Preview`` is what it makes so far.
        cancelled: called before each step; if it returns True, the result is the best epoch by then.
        device: ``"auto"``, ``"cpu"``, ``"cuda"`` or ``"mps"``.
        settings: of an ``InstantTrainRecipe``, such as ``epochs=4`` or ``content_weight=2``.

    Raises:
        ArtcnnError: the painting or the photos cannot be learned from, or it was cancelled in its first epoch.
        DivergenceError: the learning rate is too high.
    """
    from artcnn.jobs.training import TrainingFinished, train

    recipe = learning_recipe(settings, thorough=thorough)
    source = learning_source(Path(painting), None if photos is None else Path(photos))
    place = None if checkpoint is None else Path(checkpoint)
    result = None
    for event in train(recipe, source, device=device, checkpoint=place, cancelled=cancelled):
        on_event(event)
        if isinstance(event, TrainingFinished):
            result = event.result
    if result is None:
        raise ArtcnnError("cancelled before the first epoch was done")
    return result
