"""Which engine belongs to which recipe: the only place that has to know."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from torch import Tensor, no_grad

from artcnn.backbones.base import Backbone
from artcnn.backbones.tiles import MIN_MEMORY, TilingPolicy
from artcnn.engines.dream import DreamObjective, dream, resolve_objectives
from artcnn.engines.guidance import Masks
from artcnn.engines.guide import Guide
from artcnn.engines.step import State, Step
from artcnn.engines.style import make_loss, style
from artcnn.engines.style_loss import check_painting
from artcnn.engines.zoom import zoom
from artcnn.image import Size, check_fit, resize, size_of
from artcnn.jobs.inputs import DreamInputs, Inputs, StyleInputs, StyleSource, TextureInputs
from artcnn.recipes import BackboneRecipe, DreamRecipe, StyleRecipe, TextureRecipe, VideoRecipe

Images = Inputs[Tensor]
"""The inputs of a job, opened: pictures (1, 3, H, W), masks (1, 1, H, W), in [0, 1]."""


class Sizes(NamedTuple):
    """The (height, width) of a job's pictures: of what becomes the result, of the styles, and of the guide."""

    photo: Size
    styles: tuple[Size, ...] = ()
    guide: Size | None = None


@dataclass(frozen=True)
class Engine:
    """What makes pictures by one type of recipe. Each function takes the recipe and the opened inputs first.

    Attributes:
        sizes: returns the sizes of the pictures, before they are resized.
        check: raises an ArtcnnError, before a network is there, where the inputs do not fit the recipe.
        steps: returns the steps, from the beginning or from a state on; of a video, its frames.
        evaluate: returns how good a result is, as numbers by name, by group.
        trial: returns inputs, made of one picture, on which it is measured how fast steps are.
        value: what a step's value is called.
    """

    sizes: Callable[[Any, Any], Sizes]
    check: Callable[[Any, Any], None]
    steps: Callable[[Any, Any, Backbone, TilingPolicy, State | None, VideoRecipe | None], Iterator[Step]]
    evaluate: Callable[[Any, Any, Backbone, Tensor], Mapping[str, Mapping[str, float]]]
    trial: Callable[[Tensor], Images]
    value: str


def engine_of(recipe: BackboneRecipe) -> Engine:
    """Return the engine that a recipe is for."""
    return ENGINES[type(recipe)]


def _dream_steps(
    recipe: DreamRecipe,
    images: DreamInputs[Tensor],
    backbone: Backbone,
    tiling: TilingPolicy,
    state: State | None,
    video: VideoRecipe | None,
) -> Iterator[Step]:
    guide = _guide(recipe, images)
    if video is not None:
        return zoom(images.photo, backbone, recipe, video, tiling, state, mask=images.mask, guide=guide)
    return dream(images.photo, backbone, recipe, tiling, state, mask=images.mask, guide=guide)


def _dream_sizes(recipe: DreamRecipe, images: DreamInputs[Tensor]) -> Sizes:  # noqa: ARG001
    return Sizes(size_of(images.photo), guide=None if images.guide is None else size_of(images.guide))


def _check_dream(recipe: DreamRecipe, images: DreamInputs[Tensor]) -> None:
    check_fit(size_of(images.photo), recipe.size)
    guide = _guide(recipe, images)
    if guide is not None:
        guide.check()


@no_grad()
def _evaluate_dream(
    recipe: DreamRecipe, images: DreamInputs[Tensor], backbone: Backbone, result: Tensor
) -> Mapping[str, Mapping[str, float]]:
    """Return the objective of the photo and of the result."""
    photo = resize(images.photo, size_of(result))
    excited = resolve_objectives(photo, backbone, recipe, MIN_MEMORY, _guide(recipe, images))
    objective = DreamObjective(photo, backbone, recipe, MIN_MEMORY, excited)
    return {"objective": {"before": objective(photo).item(), "after": objective(result).item()}}


def _guide(recipe: DreamRecipe, images: DreamInputs[Tensor]) -> Guide | None:
    return None if images.guide is None else Guide(images.guide, images.guide_mask, recipe.guide_size)


_StyleImages = StyleInputs[Tensor] | TextureInputs[Tensor]


def _style_steps(
    recipe: StyleRecipe,
    images: _StyleImages,
    backbone: Backbone,
    tiling: TilingPolicy,
    state: State | None,
    video: VideoRecipe | None,
) -> Iterator[Step]:
    assert video is None  # noqa: S101 - a job with a style has none
    return style(_photo(recipe, images), _styles(images), backbone, recipe, tiling, state, _masks(images))


def _check_style(recipe: StyleRecipe, images: _StyleImages) -> None:
    check_fit(size_of(_photo(recipe, images)), recipe.size)
    for number, picture in enumerate(_styles(images), start=1):
        check_painting(size_of(picture), recipe, f"painting {number}")


@no_grad()
def _evaluate_style(
    recipe: StyleRecipe, images: _StyleImages, backbone: Backbone, result: Tensor
) -> Mapping[str, Mapping[str, float]]:
    """Return the loss of the result, by term."""
    photo, side = _photo(recipe, images), max(size_of(result))
    loss_of = make_loss(photo, _styles(images), backbone, recipe, side, MIN_MEMORY, _masks(images))
    loss_of.retarget(result, 0, 0)
    loss = loss_of.terms(result)
    return {"loss": {term: getattr(loss, term).item() for term in ("content", "style", "tv", "total")}}


def _style_sizes(recipe: StyleRecipe, images: _StyleImages) -> Sizes:
    return Sizes(size_of(_photo(recipe, images)), tuple(map(size_of, _styles(images))))


def _photo(recipe: StyleRecipe, images: _StyleImages) -> Tensor:
    """Return what is repainted; of a texture, which has no photo, a canvas of the mean color of its first picture."""
    if isinstance(images, TextureInputs):
        return images.styles[0].mean((2, 3), keepdim=True).expand(1, 3, recipe.size, recipe.size)
    return images.photo


def _styles(images: _StyleImages) -> list[Tensor]:
    if isinstance(images, TextureInputs):
        return list(images.styles)
    return [source.picture for source in images.styles]


def _masks(images: _StyleImages) -> Masks:
    if isinstance(images, TextureInputs):
        return Masks()
    return Masks(tuple(source.mask for source in images.styles), images.protect)


_STYLE = Engine(
    sizes=_style_sizes,
    check=_check_style,
    steps=_style_steps,
    evaluate=_evaluate_style,
    trial=lambda photo: StyleInputs(photo, (StyleSource(photo.flip(3)),)),
    value="loss",
)

ENGINES: Mapping[type[BackboneRecipe], Engine] = {
    DreamRecipe: Engine(
        sizes=_dream_sizes,
        check=_check_dream,
        steps=_dream_steps,
        evaluate=_evaluate_dream,
        trial=DreamInputs,
        value="objective",
    ),
    StyleRecipe: _STYLE,
    TextureRecipe: replace(_STYLE, trial=lambda photo: TextureInputs((photo.flip(3),))),
}
"""The engine of each type of recipe."""
