"""A run from files to files: check everything, open everything, watch the engine, write the pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from artcnn.cli.batch import destination, is_done, make_folder
from artcnn.cli.checkpoints import Checkpoints
from artcnn.cli.job import Job, is_mask, tell
from artcnn.cli.tally import Manner, Tally, say
from artcnn.errors import ArtcnnError

if TYPE_CHECKING:
    from rich.console import Console
    from torch import Tensor, device

    from artcnn.backbones.extractor import FeatureExtractor
    from artcnn.backbones.tiles import Tiling
    from artcnn.cli.display import Display
    from artcnn.engines.step import State, Step
    from artcnn.media.read import Picture
    from artcnn.recipes import Recipe

OfPicture = TypeVar("OfPicture", bound="Recipe")


def run(jobs: Sequence[Job], manner: Manner) -> None:
    """Make the pictures of jobs that differ only in the photo, and say where they are.

    Raises:
        ArtcnnError: anything the user can mend, before the slow work begins; of many jobs, what concerns them all.
        typer.Exit: with 1 where some of many jobs failed; with 130 after Ctrl-C, the picture reached so far is kept.
    """
    from rich.console import Console

    from artcnn.media.open import STREAM, check_picture

    console = Console(stderr=True, quiet=manner.quiet)
    tally = Tally(manner, console, monotonic())
    if manner.many:
        make_folder(manner.out)
    for path in jobs[0].others.values():
        check_picture(path)
    ready = []
    for job in jobs:
        with tally.mistakes(job):
            check_picture(job.photo)
            if destination(job, manner.out, many=manner.many) == STREAM and manner.as_json:
                raise ArtcnnError("--json and the picture cannot both go to the standard output: give --out a file")
            ready.append(job)
    interrupted = bool(ready) and _make_all(ready, manner, tally, console)
    if manner.many:
        say(console, f"{tally.made} made, {tally.done} there already, {tally.failed} failed")
    if interrupted or tally.failed:
        raise typer.Exit(130 if interrupted else 1)


@dataclass(frozen=True)
class Studio:
    """What jobs share: where they are done, the pictures (but the photo where it differs), and the network."""

    place: "device"
    recipe: "Recipe"
    pictures: "Mapping[str, Picture]"

    @cached_property
    def backbone(self) -> "FeatureExtractor":
        """The network that pictures are made with."""
        from artcnn.backbones.extractor import load_extractor

        recipe = self.recipe
        assert recipe.precision != "auto"  # noqa: S101 - it was decided
        return load_extractor(
            recipe.backbone,
            pooling=recipe.pooling,
            padding=recipe.padding,
            precision=recipe.precision,
            device=self.place,
        )

    @cached_property
    def exact(self) -> "FeatureExtractor":
        """The network that pictures are judged by: in float32, whatever they were made in."""
        from artcnn.backbones.extractor import load_extractor

        recipe = self.recipe
        return load_extractor(recipe.backbone, pooling=recipe.pooling, padding=recipe.padding, device=self.place)


@dataclass(frozen=True)
class Opened:
    """What a job works with: its pictures, their pixels on the device, and how these go through the network."""

    pictures: "Mapping[str, Picture]"
    images: "Mapping[str, Tensor]"
    tiling: "Tiling"

    @property
    def sha256s(self) -> dict[str, str]:
        """Those of the pictures' files."""
        return {name: picture.sha256 for name, picture in self.pictures.items()}


