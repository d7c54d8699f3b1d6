"""Open a clip: which frames are shown when, in a range, at a size, at a frame rate."""

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import islice
from math import ceil
from pathlib import Path

from artcnn.errors import PictureError, PictureNotFoundError, missing
from artcnn.files.clips.animation import Animation
from artcnn.files.clips.animation_times import count_pictures
from artcnn.files.clips.container import Container
from artcnn.files.clips.folder import FrameFolder, hash_frames
from artcnn.files.clips.source import LONGEST, Frame, Picture, Source, check_count
from artcnn.files.containers import is_container
from artcnn.files.open import check_size, open_file
from artcnn.files.sound_tracks import SoundTracks
from artcnn.image import Size, check_fit, video_size


@dataclass(frozen=True, eq=False)
class Clip:
    """A film that is read, or a range of it.

    Attributes:
        path: the file or folder.
        size: (height, width) of its frames in square pixels, upright, both even.
        times: when each frame is first shown, in seconds from the beginning of the range; the first is 0.
        duration: how long the range is, in seconds.
        fps: nominal frames a second.
        alpha: whether its frames have an alpha.
        sound: its sound tracks, cut to the range, or None.
        notes: a sentence for each thing that the user should know about how it is read. ``frames`` adds one where it
            finds a damaged picture, in whose place it shows the one before.
        sha256: of the bytes of the file, or of all frames of a folder.
        whole: what this is a part of; None if it was opened as it is.
        first: number of its first frame among those of the whole.
    """

    path: Path
    size: Size
    times: tuple[Fraction, ...]
    duration: Fraction
    fps: Fraction
    alpha: bool
    sound: SoundTracks | None
    notes: list[str]
    sha256: str
    _source: Source = field(repr=False)
    _begin: Fraction = field(repr=False)
    whole: "Clip | None" = field(default=None, repr=False)
    first: int = 0

    @property
    def sounds(self) -> int:
        """The number of sound tracks."""
        return 0 if self.sound is None else len(self.sound.codecs)

    def frames(self, first: int = 0) -> Iterator[Frame]:
        """Yield the frames one by one, from number ``first`` on; a few are in memory at a time.

        Raises:
            PictureError: the file is damaged, or has changed.
        """
        wanted = [self._begin + time for time in islice(self.times, first, None)]
        if wanted:
            yield from _shown(self._source.pictures(wanted[0]), wanted, self.size, self.path)

    def part(self, first: int, last: int) -> "Clip":
        """Return the frames from number ``first`` up to, not including, ``last`` as a clip without sound.

        Raises:
            ValueError: there are no such frames.
        """
        if not 0 <= first < last <= len(self.times):
            raise ValueError(f"no frames {first} to {last} of {len(self.times)}")
        bounds = *self.times, self.duration
        begin, end = bounds[first], bounds[last]
        return replace(
            self,
            times=tuple(time - begin for time in self.times[first:last]),
            duration=end - begin,
            sound=None,
            whole=self.whole or self,
            first=self.first + first,
            _begin=self._begin + begin,
        )


def open_clip(
    path: Path | str,
    long_side: int | None = None,
    begin: float | Fraction | None = None,
    end: float | Fraction | None = None,
    fps: float | Fraction | None = None,
) -> Clip:
    """Open a clip: whatever PyAV reads, an animated GIF, WebP or PNG, or a folder of numbered frames.

    It is recognized by content, not by name. Frames are shown upright, in square pixels and in sRGB: high dynamic
    range is tone-mapped (ITU-R BT.2390), BT.709 is taken as sRGB as players do. What stands before the first frame
    is not counted: time 0 is that of the first frame.

    Args:
        path: the file or folder.
        long_side: pixels along the longer side of the frames; None for the clip's own.
        begin: the range's beginning in seconds; the frame that is shown then is the first. None for all.
        end: its end in seconds, or None.
        fps: frames a second, each the picture that is shown then; None for those of the clip. Of a folder, how fast its
            frames follow one another, 24 a second if it is None.

    Raises:
        PictureError: it does not exist, is not a clip, is damaged, too small or too large, or the range is empty.
        ArtcnnError: the frames would be too small, or PyAV is needed and not installed (``MissingExtraError``).
    """
    path = Path(path)
    rate = None if fps is None else _fraction(path, "frames a second", fps)
    source, sha256 = _open(path, rate)
    facts = source.facts
    check_size(path, facts.size[::-1])
    check_fit(facts.size, long_side or max(facts.size))
    if facts.end > LONGEST:
        raise PictureError(f"{path}: the times of its frames are damaged", hint="get a fresh copy")
    start, stop = _range(path, facts.end, begin, end)
    rate = None if isinstance(source, FrameFolder) else rate
    return Clip(
        path,
        video_size(facts.size, long_side or max(facts.size)),
        tuple(_clipped(facts.times, start, stop) if rate is None else _steady(path, stop - start, rate)),
        stop - start,
        rate or facts.fps,
        facts.alpha,
        None if facts.sound is None else facts.sound.cut(start if begin else None, stop if end is not None else None),
        facts.notes,
        sha256,
        source,
        start,
    )


