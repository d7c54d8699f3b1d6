"""Zoom films: each frame is dreamt from the last, scaled and turned about the middle.

Falling into one's own dream is as old as Deep Dream itself (Mordvintsev, Olah and Tyka 2015, "Inceptionism").
What is dreamt is carried along by the movement, so that a step or two a frame are enough. What would drift over
hundreds of frames, the colours and the contrast, is drawn back to the photo's.
"""

from collections.abc import Iterator
from functools import partial
from math import cos, exp, radians, sin, sqrt
from typing import TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor

from artcnn.backbones.extractor import FeatureExtractor
from artcnn.backbones.tiles import WHOLE, Tiling
from artcnn.engines.dream import DreamObjective, ascend, begun, excitations, octave_sizes, palette
from artcnn.engines.guide import Guide
from artcnn.engines.step import State, Step
from artcnn.image import Size, blur, colours_of, fit, fit_size, move_colours, resize, size_of
from artcnn.recipes import DreamRecipe, FilmSettings

Number = TypeVar("Number", float, Tensor)

LOOP = 0.5
"""Share of a loop's frames over which the photo comes up again."""

PULL = 5.0
"""How much of the photo is mixed in over all these frames: of what was dreamt before, exp(-PULL) would be left."""

SOFT = 0.6
"""Standard deviation of the Gaussian that smooths the colours of each frame, not its grey, in pixels.

Coloured fringes, which every step would make a little brighter, have no time to become neon.
"""

RIM = 0.3
"""Width of the soft rim about the photo that comes up, of half its sides; the photo is mirrored in it."""


LEVELS = 65_535
"""Steps from black to white of a mask that moves: black and white stay so, and an edge does not creep by rounding."""


