"""What is different where a video is made: its frames are on disk, and become a file at the end."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from torch import Tensor

from artcnn.engines.camera import min_zoom
from artcnn.engines.zoom import count_dreamed_frames
from artcnn.errors import ArtcnnError
from artcnn.files.video import video_writer
from artcnn.image import Size, fit_size, resize, size_of, video_size
from artcnn.jobs.engine import Images
from artcnn.jobs.inputs import DreamInputs
from artcnn.jobs.result import Result
from artcnn.recipes import Recipe, VideoRecipe

_MASK_SIDE = 64
"""Pixels of the mask by which it is told how long something of it is in sight: enough for a time."""


class Frames(Protocol):
    """Frames, shape (1, 3, H, W) each, sRGB in [0, 1]."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Tensor]: ...


@dataclass(frozen=True, eq=False)
class VideoResult(Result):
    """A video that was made; ``image`` is its last frame.

    Attributes:
        frames: those that are shown, on disk until the run is over.
        fps: frames a second.
    """

    frames: Frames = field(kw_only=True, repr=False)
    fps: float = field(kw_only=True)

    def save(self, path: Path | str, *, keep_gps: bool = False, replace: bool = True) -> Path:
        """Write the video as the command line does, with how it was made.

        Args:
            path: the file to write, ending in .mp4, .webm, .webp or .gif, or a folder of frames, without an ending.
            keep_gps: not possible: a video tells nothing of the photo.
            replace: whether a file that is there may be replaced; if not, another name is chosen.

        Returns:
            Where it is.

        Raises:
            ArtcnnError: it cannot be written there, or its frames are removed already.
        """
        if keep_gps:
            raise ArtcnnError("--keep-gps: a film tells nothing of the photo, leave it out")
        return self.write(Path(path), replace)

    def write(self, path: Path, replace: bool) -> Path:
        """Write the video; return where it is."""
        with video_writer(path, self.fps, self.provenance.to_json(path), replace) as add:
            for frame in self.frames:
                add(frame)
        return add.path


def frame_size(recipe: Recipe, images: Images) -> Size:
    """Return the (height, width) of a video's frames."""
    assert isinstance(images, DreamInputs)  # noqa: S101 - a job with a video is a dream
    return video_size(size_of(images.photo), recipe.size)


def video_notes(video: VideoRecipe, size: Size, *, transparent: bool) -> list[str]:
    """Return what may surprise in a video, whose frames have this (height, width), a sentence each."""
    notes = ["a film has no transparency, the photo's is left out"] if transparent else []
    needed = min_zoom(size, video.rotate)
    if 1 <= video.zoom < needed:
        notes.append(f"as it turns the corners show the picture mirrored, below --zoom {needed:.3f}")
    return notes


def video_left(video: VideoRecipe, images: Images, begun: int, stop_after: int | None) -> VideoRecipe:
    """Return the settings of a video that takes as long as what is left of another.

    Args:
        video: the other.
        images: its inputs.
        begun: how many of its frames are there.
        stop_after: the frame it is to be stopped after, or None.
    """
    assert isinstance(images, DreamInputs)  # noqa: S101 - a job with a video is a dream
    mask = images.mask
    if mask is not None:
        mask = resize(mask, fit_size(size_of(images.photo), _MASK_SIDE))
    count = count_dreamed_frames(video, range(begun, stop_after or video.frames), mask)
    return video.model_copy(update={"frames": count + 1})  # of which the photo is one
