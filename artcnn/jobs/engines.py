"""Which engine belongs to which recipe: the only place that has to know."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from torch import Tensor, no_grad

from artcnn.backbones.base import Backbone, load_backbone, resolve_precision
from artcnn.backbones.layers import BLOCKS
from artcnn.backbones.tiles import MIN_MEMORY, TilingPolicy
from artcnn.backbones.weights import find
from artcnn.engines import film_dream, film_style
from artcnn.engines.cost import count_multiplications, fixed_seconds, step_multiplications
from artcnn.engines.dream import DreamObjective, dream, resolve_objectives
from artcnn.engines.film import Painter
from artcnn.engines.guidance import Masks
from artcnn.engines.guide import Guide
from artcnn.engines.memory import WithinMemory, block_bytes, bytes_needed, peak_bytes
from artcnn.engines.painting_scale import check_painting
from artcnn.engines.step import State, Step
from artcnn.engines.style import make_loss, style
from artcnn.engines.zoom import zoom
from artcnn.image import Size, check_fit, resize, size_of
from artcnn.jobs.engine import Costs, Engine, NetworkLoader, Sizes
from artcnn.jobs.inputs import DreamInputs, StyleInputs, StyleSource, TextureInputs
from artcnn.jobs.instant import INSTANT
from artcnn.jobs.start import paint_start, recognize
from artcnn.recipes import BackboneRecipe, DreamRecipe, InstantRecipe, Recipe, StyleRecipe, TextureRecipe, VideoRecipe


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


def _dream_painter(
    recipe: DreamRecipe, images: DreamInputs[Tensor], backbone: Backbone, tiling: TilingPolicy
) -> Painter:
    return film_dream.DreamPainter(backbone, recipe, tiling, mask=images.mask, guide=_guide(recipe, images))


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
    photo, paintings, masks, start = _photo(recipe, images), _styles(images), _masks(images), None
    if state is None and recipe.init == "instant":
        start = paint_start(recipe, photo, paintings, masks, _learned(images))
    return style(photo, paintings, backbone, recipe, tiling, state, masks, start)


def _style_painter(recipe: StyleRecipe, images: _StyleImages, backbone: Backbone, tiling: TilingPolicy) -> Painter:
    paintings, masks, start = _styles(images), _masks(images), None
    if recipe.init == "instant":

        def start(frame: Tensor) -> Tensor:
            return paint_start(recipe, frame, paintings, masks, _learned(images))

    return film_style.StylePainter(paintings, backbone, recipe, tiling, masks, start)


def _check_style(recipe: StyleRecipe, images: _StyleImages) -> None:
    check_fit(size_of(_photo(recipe, images)), recipe.size)
    for number, picture in enumerate(_styles(images), start=1):
        check_painting(size_of(picture), recipe, f"painting {number}")
    if recipe.init == "instant":
        recognize(_styles(images), _learned(images))


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


def _learned(images: _StyleImages) -> tuple[Any, ...]:
    """Return the files of styles that were learned."""
    return () if isinstance(images, TextureInputs) else images.learned


def _masks(images: _StyleImages) -> Masks:
    if isinstance(images, TextureInputs):
        return Masks()
    return Masks(tuple(source.mask for source in images.styles), images.protect)


def _backbone_key(recipe: BackboneRecipe, images: object) -> tuple[str, ...]:  # noqa: ARG001
    return recipe.backbone, recipe.pooling, recipe.padding, recipe.precision


def _runs(recipe: BackboneRecipe) -> str:
    return "" if find(recipe.backbone).architecture in BLOCKS else f" {recipe.backbone}"


def _count_following(recipe: BackboneRecipe, size: Size) -> float:
    """Return the multiplications of a film's frame behind the first, without the search for motion."""
    if isinstance(recipe, DreamRecipe):
        return film_dream.STEPS * count_multiplications(recipe, size)
    return (film_style.STEPS + 1) * step_multiplications(recipe, size)  # the targets take as long as a step


_BACKBONES = NetworkLoader(
    resolve=resolve_precision,
    key=_backbone_key,
    load=lambda recipe, images, device: load_backbone(recipe, device),  # noqa: ARG005
)

_STEPS = Costs(
    multiplications=lambda recipe, sizes, tiling, video: count_multiplications(
        recipe, sizes.photo, sizes.styles, tiling, video, sizes.guide
    ),
    following_multiplications=_count_following,
    step_multiplications=step_multiplications,
    fixed_seconds=lambda recipe, sizes, video: fixed_seconds(recipe, sizes.photo, sizes.styles, video),
    runs=_runs,
    tiling=WithinMemory,
    peak_bytes=peak_bytes,
    bytes_needed=bytes_needed,
    block_bytes=block_bytes,
)

_DREAM = Engine(
    sizes=_dream_sizes,
    check=_check_dream,
    steps=_dream_steps,
    painter=_dream_painter,
    evaluate=_evaluate_dream,
    trial=DreamInputs,
    value="objective",
    networks=_BACKBONES,
    costs=_STEPS,
)

_STYLE = Engine(
    sizes=_style_sizes,
    check=_check_style,
    steps=_style_steps,
    painter=_style_painter,
    evaluate=_evaluate_style,
    trial=lambda photo: StyleInputs(photo, (StyleSource(photo.flip(3)),)),
    value="loss",
    networks=_BACKBONES,
    costs=_STEPS,
)

ENGINES: Mapping[type[Recipe], Engine] = {
    DreamRecipe: _DREAM,
    StyleRecipe: _STYLE,
    TextureRecipe: replace(_STYLE, painter=None, trial=lambda photo: TextureInputs((photo.flip(3),))),
    InstantRecipe: INSTANT,
}
"""The engine of each type of recipe."""


def engine_of(recipe: Recipe) -> Engine:
    """Return the engine that a recipe is for."""
    return ENGINES[type(recipe)]
