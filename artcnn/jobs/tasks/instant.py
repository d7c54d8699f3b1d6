"""Painting photos in the styles of paintings: what its training works with."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn

from artcnn.datasets.photos import Photos
from artcnn.errors import DataError, ModelError
from artcnn.files.int8 import to_int8
from artcnn.files.model import ModelCard, read_model, write_model
from artcnn.files.painting import Painting, describe_painting
from artcnn.files.photos import read_photos
from artcnn.files.read import read_picture
from artcnn.files.style import StyleCard, shared_sha256, style_of, write_style
from artcnn.image import fit
from artcnn.jobs.tasks.sources import InstantSource, PaintingFile
from artcnn.jobs.tasks.task import Skip, Task, TrainingData
from artcnn.nets.instant import InstantNetwork
from artcnn.training.distributed import Processes
from artcnn.training.instant import Start, instant_training
from artcnn.training.loop import Training
from artcnn.training_recipes import INSTANT_SHAPE, InstantTrainRecipe

_LEAST_CONTRAST = 0.01
"""Standard deviation of a painting's values, in [0, 1], below which it has no style to learn."""
_TILE, _TILES = 256, 48
"""Side of a picture in a preview, in pixels, and how many there are at most."""


@dataclass(frozen=True, eq=False)
class _Data:
    """Photos and paintings, as a card describes them."""

    photos: Photos
    validation: Photos
    paintings: Sequence[Painting]

    @property
    def name(self) -> str:
        return self.photos.name

    def sha256(self) -> str:
        """Return the sha256 of what a network learns from."""
        parts = [self.photos.sha256(), self.validation.sha256(), *(painting.sha256 for painting in self.paintings)]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def load_training(source: InstantSource, recipe: InstantTrainRecipe, skip: Skip) -> TrainingData:
    """Load what a training needs.

    Raises:
        DataError: a painting has a single color, or the photos are too few.
        ModelError: the model to start from has another shape than the recipe's.
    """
    read = [_read_painting(file, recipe.painting_size) for file in source.paintings]
    paintings, pictures = tuple(painting for painting, _ in read), [picture for _, picture in read]
    names = tuple(file.name for file in source.paintings)
    start = None if source.initial is None else _start(source.initial, recipe, names)
    train, validation = read_photos(source.photos, source.held_out, skip)

    def new_training(device: torch.device, processes: Processes) -> Training:
        return instant_training(recipe, pictures, train, validation, device, processes, start)

    return TrainingData(
        new_training,
        _Data(train, validation, paintings),
        names,
        notes=[f"{len(train)} photos to learn on, {len(validation)} to validate on"],
        paintings=paintings,
        preview=partial(_preview, validation, len(names)),
    )


def _read_painting(file: PaintingFile, size: int) -> tuple[Painting, Tensor]:
    """Return what is kept of a painting, and its picture with its longer side at ``size`` pixels."""
    picture = read_picture(file.path)
    if picture.pixels.std((2, 3)).max() < _LEAST_CONTRAST:
        raise DataError(f"{file.path} has only one color: there is no style in it", hint="give a painting")
    facts = {"artist": file.artist, "year": file.year, "license": file.license, "source": file.source}
    painting = describe_painting(picture.pixels, picture.sha256, file.title or file.path.stem, **facts)
    return painting, fit(picture.pixels, size)


def _start(name: str, recipe: InstantTrainRecipe, styles: tuple[str, ...]) -> Start:
    """Return the network to start from; a style of the same name is where a painting starts, if it has all of them.

    Raises:
        ModelError: it has another shape than the recipe's.
    """
    model = read_model(name, "instant")
    initial, classes = model.card.recipe_as(InstantTrainRecipe), model.card.classes
    for key in INSTANT_SHAPE:
        its, wanted = getattr(initial, key), getattr(recipe, key)
        if its != wanted:
            raise ModelError(f"{model.path} has {key} = {its}, not {wanted}", hint="give a network of the same shape")
    assert isinstance(model.network, InstantNetwork)  # noqa: S101 - read_model has built what the kind names
    known = set(styles) <= set(classes)
    return Start(model.network, [classes.index(style) for style in styles] if known else None)


def _preview(photos: Photos, styles: int, network: nn.Module) -> Tensor:
    """Return what a network makes of some photos, evenly spread: the same ones in each style, side by side."""
    count, device = max(1, min(len(photos), 6, _TILES // styles)), next(network.parameters()).device
    some = [Photos((photos.pictures[number * len(photos) // count],), "") for number in range(count)]
    crops = torch.cat([one.crop(_TILE, torch.Generator().manual_seed(0)) for one in some]).to(device)
    weights = torch.eye(styles, device=device)
    with torch.no_grad():
        tiles = [torch.cat(list(network(crops, weights[[style] * count])), 2).cpu() for style in range(styles)]
    columns = max(1, round((styles / count) ** 0.5))
    tiles += [torch.ones_like(tiles[0])] * (-styles % columns)
    rows = [torch.cat(tiles[first : first + columns], 2) for first in range(0, len(tiles), columns)]
    return torch.cat(rows, 1)[None]


def describe(recipe: InstantTrainRecipe) -> str:
    """Return what tells a training from others."""
    return f"widths {', '.join(map(str, recipe.widths))}, seed {recipe.seed}"


def _write(path: Path, state: dict[str, Tensor], card: ModelCard, replace: bool) -> Path:
    """Write a network, in 8 bits, or if only its scales and shifts were learned, its style; return where it is."""
    if not card.recipe["only_styles"]:
        return write_model(path, to_int8(state), card, replace)
    (painting,) = card.paintings
    facts = card.model_dump(include={"version", "recipe", "data", "data_sha256", "metrics", "history"})
    style = StyleCard(shared_sha256=shared_sha256(state), painting=painting, **facts)
    return write_style(path, to_int8(style_of(state, 0)), style, replace)


TASK = Task("reading paintings and photos", load_training, None, describe, _write)
