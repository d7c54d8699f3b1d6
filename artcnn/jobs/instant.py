"""Instant styles as jobs make them: the network of a recipe's styles, and what a pass of it takes."""

from collections.abc import Hashable, Iterator
from typing import Any

import torch
from torch import Tensor

from artcnn.backbones.precision import fastest
from artcnn.backbones.tiles import UNTILED, TilePlan, TilingPolicy
from artcnn.blend import parse_blend
from artcnn.engines.film_instant import InstantPainter
from artcnn.engines.instant import instant
from artcnn.engines.step import State, Step
from artcnn.files.instant import load_styles
from artcnn.files.style_names import shipped_network
from artcnn.image import Size, check_fit, fit_size, size_of
from artcnn.jobs.engine import Costs, Engine, NetworkLoader, Sizes
from artcnn.jobs.inputs import InstantInputs
from artcnn.jobs.styles import match_files
from artcnn.nets.instant import InstantNetwork
from artcnn.recipes import InstantRecipe, VideoRecipe

_MULTIPLICATIONS = 55_000
"""Of the network that ships, for each pixel."""

_SECONDS = 0.05
"""Of a pass, before it computes: convolutions are compiled for a new size."""

_BASE_BYTES = 620_000_000
"""Of torch and the network. Measured, as the bytes of a pixel."""

_PIXEL_BYTES: dict[str, int] = {"bfloat16": 110, "float32": 200}
"""At the peak of a pass, whose strips take little beside the maps that are kept."""


def _steps(
    recipe: InstantRecipe,
    images: InstantInputs[Any],
    network: InstantNetwork,
    tiling: TilingPolicy,  # noqa: ARG001
    state: State | None,  # noqa: ARG001 - a run of one step leaves none
    video: VideoRecipe | None,
) -> Iterator[Step]:
    assert video is None  # noqa: S101 - no zoom film has an instant style
    return instant(images.photo, network, _weights(recipe, images), recipe, images.protect)


def _painter(
    recipe: InstantRecipe,
    images: InstantInputs[Any],
    network: InstantNetwork,
    tiling: TilingPolicy,  # noqa: ARG001
) -> InstantPainter:
    return InstantPainter(network, _weights(recipe, images), recipe, images.protect)


def _weights(recipe: InstantRecipe, images: InstantInputs[Any]) -> Tensor:
    """Return the weights of the recipe's styles, shape (1, styles)."""
    return torch.tensor([list(parse_blend(recipe.style).values())], device=images.photo.device)


def _check(recipe: InstantRecipe, images: InstantInputs[Any]) -> None:
    check_fit(size_of(images.photo), recipe.size)


def _resolve(recipe: InstantRecipe, device: torch.device) -> InstantRecipe:
    return recipe if recipe.precision != "auto" else recipe.model_copy(update={"precision": fastest(device)})


def _key(recipe: InstantRecipe, images: InstantInputs[Any]) -> Hashable:
    files = (match_files(recipe, images.styles) | {"": shipped_network()}).items()
    return tuple(parse_blend(recipe.style)), tuple((name, path, path.stat().st_mtime_ns) for name, path in files)


def _load(recipe: InstantRecipe, images: InstantInputs[Any], device: torch.device) -> InstantNetwork:
    own = match_files(recipe, images.styles)
    files = {name: own.get(name, shipped_network()) for name in parse_blend(recipe.style)}
    return load_styles(files)[0].to(device)


def _count(recipe: InstantRecipe, size: Size) -> float:
    height, width = fit_size(size, recipe.size)
    return _MULTIPLICATIONS * height * width


def _count_following(recipe: InstantRecipe, size: Size) -> float:
    return 2 * _count(recipe, size)  # finding the motion and moving the last picture takes about as long as painting


def _bytes(recipe: InstantRecipe, size: Size, tiles: TilePlan, guide: Size | None) -> int:  # noqa: ARG001
    return _BASE_BYTES + _PIXEL_BYTES[recipe.precision] * size[0] * size[1]


INSTANT = Engine(
    sizes=lambda recipe, images: Sizes(size_of(images.photo)),  # noqa: ARG005
    check=_check,
    steps=_steps,
    painter=_painter,
    evaluate=None,
    trial=None,
    value=None,
    networks=NetworkLoader(resolve=_resolve, key=_key, load=_load),
    costs=Costs(
        multiplications=lambda recipe, sizes, tiling, video: _count(recipe, sizes.photo),  # noqa: ARG005
        following_multiplications=_count_following,
        step_multiplications=_count,
        fixed_seconds=lambda recipe, sizes, video: _SECONDS,  # noqa: ARG005
        runs=lambda recipe: "",  # noqa: ARG005
        tiling=lambda recipe, size, memory, guide: UNTILED,  # noqa: ARG005
        peak_bytes=lambda recipe, size, tiling, guide: _bytes(recipe, size, tiling.plan(size), guide),
        bytes_needed=_bytes,
        block_bytes=lambda recipe, tiles: None,  # noqa: ARG005
    ),
)
"""What paints a photo in one pass of a network that has learned the style."""