def _make_all(jobs: Sequence[Job], manner: Manner, tally: Tally, console: "Console") -> bool:
    """Make the pictures of jobs that were checked, and return whether Ctrl-C was what ended it."""
    say(console, f"loading {jobs[0].recipe.backbone}")
    from artcnn.backbones.device import choose_device  # torch is loaded here, when what was named is there
    from artcnn.cli.display import display

    place = choose_device(manner.device)
    todo = []
    recipe = decided(jobs[0].recipe, place)
    for job in (replace(job, recipe=recipe) for job in jobs):
        out = destination(job, manner.out, many=manner.many)
        if manner.many and not manner.force and is_done(job, out):
            tally.skip(job, out)
        else:
            todo.append(job)
    if not todo:
        return False
    studio = open_studio(todo[0], place, console)
    value = "objective" if todo[0].kind == "dream" else "loss"
    with display(console, value, quiet=manner.quiet, preview=manner.preview) as show:
        for number, job in enumerate(todo):
            with tally.mistakes(job):
                among = _among(show, job.photo.name, number, len(todo))
                if _make(job, manner, studio, among, tally, console):
                    return True
    return False


def decided(recipe: OfPicture, place: "device") -> OfPicture:
    """Return the recipe with the fastest precision here, where none is asked for, so that it is recorded."""
    from artcnn.backbones.layers import BLOCKS
    from artcnn.backbones.precision import fastest
    from artcnn.backbones.weights import find

    if recipe.precision != "auto":
        return recipe
    # In bfloat16 ResNet-50 takes three fifths of the time, GoogLeNet the same, and EfficientNet many times as long.
    precision = fastest(place) if find(recipe.backbone).architecture in BLOCKS else "float32"
    return recipe.model_copy(update={"precision": precision})


def _among(show: "Display", name: str, number: int, count: int) -> "Display":
    """Return a display of the steps of one picture as a part of all that is to be done."""
    if count == 1:
        return show
    return lambda step: show(
        replace(step, done=(number + step.done) / count, stage=f"{number + 1} of {count}, {name}, {step.stage}")
    )


def _make(job: Job, manner: Manner, studio: Studio, show: "Display", tally: Tally, console: "Console") -> bool:
    """Make the picture of one job, and return whether Ctrl-C was what ended it."""
    from artcnn.cli.cost import duration, expected
    from artcnn.media.memory import gigabytes

    out = destination(job, manner.out, many=manner.many)
    opened = open_job(job, manner, studio, console)
    checkpoints = Checkpoints(out, tell(job, opened.sha256s, out, None))
    state = taken_up(checkpoints, manner, console)
    estimate = expected(job.recipe, opened.images, opened.tiling, studio.backbone)
    say(console, f"it will take about {duration(estimate.seconds)} and {gigabytes(estimate.memory)} of memory")
    began = monotonic()
    step, interrupted = _watch(job, manner, studio, opened, out, show, checkpoints, state)
    if step is None:
        say(console, "stopped before the first step: there is no picture to keep")
        return True
    if step.index == step.total and state is None:
        estimate.was(monotonic() - began)
    _write(job, opened, out, step)
    checkpoints.remove()
    report = _report(job, studio, opened, out, step) | {"estimate": estimate.told()} if manner.as_json else {}
    tally.made_one(out, step, report)
    return interrupted


def taken_up(checkpoints: Checkpoints, manner: Manner, console: "Console") -> "State | None":
    """Return where an earlier run that was killed is to be taken up; what it left is removed where it is not to be."""
    if manner.resume and (checkpoints.there or not manner.many):
        return checkpoints.read()
    if checkpoints.there:
        say(console, f"note: {checkpoints.path} is of a run that was killed; --resume would have taken it up")
        checkpoints.remove()
    return None


def open_studio(job: Job, place: "device", console: "Console") -> Studio:
    """Return what a job shares with others of its recipe, whose precision is decided: the photo is not read."""
    from artcnn.media.read import read_picture

    shared = {name: read_picture(path) for name, path in job.others.items()}
    say_notes(console, shared)
    return Studio(place, job.recipe, shared)


