"""Make pictures in a line each: from files, Pillow images, arrays or tensors, with the bytes of the command line.

>>> import artcnn
>>> artcnn.stylize("photo.jpg", "painting.jpg", preset="brush").save("painted.png")
>>> artcnn.deepdream("photo.jpg", on_step=lambda step: print(step.index, step.total)).to_pil()

Below this are ``artcnn.jobs``, with events, cancelling and resuming, and the engines, which are generators of steps.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor

from artcnn.backbones.base import Backbone, load_pretrained
from artcnn.backbones.class_names import class_layers
from artcnn.blend import format_blend
from artcnn.engines.step import Step
from artcnn.errors import ArtcnnError
from artcnn.files.clips.recognize import is_clip
from artcnn.image import fit, size_of
from artcnn.jobs.events import Finished, Progress, never
from artcnn.jobs.inputs import DreamInputs, Inputs, InstantInputs, StyleInputs, StyleSource, TextureInputs
from artcnn.jobs.job import Job
from artcnn.jobs.result import Result
from artcnn.jobs.runner import run
from artcnn.jobs.runtime import Runtime
from artcnn.jobs.sources import Source
from artcnn.jobs.styles import find_start, find_styles
from artcnn.objectives import ObjectiveSum, WeightedLayer
from artcnn.pictures import AnyPicture, as_pixels, as_source
from artcnn.presets import PictureKind, load_preset, load_recipe
from artcnn.recipes import DreamRecipe, FilmRecipe, InstantRecipe, Recipe, StyleRecipe, TextureRecipe

OnStep = Callable[[Step], object]
"""Receives each step: ``step.image``, ``step.index`` of ``step.total``, ``step.progress``."""


def stylize(
    photo: AnyPicture,
    painting: AnyPicture | Sequence[AnyPicture],
    *,
    preset: str | None = None,
    recipe: StyleRecipe | None = None,
    masks: Sequence[AnyPicture | None] = (),
    protect: AnyPicture | None = None,
    film: FilmRecipe | None = None,
    on_step: OnStep | None = None,
    cancelled: Callable[[], bool] = never,
    device: str = "auto",
    **settings: Any,  # noqa: ANN401 - of all types, and checked
) -> Result:
    """Return a photo repainted in the style of a painting, as ``artcnn style`` makes it.

    Args:
        photo: the picture to repaint.
        painting: the picture whose style to use, or several.
        preset: a name, as ``artcnn presets`` lists them, or a file.
        recipe: every setting, instead of a preset and settings.
        masks: for each painting, a picture that is white where its style applies; None for the rest of the photo.
        protect: a mask that is white where the photo stays unchanged.
        film: how a clip becomes a film; a file that is a clip becomes one in any case.
        on_step: called with each step.
        cancelled: called before each step; if it returns True, the result is the picture so far.
        device: ``"auto"``, ``"cpu"``, ``"cuda"`` or ``"mps"``.
        settings: of a ``StyleRecipe``, such as ``size=800``, ``strength=0.5`` or ``seed=1``.

    Raises:
        ArtcnnError: a picture cannot be read, a setting is wrong, or there is not enough memory.
    """
    paintings = _several(painting)
    if len(masks) > len(paintings):
        raise ArtcnnError(f"masks: there are {len(masks)}, and {len(paintings)} paintings")
    padded = [*masks, *[None] * (len(paintings) - len(masks))]
    styles = [StyleSource(as_source(one), _optional(mask)) for one, mask in zip(paintings, padded, strict=True)]
    learned = find_start(settings)
    inputs = StyleInputs(as_source(photo), tuple(styles), _optional(protect), learned)
    return _make(_recipe("style", recipe, preset, settings), inputs, on_step, cancelled, device, film)


def deepdream(
    photo: AnyPicture,
    objective: str | WeightedLayer | ObjectiveSum | None = None,
    *,
    classes: str | Sequence[str] = (),
    preset: str | None = None,
    recipe: DreamRecipe | None = None,
    mask: AnyPicture | None = None,
    guide: AnyPicture | None = None,
    guide_mask: AnyPicture | None = None,
    film: FilmRecipe | None = None,
    on_step: OnStep | None = None,
    cancelled: Callable[[], bool] = never,
    device: str = "auto",
    **settings: Any,  # noqa: ANN401
) -> Result:
    """Return a Deep Dream of a photo, as ``artcnn dream`` makes it.

    Args:
        photo: the picture to start from.
        objective: what to maximize: ``"relu5_1"``, ``channel("conv5_3", 70)``, or a sum; the preset's by default.
        classes: classes of ImageNet to maximize instead, such as ``"castle"``, by name or number.
        preset: a name, as ``artcnn presets`` lists them, or a file; ``"class"`` for classes.
        recipe: every setting, instead of a preset and settings.
        mask: a picture that is white where to dream.
        guide: a picture whose shapes the dream follows.
        guide_mask: a picture that is white where the guide counts.
        film: how a clip becomes a film; a file that is a clip becomes one in any case.
        on_step: called with each step.
        cancelled: called before each step; if it returns True, the result is the picture so far.
        device: ``"auto"``, ``"cpu"``, ``"cuda"`` or ``"mps"``.
        settings: of a ``DreamRecipe``, such as ``size=800``, ``octaves=3`` or ``seed=1``.

    Raises:
        ArtcnnError: a picture cannot be read, a setting is wrong, or there is not enough memory.
    """
    if objective is not None and classes:
        raise ArtcnnError("give an objective or classes, not both: classes are objectives")
    if "layers" in settings and (objective is not None or classes):
        raise ArtcnnError("give layers, an objective or classes: each says what to maximize")
    if objective is not None:
        settings["layers"] = objective
    if classes:
        preset = preset or "class"
        given = load_preset("dream", preset).settings | settings
        settings["backbone"] = str(given.get("backbone") or "efficientnet-lite0")
        settings["layers"] = class_layers(settings["backbone"], [classes] if isinstance(classes, str) else classes)
    inputs = DreamInputs(as_source(photo), _optional(guide), _optional(guide_mask), _optional(mask))
    return _make(_recipe("dream", recipe, preset, settings), inputs, on_step, cancelled, device, film)


def texture(
    painting: AnyPicture | Sequence[AnyPicture],
    *,
    preset: str | None = None,
    recipe: TextureRecipe | None = None,
    on_step: OnStep | None = None,
    cancelled: Callable[[], bool] = never,
    device: str = "auto",
    **settings: Any,  # noqa: ANN401
) -> Result:
    """Return a new picture of a painting's texture, as ``artcnn texture`` makes it.

    Args:
        painting: the picture whose texture to use, or several.
        preset: a name or a file.
        recipe: every setting, instead of a preset and settings.
        on_step: called with each step.
        cancelled: called before each step; if it returns True, the result is the picture so far.
        device: ``"auto"``, ``"cpu"``, ``"cuda"`` or ``"mps"``.
        settings: of a ``TextureRecipe``; with ``padding="circular"`` the result can be tiled.

    Raises:
        ArtcnnError: a picture cannot be read, a setting is wrong, or there is not enough memory.
    """
    inputs = TextureInputs(tuple(as_source(one) for one in _several(painting)))
    return _make(_recipe("texture", recipe, preset, settings), inputs, on_step, cancelled, device)


def instant(
    photo: AnyPicture,
    style: str | Path | Mapping[str, float] | None = None,
    *,
    preset: str | None = None,
    recipe: InstantRecipe | None = None,
    protect: AnyPicture | None = None,
    film: FilmRecipe | None = None,
    on_step: OnStep | None = None,
    cancelled: Callable[[], bool] = never,
    device: str = "auto",
    **settings: Any,  # noqa: ANN401
) -> Result:
    """Return a photo painted at once, by a network that has learned the style, as ``artcnn instant`` makes it.

    Args:
        photo: the picture to paint.
        style: a name that ``artcnn.instant_styles()`` lists, the file of a style of your own, or a blend:
            ``"wave=0.7,cafe=0.3"`` or ``{"wave": 0.7, "cafe": 0.3}``.
        preset: a name or a file.
        recipe: every setting, instead of a style, a preset and settings.
        protect: a mask that is white where the photo stays unchanged.
        film: how a clip becomes a film; a file that is a clip becomes one in any case.
        on_step: called with the one step.
        cancelled: called before it.
        device: ``"auto"``, ``"cpu"``, ``"cuda"`` or ``"mps"``.
        settings: of an ``InstantRecipe``, such as ``size=800``, ``strength=0.5`` or ``colors="content"``.

    Raises:
        ArtcnnError: a picture cannot be read, there is no such style, a setting is wrong, or memory does not suffice.
    """
    if style is not None:
        settings["style"] = format_blend(style) if isinstance(style, Mapping) else str(style)
    made = _recipe("instant", recipe, preset, settings)
    assert isinstance(made, InstantRecipe)  # noqa: S101 - the kind names this class
    named, files = find_styles(made)
    return _make(named, InstantInputs(as_source(photo), files, _optional(protect)), on_step, cancelled, device, film)


def features(
    picture: AnyPicture,
    layers: str | Iterable[str],
    network: str | Backbone = "vgg16",
    *,
    size: int | None = 512,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """Return what layers of a pretrained network give for a picture.

    Args:
        picture: what it is shown.
        layers: their names, as ``artcnn weights layers vgg16`` lists them.
        network: its name, as ``artcnn weights`` lists them, or a network that was loaded.
        size: longer side, in pixels, that a larger picture is shrunk to; None keeps its size.
        device: where the network is loaded, where it is named.

    Returns:
        Layer to tensor, shape (1, C, h, w), in no unit.

    Raises:
        ArtcnnError: the picture cannot be read, or there is no such network or layer; the nearest is named.
    """
    backbone = _load(network, device) if isinstance(network, str) else network
    pixels = as_pixels(picture)
    if size is not None and max(size_of(pixels)) > size:
        pixels = fit(pixels, size)
    names = [layers] if isinstance(layers, str) else list(layers)
    with torch.no_grad():
        return backbone.features(pixels.to(device), names)


def _make(
    recipe: Recipe,
    inputs: Inputs[Source],
    on_step: OnStep | None,
    cancelled: Callable[[], bool],
    device: str,
    film: FilmRecipe | None = None,
) -> Result:
    """Return the picture of a job; of a clip, the film."""
    photo = getattr(inputs, "photo", None)
    if film is None and isinstance(photo, Path) and photo.is_file() and is_clip(photo):
        film = FilmRecipe()
    result = None
    for event in run(_runtime(device).prepare(Job(recipe, inputs, film)), cancelled=cancelled):
        if isinstance(event, Progress) and on_step is not None:
            on_step(event.step)
        elif isinstance(event, Finished):
            result = event.result
    if result is None:
        raise ArtcnnError("cancelled before the first step: there is no picture")
    return result


def _recipe(kind: PictureKind, recipe: Recipe | None, preset: str | None, settings: dict[str, Any]) -> Recipe:
    if recipe is None:
        return load_recipe(kind, preset, **settings)
    if preset is not None or settings:
        raise ArtcnnError("give a recipe, or a preset and settings: a recipe has every setting")
    return recipe


def _several(painting: AnyPicture | Sequence[AnyPicture]) -> Sequence[AnyPicture]:
    return painting if isinstance(painting, list | tuple) else [cast(AnyPicture, painting)]


def _optional(picture: AnyPicture | None) -> Source | None:
    return None if picture is None else as_source(picture)


@cache
def _runtime(device: str) -> Runtime:
    """Return what all calls share: a network is loaded once."""
    return Runtime(device)


@lru_cache(maxsize=2)
def _load(name: str, device: str) -> Backbone:
    return load_pretrained(name, device=device)
