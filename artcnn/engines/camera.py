"""The camera of a zoom video: it zooms and rotates about each frame's center; in a loop the photo reappears."""

from math import cos, exp, prod, radians, sin, sqrt
from typing import TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor

from artcnn.image import Size, blur, fit_size, resize, sampling_grid, size_of
from artcnn.recipes import VideoRecipe

Number = TypeVar("Number", float, Tensor)

LOOP_SHARE = 0.5
"""Share of a loop's frames in which the photo reappears."""

LOOP_PULL = 5.0
"""How much of the photo is mixed in over these frames: exp(-LOOP_PULL) of what was dreamed before would be left."""

RIM = 0.3
"""Width of the soft rim of the reappearing photo, relative to half its sides; the photo is mirrored in it."""


def min_zoom(size: Size, degrees: float) -> float:
    """Return the smallest zoom at which a frame of (height, width), rotated by ``degrees``, has no empty corner.

    The frame's corners have to lie inside the last frame: |W cos + H sin| <= zoom W horizontally and
    |W sin + H cos| <= zoom H vertically, of which the one along the shorter side decides.
    """
    angle = radians(degrees)
    return abs(cos(angle)) + abs(sin(angle)) * max(size) / min(size)


def warp(image: Tensor, scale: float, degrees: float) -> Tensor:
    """Return an image enlarged and rotated counterclockwise about its center, at its own size.

    Bicubic, clamped to [0, 1], smoothed first if it shrinks, mirrored beyond its borders. Scale 1 without rotation
    returns the image itself.
    """
    if scale == 1 and degrees == 0:
        return image
    grid = sampling_grid(size_of(image), scale, degrees, device=image.device).to(image)
    if scale < 0.5:
        # Shrunk in advance: the Gaussian below would be wider than the picture.
        image = resize(image, fit_size(size_of(image), max(2, round(2 * scale * max(size_of(image))))))
        scale = 0.5
    if scale < 1:
        # A pixel of the result covers 1 / scale pixels: this Gaussian widens one pixel to that.
        image = blur(image, 0.5 * sqrt(scale**-2 - 1))
    return F.grid_sample(image, grid, mode="bicubic", padding_mode="reflection", align_corners=False).clamp(0, 1)


def advance_frame(frame: Tensor, video: VideoRecipe) -> Tensor:
    """Return a frame, (1, C, H, W), as the next one shows it: moved, and not sharpened by the interpolation.

    At a fraction s of the way between two pixels, torch's bicubic kernel (Keys 1981, a = -3/4) has the second moment
    (8 a + 4) s^2 (1 - s)^2, which amplifies long waves: little in one frame, into halos in forty. A mean of three
    pixels with weight 3 s^2 (1 - s)^2 compensates for that.
    """
    moved = warp(frame, video.zoom, video.rotate)
    if moved is frame:
        return frame
    size = size_of(frame)
    source = sampling_grid(size, video.zoom, video.rotate, device=frame.device).to(frame)
    for axis, window, padding in ((1, (3, 1), (1, 0)), (0, (1, 3), (0, 1))):
        fraction = ((source[..., axis] + 1) * size[1 - axis] - 1).div(2).remainder(1)
        mean = F.avg_pool2d(moved, window, stride=1, padding=padding, count_include_pad=False)
        moved = torch.lerp(moved, mean, 3 * (fraction * (1 - fraction)).square()[:, None])
    return moved


def blend_photo(frame: Tensor, photo: Tensor, video: VideoRecipe, number: int) -> Tensor:
    """Return frame ``number`` of a loop with the reappearing photo mixed into its center; other frames unchanged.

    The photo has the size that it would have from that distance.
    """
    share = _photo_share(video, number)
    if share == 0:
        return frame
    return torch.lerp(frame, _distant_photo(photo, video, number), share * _photo_mask(photo, video, number))


def camera_view(photo: Tensor, video: VideoRecipe, number: int) -> Tensor:
    """Return frame ``number`` of a video in which nothing is dreamed; of the photo's mask, that frame's mask.

    It equals ``blend_photo(advance_frame(frame))`` applied once a frame, but interpolates the photo a single time:
    repeated bicubic interpolation begins to ring after some 25 frames.

    Args:
        photo: frame 0, shape (1, C, H, W), in [0, 1].
        video: the camera's movement.
        number: of the frame, from 0.
    """
    moved = warp(photo, video.zoom**number, video.rotate * number)
    shares = [share for share in (_photo_share(video, earlier) for earlier in range(1, number + 1)) if share > 0]
    if not shares:
        return moved
    # The reappearing photo moves with everything else, so every frame mixed it in at the same places of this one.
    mask = _photo_mask(photo, video, number)
    return torch.lerp(
        _distant_photo(photo, video, number), moved, prod((1 - share * mask for share in shares), start=1.0)
    )


def _photo_share(video: VideoRecipe, number: int) -> float:
    """Return how much of the photo is mixed into the center of frame ``number``."""
    count = max(1, round(LOOP_SHARE * video.frames))
    left = video.frames - number
    if not video.loop or left >= count:
        return 0.0
    # A little in each frame, which the dream then covers, does not look like a double exposure. Only the last frames
    # show the photo itself.
    done, usual = 1 - left / count, 1 - exp(-LOOP_PULL / count)
    return usual * _smoothstep(min(1.0, 4 * done)) + (1 - usual) * done**6


def _distant_photo(photo: Tensor, video: VideoRecipe, number: int) -> Tensor:
    """Return the photo as small as it looks from frame ``number``, mirrored around its borders."""
    left = video.frames - number
    return warp(photo, video.zoom**-left, -video.rotate * left)


def _photo_mask(photo: Tensor, video: VideoRecipe, number: int) -> Tensor:
    """Return where that photo is, shape (1, 1, H, W): 1 inside, 0 beyond its rim."""
    left = video.frames - number
    distance = sampling_grid(size_of(photo), video.zoom**-left, -video.rotate * left).to(photo).abs().amax(3)
    return _smoothstep(((1 + RIM - distance) / RIM).clamp(0, 1))[:, None]


def _smoothstep(x: Number) -> Number:
    """Return 3 x^2 - 2 x^3: from 0 to 1 as ``x``, without a sudden start or end."""
    return x * x * (3 - 2 * x)
