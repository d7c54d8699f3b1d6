"""Films: each frame of a clip is painted so that it goes on from those before it (Ruder et al. 2016, arXiv:1604.08610).

The only state is the history, the finished frames as they are stored: a frame depends on the last few of them, the
clip and the recipes. So a run that was killed goes on behind its last finished frame, and makes the same film.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Protocol

import torch
from torch import Tensor

from artcnn.engines.film_carry import Carried, Finished, carry
from artcnn.engines.motion import FlowEstimator
from artcnn.engines.step import Step
from artcnn.errors import ArtcnnError
from artcnn.image import size_of
from artcnn.recipes import FilmRecipe

FrameSource = Callable[[int], Iterator[Tensor]]
"""Returns the frames of a clip from a number on, each (1, 3, H, W), sRGB in [0, 1], all of one size."""

_BLOCK = 16
"""Frames that are held in memory to go through a clip backwards."""


class History(Protocol):
    """The finished frames of a film, in the order in which they were made, in 8 bits."""

    def __len__(self) -> int:
        """Return their number."""

    def __getitem__(self, index: int) -> Tensor:
        """Return one of them, shape (1, 3, H, W), sRGB in [0, 1]."""

    def add(self, frame: Tensor) -> None:
        """Add a frame, shape (1, 3, H, W), rounded to 8 bits."""


class MemoryHistory:
    """A history in memory."""

    def __init__(self) -> None:
        self._frames: list[Tensor] = []

    def __len__(self) -> int:
        return len(self._frames)

    def __getitem__(self, index: int) -> Tensor:
        return self._frames[index] / 255

    def add(self, frame: Tensor) -> None:
        """Add a frame, shape (1, 3, H, W), rounded to 8 bits."""
        self._frames.append(frame.detach().clamp(0, 1).mul(255).round().to(torch.uint8))


class Painter(Protocol):
    """Makes a picture of each frame, of the frame's size, and returns it with its loss or objective.

    What it returns depends on its arguments alone, not on the frames that it painted before.

    Attributes:
        distances: which frames it asks for, counted back from the one it paints: 1 and then farther ones.
    """

    @property
    def distances(self) -> Sequence[int]: ...  # noqa: D102

    def carries(self, frame: Tensor, picture: Tensor) -> Tensor:
        """Return what of a frame's picture goes on along the motion, of the same shape."""

    def paint_alone(self, frame: Tensor) -> tuple[Tensor, float]:
        """Return the picture of a frame, (1, 3, H, W), behind which nothing is: the first of a shot."""

    def paint_next(self, frame: Tensor, carried: Carried, coherence: float) -> tuple[Tensor, float]:
        """Return the picture of a frame, (1, 3, H, W), that goes on from those before it.

        Args:
            frame: of the clip.
            carried: what goes on of the pictures before it, moved to its places.
            coherence: how closely it keeps to them where they are reliable, above 0, up to 1.
        """


def film(
    frames: FrameSource, total: int, painter: Painter, flow: FlowEstimator, recipe: FilmRecipe, history: History
) -> Iterator[Step]:
    """Yield the frames of a film, made of those of a clip; each ``Step`` is a frame.

    Args:
        frames: the clip.
        total: number of its frames.
        painter: makes the pictures.
        flow: finds the motion.
        recipe: how closely frames keep to each other.
        history: what is finished, to which each frame is added before its step; the film goes on behind it.

    Raises:
        ArtcnnError: the clip has fewer frames.
    """
    reach = max(painter.distances)
    begin, done = max(0, len(history) - reach), len(history)
    past: deque[Finished] = deque(maxlen=reach)
    number = begin
    for number, frame in enumerate(islice(frames(begin), total - begin), start=begin + 1):
        motion = flow.estimate(past[-1].frame, frame) if past and recipe.coherence > 0 else None
        if motion is None or motion.is_cut:
            past.clear()
            motion = None
        if number > done:
            if motion is None:
                picture, value = painter.paint_alone(frame)
            else:
                carried = carry(frame, past, motion, painter.distances, flow)
                picture, value = painter.paint_next(frame, carried, recipe.coherence)
            history.add(picture)
            height, width = size_of(frame)
            stage = f"frame {number} of {total}, {width} x {height}"
            yield Step(history[number - 1], value, number, total, number / total, stage)
        past.append(Finished(frame, painter.carries(frame, history[number - 1])))
    if number < total:
        raise ArtcnnError(f"the clip has {number} frames, and it should have {total}")
