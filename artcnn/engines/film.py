"""Films: each frame of a clip is painted so that it goes on from those before it (Ruder et al. 2016, arXiv:1604.08610).

The only state is the history, the finished frames as they are stored: a frame depends on the last few of them, the
clip and the recipes. So a run that was killed goes on behind its last finished frame, and makes the same film.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

import torch
from torch import Tensor

from artcnn.engines.film_carry import Carried, Finished, detail_energy, match_detail
from artcnn.engines.motion import FlowEstimator, Motion
from artcnn.engines.step import Step
from artcnn.errors import ArtcnnError
from artcnn.image import size_of
from artcnn.recipes import FilmRecipe

FrameSource = Callable[[int], Iterator[Tensor]]
"""Returns the frames of a clip from a number on, each (1, 3, H, W), sRGB in [0, 1], all of one size."""

_BLOCK = 16
"""Frames that are held in memory to go through a clip backwards."""

_BYTES, _FIXED_BYTES = 480, 32 << 20
"""Memory of a film beside that of painting a frame: of each pixel, and the rest. Measured, the encoder's with it."""

_MIX = 0.5
"""Share of what is carried in the beginning of a frame in a later pass; the rest is its picture of the pass before."""


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
        reach: so many frames back it looks at most.
    """

    @property
    def reach(self) -> int: ...  # noqa: D102

    def carries(self, frame: Tensor, picture: Tensor) -> Tensor:
        """Return what of a frame's picture goes on along the motion, of the same shape."""

    def carry(self, frame: Tensor, past: Sequence[Finished], motion: Motion, flow: FlowEstimator) -> Carried:
        """Return what the last pictures look like in the next frame.

        Args:
            frame: the next one of the clip.
            past: those of the same shot before it, the last one last.
            motion: since the last one.
            flow: finds the motion since earlier ones.
        """

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
    frames: FrameSource,
    total: int,
    painter: Painter,
    flow: FlowEstimator,
    recipe: FilmRecipe,
    histories: Sequence[History],
) -> Iterator[Step]:
    """Yield the frames of a film, made of those of a clip; each ``Step`` is a frame.

    With several passes the clip is gone through backwards and forwards in turn, the last time forwards. A later pass
    goes on from the mean of what is carried and of the frame's own picture of the pass before (Ruder et al., section
    5.2), so that what comes into view late is known early.

    Args:
        frames: the clip.
        total: number of its frames.
        painter: makes the pictures.
        flow: finds the motion.
        recipe: how closely frames keep to each other, and the number of passes.
        histories: the finished frames of each pass, in the order in which they are painted: a pass that goes backwards
            begins with the clip's last one. The last history is the film. A frame is added before its step, and a run
            goes on behind what is there; where all is there, it has no step.

    Raises:
        ArtcnnError: the clip has fewer frames.
    """
    made, steps = sum(map(len, histories)), total * len(histories)
    for number, history in enumerate(histories):
        way = _Way(frames, total, forwards=(len(histories) - number) % 2 == 1)
        earlier = histories[number - 1] if number else None
        for frame, value in _paint_pass(way, painter, flow, recipe.coherence, history, earlier):
            made += 1
            height, width = size_of(frame)
            stage = f"frame {len(history)} of {total}, {width} x {height}"
            if len(histories) > 1:
                stage = f"pass {number + 1} of {len(histories)}, {stage}"
            yield Step(frame, value, made, steps, made / steps, stage)


def film_bytes(size: tuple[int, int]) -> int:
    """Return what a film of frames of a size, (height, width), takes at its peak beside the painting of one of them."""
    return _FIXED_BYTES + _BYTES * size[0] * size[1]


@dataclass(frozen=True)
class _Way:
    """The frames of a clip, in the order in which a pass goes through them."""

    frames: FrameSource
    total: int
    forwards: bool

    def from_place(self, first: int) -> Iterator[Tensor]:
        """Yield the frames from the one that comes after ``first`` others on."""
        if self.forwards:
            yield from self._read(first, self.total)
            return
        for end in range(self.total - first, 0, -_BLOCK):
            yield from reversed([*self._read(max(0, end - _BLOCK), end)])

    def _read(self, begin: int, end: int) -> Iterator[Tensor]:
        number = begin
        for frame in islice(self.frames(begin), end - begin):
            number += 1
            yield frame
        if number < end:
            raise ArtcnnError(f"the clip has {number} frames, and it should have {self.total}")


def _paint_pass(
    way: _Way, painter: Painter, flow: FlowEstimator, coherence: float, history: History, earlier: History | None
) -> Iterator[tuple[Tensor, float]]:
    """Paint the frames of a pass that are not there yet; yield each as it is stored, with its loss or objective."""
    past: deque[Finished] = deque(maxlen=painter.reach)
    done = len(history)
    begin = max(0, done - painter.reach) if done < way.total else way.total
    for number, frame in enumerate(way.from_place(begin), start=begin):
        motion = flow.estimate(past[-1].frame, frame) if past and coherence > 0 else None
        if motion is None or motion.is_cut:
            past.clear()
        if number >= done:
            carried = painter.carry(frame, past, motion, flow) if past and motion is not None else None
            if earlier is not None and coherence > 0:
                own = painter.carries(frame, earlier[way.total - 1 - number].to(frame))
                carried = _mix_passes(own, carried)
            if carried is None:
                picture, value = painter.paint_alone(frame)
            else:
                picture, value = painter.paint_next(frame, carried, coherence)
            history.add(picture)
            yield history[number], value
        past.append(Finished(frame, painter.carries(frame, history[number].to(frame))))


def _mix_passes(own: Tensor, carried: Carried | None) -> Carried:
    """Return what a frame of a later pass begins from, given what it was in the pass before: known in all places."""
    known, unchanged = torch.ones_like(own[:, :1]), own.new_zeros(1, 3, 1, 1)
    if carried is None:
        return Carried(own, known, unchanged)
    mixed = torch.lerp(own, carried.content, _MIX * carried.reliable)
    return Carried(match_detail(mixed, detail_energy(own)), known, unchanged)
