"""How a film moves: a zoom and a turn about the middle of each frame, and how in a loop the photo comes up again."""

from math import cos, exp, prod, radians, sin, sqrt
from typing import TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor

from artcnn.image import Size, blur, fit_size, resize, sampling_grid, size_of
from artcnn.recipes import VideoRecipe

Number = TypeVar("Number", float, Tensor)

LOOP = 0.5
"""Share of a loop's frames over which the photo comes up again."""

PULL = 5.0
"""How much of the photo is mixed in over all these frames: of what was dreamt before, exp(-PULL) would be left."""

RIM = 0.3
"""Width of the soft rim about the photo that comes up, of half its sides; the photo is mirrored in it."""


def video_size(size: Size, long_side: int) -> Size:
    """Return the (height, width) of a film's frames: even, as video needs them."""
    height, width = fit_size(size, long_side)
    return max(height // 2, 1) * 2, max(width // 2, 1) * 2


def min_zoom(size: Size, degrees: float) -> float:
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
    grid = sampling_grid(size_of(image), scale, degrees).to(image)
    if scale < 0.5:
        # What is to be very small is made so first: the Gaussian below would be wider than the picture.
        image = resize(image, fit_size(size_of(image), max(2, round(2 * scale * max(size_of(image))))))
        scale = 0.5
    if scale < 1:
        # What a pixel of the result covers; a Gaussian that turns one pixel's width into that of 1 / scale.
        image = blur(image, 0.5 * sqrt(scale**-2 - 1))
    return F.grid_sample(image, grid, mode="bicubic", padding_mode="reflection", align_corners=False).clamp(0, 1)


def advance_frame(frame: Tensor, film: VideoRecipe) -> Tensor:
    """Return what the next frame has of a frame, (1, C, H, W): moved, and not made sharper by that.

    Torch's bicubic kernel (Keys 1981, with a = -3/4) has at a part s of the way between two pixels a second moment of
    (8 a + 4) s**2 (1 - s)**2, and so lets long waves grow there: little in one frame, to halos in forty. A mean of
    three pixels, of which 3 s**2 (1 - s)**2 is taken, makes up for that.
    """
    moved = warp(frame, film.zoom, film.rotate)
    if moved is frame:
        return frame
    size = size_of(frame)
    came_from = sampling_grid(size, film.zoom, film.rotate).to(frame)
    for axis, window, around in ((1, (3, 1), (1, 0)), (0, (1, 3), (0, 1))):
        between = ((came_from[..., axis] + 1) * size[1 - axis] - 1).div(2).remainder(1)
        mean = F.avg_pool2d(moved, window, stride=1, padding=around, count_include_pad=False)
        moved = torch.lerp(moved, mean, 3 * (between * (1 - between)).square()[:, None])
    return moved


def blend_photo(frame: Tensor, photo: Tensor, film: VideoRecipe, number: int) -> Tensor:
    """Return frame ``number`` of a loop with as much of the photo in its middle as it should have; any other as it is.

    The photo is seen as small as it would look from so far away.
    """
    share = _share(film, number)
    return (
        frame if share == 0 else torch.lerp(frame, _coming(photo, film, number), share * _inside(photo, film, number))
    )


def camera_view(photo: Tensor, film: VideoRecipe, number: int) -> Tensor:
    """Return frame ``number`` of a film in which nothing is dreamt, or, of the photo's mask, the mask of that frame.

    It equals ``blend_photo(advance_frame(frame))`` applied once a frame, but interpolates the photo a single time:
    repeated bicubic interpolation begins to ring after some 25 frames.

    Args:
        photo: frame 0, shape (1, C, H, W), in [0, 1].
        film: the movement.
        number: from 0.
    """
    gone = warp(photo, film.zoom**number, film.rotate * number)
    shares = [share for share in (_share(film, earlier) for earlier in range(1, number + 1)) if share > 0]
    if not shares:
        return gone
    # The photo that comes up moves as all else does, so that each frame mixes it in at the same places of this one.
    inside = _inside(photo, film, number)
    return torch.lerp(_coming(photo, film, number), gone, prod((1 - share * inside for share in shares), start=1.0))


def _share(film: VideoRecipe, number: int) -> float:
    """Return how much of the photo is mixed into the middle of frame ``number``."""
    count = max(1, round(LOOP * film.frames))
    left = film.frames - number
    if not film.loop or left >= count:
        return 0.0
    # A little in each frame, on which the dream goes on, is no double exposure; only the last frames let the photo be.
    done, usual = 1 - left / count, 1 - exp(-PULL / count)
    return usual * _smooth(min(1.0, 4 * done)) + (1 - usual) * done**6


def _coming(photo: Tensor, film: VideoRecipe, number: int) -> Tensor:
    """Return the photo as small as it looks from frame ``number``, mirrored around it."""
    left = film.frames - number
    return warp(photo, film.zoom**-left, -film.rotate * left)


def _inside(photo: Tensor, film: VideoRecipe, number: int) -> Tensor:
    """Return where that is the photo, shape (1, 1, H, W): 1 within it, 0 beyond its rim."""
    left = film.frames - number
    away = sampling_grid(size_of(photo), film.zoom**-left, -film.rotate * left).to(photo).abs().amax(3)
    return _smooth(((1 + RIM - away) / RIM).clamp(0, 1))[:, None]


def _smooth(x: Number) -> Number:
    """Return numbers that go from 0 to 1 as ``x`` does, without a sudden start or end."""
    return x * x * (3 - 2 * x)
