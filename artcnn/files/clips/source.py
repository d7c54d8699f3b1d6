"""What the kinds of clips have in common: pictures one by one, each with the time at which it is first shown."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from artcnn.errors import PictureError
from artcnn.files.sound_tracks import SoundTracks
from artcnn.image import Size, resize

MOST_FRAMES = 1_000_000
"""Most frames of a clip: nine hours at 30 frames a second."""

LONGEST = 1_000_000
"""Seconds that a clip may be long at most; what is longer has damaged times."""

DEFAULT_FPS = Fraction(24)
"""Frames a second where a clip does not say it."""


class Frame(NamedTuple):
    """A frame of a clip: shape (1, 3, H, W), sRGB in [0, 1], and its alpha, (1, 1, H, W) in [0, 1], or None."""

    image: Tensor
    alpha: Tensor | None


Picture = tuple[Fraction, Callable[[Size], Frame]]
"""When a picture is first shown, in seconds, and what makes the frame of it at a (height, width)."""


@dataclass(frozen=True)
class Facts:
    """What a clip is.

    Attributes:
        size: (height, width) as shown, in square pixels.
        times: when each picture is first shown, ascending, in seconds from the first.
        end: when the last one is no longer shown.
        fps: nominal pictures a second.
        alpha: whether its frames have an alpha.
        notes: a sentence for each thing that the user should know about it.
        sound: its sound tracks, or None.
    """

    size: Size
    times: Sequence[Fraction]
    end: Fraction
    fps: Fraction
    alpha: bool
    notes: list[str]
    sound: SoundTracks | None = None


class Source(Protocol):
    """A clip of one kind.

    Attributes:
        facts: what it is.
    """

    facts: Facts

    def pictures(self, start: Fraction) -> Iterator[Picture]:
        """Yield the picture that is shown at ``start``, and all after it; some from before may come first.

        Raises:
            PictureError: the file is damaged.
        """


def fit_frame(image: Tensor, alpha: Tensor | None, size: Size, *, has_alpha: bool) -> Frame:
    """Return a picture as a frame of this (height, width); with an alpha if the clip has one."""
    image = resize(image, size)
    if not has_alpha:
        return Frame(image, None)
    return Frame(image, torch.ones_like(image[:, :1]) if alpha is None else resize(alpha, size))


def check_count(name: object, count: int) -> None:
    """Check that a clip does not have more than ``MOST_FRAMES`` frames.

    Raises:
        PictureError: it has.
    """
    if count > MOST_FRAMES:
        raise PictureError(
            f"{name} has more than {MOST_FRAMES:,} frames", hint="choose a part of it, or fewer a second"
        )
