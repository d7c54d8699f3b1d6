"""What jobs share on one machine: the device, the loaded networks, and how a job is made ready there."""

import threading
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from torch import Tensor

from artcnn.backbones.device import choose_device
from artcnn.backbones.precision import Precision
from artcnn.errors import enough_memory
from artcnn.files.read import Picture
from artcnn.files.streams import STREAM
from artcnn.image import as_mask, fit, fit_size, same_aspect, size_of
from artcnn.jobs.engine import Images, Network
from artcnn.jobs.engines import engine_of
from artcnn.jobs.estimate import free_memory, less_memory, tiling_within
from artcnn.jobs.inputs import convert_inputs, is_mask, is_model
from artcnn.jobs.job import Job
from artcnn.jobs.prepared import PreparedJob
from artcnn.jobs.sources import PlainSource, read_source
from artcnn.jobs.video import frame_size, video_notes
from artcnn.machine.memory import disable_trim
from artcnn.recipes import Recipe, VideoRecipe

if TYPE_CHECKING:
    from artcnn.files.clips.clip import Clip


class Runtime:
    """What jobs share on one machine. It may be used from any thread, by several at once.

    A network is loaded once and kept; drop the runtime to free them all. The memory limit is one job's: jobs that run
    at once have to share by their limits.

    Args:
        device: ``"auto"``, ``"cpu"``, ``"cuda"`` or ``"mps"``.
        max_memory: bytes that a job may take, its network and torch included; None for what is free.

    Attributes:
        device: what is computed on.
        trials: how fast the machine was in small trials, by what was tried.

    Raises:
        ArtcnnError: there is no such device.
    """

    def __init__(self, device: str = "auto", max_memory: int | None = None) -> None:
        self.device, self.max_memory = choose_device(device), max_memory
        self.trials: dict[str, float] = {}
        self._loading, self._reading = threading.Lock(), threading.Lock()
        self._networks: dict[Hashable, Network] = {}
        self._pictures: WeakValueDictionary[tuple[object, ...], Picture] = WeakValueDictionary()

    def prepare(self, job: Job, *, precision: Precision | None = None) -> PreparedJob:
        """Open a job's inputs and check all that can be checked before the slow work.

        Args:
            job: what is to be made.
            precision: what to compute in where the recipe leaves it to the machine; by default the fastest here.

        Raises:
            ArtcnnError: an input cannot be read, or does not fit the recipe; there is not enough memory; or the
                network is missing.
        """
        recipe = job.recipe
        if precision is not None and recipe.precision == "auto":
            recipe = recipe.model_copy(update={"precision": precision})
        with enough_memory(less_memory(recipe)):
            return self._prepare(job, engine_of(recipe).networks.resolve(recipe, self.device))

    def _prepare(self, job: Job, recipe: Recipe) -> PreparedJob:
        sources = {name: source for name, source in job.sources().items() if not is_model(name)}
        clip, pictures = (None, {}) if job.film is None else _open_clip(job)
        pictures |= {
            name: self.read(source, name, recipe.size) for name, source in sources.items() if name not in pictures
        }
        images = convert_inputs(job.inputs, lambda name, source: _opened(name, source, pictures))
        engine = engine_of(recipe)
        engine.check(recipe, images)
        # Before the photo is resized: a picture that is too large for the memory is slow to come to that size, too.
        sizes = engine.sizes(recipe, images)
        size = fit_size(sizes.photo, recipe.size)
        clip = clip if job.makes_video else None
        memory = free_memory(self.device, self.max_memory)
        tiling = tiling_within(recipe, size, memory, sizes.guide, film=clip is not None)
        disable_trim(engine.costs.block_bytes(recipe, tiling.plan(size)))
        images = convert_inputs(images, lambda name, image: self._fitted(name, image, recipe))
        notes = [note for picture in pictures.values() for note in picture.notes] + _stretched(job, pictures)
        if isinstance(job.video, VideoRecipe):
            transparent = pictures["photo"].alpha is not None
            notes += video_notes(job.video, frame_size(recipe, images), transparent=transparent)
        prepared = PreparedJob(job, recipe, self, pictures, images, tiling, tuple(notes), clip)
        prepared.provenance.to_json(Path("result"))  # it fits into a picture's metadata
        self.load_network(recipe, images)
        return prepared

    def _fitted(self, name: str, opened: Tensor | Path, recipe: Recipe) -> Tensor | Path:
        if isinstance(opened, Path):
            return opened
        return (fit(opened, recipe.size) if name == "photo" else opened).to(self.device)

    def read(self, source: PlainSource, name: str, size: int) -> Picture:
        """Return the picture that a source is. A file that another job still holds is not read again.

        Args:
            source: where it comes from.
            name: of the input; of a photo, only as much is read as a result of ``size`` needs.
            size: of the result: its longer side, in pixels.

        Raises:
            PictureError: it cannot be read.
        """
        enough = size if name == "photo" else None
        if not isinstance(source, Path) or source == STREAM or not source.exists():
            return read_source(source, name, enough)
        status = source.stat()
        key = source.absolute(), status.st_ino, status.st_size, status.st_mtime_ns, enough
        if (picture := self._pictures.get(key)) is not None:  # though another thread reads something else
            return picture
        with self._reading:
            picture = self._pictures.get(key)
            if picture is None:
                self._pictures[key] = picture = read_source(source, name, enough)
            return picture

    def load_network(self, recipe: Recipe, images: Images) -> Network:
        """Return the network of a recipe whose precision is decided, and of opened inputs; it is loaded once.

        Raises:
            WeightsError: its weights are missing or damaged, or cannot be downloaded.
        """
        assert recipe.precision != "auto"  # noqa: S101 - it is decided when a job is prepared
        networks = engine_of(recipe).networks
        key = networks.key(recipe, images)
        with self._loading:
            if key not in self._networks:
                self._networks[key] = networks.load(recipe, images, self.device)
            return self._networks[key]


def _open_clip(job: Job) -> "tuple[Clip, dict[str, Picture]]":
    """Return the clip of a job, and its first frame as the photo."""
    from artcnn.jobs.film import first_picture, open_film

    clip = open_film(job)
    return clip, {"photo": first_picture(clip)}


def _opened(name: str, source: object, pictures: Mapping[str, Picture]) -> Tensor | Path:
    """Return an input as engines take it: a picture, a mask, or the file of a style, which is read with the network."""
    if is_model(name):
        assert isinstance(source, Path)  # noqa: S101 - a job has no other
        return source
    picture = pictures[name]
    return as_mask(picture.pixels, picture.alpha) if is_mask(name) else picture.pixels


def _stretched(job: Job, pictures: Mapping[str, Picture]) -> list[str]:
    """Return which masks have another shape than what they are laid over, a sentence each."""
    notes = []
    for name in filter(is_mask, pictures):
        of = "guide" if name == "guide_mask" else "photo"
        if not same_aspect(size_of(pictures[name].pixels), size_of(pictures[of].pixels)):
            source = job.sources()[name]
            what = source if isinstance(source, Path) else name
            notes.append(f"the mask {what} has another shape than the {of}: it is stretched")
    return notes