def open_job(job: Job, manner: Manner, studio: Studio, console: "Console") -> Opened:
    """Return everything a job needs, having checked that it can succeed."""
    from artcnn.cli.cost import guide_size, memory_there_is, tiling_within
    from artcnn.cli.engines import check, photo_of
    from artcnn.image import as_mask, fit, fit_size, size_of
    from artcnn.media.memory import keep_freed_memory
    from artcnn.media.read import read_picture

    first, pictures = next(iter(job.inputs)), studio.pictures
    if first not in pictures:
        photo = read_picture(job.photo)
        say_notes(console, {first: photo})
        pictures = {first: photo, **pictures}
        say_stretched(console, job, pictures)
    images = {name: as_mask(p.pixels) if is_mask(name) else p.pixels for name, p in pictures.items()}
    check(job.recipe, images)
    # Before the photo is resized: a picture that is too large for the memory is slow to come to that size, too.
    size = fit_size(size_of(photo_of(job.recipe, images)), job.recipe.size)
    memory = memory_there_is(studio.place, manner.max_memory)
    tiling = tiling_within(job.recipe, size, memory, guide_size(images))
    keep_freed_memory(large=tiling.at(size).stages == 0)
    if first == "photo":
        images["photo"] = fit(images["photo"], job.recipe.size)
    return Opened(pictures, {name: image.to(studio.place) for name, image in images.items()}, tiling)


def _watch(
    job: Job,
    manner: Manner,
    studio: Studio,
    opened: Opened,
    out: Path,
    show: "Display",
    checkpoints: Checkpoints,
    state: "State | None",
) -> "tuple[Step | None, bool]":
    """Return the last step that was reached, and whether Ctrl-C was what ended it."""
    from artcnn.cli.engines import steps

    step: Step | None = None
    try:
        for step in steps(job.recipe, opened.images, studio.backbone, opened.tiling, state):
            show(step)
            checkpoints.write(step)
            if step.index == job.stop_after:
                break
            if manner.save_every and step.index % manner.save_every == 0 and step.index < step.total:
                _write(job, opened, out.with_stem(f"{out.stem}-{step.index:04d}"), step)
    except KeyboardInterrupt:
        return step, True
    return step, False


def _write(job: Job, opened: Opened, out: Path, step: "Step") -> None:
    """Write the picture of a step, with the photo's alpha and the story of how it was made."""
    from artcnn.media.write import write_picture

    stopped_after = step.index if step.index < step.total else None
    story = tell(job, opened.sha256s, out, stopped_after)
    write_picture(out, step.image.cpu(), alpha_of(opened, step.image), story)


def alpha_of(opened: Opened, image: "Tensor") -> "Tensor | None":
    """Return the photo's opacity in the size of an image, shape (1, 1, H, W) in [0, 1], or None where it is opaque."""
    from artcnn.image import resize, size_of

    alpha = opened.pictures["photo"].alpha if "photo" in opened.pictures else None
    return None if alpha is None else resize(alpha, size_of(image))


def _report(job: Job, studio: Studio, opened: Opened, out: Path, step: "Step") -> dict[str, Any]:
    """Return what ``--json`` prints, the picture judged as it stands in its file."""
    from artcnn.cli.engines import judge
    from artcnn.media.read import read_picture

    written = read_picture(out).pixels.to(step.image.device)
    return {
        next(iter(job.inputs)): str(job.photo),
        "out": str(out),
        "width": written.shape[-1],
        "height": written.shape[-2],
        "steps": step.index,
        "recipe": job.recipe.model_dump(),
    } | judge(job.recipe, opened.images, studio.exact, written)


def say_stretched(console: "Console", job: Job, pictures: "Mapping[str, Picture]") -> None:
    """Tell which of a job's masks have another shape than what they are laid over."""
    from artcnn.image import same_shape, size_of

    for name in filter(is_mask, pictures):
        of = "guide" if name == "guide_mask" else "photo"
        if not same_shape(size_of(pictures[name].pixels), size_of(pictures[of].pixels)):
            say(console, f"note: the mask {job.inputs[name]} has another shape than the {of}: it is stretched")


def say_notes(console: "Console", pictures: "Mapping[str, Picture]") -> None:
    """Tell how pictures were understood, where that may surprise."""
    for picture in pictures.values():
        for note in picture.notes:
            say(console, f"note: {note}")
