"""The engines on small pictures: the same recipe on any device."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from artcnn.backbones.class_names import class_layers
from artcnn.backbones.tiles import MIN_MEMORY, UNTILED, TilingPolicy
from artcnn.engines.film import MemoryHistory, film
from artcnn.engines.motion import reliability, warp
from artcnn.engines.step import Step
from artcnn.extras import require
from artcnn.files.read import read_picture
from artcnn.image import fit, size_of
from artcnn.jobs.engines import engine_of
from artcnn.jobs.inputs import DreamInputs, InstantInputs, StyleInputs, StyleSource, TextureInputs
from artcnn.presets import load_recipe
from artcnn.recipes import FilmRecipe, VideoRecipe

SAMPLES = Path(__file__).parents[2] / "samples"

Made = tuple[Tensor, Sequence[float]]
"""A picture, and the values of an objective or a loss on the way to it."""

Maker = Callable[[torch.device, int], Made]
"""Makes it on a device, its longer side of so many pixels."""

_DREAM = {"octaves": 2, "steps": 3}
_STYLE = {"coarse_steps": 3, "fine_steps": 3, "min_size": 64}


@cache
def sample(name: str) -> Tensor:
    """Return a picture that ships, shape (1, 3, H, W), on the CPU."""
    return read_picture(SAMPLES / name).pixels


def photo(device: torch.device, size: int) -> Tensor:
    """Return the photo at a size."""
    return fit(sample("castle.jpg"), size).to(device)  # resized on the CPU, so that all devices see the same


def painting(device: torch.device, size: int) -> Tensor:
    """Return the painting at a size."""
    return fit(sample("church_at_auvers.jpg"), size).to(device)


def run(recipe: Any, inputs: Any, device: torch.device, tiling: TilingPolicy = UNTILED, video: Any = None) -> Made:  # noqa: ANN401
    """Return what an engine makes."""
    engine = engine_of(recipe)
    network = engine.networks.load(recipe, inputs, device)
    return _last(engine.steps(recipe, inputs, network, tiling, None, video))


def _last(steps: Iterator[Step]) -> Made:
    made = list(steps)
    return made[-1].image, [step.value for step in made]


def _dream(preset: str = "default", tiling: TilingPolicy = UNTILED, **settings: Any) -> Maker:  # noqa: ANN401
    def make(device: torch.device, size: int) -> Made:
        recipe = load_recipe("dream", preset, size=size, precision="float32", **_DREAM | settings)
        return run(recipe, DreamInputs(photo(device, size)), device, tiling)

    return make


def _class(device: torch.device, size: int) -> Made:
    require("classifier")
    return _dream("class", layers=class_layers("efficientnet-lite0", ["castle"]))(device, size)


def _guide(device: torch.device, size: int) -> Made:
    recipe = load_recipe("dream", "default", size=size, guide_size=size, precision="float32", **_DREAM)
    return run(recipe, DreamInputs(photo(device, size), guide=painting(device, size)), device)


def _mask(device: torch.device, size: int) -> Made:
    recipe = load_recipe("dream", "default", size=size, precision="float32", **_DREAM)
    shown = photo(device, size)
    slope = torch.linspace(0, 1, shown.shape[3], device=device).expand(1, 1, *size_of(shown))
    return run(recipe, DreamInputs(shown, mask=(slope - 0.3).clamp_min(0)), device)


def _zoom(device: torch.device, size: int) -> Made:
    recipe = load_recipe("dream", "default", size=size, precision="float32", **_DREAM)
    return run(recipe, DreamInputs(photo(device, size)), device, video=VideoRecipe(frames=3, rotate=2))


def _style(preset: str, paintings: int = 1, **settings: Any) -> Maker:  # noqa: ANN401
    def make(device: torch.device, size: int) -> Made:
        recipe = load_recipe("style", preset, size=size, precision="float32", **_STYLE | settings)
        shown = painting(device, size)
        styles = tuple(StyleSource(shown.rot90(turns, (2, 3))) for turns in range(paintings))
        return run(recipe, StyleInputs(photo(device, size), styles), device)

    return make


def _texture(device: torch.device, size: int) -> Made:
    size = size // 32 * 32
    recipe = load_recipe("texture", "default", size=size, padding="circular", precision="float32", **_STYLE)
    return run(recipe, TextureInputs((painting(device, size),)), device)


def _instant(device: torch.device, size: int) -> Made:
    recipe = load_recipe("instant", size=size, precision="float32")
    return run(recipe, InstantInputs(photo(device, size)), device)


def _clip(device: torch.device, size: int) -> list[Tensor]:
    """Return three frames over which a photo moves to the left."""
    shown = photo(device, size)
    return [shown[..., at : shown.shape[3] - 8 + at].contiguous() for at in (0, 3, 6)]


def _film(recipe: Any, inputs: Callable[[Tensor, torch.device], Any]) -> Maker:  # noqa: ANN401
    def make(device: torch.device, size: int) -> Made:
        from artcnn.engines.optical_flow import InverseSearchFlow

        frames = _clip(device, size)
        images, engine = inputs(frames[0], device), engine_of(recipe)
        assert engine.painter is not None  # noqa: S101 - these two have one
        painter = engine.painter(recipe, images, engine.networks.load(recipe, images, device), UNTILED)
        flow, history = InverseSearchFlow(), MemoryHistory()
        return _last(film(lambda first: iter(frames[first:]), 3, painter, flow, FilmRecipe(), [history]))

    return make


def _warp(device: torch.device, size: int) -> Made:
    shown = photo(device, size)
    down, across = (torch.linspace(-3, 3, n, device=device) for n in size_of(shown))
    flow = torch.stack(torch.meshgrid(across * 1.7, down.sin(), indexing="xy"))[None]
    return warp(shown, flow), [reliability(flow, -flow).mean().item()]


MAKERS: dict[str, Maker] = {
    "dream, default": _dream(),
    "dream, default, in tiles": _dream(tiling=MIN_MEMORY),
    "dream of a class": _class,
    "dream with a guide": _guide,
    "dream with a mask": _mask,
    "dream, colors of the photo": _dream(colors="content"),
    "zoom film": _zoom,
    "style, default (moments)": _style("default"),
    "style, gatys (Gram matrices)": _style("gatys"),
    "style, brush (nearest neighbors)": _style("brush"),
    "style, brush, two paintings": _style("brush", paintings=2),
    "style by Adam": _style("default", optimizer="adam"),
    "texture that can be tiled": _texture,
    "instant style": _instant,
    "film: warping": _warp,
    "film in an instant style": _film(
        load_recipe("instant", precision="float32"), lambda frame, _: InstantInputs(frame)
    ),
    "film in the style of a painting": _film(
        load_recipe("style", "default", precision="float32", **_STYLE),
        lambda frame, device: StyleInputs(frame, (StyleSource(painting(device, max(size_of(frame)))),)),
    ),
}
