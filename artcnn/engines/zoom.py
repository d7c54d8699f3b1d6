"""Zoom films: each frame is dreamt from the last, scaled and turned about the middle.

Falling into one's own dream is as old as Deep Dream itself (Mordvintsev, Olah and Tyka 2015, "Inceptionism").
What is dreamt is carried along by the movement, so that a step or two a frame are enough. What would drift over
hundreds of frames, the colours and the contrast, is drawn back to the photo's.
"""

from collections.abc import Iterator
from functools import partial

import torch
from torch import Tensor

from artcnn.backbones.base import Backbone, check_backbone
from artcnn.backbones.tiles import UNTILED, TilingPolicy
from artcnn.colors import color_stats, match_color_stats
from artcnn.engines.camera import advance_frame, blend_photo, camera_view, video_size
from artcnn.engines.dream import (
    DreamObjective,
    color_preconditioner,
    gradient_step,
    init_octave,
    octave_sizes,
    resolve_objectives,
)
from artcnn.engines.guide import Guide
from artcnn.engines.step import State, Step
from artcnn.image import blur, fit, resize, size_of
from artcnn.recipes import DreamRecipe, VideoRecipe

SOFT = 0.6
"""Standard deviation of the Gaussian that smooths the colours of each frame, not its grey, in pixels.

Coloured fringes, which every step would make a little brighter, have no time to become neon.
"""


def zoom(
    image: Tensor,
    backbone: Backbone,
    recipe: DreamRecipe,
    film: VideoRecipe,
    tiling: TilingPolicy = UNTILED,
    state: State | None = None,
    *,
    mask: Tensor | None = None,
    guide: Guide | None = None,
) -> Iterator[Step]:
    """Yield the frames of a film, of which the photo is the first; a ``Step`` is a frame.

    In a loop the frame after the last would be the first: over its second half the photo, as small as it would look
    from so far away, is mixed into the middle of each frame before the next is dreamt from it, ever more of it.

    Args:
        image: the photo, shape (1, 3, H, W), sRGB in [0, 1].
        backbone: the network, on the image's device.
        recipe: what is dreamt, and how; its ``steps`` are a picture's, a film has its own.
        film: the movement, and how much is dreamt in a frame.
        tiling: how pictures are run through the network; the result is the same to rounding.
        state: of a frame of an earlier run with the same arguments, to go on from.
        mask: where to dream in the photo, shape (1, 1, h, w), stretched over it: fully where 1, not at all where 0. It
            moves along; what is outside of it is the photo, moved, and nothing else.
        guide: a picture that the dream is drawn towards.

    Raises:
        ArtcnnError: a frame would have fewer than 32 pixels on its short side, a layer does not exist, or the guide's
            mask is black.
    """
    check_backbone(backbone, recipe)
    generator = torch.Generator().manual_seed(recipe.seed)
    photo = resize(fit(image, recipe.size), video_size(size_of(image), recipe.size))
    height, width = size_of(photo)
    # White everywhere is no mask: measured under one, colours would be so to rounding alone.
    own = None if mask is None or mask.min() == 1 else resize(mask, (height, width))
    dreamer = _Dreamer(photo, backbone, recipe, film, tiling, own, guide)
    picture, value, first = photo, 1.0, 0  # the unit of the value is what the photo makes of it
    if state is not None:
        first, picture = int(state["index"]), state["picture"].to(photo)
        generator.set_state(state["random"])
    for number in range(first, film.frames):
        if number > 0:
            picture, value = dreamer.frame(number, picture, value, generator)
        stage = f"second {int(number / film.fps) + 1} of {-int(-film.frames // film.fps)}, {width} x {height}"
        here = partial(_state, number + 1, picture, generator)
        yield Step(picture, value, number + 1, film.frames, (number + 1) / film.frames, stage, here)


def _state(index: int, picture: Tensor, generator: torch.Generator) -> State:
    return {"index": torch.tensor(index), "picture": picture, "random": generator.get_state()}


def count_dreamed_frames(film: VideoRecipe, frames: range, mask: Tensor | None) -> int:
    """Return how many of some frames are dreamt on: all but the photo, 0, and those that the mask has moved out of.

    Args:
        film: the movement.
        frames: their numbers.
        mask: the photo's, shape (1, 1, h, w), of its proportions; a small one tells enough.
    """
    return sum(mask is None or camera_view(mask, film, number).max().item() > 0 for number in frames if number > 0)


class _Dreamer:
    """What makes the frames; what does not change from frame to frame is measured once, on the photo."""

    def __init__(
        self,
        photo: Tensor,
        backbone: Backbone,
        recipe: DreamRecipe,
        film: VideoRecipe,
        tiling: TilingPolicy,
        mask: Tensor | None,
        guide: Guide | None,
    ) -> None:
        self._photo, self._mask, self._film, self._colours = photo, mask, film, color_stats(photo, mask)
        self._recipe = recipe.model_copy(update={"step_size": film.step_scale * recipe.step_size})
        self._palette = color_preconditioner(photo, recipe.palette)
        excited = resolve_objectives(photo, backbone, recipe, tiling, guide)
        self._octaves = [
            (size, DreamObjective(resize(photo, size), backbone, recipe, tiling, excited))
            for size in octave_sizes(size_of(photo), recipe)
        ]

    def frame(self, number: int, before: Tensor, value: float, generator: torch.Generator) -> tuple[Tensor, float]:
        """Return a frame, made of the one before it, and the value that the last of its steps started from.

        Where nothing of the mask is in sight any more the photo is moved alone, and ``value`` stays.
        """
        if self._mask is None:
            picture, value = self._dreamt(before, None, generator)
            return blend_photo(picture, self._photo, self._film, number), value
        still, mask = (camera_view(x, self._film, number) for x in (self._photo, self._mask))
        if mask.max() == 0:
            return still, value
        picture, value = self._dreamt(before, mask, generator)
        picture = blend_photo(picture, self._photo, self._film, number)
        # Of what is hardly dreamt on nothing is lost by moving it again and again.
        last = camera_view(self._photo, self._film, number - 1)
        lost = still - blend_photo(advance_frame(last, self._film), self._photo, self._film, number)
        return torch.where(mask > 0, (picture + (1 - mask) * lost).clamp(0, 1), still), value

    def _dreamt(self, frame: Tensor, mask: Tensor | None, generator: torch.Generator) -> tuple[Tensor, float]:
        """Return what is dreamt from a frame, moved on, and the value that the last step started from."""
        moved, value = advance_frame(frame, self._film), 0.0
        grey = moved.mean(1, keepdim=True)
        smooth = (grey + blur(moved - grey, SOFT)).clamp(0, 1)
        moved = smooth if mask is None else torch.lerp(moved, smooth, mask)
        picture, detail = moved, torch.zeros_like(moved)
        for size, objective in self._octaves:
            base = resize(moved, size)
            where = None if mask is None else resize(mask, size)
            picture = init_octave(base, detail, where)
            for _ in range(self._film.steps):
                picture, value = gradient_step(picture, objective, self._palette, self._recipe, generator, where)
            detail = picture - base
        drawn = match_color_stats(picture, color_stats(picture, mask), self._colours)
        share = self._film.color_match if mask is None else self._film.color_match * mask
        return torch.lerp(picture, drawn, share), value
