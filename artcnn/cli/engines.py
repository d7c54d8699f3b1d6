"""Which engine belongs to which recipe: the only place that has to know."""

from collections.abc import Iterator, Sequence

from torch import Tensor, no_grad

from artcnn.backbones.vgg import Backbone
from artcnn.engines.dream import DreamObjective, dream
from artcnn.engines.step import Step
from artcnn.engines.style import StyleObjective, style
from artcnn.image import resize, size_of
from artcnn.recipes import DreamRecipe, Recipe, StyleRecipe


def steps(recipe: Recipe, images: Sequence[Tensor], backbone: Backbone) -> Iterator[Step]:
    """Return the steps of the engine that the recipe is for; ``images`` are its inputs, in the command's order."""
    match recipe, images:
        case DreamRecipe(), [photo]:
            return dream(photo, backbone, recipe)
        case StyleRecipe(), [photo, painting]:
            return style(photo, painting, backbone, recipe)
    raise TypeError(f"no engine takes {len(images)} images and {recipe!r}")


@no_grad()
def judge(recipe: Recipe, images: Sequence[Tensor], backbone: Backbone, written: Tensor) -> dict[str, dict[str, float]]:
    """Return how good a written picture is: a dream's objective before and after, a style's loss by term."""
    match recipe, images:
        case DreamRecipe(), [photo]:
            photo = resize(photo, size_of(written))
            objective = DreamObjective(photo, backbone, recipe)
            return {"objective": {"before": objective(photo).item(), "after": objective(written).item()}}
        case StyleRecipe(), [photo, painting]:
            loss = StyleObjective(photo, painting, backbone, recipe, max(size_of(written)))(written)
            return {"loss": {term: getattr(loss, term).item() for term in ("content", "style", "tv", "total")}}
    raise TypeError(f"no engine takes {len(images)} images and {recipe!r}")
