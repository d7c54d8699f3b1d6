"""A job whose inputs are opened and checked, on the machine that is to make it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from artcnn.backbones.tiles import TilingPolicy
from artcnn.engines.step import Step
from artcnn.files.read import Picture, read_picture
from artcnn.image import Size, resize, size_of
from artcnn.jobs.engine import Engine, Images, Network
from artcnn.jobs.engines import engine_of
from artcnn.jobs.estimate import Estimate, estimate, measure_usage
from artcnn.jobs.inputs import main_input
from artcnn.jobs.job import Job, name_of_video
from artcnn.jobs.provenance import Provenance, provenance_of
from artcnn.jobs.result import Result
from artcnn.jobs.sources import hash_source
from artcnn.jobs.video import VideoResult, frame_size, video_left
from artcnn.machine.memory import malloc_trim
from artcnn.recipes import Recipe, VideoRecipe

if TYPE_CHECKING:
    from artcnn.files.clips.clip import Clip
    from artcnn.files.frame_store import FrameStore
    from artcnn.jobs.runtime import Runtime


@dataclass(frozen=True, eq=False)
class PreparedJob:
    """A job that is ready to be run: all that can be checked before the slow work is.

    Attributes:
        job: what is made.
        recipe: its recipe, the precision decided.
        runtime: what it is made with.
        pictures: the inputs as they were read, by name.
        images: the same on the device, as the engine takes them.
        tiling: how pictures go through the network in the memory there is.
        notes: what may surprise in how the inputs were understood, a sentence each.
        clip: what a film is made of; its first frame is the photo among the pictures and images.
    """

    job: Job
    recipe: Recipe
    runtime: "Runtime" = field(repr=False)
    pictures: Mapping[str, Picture] = field(repr=False)
    images: Images = field(repr=False)
    tiling: TilingPolicy = field(repr=False)
    notes: tuple[str, ...]
    clip: "Clip | None" = field(default=None, repr=False)

    @property
    def device(self) -> torch.device:
        """What it is made on."""
        return self.runtime.device

    @property
    def engine(self) -> Engine:
        """What makes it."""
        return engine_of(self.recipe)

    @property
    def network(self) -> Network:
        """The network it is made with."""
        return self.runtime.load_network(self.recipe, self.images)

    @cached_property
    def provenance(self) -> Provenance:
        """How the complete result is made."""
        read = {name: picture.sha256 for name, picture in self.pictures.items()}
        sha256s = {name: read.get(name) or hash_source(source) for name, source in self.job.sources().items()}
        return provenance_of(self.job, self.recipe, sha256s)

    @property
    def key(self) -> str:
        """What checkpoints go by: only the same work, in the same precision, by the same version goes on with them."""
        key = f"{self.provenance.fingerprint} {self.recipe.precision} {self.provenance.version}"
        if self.clip is None or self.clip.whole is None:
            return key
        return f"{key} frames {self.clip.first} to {self.clip.first + len(self.clip.times)}"

    def of_shot(self, first: int, last: int) -> "PreparedJob":
        """Return the job that makes only the frames from number ``first`` up to, not including, ``last`` of a film.

        Where a shot begins at ``first``, and another at ``last``, they are those of the film to the bit: see
        ``jobs.film.find_cuts``. The result is a piece, without sound, for ``files.films.join``.
        """
        assert self.clip is not None  # noqa: S101 - it is a film
        return replace(self, clip=self.clip.part(first, last))

    @cached_property
    def estimate(self) -> Estimate:
        """What the whole of it will take; a small trial may be run for that, once for all jobs of a kind."""
        return self.estimate_rest(0, None)

    def estimate_rest(self, begun: int, stop_after: int | None) -> Estimate:
        """Return what a run will take; of a video that was begun, or is to be stopped, what is left of it."""
        sizes, trials = self.engine.sizes(self.recipe, self.images), self.runtime.trials
        what = self.recipe, sizes, self.tiling, self.network, self.device
        if self.clip is not None:
            count = len(self.clip.times) * self.passes
            frames = range(begun, min(stop_after or count, count))
            following = self.engine.costs.following_multiplications(self.recipe, self.clip.size)
            return estimate(*what, trials=trials, film=True).of_film(following, self.clip.size, count, len(frames))
        zoom = self.job.video if isinstance(self.job.video, VideoRecipe) else None
        video = None if zoom is None else video_left(zoom, self.images, begun, stop_after)
        return estimate(*what, video, trials)

    @property
    def passes(self) -> int:
        """How often a film is gone through."""
        return 1 if self.job.film is None else self.job.film.passes

    @property
    def frame_count(self) -> int | None:
        """The number of frames that are made of a video, in all passes over it; None of a picture."""
        if self.clip is not None:
            return len(self.clip.times) * self.passes
        return self.job.video.frames if isinstance(self.job.video, VideoRecipe) else None

    @property
    def frame_size(self) -> Size:
        """The (height, width) of a video's frames."""
        return frame_size(self.recipe, self.images) if self.clip is None else self.clip.size

    def result(self, step: Step, seconds: float, frames: "FrameStore | None" = None) -> Result | None:
        """Return the picture of a step; of a video, all frames up to it; None before the last pass over a film.

        Args:
            step: the step.
            seconds: how long the run took so far.
            frames: of a video, those that are made.
        """
        made = replace(self.provenance, stopped_after=step.index if step.index < step.total else None)
        metrics = ({} if self.engine.value is None else {self.engine.value: step.value}) | {"steps": step.index}
        usage = measure_usage(seconds, self.device)
        if self.clip is not None and frames is not None:
            from artcnn.jobs.film import film_result

            return film_result(Result(step.image.cpu(), None, made, metrics, usage), self.clip, self.passes, frames)
        if isinstance(self.job.video, VideoRecipe) and frames is not None:
            return VideoResult(step.image.cpu(), None, made, metrics, usage, frames=frames, fps=self.job.video.fps)
        photo = self.pictures.get("photo")
        if photo is None:
            return Result(step.image.cpu(), None, made, metrics, usage)
        alpha = None if photo.alpha is None else resize(photo.alpha, size_of(step.image))
        return Result(step.image.cpu(), alpha, made, metrics, usage, photo.metadata)

    def evaluate(self, image: Tensor) -> Mapping[str, Mapping[str, float]]:
        """Return how good a picture is, computed in float32: a dream's objective before and after, a style's loss.

        Of an instant style there is nothing to tell.

        Args:
            image: shape (1, 3, H, W), sRGB in [0, 1], such as a result as it stands in its file.
        """
        if self.engine.evaluate is None:
            return {}
        malloc_trim()  # what the steps left is in the way
        exact = self.runtime.load_network(self.recipe.model_copy(update={"precision": "float32"}), self.images)
        return self.engine.evaluate(self.recipe, self.images, exact, image.to(self.device))

    def describe(self, out: Path, result: Result, told: Estimate) -> dict[str, Any]:
        """Return what ``--json`` prints of a result: a picture is evaluated as it stands in its file.

        Args:
            out: where it was written.
            result: what was written.
            told: what it was said to take.
        """
        height, width = size_of(result.image)
        described: dict[str, Any] = {
            next(iter(self.pictures)): str(main_input(self.job.inputs)),
            "out": str(out),
            "width": width,
            "height": height,
            "frames" if self.job.makes_video else "steps": result.metrics["steps"],
            "recipe": self.recipe.model_dump(),
            "estimate": told.to_json(),
            "usage": dict(result.usage),
        }
        if self.job.makes_video and self.job.video is not None:
            return described | {name_of_video(self.job.video): self.job.video.model_dump()}
        return described | dict(self.evaluate(read_picture(out).pixels))
