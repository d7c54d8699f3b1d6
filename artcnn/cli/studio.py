"""What jobs work with: the pictures, opened, and the network, loaded once for all of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from artcnn.cli.job import Job, is_mask
from artcnn.cli.options import RunOptions
from artcnn.cli.tally import say

if TYPE_CHECKING:
    from rich.console import Console
    from torch import Tensor, device

    from artcnn.backbones.base import Backbone
    from artcnn.backbones.tiles import TilingPolicy
    from artcnn.files.read import Picture
    from artcnn.recipes import Recipe

OfPicture = TypeVar("OfPicture", bound="Recipe")


@dataclass(frozen=True)
class Studio:
    """What jobs share: where they are done, the pictures (but the photo where it differs), and the network."""

    place: "device"
    recipe: "Recipe"
    pictures: "Mapping[str, Picture]"

    @cached_property
    def backbone(self) -> "Backbone":
        """The network that pictures are made with."""
        from artcnn.backbones.base import load_backbone

        return load_backbone(self.recipe, self.place)

    @cached_property
    def exact(self) -> "Backbone":
        """The network that pictures are judged by: in float32, whatever they were made in."""
        from artcnn.backbones.base import load_backbone

        return load_backbone(self.recipe.model_copy(update={"precision": "float32"}), self.place)


@dataclass(frozen=True)
class Opened:
    """What a job works with: its pictures, their pixels on the device, and how these go through the network."""

    pictures: "Mapping[str, Picture]"
    images: "Mapping[str, Tensor]"
    tiling: "TilingPolicy"

    @property
    def sha256s(self) -> dict[str, str]:
        """Those of the pictures' files."""
        return {name: picture.sha256 for name, picture in self.pictures.items()}


def decided(recipe: OfPicture, place: "device") -> OfPicture:
    """Return the recipe with the fastest precision here, where none is asked for, so that it is recorded."""
    from artcnn.backbones.base import resolve_precision

    return resolve_precision(recipe, place)


def open_studio(job: Job, place: "device", console: "Console") -> Studio:
    """Return what a job shares with others of its recipe, whose precision is decided: the photo is not read."""
    from artcnn.files.read import read_picture

    shared = {name: read_picture(path) for name, path in job.others.items()}
    say_notes(console, shared)
    return Studio(place, job.recipe, shared)


def open_job(job: Job, options: RunOptions, studio: Studio, console: "Console") -> Opened:
    """Return everything a job needs, having checked that it can succeed."""
    from artcnn.cli.cost import guide_size, memory_there_is, tiling_within
    from artcnn.cli.engines import check, photo_of
    from artcnn.engines.memory import block_bytes
    from artcnn.files.read import read_picture
    from artcnn.image import as_mask, fit, fit_size, size_of
    from artcnn.machine.memory import disable_trim

    first, pictures = next(iter(job.inputs)), studio.pictures
    if first not in pictures:
        photo = read_picture(job.photo, long_side=job.recipe.size if first == "photo" else None)
        say_notes(console, {first: photo})
        pictures = {first: photo, **pictures}
        say_stretched(console, job, pictures)
    images = {name: as_mask(p.pixels, p.alpha) if is_mask(name) else p.pixels for name, p in pictures.items()}
    check(job.recipe, images)
    # Before the photo is resized: a picture that is too large for the memory is slow to come to that size, too.
    size = fit_size(size_of(photo_of(job.recipe, images)), job.recipe.size)
    memory = memory_there_is(studio.place, options.max_memory)
    tiling = tiling_within(job.recipe, size, memory, guide_size(images))
    disable_trim(block_bytes(job.recipe, tiling.plan(size)))
    if first == "photo":
        images["photo"] = fit(images["photo"], job.recipe.size)
    return Opened(pictures, {name: image.to(studio.place) for name, image in images.items()}, tiling)


def say_stretched(console: "Console", job: Job, pictures: "Mapping[str, Picture]") -> None:
    """Tell which of a job's masks have another shape than what they are laid over."""
    from artcnn.image import same_aspect, size_of

    for name in filter(is_mask, pictures):
        of = "guide" if name == "guide_mask" else "photo"
        if not same_aspect(size_of(pictures[name].pixels), size_of(pictures[of].pixels)):
            say(console, f"note: the mask {job.inputs[name]} has another shape than the {of}: it is stretched")


def say_notes(console: "Console", pictures: "Mapping[str, Picture]") -> None:
    """Tell how pictures were understood, where that may surprise."""
    for picture in pictures.values():
        for note in picture.notes:
            say(console, f"note: {note}")


def alpha_of(opened: Opened, image: "Tensor") -> "Tensor | None":
    """Return the photo's opacity in the size of an image, shape (1, 1, H, W) in [0, 1], or None where it is opaque."""
    from artcnn.image import resize, size_of

    alpha = opened.pictures["photo"].alpha if "photo" in opened.pictures else None
    return None if alpha is None else resize(alpha, size_of(image))
