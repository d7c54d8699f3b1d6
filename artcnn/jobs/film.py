"""What is different where a clip becomes a film: it is opened, and its frames are made one after the other."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from artcnn.engines import shots
from artcnn.engines.film import film
from artcnn.engines.optical_flow import InverseSearchFlow
from artcnn.engines.step import Step
from artcnn.files.clips.clip import Clip, open_clip
from artcnn.files.containers import is_container
from artcnn.files.frame_store import FrameStore
from artcnn.files.metadata import Metadata
from artcnn.files.read import Picture
from artcnn.files.video import FilmPlan, check_film, film_writer
from artcnn.jobs.job import Job
from artcnn.jobs.result import Result
from artcnn.jobs.video import VideoResult

if TYPE_CHECKING:
    from artcnn.jobs.prepared import PreparedJob


@dataclass(frozen=True, eq=False)
class FilmResult(VideoResult):
    """A film that was made of a clip.

    Attributes:
        clip: the clip, whose times, sound and opacity the film has.
    """

    clip: Clip = field(kw_only=True, repr=False)

    def write(self, path: Path, replace: bool) -> Path:
        """Write the film; return where it is."""
        with film_writer(path, plan_film(self.clip), self.provenance.to_json(path), replace) as add:
            alphas = (frame.alpha for frame in self.clip.frames()) if self.clip.alpha else None
            for frame in self.frames:
                add(frame, None if alphas is None else next(alphas))
        return add.path


def film_result(last: Result, clip: Clip, passes: int, frames: FrameStore) -> FilmResult | None:
    """Return the film that the last pass has made so far; None if it has no frame yet.

    Args:
        last: the last frame, and how it was made.
        clip: what the film is made of.
        passes: how often it is gone through.
        frames: those of all passes.
    """
    shown = FramesOfPass(frames, passes - 1, len(clip.times))
    if not len(shown):
        return None
    metrics = {**last.metrics, "steps": len(shown)}
    return FilmResult(
        last.image, None, last.provenance, metrics, last.usage, frames=shown, fps=float(clip.fps), clip=clip
    )


class FramesOfPass:
    """The frames of one pass over a film, in a store that has those of all passes, one after the other.

    Args:
        store: the store.
        number: of the pass, from 0.
        total: number of the film's frames.
    """

    def __init__(self, store: FrameStore, number: int, total: int) -> None:
        self._store, self._first, self._total = store, number * total, total

    def __len__(self) -> int:
        return max(0, min(self._total, len(self._store) - self._first))

    def __getitem__(self, index: int) -> Tensor:
        """Return a frame, shape (1, 3, H, W), sRGB in [0, 1].

        Raises:
            IndexError: it is not there.
        """
        if not 0 <= index < len(self):
            raise IndexError(index)
        return self._store[self._first + index]

    def __iter__(self) -> Iterator[Tensor]:
        return map(self.__getitem__, range(len(self)))

    def add(self, frame: Tensor) -> None:
        """Add a frame, shape (1, 3, H, W), rounded to 8 bits."""
        self._store.add(frame)


def open_film(job: Job) -> Clip:
    """Open the clip that a job makes a film of, in the range and at the size of the film; a still is its first frame.

    Raises:
        PictureError: it is not a clip, is damaged, or has no frame in the range.
        MissingExtraError: packages for films are not installed.
    """
    photo, settings = job.sources()["photo"], job.film
    assert isinstance(photo, Path) and settings is not None  # noqa: S101, PT018 - a job with a film has these
    start = settings.start if settings.still is None else settings.still
    status = photo.stat() if photo.exists() else None
    version = None if status is None else (status.st_ino, status.st_size, status.st_mtime_ns)
    return _open(photo, job.recipe.size, start, settings.end, settings.fps, version)


@lru_cache(maxsize=4)  # it is asked for several times before the first frame, and a long file takes seconds
def _open(
    path: Path,
    size: int,
    start: float | None,
    end: float | None,
    fps: float | None,
    version: tuple[int, ...] | None,  # noqa: ARG001 - another version, another clip
) -> Clip:
    return open_clip(path, size, start, end, fps)


@lru_cache(maxsize=4)  # each shot asks for the plan of the whole
def plan_film(clip: Clip) -> FilmPlan:
    """Return what a film of a clip will be."""
    whole = None if clip.whole is None else plan_film(clip.whole)
    return FilmPlan(clip.size, clip.times, clip.duration, clip.alpha, clip.sound, whole=whole)


def film_suffix(clip: Clip) -> str:
    """Return what the name of a film ends in if nobody says it: what holds all that the clip has."""
    if clip.path.is_dir() or is_container(clip.path):
        return ".webm" if clip.alpha else ".mp4"
    return ".webp"


def film_notes(job: Job, out: Path) -> list[str]:
    """Check that a job's film can be written to ``out``; return what the format cannot hold, a sentence each.

    Raises:
        PictureError: it cannot be written there.
        MissingExtraError: the format needs a package that is not installed.
    """
    assert job.film is not None  # noqa: S101 - a job with a film
    return check_film(out, replace(plan_film(open_film(job)), passes=job.film.passes))


def first_picture(clip: Clip) -> Picture:
    """Return the first frame of a clip as the photo whose inputs and memory are checked."""
    frame = next(clip.frames())
    return Picture(frame.image, frame.alpha, clip.sha256, tuple(clip.notes), Metadata())


def film_steps(prepared: "PreparedJob", clip: Clip, frames: FrameStore) -> Iterator[Step]:
    """Yield the steps of a film, each a frame, from the first that is not among the finished ones."""
    settings, paint = prepared.job.film, prepared.engine.painter
    assert settings is not None and paint is not None  # noqa: S101, PT018 - the job was checked
    painter = paint(prepared.recipe, prepared.images, prepared.network, prepared.tiling)
    images = partial(_images, clip, prepared.device)
    passes = [FramesOfPass(frames, number, len(clip.times)) for number in range(settings.passes)]
    for step in film(images, len(clip.times), painter, InverseSearchFlow(), settings, passes):
        yield replace(step, stage=_stage(step.index - 1, clip, settings.passes))


def find_cuts(prepared: "PreparedJob", first: int, last: int) -> list[int]:
    """Return which frames of a film, from number ``first`` up to, not including, ``last``, begin a new shot, ascending.

    Frame 0 is never named. Ranges may be searched separately, on several machines; ``engines.shots.shots_between``
    makes ranges of frames of all cuts, each for ``PreparedJob.of_shot``.
    """
    clip, settings = prepared.clip, prepared.job.film
    assert clip is not None and settings is not None  # noqa: S101, PT018 - it is a film
    return shots.find_cuts(partial(_images, clip, prepared.device), first, last, InverseSearchFlow(), settings)


def _images(clip: Clip, device: torch.device, first: int) -> Iterator[Tensor]:
    """Yield the frames of a clip from number ``first`` on, each (1, 3, H, W), on a device."""
    return (frame.image.to(device) for frame in clip.frames(first))


def _stage(made: int, clip: Clip, passes: int) -> str:
    """Return what a frame is a part of, given how many were made before it: each second of the film is one."""
    number, place = divmod(made, len(clip.times))
    forwards = (passes - number) % 2 == 1
    time = clip.times[place if forwards else len(clip.times) - 1 - place]
    height, width = clip.size
    stage = f"second {int(time) + 1} of {ceil(clip.duration)}, {width} x {height}"
    return f"pass {number + 1} of {passes}, {stage}" if passes > 1 else stage
