"""Write a film atomically, frame by frame: MP4, WebM, animated WebP or GIF, or a folder of PNG frames.

Only a few frames are in memory.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from dataclasses import replace as changed
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PIL import Image

from artcnn.errors import PictureError
from artcnn.files.atomic import Draft, atomic_folder, atomic_replace, check_folder, resolve_link
from artcnn.files.containers import check_encoder, is_container, open_container
from artcnn.files.file_names import hidden_sibling
from artcnn.files.films.animation import GifFilm, WebpFilm
from artcnn.files.films.container import write_container
from artcnn.files.films.folder import FolderFilm
from artcnn.files.films.mux import FORMATS, find_tracks
from artcnn.files.films.times import FrameTimes
from artcnn.files.folder import list_frames
from artcnn.files.open import open_picture
from artcnn.files.sound_tracks import SoundTracks
from artcnn.files.streams import is_stream
from artcnn.files.write import to_pillow
from artcnn.machine.memory import format_gigabytes

if TYPE_CHECKING:  # paths are checked before the slow import of torch
    from torch import Tensor

LONGEST_SIDE = {".webp": 16_383, ".gif": 65_535, ".mp4": 8_192, ".webm": 16_384, "": 65_535}
"""Longest side in pixels, by ending; for MP4 that of the highest H.264 level. No ending: a folder of PNG frames."""

_FASTEST = {".gif": 50, ".webp": 90}
"""Highest frame rate, by ending. Players ignore GIF delays below 2/100 s, browsers those of WebP up to 10/1000 s."""

_FASTEST_OF_ALL = 1000

_OPAQUE = {".mp4"}
"""The endings of formats without transparency."""

_BYTES_PER_PIXEL = {".mp4": 0.5, ".webm": 0.5, ".webp": 0.8, ".gif": 1.0, "": 3.3}
"""About the most that a frame needs, by ending: of noise."""

_BYTES_STORED = 3
"""Bytes for a pixel of the frames that are kept until the film is written (``files/frame_store.py``)."""


@dataclass(frozen=True)
class FilmPlan:
    """What a film will be.

    Attributes:
        size: (height, width) of its frames, both even.
        times: when each is shown, in seconds, ascending from 0.
        end: when the last is no longer shown.
        alpha: whether the frames have an alpha.
        sound: what is copied into it, or None.
        passes: how often its frames are made, and stored until it is written.
        whole: the plan of the film that this is a piece of, or None.
    """

    size: tuple[int, int]
    times: Sequence[Fraction]
    end: Fraction
    alpha: bool = False
    sound: SoundTracks | None = None
    passes: int = 1
    whole: FilmPlan | None = None

    @cached_property
    def frame_times(self) -> FrameTimes:
        """When its frames are shown; a piece counts time in the unit of the whole, and names its rate."""
        times = FrameTimes.listed(self.times, self.end)
        if self.whole is None:
            return times
        return changed(times, unit=self.whole.frame_times.unit, rate=self.whole.frame_times.rate)


class _Encoder(Protocol):
    """Takes frames, RGB or RGBA, until it is told to write what is left."""

    def __call__(self, image: Image.Image) -> None: ...

    def finish(self) -> None: ...


def check_video(path: Path, fps: float, long_side: int) -> None:
    """Check that a video can be written to ``path``; done before slow work.

    Args:
        path: the file.
        fps: frames a second.
        long_side: of a frame, in pixels.

    Raises:
        PictureError: the ending is unknown, the format does not allow the size or frame rate, or the file cannot be
            written there.
        MissingExtraError: the format needs a package that is not installed.
    """
    suffix = path.suffix.lower()
    if is_stream(path):
        raise PictureError("a film does not go to the standard output, nor into a pipe", hint="give --out a file name")
    if suffix not in LONGEST_SIDE:
        raise PictureError(
            f"cannot write {path}: the name of a film must end in one of {', '.join(filter(None, LONGEST_SIDE))}, "
            "or be a folder that is there; without an ending it is a folder of frames"
        )
    if suffix in FORMATS:
        check_encoder(path, FORMATS[suffix].encoder)
    fastest = _FASTEST.get(suffix, _FASTEST_OF_ALL)
    if fps > fastest:
        raise PictureError(f"cannot write {path}: {suffix} shows {fastest} frames a second at most")
    if long_side > LONGEST_SIDE[suffix]:
        raise PictureError(f"cannot write {path}: {suffix} holds {LONGEST_SIDE[suffix]} pixels in a row")
    check_folder(path)


def check_film(path: Path, plan: FilmPlan) -> list[str]:
    """Check that a film can be written to ``path``; done before slow work.

    Returns:
        A sentence for each thing that the format cannot hold, and is left out.

    Raises:
        PictureError: as ``check_video``, or the disk has not enough room for the film and its stored frames.
        MissingExtraError: the format needs a package that is not installed.
    """
    suffix, count = path.suffix.lower(), len(plan.times)
    shortest = min((after - before for before, after in pairwise(plan.times)), default=Fraction(1))
    usual = (count - 1) / (plan.times[-1] - plan.times[0]) if count > 1 else 1
    check_video(path, float(1 / shortest if 1 / shortest > _FASTEST_OF_ALL else usual), max(plan.size))
    height, width = plan.size
    needed = int(count * height * width * (_BYTES_STORED * plan.passes + _BYTES_PER_PIXEL[suffix]))
    folder = resolve_link(path).absolute().parent
    if needed > (free := shutil.disk_usage(folder).free):
        raise PictureError(
            f"cannot write {path}: {count} frames may need {format_gigabytes(needed)} while they are made, and "
            f"{format_gigabytes(free)} are free in {folder}",
            hint="make a smaller or shorter film, or make room",
        )
    notes = [f"{suffix} has no transparency: the film is shown on white"] if plan.alpha and suffix in _OPAQUE else []
    taken = [] if plan.sound is None else find_tracks(suffix, plan.sound)
    codecs = () if plan.sound is None else plan.sound.codecs
    lost = [codec for number, codec in enumerate(codecs) if number not in taken]
    if lost:
        kind = f"a film in {suffix}" if suffix else "a folder of frames"
        notes.append(f"{kind} cannot hold this sound ({', '.join(dict.fromkeys(lost))}), which is left out")
    return notes


class FilmWriter:
    """A film that is being written. Call it with each frame.

    Attributes:
        path: the final path of the film.
        count: the number of frames that it has.
    """

    def __init__(self, path: Path, put: _Encoder, *, alpha: bool) -> None:
        self.path, self.count, self._put, self._alpha = path, 0, put, alpha

    def __call__(self, frame: Tensor, alpha: Tensor | None = None) -> None:
        """Add a frame, shape (1, 3, H, W), sRGB in [0, 1], H and W even and the same for all.

        ``alpha`` has the shape (1, 1, H, W), in [0, 1]; a format without it shows the frame on white.
        """
        if alpha is not None and not self._alpha:
            frame, alpha = frame * alpha + (1 - alpha), None
        self._put(to_pillow(frame, alpha))
        self.count += 1


@contextmanager
def film_writer(
    path: Path | str, plan: FilmPlan, provenance: str | None = None, replace: bool = True
) -> Iterator[FilmWriter]:
    """Yield a writer that takes the frames of a film in their order; the film is complete when the block ends.

    A film that got only a part of its frames is a film of these, and its sound ends with them. If the block raises, or
    there was no frame, nothing is written, and an existing file is unchanged. The same frames give the same bytes. WebP
    and GIF loop.

    Args:
        path: the file to write, ending in .mp4 (H.264), .webm (VP9), .webp or .gif, or a folder without an ending.
        plan: what the film will be.
        provenance: ASCII text to store in the file.
        replace: whether an existing file may be replaced; if not, another name is chosen, as for a folder always.

    Raises:
        PictureError: it cannot be written, or there was no frame.
    """
    path = Path(path)
    check_film(path, plan)
    with _writer(path, plan.frame_times, provenance, replace, alpha=plan.alpha, sound=plan.sound) as writer:
        yield writer


@contextmanager
def video_writer(
    path: Path | str, fps: float, provenance: str | None = None, replace: bool = True
) -> Iterator[FilmWriter]:
    """Yield a writer as ``film_writer`` does, for any number of frames at a steady rate.

    Args:
        path: the file to write.
        fps: frames a second.
        provenance: ASCII text to store in the file.
        replace: whether an existing file may be replaced; if not, another name is chosen.

    Raises:
        PictureError: it cannot be written, or there was no frame.
    """
    path = Path(path)
    check_video(path, fps, 0)
    with _writer(path, FrameTimes.steady(fps), provenance, replace) as writer:
        yield writer


@contextmanager
def _writer(
    path: Path,
    times: FrameTimes,
    provenance: str | None,
    replace: bool,
    *,
    alpha: bool = False,
    sound: SoundTracks | None = None,
) -> Iterator[FilmWriter]:
    suffix = path.suffix.lower()
    alpha = alpha and suffix not in _OPAQUE
    with draft_film(path, replace) as draft, _encoder(draft, suffix, times, provenance, sound, alpha=alpha) as put:
        writer = FilmWriter(path, put, alpha=alpha)
        yield writer
        if writer.count == 0:
            raise PictureError(f"cannot write {path}: there is no frame")
        put.finish()
    writer.path = draft.path


def draft_film(path: Path, replace: bool) -> AbstractContextManager[Draft]:
    """Return the draft of a film, a file or, without an ending, a folder: see ``files/atomic.py``."""
    temporary = hidden_sibling(resolve_link(path), ".part")
    return atomic_replace(path, temporary, replace) if path.suffix else atomic_folder(path, temporary)


@contextmanager
def _encoder(
    draft: Draft, suffix: str, times: FrameTimes, provenance: str | None, sound: SoundTracks | None, *, alpha: bool
) -> Iterator[_Encoder]:
    """Yield what writes frames into the draft of a film, by its ending."""
    if suffix in FORMATS:
        with write_container(draft.temporary, suffix, times, provenance, sound, alpha=alpha) as film:
            yield film
    elif not suffix:
        yield FolderFilm(draft.temporary, provenance)
    else:
        with draft.temporary.open("xb") as file:
            webp = suffix == ".webp"
            yield WebpFilm(file, times, provenance, alpha=alpha) if webp else GifFilm(file, times, provenance)


def count_frames(path: Path) -> int:
    """Return the number of frames of a film, without decoding them.

    Raises:
        PictureError: it is not a film, or is damaged.
    """
    if path.is_dir():
        return len(list_frames(path))
    if is_container(path):
        with open_container(path) as container:
            stream = container.streams.video[0]
            return stream.frames or sum(packet.size > 0 for packet in container.demux(stream))
    with open_picture(path) as (image, _):
        return int(getattr(image, "n_frames", 1))