def _open(path: Path, fps: Fraction | None) -> tuple[Source, str]:
    """Return the clip in a file or folder, and the sha256 of its bytes.

    Raises:
        PictureError: it is not a clip.
    """
    try:
        if path.is_dir():
            return FrameFolder(path, fps), hash_frames(path)
        if not is_container(path) and (count := count_pictures(path)):
            if count == 1:
                raise PictureError(f"{path} is one picture, not a clip")
            return Animation(path), _hash(path)
        return Container(path), _hash(path)
    except FileNotFoundError:
        raise PictureNotFoundError(missing(path)) from None


def _hash(path: Path) -> str:
    with open_file(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _range(
    path: Path, length: Fraction, begin: float | Fraction | None, end: float | Fraction | None
) -> tuple[Fraction, Fraction]:
    """Return the beginning and the end of a range in a clip of that length, in seconds.

    Raises:
        PictureError: the range is empty.
    """
    start = Fraction(0) if begin is None else _fraction(path, "seconds", begin, least=0)
    stop = length if end is None else min(length, _fraction(path, "seconds", end))
    if start >= length:
        raise PictureError(f"{path} is {float(length):.3g} seconds long", hint=f"begin before that, not at {begin}")
    if stop <= start:
        raise PictureError(f"{path}: a range from {float(start):g} to {end} seconds is empty", hint="end it later")
    return start, stop


def _fraction(path: Path, what: str, number: float | Fraction, least: float = 1e-6) -> Fraction:
    """Return a number exactly: 29.97 is 2997/100.

    Raises:
        PictureError: it is too small, or no number.
    """
    if not least <= number < 1e9:
        raise PictureError(f"{path}: {number} {what} cannot be", hint="give a number above 0")
    return Fraction(number).limit_denominator(1_000_000)


def _clipped(times: Sequence[Fraction], start: Fraction, stop: Fraction) -> list[Fraction]:
    """Return the times of the pictures shown from ``start`` to ``stop``, counted from ``start``."""
    first = max(0, bisect_right(times, start) - 1)
    return [max(time - start, Fraction(0)) for time in times[first : bisect_left(times, stop)]]


def _steady(path: Path, length: Fraction, fps: Fraction) -> list[Fraction]:
    """Return the times of frames at a steady rate, from 0 to ``length`` seconds.

    Raises:
        PictureError: there are too many.
    """
    check_count(path, count := ceil(length * fps))
    return [number / fps for number in range(count)]


def _shown(pictures: Iterator[Picture], wanted: list[Fraction], size: Size, path: Path) -> Iterator[Frame]:
    """Yield for each time the frame that is shown then: the last whose own time is not later, or else the first.

    Raises:
        PictureError: there is none.
    """
    picture, following = next(pictures, None), next(pictures, None)
    if picture is None:
        raise PictureError(f"{path}: not one of its frames can be decoded", hint="get a fresh copy")
    frame = None
    for time in wanted:
        while following is not None and following[0] <= time:
            picture, following, frame = following, next(pictures, None), None
        frame = frame or picture[1](size)
        yield frame
