"""Zoom videos: each frame is the last one, enlarged and rotated about its center, and dreamed on.

This is as old as Deep Dream itself (Mordvintsev, Olah and Tyka 2015, "Inceptionism"). The camera carries the dream
along, so one or two steps a frame are enough. Colors and contrast would drift over hundreds of frames; they are drawn
back to the photo's.
"""

from collections.abc import Iterator
from functools import partial

import torch
from torch import Tensor

from artcnn.backbones.base import Backbone, check_backbone
from artcnn.backbones.tiles import UNTILED, TilingPolicy
from artcnn.colors import color_stats, match_color_stats
from artcnn.engines.camera import advance_frame, blend_photo, camera_view
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
from artcnn.image import blur, fit, resize, size_of, video_size
from artcnn.recipes import DreamRecipe, VideoRecipe

CHROMA_SIGMA = 0.6
"""Standard deviation of the Gaussian that smooths the colors of each frame, but not its gray, in pixels.

Every step makes colored fringes a little brighter; smoothed, they do not become neon.
"""


def zoom(
    image: Tensor,
    backbone: Backbone,
    recipe: DreamRecipe,
    video: VideoRecipe,
    tiling: TilingPolicy = UNTILED,
    state: State | None = None,
    *,
    mask: Tensor | None = None,
    guide: Guide | None = None,
) -> Iterator[Step]:
    """Yield the frames of a video, of which the photo is the first; each ``Step`` is a frame.

    In a loop the frame after the last would be the first. Over the second half more and more of the photo, as small as
    it would look from so far away, is mixed into the center of each frame before the next is dreamed from it.

    Args:
        image: the photo, shape (1, 3, H, W), sRGB in [0, 1].
        backbone: the network that the recipe asks for, on the image's device.
        recipe: what to dream; its ``steps`` are a picture's and are not used.
        video: the camera's movement, and how much to dream in a frame.
        tiling: how pictures are run through the network; the result is the same to rounding.
        state: of a frame of an earlier run with the same arguments, to continue from.
        mask: where to dream in the photo, shape (1, 1, h, w), stretched over it: fully where 1, not at all where 0. It
            moves with the camera; outside of it is only the moved photo.
        guide: a picture that the dream is drawn towards.

    Raises:
        ArtcnnError: the network is not the recipe's, a frame would have fewer than 32 pixels on its short side, a layer
            does not exist, or the guide's mask is black.
    """
    check_backbone(backbone, recipe)
    generator = torch.Generator().manual_seed(recipe.seed)
    photo = resize(fit(image, recipe.size), video_size(size_of(image), recipe.size))
    height, width = size_of(photo)
    # A mask that is white everywhere is none: color statistics with weights would differ by rounding.
    where = None if mask is None or mask.min() == 1 else resize(mask, (height, width))
    frames = _FrameMaker(photo, backbone, recipe, video, tiling, where, guide)
    picture, value, first = photo, 1.0, 0  # 1 is the objective of the photo
    if state is not None:
        first, picture = int(state["index"]), state["picture"].to(photo)
        generator.set_state(state["random"])
    for number in range(first, video.frames):
        if number > 0:
            picture, value = frames.make(number, picture, value, generator)
        stage = f"second {int(number / video.fps) + 1} of {-int(-video.frames // video.fps)}, {width} x {height}"
        resume = partial(_state, number + 1, picture, generator)
        yield Step(picture, value, number + 1, video.frames, (number + 1) / video.frames, stage, resume)


def _state(index: int, picture: Tensor, generator: torch.Generator) -> State:
    return {"index": torch.tensor(index), "picture": picture, "random": generator.get_state()}


def count_dreamed_frames(video: VideoRecipe, frames: range, mask: Tensor | None) -> int:
    """Return in how many of some frames something is dreamed: not in frame 0, nor where the mask is out of sight.

    Args:
        video: the camera's movement.
        frames: their numbers.
        mask: of the photo, shape (1, 1, h, w), with the photo's aspect ratio; it may be small.
    """
    return sum(mask is None or camera_view(mask, video, number).max().item() > 0 for number in frames if number > 0)


class _FrameMaker:
    """Makes the frames. What is the same for all frames is computed once, from the photo."""

    def __init__(
        self,
        photo: Tensor,
        backbone: Backbone,
        recipe: DreamRecipe,
        video: VideoRecipe,
        tiling: TilingPolicy,
        mask: Tensor | None,
        guide: Guide | None,
    ) -> None:
        self._photo, self._mask, self._video, self._color_stats = photo, mask, video, color_stats(photo, mask)
        self._recipe = recipe.model_copy(update={"step_size": video.step_scale * recipe.step_size})
        self._colors = color_preconditioner(photo, recipe.palette)
        objectives = resolve_objectives(photo, backbone, recipe, tiling, guide)
        self._octaves = [
            (size, DreamObjective(resize(photo, size), backbone, recipe, tiling, objectives))
            for size in octave_sizes(size_of(photo), recipe)
        ]

    def make(self, number: int, before: Tensor, value: float, generator: torch.Generator) -> tuple[Tensor, float]:
        """Return a frame, given the one before it, and the objective at the start of its last step.

        Where the mask is out of sight the frame is the moved photo, and ``value`` stays.
        """
        if self._mask is None:
            picture, value = self._dream(before, None, generator)
            return blend_photo(picture, self._photo, self._video, number), value
        still, mask = (camera_view(x, self._video, number) for x in (self._photo, self._mask))
        if mask.max() == 0:
            return still, value
        picture, value = self._dream(before, mask, generator)
        picture = blend_photo(picture, self._photo, self._video, number)
        # What repeated interpolation loses of places that are hardly dreamed on is added again.
        last = camera_view(self._photo, self._video, number - 1)
        lost = still - blend_photo(advance_frame(last, self._video), self._photo, self._video, number)
        return torch.where(mask > 0, (picture + (1 - mask) * lost).clamp(0, 1), still), value

    def _dream(self, frame: Tensor, mask: Tensor | None, generator: torch.Generator) -> tuple[Tensor, float]:
        """Return the dream of a frame, moved, and the objective at the start of the last step."""
        moved, value = advance_frame(frame, self._video), 0.0
        gray = moved.mean(1, keepdim=True)
        smooth = (gray + blur(moved - gray, CHROMA_SIGMA)).clamp(0, 1)
        moved = smooth if mask is None else torch.lerp(moved, smooth, mask)
        picture, detail = moved, torch.zeros_like(moved)
        for size, objective in self._octaves:
            base = resize(moved, size)
            where = None if mask is None else resize(mask, size)
            picture = init_octave(base, detail, where)
            for _ in range(self._video.steps):
                picture, value = gradient_step(picture, objective, self._colors, self._recipe, generator, where)
            detail = picture - base
        matched = match_color_stats(picture, color_stats(picture, mask), self._color_stats)
        share = self._video.color_match if mask is None else self._video.color_match * mask
        return torch.lerp(picture, matched, share), value
