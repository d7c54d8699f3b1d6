"""Which engine belongs to which recipe: the only place that has to know."""

import re
from collections.abc import Iterator, Mapping

from torch import Tensor, no_grad

from artcnn.backbones.base import Backbone
from artcnn.backbones.tiles import MIN_MEMORY, UNTILED, TilingPolicy
from artcnn.engines.dream import DreamObjective, dream, resolve_objectives
from artcnn.engines.guidance import Masks
from artcnn.engines.guide import Guide
from artcnn.engines.step import State, Step
from artcnn.engines.style import make_loss, style
from artcnn.engines.style_loss import check_painting
from artcnn.engines.zoom import zoom
from artcnn.image import check_fit, resize, size_of
from artcnn.recipes import DreamRecipe, Recipe, StyleRecipe, TextureRecipe, VideoRecipe


def steps(
    recipe: Recipe,
    images: Mapping[str, Tensor],
    backbone: Backbone,
    tiling: TilingPolicy = UNTILED,
    state: State | None = None,
    film: VideoRecipe | None = None,
) -> Iterator[Step]:
    """Return the steps of the engine that the recipe is for, from the beginning or from a state on.

    ``images`` are its inputs, by what each is. Of a dream, the frames of a ``film``, where there is to be one.
    """
    photo = photo_of(recipe, images)
    match recipe:
        case DreamRecipe():
            mask, guide = images.get("mask"), _guide(images, recipe)
            if film is not None:
                return zoom(photo, backbone, recipe, film, tiling, state, mask=mask, guide=guide)
            return dream(photo, backbone, recipe, tiling, state, mask=mask, guide=guide)
        case StyleRecipe():
            return style(photo, paintings_of(images), backbone, recipe, tiling, state, masks_of(images))
    raise TypeError(f"no engine takes {recipe!r}")


def check(recipe: Recipe, images: Mapping[str, Tensor]) -> None:
    """Raise an ArtcnnError, before a network is there, where a picture is too thin, or a guide cannot guide."""
    check_fit(size_of(photo_of(recipe, images)), recipe.size)
    guide = _guide(images, recipe) if isinstance(recipe, DreamRecipe) else None
    if guide is not None:
        guide.check()
    if isinstance(recipe, StyleRecipe):
        for number, painting in enumerate(paintings_of(images), start=1):
            check_painting(size_of(painting), recipe, f"painting {number}")


def _guide(images: Mapping[str, Tensor], recipe: DreamRecipe) -> Guide | None:
    return Guide(images["guide"], images.get("guide_mask"), recipe.guide_size) if "guide" in images else None


@no_grad()
def judge(
    recipe: Recipe, images: Mapping[str, Tensor], backbone: Backbone, written: Tensor
) -> dict[str, dict[str, float]]:
    """Return how good a written picture is: a dream's objective before and after, a style's loss by term."""
    photo = photo_of(recipe, images)
    match recipe:
        case DreamRecipe():
            photo = resize(photo, size_of(written))
            excited = resolve_objectives(photo, backbone, recipe, MIN_MEMORY, _guide(images, recipe))
            objective = DreamObjective(photo, backbone, recipe, MIN_MEMORY, excited)
            return {"objective": {"before": objective(photo).item(), "after": objective(written).item()}}
        case StyleRecipe():
            side, paintings, masks = max(size_of(written)), paintings_of(images), masks_of(images)
            of_style = make_loss(photo, paintings, backbone, recipe, side, MIN_MEMORY, masks)
            of_style.retarget(written, 0, 0)
            loss = of_style.terms(written)
            return {"loss": {term: getattr(loss, term).item() for term in ("content", "style", "tv", "total")}}
    raise TypeError(f"no engine takes {recipe!r}")


def photo_of(recipe: Recipe, images: Mapping[str, Tensor]) -> Tensor:
    """Return the photo among the inputs; of a texture, which has none, a canvas of its size, of one colour."""
    if isinstance(recipe, TextureRecipe):
        return images["painting"].mean((2, 3), keepdim=True).expand(1, 3, recipe.size, recipe.size)
    return images["photo"]


def paintings_of(images: Mapping[str, Tensor]) -> list[Tensor]:
    """Return the paintings among a style's inputs, in order."""
    return [image for name, image in images.items() if re.fullmatch(r"painting\d*", name)]


def masks_of(images: Mapping[str, Tensor]) -> Masks:
    """Return the masks among a style's inputs."""
    names = [name for name in images if re.fullmatch(r"painting\d*", name)]
    return Masks(tuple(images.get(f"{name}_mask") for name in names), images.get("protect"))