def zoom(
    image: Tensor,
    backbone: FeatureExtractor,
    recipe: DreamRecipe,
    film: FilmSettings,
    tiling: Tiling = WHOLE,
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
            moves along, as :func:`next_mask` says; what is outside of it is moved, and nothing else.
        guide: a picture that the dream is drawn towards.

    Raises:
        ArtcnnError: a frame would have fewer than 32 pixels on its short side, a layer does not exist, or the guide's
            mask is black.
    """
    generator = torch.Generator().manual_seed(recipe.seed)
    photo = resize(fit(image, recipe.size), film_size(size_of(image), recipe.size))
    height, width = size_of(photo)
    # White everywhere is no mask: measured under one, colours would be so to rounding alone.
    own = None if mask is None or mask.min() == 1 else resize(mask, (height, width))
    dreamer = _Dreamer(photo, backbone, recipe, film, tiling, own, guide)
    picture, where, value, first = photo, own, 1.0, 0  # the unit of the value is what the photo makes of it
    if state is not None:
        first, picture = int(state["index"]), state["picture"].to(photo)
        where = None if own is None else state["mask"].to(photo)
        generator.set_state(state["random"])
    for number in range(first, film.frames):
        if number > 0:
            where = None if where is None or own is None else next_mask(where, own, film, number)
            picture, value = dreamer.next(picture, where, value, generator)
            picture = _returned(picture, photo, film, number)
        stage = f"second {int(number / film.fps) + 1} of {-int(-film.frames // film.fps)}, {width} x {height}"
        here = partial(_state, number + 1, picture, where, generator)
        yield Step(picture, value, number + 1, film.frames, (number + 1) / film.frames, stage, here)


def _state(index: int, picture: Tensor, mask: Tensor | None, generator: torch.Generator) -> State:
    state = {"index": torch.tensor(index), "picture": picture, "random": generator.get_state()}
    return state if mask is None else state | {"mask": mask}


def next_mask(mask: Tensor, own: Tensor, film: FilmSettings, number: int) -> Tensor:
    """Return the mask of frame ``number`` from that of the frame before it: it moves as the picture does.

    In a loop the photo that comes up brings its mask with it.

    Args:
        mask: where the frame before was dreamt on, shape (1, 1, H, W), 0 to 1.
        own: the photo's, of the same shape.
        film: the movement.
        number: from 1; the photo is frame 0.
    """
    moved = _returned(warp(mask, film.zoom, film.rotate), own, film, number)
    return (moved * LEVELS).round() / LEVELS


def film_size(size: Size, long_side: int) -> Size:
    """Return the (height, width) of a film's frames: even, as video needs them."""
    height, width = fit_size(size, long_side)
    return max(height // 2, 1) * 2, max(width // 2, 1) * 2


def least_zoom(size: Size, degrees: float) -> float:
    """Return the zoom from which on a frame of (height, width), turned by so many degrees, has no empty corner.

    The corners of the frame, taken back into the last one, have to lie in it: |W cos + H sin| <= zoom W across, and
    |W sin + H cos| <= zoom H down, of which the one along the shorter side decides.
    """
    turn = radians(degrees)
    return abs(cos(turn)) + abs(sin(turn)) * max(size) / min(size)


def warp(image: Tensor, scale: float, degrees: float) -> Tensor:
    """Return an image enlarged ``scale`` times and turned counter-clockwise, both about its middle, at its own size.

    Bicubic, kept in [0, 1]; smoothed first where it shrinks; mirrored where it shows what is beyond the borders.
    The identity is exact.
    """
    if scale == 1 and degrees == 0:
        return image
    if scale < 1:
        # What a pixel of the result covers; a Gaussian that turns one pixel's width into that of 1 / scale.
        image = blur(image, 0.5 * sqrt(scale**-2 - 1))
    grid = _places(size_of(image), scale, degrees).to(image)
    return F.grid_sample(image, grid, mode="bicubic", padding_mode="reflection", align_corners=False).clamp(0, 1)


def _places(size: Size, scale: float, degrees: float) -> Tensor:
    """Return where each pixel of a warped image comes from, (1, H, W, 2): x and y, -1 to 1 within the image."""
    height, width = size
    along, across = cos(radians(degrees)) / scale, sin(radians(degrees)) / scale
    matrix = [[along, -across * height / width, 0], [across * width / height, along, 0]]
    grid: Tensor = F.affine_grid(torch.tensor([matrix], dtype=torch.float64), [1, 1, height, width], False)
    return grid


def dreamt_frames(film: FilmSettings, frames: range, mask: Tensor | None) -> int:
    """Return how many of some frames are dreamt on: all but the photo, 0, and those that the mask has moved out of.

    Args:
        film: the movement.
        frames: their numbers.
        mask: the photo's, shape (1, 1, h, w), of its proportions; a small one tells enough.
    """
    count, where = 0, mask
    for number in range(1, frames.stop):
        where = None if where is None or mask is None else next_mask(where, mask, film, number)
        count += number in frames and (where is None or where.max().item() > 0)
    return count


class _Dreamer:
    """What makes the next frame; what does not change from frame to frame is measured once, on the photo."""

    def __init__(
        self,
        photo: Tensor,
        backbone: FeatureExtractor,
        recipe: DreamRecipe,
        film: FilmSettings,
        tiling: Tiling,
        mask: Tensor | None,
        guide: Guide | None,
    ) -> None:
        self._film, self._colours = film, colours_of(photo, mask)
        self._recipe = recipe.model_copy(update={"step_size": film.pace * recipe.step_size})
        self._palette = palette(photo, recipe.palette)
        excited = excitations(photo, backbone, recipe, tiling, guide)
        self._octaves = [
            (size, DreamObjective(resize(photo, size), backbone, recipe, tiling, excited))
            for size in octave_sizes(size_of(photo), recipe)
        ]

    def next(
        self, frame: Tensor, mask: Tensor | None, value: float, generator: torch.Generator
    ) -> tuple[Tensor, float]:
        """Return the frame after another, and the value that the last of its steps started from.

        Where nothing of the mask is in sight any more the frame is moved alone, and ``value`` stays.
        """
        moved = warp(frame, self._film.zoom, self._film.rotate)
        if mask is not None and mask.max() == 0:
            return moved, value
        grey = moved.mean(1, keepdim=True)
        smooth = (grey + blur(moved - grey, SOFT)).clamp(0, 1)
        moved = smooth if mask is None else torch.lerp(moved, smooth, mask)
        picture, detail = moved, torch.zeros_like(moved)
        for size, objective in self._octaves:
            base = resize(moved, size)
            where = None if mask is None else resize(mask, size)
            picture = begun(base, detail, where)
            for _ in range(self._film.steps):
                picture, value = ascend(picture, objective, self._palette, self._recipe, generator, where)
            detail = picture - base
        drawn = move_colours(picture, colours_of(picture, mask), self._colours)
        share = self._film.colours if mask is None else self._film.colours * mask
        return torch.lerp(picture, drawn, share), value


def _returned(picture: Tensor, own: Tensor, film: FilmSettings, number: int) -> Tensor:
    """Return frame ``number`` of a loop with as much of the photo in its middle as it should have; any other as it is.

    ``picture`` may also be the frame's mask, and ``own`` the photo's.
    """
    count = max(1, round(LOOP * film.frames))
    left = film.frames - number
    if not film.loop or left >= count:
        return picture
    # A little in each frame, on which the dream goes on, is no double exposure; only the last frames let the photo be.
    done, usual = 1 - left / count, 1 - exp(-PULL / count)
    share = usual * _smooth(min(1, 4 * done)) + (1 - usual) * done**6
    scale, degrees = film.zoom**-left, -film.rotate * left
    places = _places(size_of(own), scale, degrees).to(own).abs().amax(3)
    inside = _smooth(((1 + RIM - places) / RIM).clamp(0, 1))
    return torch.lerp(picture, warp(own, scale, degrees), share * inside[:, None])


def _smooth(x: Number) -> Number:
    """Return numbers that go from 0 to 1 as ``x`` does, without a sudden start or end."""
    return x * x * (3 - 2 * x)
