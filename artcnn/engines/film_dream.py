"""Films that are dreamt: the dreamt detail goes along with the things in the clip, and only new places are dreamt anew.

What is carried is the detail, the picture minus its frame, and not the picture: light and focus stay the clip's.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from artcnn.backbones.base import Backbone
from artcnn.backbones.tiles import UNTILED, TilingPolicy
from artcnn.engines.dream import dream
from artcnn.engines.film_carry import DISTANCES, Carried, Finished, carry, hold_mean
from artcnn.engines.guide import Guide
from artcnn.engines.motion import FlowEstimator, Motion
from artcnn.image import blur, resize, size_of
from artcnn.recipes import DreamRecipe

STEPS = 0.4
"""Steps of a frame behind the first, relative to the recipe's; each is as much longer."""

REFRESH = 0.05
"""How much a reliable place may dream at full coherence: enough to mend what interpolation wears out."""

STRENGTH_SIGMA = 16.0
"""Standard deviation of the Gaussian over which the strength of the detail is averaged, in pixels."""

MAX_GAIN = 1.25
"""Largest factor by which detail is made stronger or weaker at once."""

_FAINT = 1e-5
"""Mean square of detail that cannot be seen."""


class DreamPainter:
    """Dreams frames.

    Args:
        backbone: the network that the recipe asks for, on the frames' device.
        recipe: every setting; its size is not used, a picture has its frame's.
        tiling: how pictures are run through the network.
        mask: where to dream, shape (1, 1, h, w), stretched over each frame: fully where 1, not at all where 0.
        guide: a picture that the dream is drawn towards.
    """

    reach = max(DISTANCES)

    def __init__(
        self,
        backbone: Backbone,
        recipe: DreamRecipe,
        tiling: TilingPolicy = UNTILED,
        *,
        mask: Tensor | None = None,
        guide: Guide | None = None,
    ) -> None:
        self._backbone, self._recipe, self._tiling, self._mask, self._guide = backbone, recipe, tiling, mask, guide

    def carries(self, frame: Tensor, picture: Tensor) -> Tensor:
        """Return the dreamt detail."""
        return picture - frame

    def carry(self, frame: Tensor, past: Sequence[Finished], motion: Motion, flow: FlowEstimator) -> Carried:
        """Return what the last pictures look like in the next frame, as sharp as they were."""
        return carry(frame, past, motion, flow)

    def paint_alone(self, frame: Tensor) -> tuple[Tensor, float]:
        """Return the dream of a frame, and the objective before its last step."""
        return self._dream(frame, self._recipe, self._mask)

    def paint_next(self, frame: Tensor, carried: Carried, coherence: float) -> tuple[Tensor, float]:
        """Return the frame with the carried detail, dreamt on where there is none, and the objective before the end."""
        kept = coherence * carried.reliable
        free = 1 - (1 - REFRESH) * kept
        if self._mask is not None:
            where = resize(self._mask, size_of(frame))
            kept, free = kept * (where > 0), free * where
        recipe = self._recipe
        steps = max(1, round(STEPS * recipe.steps))
        longer = min(1.0, recipe.step_size * recipe.steps / steps)
        recipe = recipe.model_copy(update={"steps": steps, "step_size": longer})
        start = (frame + kept * carried.content).clamp(0, 1)
        picture, value = self._dream(start, recipe, free)
        detail = _hold_strength(picture - frame, carried.content, kept)
        return (frame + detail).clamp(0, 1), value

    def _dream(self, frame: Tensor, recipe: DreamRecipe, mask: Tensor | None) -> tuple[Tensor, float]:
        recipe = recipe.model_copy(update={"size": max(size_of(frame))})
        *_, last = dream(frame, self._backbone, recipe, self._tiling, mask=mask, guide=self._guide)
        return last.image, last.value


def _hold_strength(detail: Tensor, carried: Tensor, kept: Tensor) -> Tensor:
    """Return detail that is as strong and has the same mean color as the carried one, as far as that is kept.

    What is dreamt again and again would grow, and what is interpolated again and again would fade.

    Args:
        detail: shape (1, 3, H, W).
        carried: of the same shape.
        kept: how far each place keeps the carried detail, shape (1, 1, H, W), 0 to 1.
    """
    energies = [blur(x.square().mean(1, keepdim=True), STRENGTH_SIGMA) + _FAINT for x in (carried, detail)]
    gain = (energies[0] / energies[1]).sqrt().clamp(1 / MAX_GAIN, MAX_GAIN)
    detail = torch.lerp(detail, gain * detail, kept)
    return hold_mean(detail, carried, kept)
