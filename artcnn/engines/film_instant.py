"""Films in an instant style: each frame is painted alone, and blended with what the last ones left at its places."""

from collections.abc import Sequence

import torch
from torch import Tensor

from artcnn.engines.film_carry import EDGE_SIGMA, Carried, Finished, detail_energy, match_detail
from artcnn.engines.instant import instant
from artcnn.engines.motion import FlowEstimator, Motion, warp
from artcnn.image import blur, resize, size_of
from artcnn.nets.instant import InstantNetwork
from artcnn.recipes import InstantRecipe

SHARE = 0.9
"""How much of the last picture a reliable place keeps at full coherence."""


class InstantPainter:
    """Paints frames in a style that a network has learned.

    Args:
        network: has the recipe's styles, in order, on the frames' device.
        weights: of the styles, shape (1, styles); they add up to 1.
        recipe: every setting, its precision decided; its size is not used, a picture has its frame's.
        protect: where the frames stay as they are, shape (1, 1, h, w), of any size: 1 there.
    """

    reach = 1  # flow takes as long as painting

    def __init__(
        self, network: InstantNetwork, weights: Tensor, recipe: InstantRecipe, protect: Tensor | None = None
    ) -> None:
        self._network, self._weights, self._recipe, self._protect = network, weights, recipe, protect

    def carries(self, frame: Tensor, picture: Tensor) -> Tensor:
        """Return the painted part of a picture: the photo's part, at a strength below 1, stays the frame's own."""
        return picture - (1 - self._recipe.strength) * frame

    def carry(self, frame: Tensor, past: Sequence[Finished], motion: Motion, flow: FlowEstimator) -> Carried:  # noqa: ARG002
        """Return what the last picture looks like in the next frame.

        Edges of reliable places are softened to both sides: beside them the film would flicker.
        """
        moved = warp(past[-1].content, motion.flow)
        return Carried(moved, blur(motion.reliable, EDGE_SIGMA), torch.zeros_like(moved[..., :1, :1]))

    def paint_alone(self, frame: Tensor) -> tuple[Tensor, float]:
        """Return the painted frame, and 0."""
        recipe = self._recipe.model_copy(update={"size": max(size_of(frame))})
        (step,) = instant(frame, self._network, self._weights, recipe, self._protect)
        return step.image, step.value

    def paint_next(self, frame: Tensor, carried: Carried, coherence: float) -> tuple[Tensor, float]:
        """Return the painted frame, blended with the last picture where that is reliable, and 0."""
        alone, value = self.paint_alone(frame)
        painted = self.carries(frame, alone)
        blended = torch.lerp(painted, carried.content, SHARE * coherence * carried.reliable)
        blended = match_detail(blended, detail_energy(painted))
        picture = (blended + (alone - painted)).clamp(0, 1)
        if self._protect is not None:
            picture = torch.lerp(picture, frame, resize(self._protect, size_of(frame)))
        return picture, value
