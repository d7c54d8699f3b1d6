"""The warping error of films, and clips to measure it on: the film in ``../shared``, and photos moved exactly.

The error (Lai et al. 2018, arXiv:1808.00449): a frame is warped to the one before it along the optical flow of the
clip; the squared difference of the two, colors in [0, 1], is averaged over the places that are seen in both, then
over the frames. The flow is OpenCV's DIS, and which places are seen in both Sundaram's test tells (2010): forward and
backward flow agree, and the flow has no edge. Of photos that are moved exactly the flow is known everywhere.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, radians, sin

import cv2
import numpy as np
import torch
from instant_pairs import SHARED, to_float
from torch import Tensor

FILM = SHARED / "data/video/bigbuckbunny.mp4"
EDGE = 24  # pixels at the edges of an exact move that do not count
Flow = np.ndarray
"""Where each pixel is in another frame: (H, W, 2), across and down from its own place, in pixels."""
Seen = np.ndarray
"""Which places are seen in both frames: (H, W)."""


def film(frames: int, size: tuple[int, int], skip: int = 0) -> Iterator[np.ndarray]:
    """Yield frames of the film, (H, W, 3) of 8 bits in RGB, at (width, height), after the first ``skip`` ones."""
    reader = cv2.VideoCapture(str(FILM))
    for number in range(skip + frames):
        there, frame = reader.read()
        if not there:
            return
        if number >= skip:
            yield cv2.cvtColor(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2RGB)


def flows(first: np.ndarray, second: np.ndarray) -> tuple[Flow, Seen]:
    """Return the flow from one frame to the next, and which places are seen in both."""
    grays = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in (first, second)]
    dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    forward, backward = dis.calc(*grays, None), dis.calc(*grays[::-1], None)
    returned = warp(backward, forward)
    length = np.square(forward).sum(2) + np.square(returned).sum(2)
    agree = np.square(forward + returned).sum(2) < 0.01 * length + 0.5
    edges = sum(np.square(np.gradient(forward, axis=axis)).sum(2) for axis in (0, 1))
    return forward, agree & (edges < 0.01 * np.square(forward).sum(2) + 0.002) & inside(forward)


def inside(flow: Flow, edge: float = 0) -> Seen:
    """Return which places, and the ends of their flow, are within the frame, so far from its edges."""
    height, width = flow.shape[:2]
    down, across = np.indices((height, width))
    limits = ((across, flow[..., 0], width), (down, flow[..., 1], height))
    return np.all([(edge <= x) & (x <= n - 1 - edge) for at, by, n in limits for x in (at, at + by)], axis=0)


def warp(image: np.ndarray, flow: Flow, how: int = cv2.INTER_LINEAR) -> np.ndarray:
    """Return what an image, (H, W, C), has where the flow leads."""
    down, across = np.indices(flow.shape[:2]).astype(np.float32)
    return cv2.remap(image, across + flow[..., 0], down + flow[..., 1], how, borderMode=cv2.BORDER_REFLECT_101)


def error(first: Tensor, second: Tensor, flow: Flow, seen: Seen, how: int = cv2.INTER_LINEAR) -> float:
    """Return the mean squared difference of a picture and the next one warped to it, where both are seen."""
    before, after = (picture[0].permute(1, 2, 0).numpy() for picture in (first, second))
    return float(np.square(before - warp(after, flow, how)).mean(2)[seen].mean())


def mean_error(pictures: Sequence[Tensor], moves: Sequence[tuple[Flow, Seen]], how: int = cv2.INTER_LINEAR) -> float:
    """Return the mean error of a film."""
    return float(np.mean([error(*pair, *move, how) for pair, move in zip(pairwise(pictures), moves, strict=True)]))


def shift(across: float, down: float) -> np.ndarray:
    """Return the matrix, (2, 3), from places of a frame to places of the photo, about its middle."""
    return np.array([[1, 0, across], [0, 1, down]], np.float64)


def turn(scale: float, degrees: float) -> np.ndarray:
    """Return the matrix, (2, 3), of an enlargement and a turn about the middle."""
    c, s = cos(radians(degrees)) / scale, sin(radians(degrees)) / scale
    return np.array([[c, -s, 0], [s, c, 0]], np.float64)


@dataclass(frozen=True, eq=False)
class Layer:
    """A photo that moves, and the part of it that hides what lies behind it.

    Attributes:
        photo: (h, w, 3), 8 bits; the frame's middle begins on its own.
        move: returns the matrix of a frame, by its number.
        radius: of the visible disc about the photo's middle, relative to the frame's height; None for all of it.
    """

    photo: np.ndarray
    move: Callable[[int], np.ndarray]
    radius: float | None = None


class Scene:
    """Frames whose motion is known exactly: layers of photos, the farthest first.

    Attributes:
        frames: of (1, 3, H, W), in [0, 1].
    """

    def __init__(self, layers: Sequence[Layer], count: int, size: tuple[int, int]) -> None:
        self._layers, self._size = layers, size
        self.frames = [self._render(number) for number in range(count)]

    def flow(self, of: int, to: int, edge: int = 0) -> tuple[Flow, Seen]:
        """Return the flow of the pixels of one frame to another, and which places, so far inside, are seen in both."""
        width, height = self._size
        down, across = np.indices((height, width)).astype(np.float64)
        flow, shown, there = np.zeros((height, width, 2)), self._visible(of), self._visible(to)
        seen = np.zeros((height, width), bool)
        for index, layer in enumerate(self._layers):
            first, second = (np.vstack([self._matrix(layer, number), [0, 0, 1]]) for number in (of, to))
            step = np.linalg.inv(second) @ first
            ends = np.stack([row[0] * across + row[1] * down + row[2] for row in step[:2]], 2)
            own = shown == index
            flow[own] = (ends - np.stack([across, down], 2))[own]
            # A place is seen where all four pixels about the flow's end show the same layer.
            same = warp((there == index).astype(np.float32), (ends - np.stack([across, down], 2)).astype(np.float32))
            seen |= own & (same > 0.999)
        return flow.astype(np.float32), seen & inside(flow, edge)

    def moves(self) -> list[tuple[Flow, Seen]]:
        """Return the flow from each frame to the next."""
        return [self.flow(number, number + 1, EDGE) for number in range(len(self.frames) - 1)]

    def _render(self, number: int) -> Tensor:
        frame, shown = np.zeros((*self._size[::-1], 3), np.uint8), self._visible(number)
        for index, layer in enumerate(self._layers):
            flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
            moved = cv2.warpAffine(
                layer.photo, self._matrix(layer, number), self._size, flags=flags, borderMode=cv2.BORDER_REFLECT_101
            )
            frame[shown == index] = moved[shown == index]
        return to_float(frame)

    def _visible(self, number: int) -> np.ndarray:
        """Return which layer each place of a frame shows, (H, W)."""
        width, height = self._size
        down, across = np.indices((height, width)).astype(np.float64)
        shown = np.zeros((height, width), int)
        for index, layer in enumerate(self._layers):
            if layer.radius is not None:
                m = self._matrix(layer, number)
                x, y = (row[0] * across + row[1] * down + row[2] for row in m)
                away = np.hypot(x - (layer.photo.shape[1] - 1) / 2, y - (layer.photo.shape[0] - 1) / 2)
                shown[away < layer.radius * height] = index
        return shown

    def _matrix(self, layer: Layer, number: int) -> np.ndarray:
        """Return the matrix from places of a frame, counted from its corner, to places of a layer's photo."""
        width, height = self._size
        full = layer.move(number).copy()
        middle = [(layer.photo.shape[1] - 1) / 2, (layer.photo.shape[0] - 1) / 2]
        full[:, 2] += np.array(middle) - full[:, :2] @ [(width - 1) / 2, (height - 1) / 2]
        return full


def as_tensor(flow: Flow) -> Tensor:
    """Return a flow as (1, 2, H, W)."""
    return torch.from_numpy(flow).permute(2, 0, 1)[None].contiguous()
