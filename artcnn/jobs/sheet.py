"""Make a sheet: one photo in many ways, side by side, as a sweep says."""

import shlex
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from pathlib import Path
from time import monotonic
from typing import Any

from PIL.Image import Image
from torch import Tensor

from artcnn.engines.step import Step
from artcnn.errors import ArtcnnError, combined
from artcnn.files.provenance import check_provenance
from artcnn.files.read import Picture
from artcnn.files.write import to_pillow, write_picture
from artcnn.image import as_mask, fit_size, on_white, size_of
from artcnn.jobs.command import input_options, plain_inputs
from artcnn.jobs.events import Finished, Progress, never
from artcnn.jobs.inputs import Inputs, InstantInputs, StyleInputs, is_mask
from artcnn.jobs.job import Job
from artcnn.jobs.prepared import PreparedJob
from artcnn.jobs.runner import run
from artcnn.jobs.runtime import Runtime
from artcnn.jobs.sheet_provenance import sheet_to_json
from artcnn.jobs.sources import Source
from artcnn.jobs.sweep import Sweep, join_labels
from artcnn.reports.contact_sheet import ContactSheet


@dataclass(frozen=True, eq=False)
class PreparedSheet:
    """A sheet that is ready to be made.

    Attributes:
        sweep: what is varied.
        jobs: of its pictures, prepared, row by row.
    """

    sweep: Sweep
    jobs: Sequence[PreparedJob]

    @property
    def seconds(self) -> float:
        """How long it will take."""
        return sum(job.estimate.seconds for job in self.jobs)

    @property
    def memory(self) -> int:
        """The bytes that it will take at its peak."""
        return max(job.estimate.memory for job in self.jobs)

    @property
    def notes(self) -> list[str]:
        """What may surprise in how the inputs were understood, a sentence each."""
        return list(dict.fromkeys(note for job in self.jobs for note in job.notes))

    @cached_property
    def layout(self) -> ContactSheet:
        """The sheet without its pictures: files are called by their names, without the folders."""
        sweep, inputs, pictures = self.sweep, self.jobs[0].job.inputs, self.jobs[0].pictures
        names = {name: _name(name, source) for name, source in inputs.named().items()}
        plain = plain_inputs(names)
        how = f", dreamt towards {names['guide']}" if "guide" in names else ", dreamt"
        if isinstance(inputs, StyleInputs):
            how = f" in the style of {', '.join(plain[1:])}"
        elif isinstance(inputs, InstantInputs):
            how = ", painted at once"
        typed = join_labels([*input_options(names), *sweep.fixed])
        where = "above and left of" if len(sweep.axes) > 1 else "below"
        usual = type(sweep.recipes[0]).model_fields["size"].default
        smaller = "--size" in dict(sweep.fixed) and sweep.recipes[0].size < usual
        size = "; without --size it will be larger" if smaller else ""
        return ContactSheet(
            sizes=[fit_size(size_of(pictures["photo"].pixels), recipe.size) for recipe in sweep.recipes],
            columns=sweep.axes[0].labels,
            rows=sweep.axes[1].labels if len(sweep.axes) > 1 else (),
            title=f"{plain[0]}{how}",
            command=f"artcnn {sweep.kind} {' '.join(map(shlex.quote, plain))} {typed}".rstrip(),
            hint=f"To make a picture anew, add what stands {where} it{size}.",
            references=[_shown(name, picture) for name, picture in pictures.items()],
        )

    def provenance(self, out: Path, made: Sequence[int]) -> str:
        """Return what the file ``out`` carries, with the pictures of these numbers on it."""
        return sheet_to_json(self.sweep, self.jobs, self.layout.command, out, made)


