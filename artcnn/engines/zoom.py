"""Zoom films: each frame is dreamt from the last, scaled and turned about the middle.

Falling into one's own dream is as old as Deep Dream itself (Mordvintsev, Olah and Tyka 2015, "Inceptionism").
What is dreamt is carried along by the movement, so that a step or two a frame are enough. What would drift over
hundreds of frames, the colours and the contrast, is drawn back to the photo's.
"""

from collections.abc import Iterator
from math import cos, exp, radians, sin, sqrt
from typing import TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor

from artcnn.backbones.bands import WHOLE, Tiling
from artcnn.backbones.extractor import FeatureExtractor
from artcnn.engines.dream import DreamObjective, ascend, excitations, octave_sizes, palette
from artcnn.engines.step import Step
from artcnn.image import Size, blur, fit, fit_size, match_colours, resample, resize, size_of
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


def zoom(
    image: Tensor, backbone: FeatureExtractor, recipe: DreamRecipe, film: FilmSettings, bands: Tiling = WHOLE
) -> Iterator[Step]:
    """Yield the frames of a film, of which the photo is the first; a ``Step`` is a frame.

    In a loop the frame after the last would be the first: over its second half the photo, as small as it would look
    from so far away, is mixed into the middle of each frame before the next is dreamt from it, ever more of it.

    Args:
        image: the photo, shape (1, 3, H, W), sRGB in [0, 1].
        backbone: the network, on the image's device.
        recipe: what is dreamt, and how; its ``steps`` are a picture's, a film has its own.
        film: the movement, and how much is dreamt in a frame.
        bands: how pictures are run through the network; the result is the same to rounding.

    Raises:
        ArtcnnError: a frame would have fewer than 32 pixels on its short side, or a layer does not exist.
    """
    generator = torch.Generator().manual_seed(recipe.seed)
    photo = resize(fit(image, recipe.size), film_size(size_of(image), recipe.size))
    height, width = size_of(photo)
    dreamer = _Dreamer(photo, backbone, recipe, film, bands)
    picture, value = photo, 1.0  # the unit of the value is what the photo makes of it
    for number in range(film.frames):
        if number > 0:
            picture, value = dreamer.next(picture, generator)
            if film.loop:
                picture = _returned(picture, photo, film, number)
        stage = f"second {int(number / film.fps) + 1} of {-int(-film.frames // film.fps)}, {width} x {height}"
        yield Step(picture, value, number + 1, film.frames, (number + 1) / film.frames, stage)


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


class _Dreamer:
    """What makes the next frame; what does not change from frame to frame is measured once, on the photo."""

    def __init__(
        self, photo: Tensor, backbone: FeatureExtractor, recipe: DreamRecipe, film: FilmSettings, bands: Tiling
    ) -> None:
        self._photo, self._film = photo, film
        self._recipe = recipe.model_copy(update={"step_size": film.pace * recipe.step_size})
        self._colours = palette(photo, recipe.palette)
        excited = excitations(photo, backbone, recipe, bands)
        self._octaves = [
            (size, DreamObjective(resize(photo, size), backbone, recipe, bands, excited))
            for size in octave_sizes(size_of(photo), recipe)
        ]

    def next(self, frame: Tensor, generator: torch.Generator) -> tuple[Tensor, float]:
        """Return the frame after another, and the value that the last of its steps started from."""
        moved = warp(frame, self._film.zoom, self._film.rotate)
        grey = moved.mean(1, keepdim=True)
        moved = (grey + blur(moved - grey, SOFT)).clamp(0, 1)
        detail, value = torch.zeros_like(moved), 0.0
        picture = moved
        for size, objective in self._octaves:
            base = resize(moved, size)
            picture = (base + resample(detail, size)).clamp(0, 1)
            for _ in range(self._film.steps):
                picture, value = ascend(picture, objective, self._colours, self._recipe, generator)
            detail = picture - base
        return torch.lerp(picture, match_colours(picture, self._photo), self._film.colours), value


def _returned(picture: Tensor, photo: Tensor, film: FilmSettings, number: int) -> Tensor:
    """Return frame ``number`` of a loop with as much of the photo in its middle as it should have."""
    count = max(1, round(LOOP * film.frames))
    left = film.frames - number
    if left >= count:
        return picture
    # A little in each frame, on which the dream goes on, is no double exposure; only the last frames let the photo be.
    done, usual = 1 - left / count, 1 - exp(-PULL / count)
    share = usual * _smooth(min(1, 4 * done)) + (1 - usual) * done**6
    scale, degrees = film.zoom**-left, -film.rotate * left
    places = _places(size_of(photo), scale, degrees).to(photo).abs().amax(3)
    inside = _smooth(((1 + RIM - places) / RIM).clamp(0, 1))
    return torch.lerp(picture, warp(photo, scale, degrees), share * inside[:, None])


def _smooth(x: Number) -> Number:
    """Return numbers that go from 0 to 1 as ``x`` does, without a sudden start or end."""
    return x * x * (3 - 2 * x)
