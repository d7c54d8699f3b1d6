"""Which engine belongs to which recipe: the only place that has to know."""

from collections.abc import Iterator, Mapping

from torch import Tensor, no_grad

from artcnn.backbones.bands import FRUGAL, WHOLE, Bands
from artcnn.backbones.extractor import FeatureExtractor
from artcnn.engines.dream import DreamObjective, dream
from artcnn.engines.step import State, Step
from artcnn.engines.style import StyleObjective, style
from artcnn.image import resize, size_of
from artcnn.recipes import DreamRecipe, Recipe, StyleRecipe


def steps(
    recipe: Recipe,
    images: Mapping[str, Tensor],
    backbone: FeatureExtractor,
    bands: Bands = WHOLE,
    state: State | None = None,
) -> Iterator[Step]:
    """Return the steps of the engine that the recipe is for, from the beginning or from a state on.

    ``images`` are its inputs, by what each is.
    """
    photo = images["photo"]
    match recipe:
        case DreamRecipe():
            return dream(photo, backbone, recipe, bands, state)
        case StyleRecipe():
            return style(photo, images["painting"], backbone, recipe, bands, state)
    raise TypeError(f"no engine takes {recipe!r}")


@no_grad()
def judge(
    recipe: Recipe, images: Mapping[str, Tensor], backbone: FeatureExtractor, written: Tensor
) -> dict[str, dict[str, float]]:
    """Return how good a written picture is: a dream's objective before and after, a style's loss by term."""
    photo = images["photo"]
    match recipe:
        case DreamRecipe():
            photo = resize(photo, size_of(written))
            objective = DreamObjective(photo, backbone, recipe, FRUGAL)
            return {"objective": {"before": objective(photo).item(), "after": objective(written).item()}}
        case StyleRecipe():
            loss = StyleObjective(photo, images["painting"], backbone, recipe, max(size_of(written)), FRUGAL)(written)
            return {"loss": {term: getattr(loss, term).item() for term in ("content", "style", "tv", "total")}}
    raise TypeError(f"no engine takes {recipe!r}")