@dataclass(frozen=True, eq=False)
class SheetResult:
    """A sheet, as far as it is made.

    Attributes:
        sheet: what was to be made.
        pictures: those that were, by number: shape (1, 3, H, W), sRGB in [0, 1], on white.
        seconds: how long each took.
        errors: of those that failed.
    """

    sheet: PreparedSheet = field(repr=False)
    pictures: Mapping[int, Tensor] = field(repr=False)
    seconds: Mapping[int, float]
    errors: Mapping[int, ArtcnnError]

    @property
    def complete(self) -> bool:
        """Whether all pictures were made."""
        return len(self.pictures) == len(self.sheet.jobs)

    @cached_property
    def image(self) -> Tensor:
        """The sheet, shape (1, 3, H, W), sRGB in [0, 1]; the places of pictures that are not made are empty."""
        return self.sheet.layout.draw(self.pictures, absent="not made")

    def save(self, path: Path | str, *, replace: bool = True) -> Path:
        """Write the sheet with how each of its pictures was made, and return where it is.

        Args:
            path: the file; ``-`` for the standard output.
            replace: whether a file that is there may be replaced; if not, another name is chosen.

        Raises:
            ArtcnnError: it cannot be written there; what was there before still is.
        """
        path = Path(path)
        text = self.sheet.provenance(path, tuple(self.pictures))
        return write_picture(path, self.image, provenance=text, replace=replace)

    def to_pil(self) -> Image:
        """Return the sheet as a Pillow image."""
        picture: Image = to_pillow(self.image, None)
        return picture

    def _repr_png_(self) -> bytes:
        content = BytesIO()
        self.to_pil().save(content, "PNG")
        return content.getvalue()

    def to_json(self) -> dict[str, Any]:
        """Return where each picture is on the sheet, and how it is made alone, as plain data."""
        sheet, layout = self.sheet, self.sheet.layout
        pictures: list[dict[str, Any]] = []
        for number, (job, box, labels) in enumerate(zip(sheet.jobs, layout.boxes, sheet.sweep.labels, strict=True)):
            seconds = round(self.seconds[number], 3) if number in self.seconds else None
            entry = {"options": join_labels(labels), "box": box, "recipe": job.recipe.model_dump(), "seconds": seconds}
            error = {"error": self.errors[number].to_json()} if number in self.errors else {}
            pictures.append(entry | error)
        return {
            "width": layout.size[1],
            "height": layout.size[0],
            "command": layout.command,
            "pictures": pictures,
            "estimate": {"seconds": round(sheet.seconds, 1), "bytes": sheet.memory},
        }


@dataclass(frozen=True)
class SheetProgress:
    """A step of a picture is done.

    Attributes:
        number: the picture, from 0.
        step: its step.
        progress: the part of all work that is done, 0 to 1.
    """

    number: int
    step: Step
    progress: float


@dataclass(frozen=True)
class PictureDone:
    """A picture is made, or failed: then its error is among the result's.

    Attributes:
        number: the picture, from 0.
        result: the sheet so far. The last one is the sheet.
    """

    number: int
    result: SheetResult


def prepare_sheet(runtime: Runtime, sweep: Sweep, inputs: Inputs[Source]) -> PreparedSheet:
    """Prepare all pictures of a sheet; inputs are opened, and networks loaded, once.

    Raises:
        ArtcnnError: some cannot be made (a message for each reason), or how they are made is too long for metadata.
    """
    jobs: list[PreparedJob] = []
    errors: list[ArtcnnError] = []
    for recipe in sweep.recipes:
        try:
            jobs.append(runtime.prepare(Job(recipe, inputs)))
        except ArtcnnError as error:
            errors.append(error)
    if errors:
        raise combined(errors)
    sheet = PreparedSheet(sweep, jobs)
    check_provenance(sheet.provenance(Path("sheet"), ()))
    return sheet


def run_sheet(
    sheet: PreparedSheet, *, cancelled: Callable[[], bool] = never
) -> Generator[SheetProgress | PictureDone, None, None]:
    """Make one picture after the other; one that fails leaves its place empty.

    Args:
        sheet: what is made.
        cancelled: asked before each step whether to end; an unfinished picture is dropped.
    """
    result = SheetResult(sheet, {}, {}, {})
    before, whole = 0.0, sheet.seconds
    for number, job in enumerate(sheet.jobs):
        began, share = monotonic(), job.estimate.seconds
        picture: Tensor | None = None
        error: ArtcnnError | None = None
        try:
            for event in run(job, cancelled=cancelled):
                if isinstance(event, Progress):
                    yield SheetProgress(number, event.step, (before + share * event.step.progress) / whole)
                elif isinstance(event, Finished) and event.result is not None and event.result.complete:
                    picture = on_white(event.result.image, event.result.alpha)
        except ArtcnnError as failure:
            error = failure
        if cancelled() and picture is None and error is None:
            return
        before += share
        result = _extended(result, number, picture, error, monotonic() - began)
        yield PictureDone(number, result)
        if cancelled():
            return


def _extended(
    result: SheetResult, number: int, picture: Tensor | None, error: ArtcnnError | None, seconds: float
) -> SheetResult:
    """Return a sheet with one more picture, or with the error instead of it."""
    if error is not None:
        return SheetResult(result.sheet, result.pictures, result.seconds, {**result.errors, number: error})
    assert picture is not None  # noqa: S101 - an uncancelled run ends with a picture or an error
    pictures, times = {**result.pictures, number: picture}, {**result.seconds, number: seconds}
    return SheetResult(result.sheet, pictures, times, result.errors)


def _shown(name: str, picture: Picture) -> Tensor:
    """Return an input as it is shown: a mask as it is understood, in grays, anything else on white."""
    if is_mask(name):
        return as_mask(picture.pixels, picture.alpha).expand_as(picture.pixels)
    return on_white(picture.pixels, picture.alpha)


def _name(name: str, source: object) -> str:
    """Return what an input is called: its file's name, or that of the input."""
    return source.name if isinstance(source, Path) else name
