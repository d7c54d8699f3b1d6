"""Films in the style of paintings: each frame begins from the last pictures, and keeps to them while it is painted.

Ruder, Dosovitskiy and Brox 2016, "Artistic style transfer for videos" (arXiv:1604.08610).
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from artcnn.backbones.base import Backbone
from artcnn.backbones.tiles import UNTILED, TilingPolicy
from artcnn.engines.film_carry import DISTANCES, Carried, Finished, carry, hold_mean
from artcnn.engines.guidance import NO_MASKS, Masks
from artcnn.engines.lbfgs import FIRST_STEP, BoundedLBFGS
from artcnn.engines.motion import FlowEstimator, Motion
from artcnn.engines.optimizers import Safeguard, make_optimizer
from artcnn.engines.style import compose_output, make_loss, match_palette, style
from artcnn.engines.style_loss import StyleLoss
from artcnn.image import size_of
from artcnn.recipes import StyleRecipe

STEPS = 10
"""Steps of a frame behind the first, all at full size."""

TOLERANCE = 0.03
"""Difference from the last pictures, of the range 0 to 1, that costs as much as all else at full coherence."""

FIRST_SHARE = 0.25
"""First step of a frame behind the first, relative to that of a picture: it begins close to its end."""


class StylePainter:
    """Paints frames in the style of paintings.

    Args:
        paintings: shape (1, 3, h, w) each, of any size; they are never stretched.
        backbone: the network that the recipe asks for, on the images' device.
        recipe: every setting; its size is not used, a picture has its frame's.
        tiling: how pictures are run through the network.
        masks: where each painting's style applies, and what is protected.
        start: with ``init = "instant"``, returns the picture that an instant style makes of a frame.
    """

    reach = max(DISTANCES)

    def __init__(
        self,
        paintings: Sequence[Tensor],
        backbone: Backbone,
        recipe: StyleRecipe,
        tiling: TilingPolicy = UNTILED,
        masks: Masks = NO_MASKS,
        start: Callable[[Tensor], Tensor] | None = None,
    ) -> None:
        self._paintings, self._backbone, self._recipe = paintings, backbone, recipe
        self._tiling, self._masks, self._start = tiling, masks, start
        self._loss: StyleLoss | None = None

    def carries(self, frame: Tensor, picture: Tensor) -> Tensor:  # noqa: ARG002
        """Return the picture."""
        return picture

    def carry(self, frame: Tensor, past: Sequence[Finished], motion: Motion, flow: FlowEstimator) -> Carried:
        """Return what the last pictures look like in the next frame, as sharp as they were."""
        return carry(frame, past, motion, flow)

    def paint_alone(self, frame: Tensor) -> tuple[Tensor, float]:
        """Return the painted frame, and its loss before the last step."""
        recipe = self._fit_recipe(frame)
        start = None if self._start is None else self._start(frame)
        *_, last = style(frame, self._paintings, self._backbone, recipe, self._tiling, masks=self._masks, start=start)
        return last.image, last.value

    def paint_next(self, frame: Tensor, carried: Carried, coherence: float) -> tuple[Tensor, float]:
        """Return the painted frame, close to the last pictures where they are reliable, and its loss.

        Where they are not, it begins from what the first scale of a picture begins from. Nearest neighbors are searched
        once, for the moved pictures: so each place keeps the neighbor that it had.
        """
        if self._recipe.strength == 0:
            return self.paint_alone(frame)  # the frame itself
        recipe, earlier = self._fit_recipe(frame), carried.content.clamp(0, 1)
        image, optimizer = torch.lerp(self._guess(frame, recipe), earlier, carried.reliable), _make_optimizer(recipe)
        loss_of = self._loss_of(frame, recipe)
        loss_of.set_photo(frame)
        loss_of.retarget(image, 0, STEPS)
        # In the unit of the other terms, which depends on the recipe.
        kept = coherence * carried.reliable
        loss_of.set_anchor(earlier, loss_of(image) / TOLERANCE**2 * kept)
        for _ in range(STEPS):
            loss, gradient = loss_of.value_and_gradient(image)
            image = optimizer.step(image, loss, gradient)
        image = optimizer.best_of(image, loss_of)
        picture = compose_output(image, frame, loss_of, recipe)
        # The light of a painting is its own; where the colors are the clip's, they change with it.
        wanted = earlier if recipe.colors == "style" else earlier + carried.change
        picture = hold_mean(picture, wanted, kept).clamp(0, 1)
        return loss_of.restore_protected(picture), optimizer.best_loss

    def _fit_recipe(self, frame: Tensor) -> StyleRecipe:
        return self._recipe.model_copy(update={"size": max(size_of(frame))})

    def _guess(self, frame: Tensor, recipe: StyleRecipe) -> Tensor:
        """Return what a frame begins from where nothing is known of it."""
        if self._start is not None:
            return self._start(frame)
        return match_palette(frame, self._paintings, recipe, self._masks)

    def _loss_of(self, frame: Tensor, recipe: StyleRecipe) -> StyleLoss:
        """Return the loss for frames of this size: a new one if the paintings get the colors of each frame."""
        if self._loss is None or recipe.colors == "match":
            self._loss = make_loss(
                frame, self._paintings, self._backbone, recipe, recipe.size, self._tiling, self._masks
            )
        return self._loss


def _make_optimizer(recipe: StyleRecipe) -> Safeguard:
    """Return the optimizer that a recipe asks for, with a smaller first step."""
    if recipe.optimizer == "adam":
        return make_optimizer(recipe)
    return Safeguard(BoundedLBFGS(recipe.step_size, FIRST_SHARE * FIRST_STEP * recipe.strength))
