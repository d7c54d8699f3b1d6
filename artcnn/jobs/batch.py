"""Which file each result goes to, what can be written there, and which results exist already."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from artcnn.blend import parse_blend
from artcnn.errors import ArtcnnError, reason
from artcnn.jobs.inputs import StyleInputs, main_input
from artcnn.jobs.job import Job
from artcnn.jobs.provenance import read_provenance

if TYPE_CHECKING:
    from artcnn.files.read import Picture
    from artcnn.jobs.runtime import Runtime


def destination(
    job: Job, out: Path | None, *, many: bool = False, force: bool = False, tag: str = "", suffix: str | None = None
) -> Path:
    """Return the file that a job's result goes to, having checked that it can be written there.

    Of many pictures, one that was made by the same job before, whether to its end or not, is where it goes again: a
    file that is there may be replaced.

    Args:
        job: what is to be made.
        out: the file, or the folder for one with a name of its own; None for one beside the photo.
        many: whether the job is one of many.
        force: whether ``out`` may be replaced.
        tag: what a name of its own ends in.
        suffix: of a name of its own; by default that of a picture or a video.

    Raises:
        ArtcnnError: the format is unknown, the folder is not there, a file would be lost, or another run makes it now.
    """
    path = choose_file(job, out, suffix or usual_suffix(job), many=many, tag=tag)
    check_output(job, path)
    _check_place(path, job, force or path != out)
    return path


def usual_suffix(job: Job) -> str:
    """Return what the name of a job's result ends in where nobody has chosen it."""
    if not job.makes_video:
        return ".png"
    if job.film is None:
        return ".webp"
    from artcnn.jobs.film import film_suffix, open_film

    return film_suffix(open_film(job))


def check_output(job: Job, path: Path) -> list[str]:
    """Check that the result of a job can be written to ``path``; return what is lost there, a sentence each.

    Raises:
        ArtcnnError: it cannot.
    """
    from artcnn.files.video import check_video
    from artcnn.files.write import check_writable
    from artcnn.recipes import VideoRecipe

    if not job.makes_video:
        check_writable(path, job.recipe.size)
    elif isinstance(job.video, VideoRecipe):
        check_video(path, job.video.fps, job.recipe.size)
    else:
        from artcnn.jobs.film import film_notes

        return film_notes(job, path)
    return []


def choose_file(job: Job, out: Path | None, suffix: str, *, many: bool = False, tag: str = "") -> Path:
    """Return ``out``, or a file with a name of its own in that folder or beside the photo, that nobody has."""
    from artcnn.files.file_names import output_path
    from artcnn.files.name_lock import is_locked
    from artcnn.files.streams import STREAM

    if out is not None and not out.is_dir():
        return out
    photo, name = main_input(job.inputs), "picture"
    folder = Path() if out is None else out
    if isinstance(photo, Path) and photo == STREAM:
        name = "stdin"
        if out is None:
            return STREAM
    elif isinstance(photo, Path):
        name, folder = photo.name, photo.parent if out is None else out
    fingerprint = job.fingerprint() if many else ""

    def is_taken(path: Path) -> bool:
        return is_locked(path) or (os.path.lexists(path) and not (many and _is_of(job, fingerprint, path)))

    return output_path(folder / name, _label(job, tag), suffix, is_taken)


def _label(job: Job, tag: str) -> str:
    """Return what is added to a photo's name: the kind of job; of a style, the painting or its name; then the tag."""
    from artcnn.recipes import InstantRecipe

    label: str = job.kind
    if isinstance(job.inputs, StyleInputs) and isinstance(painting := job.inputs.styles[0].picture, Path):
        label = painting.stem
    elif isinstance(job.recipe, InstantRecipe) and not tag:  # what is of many styles has no name of one
        label = "-".join(name.removesuffix(".safetensors") for name in parse_blend(job.recipe.style))
    return label + tag


def _check_place(path: Path, job: Job, force: bool) -> None:
    """Check that nothing is lost by writing to ``path``, and that no other run does it now.

    Raises:
        ArtcnnError: it is one of the job's inputs, or there and not to be replaced, or another run's.
    """
    from artcnn.files.atomic import check_no_overwrite
    from artcnn.files.name_lock import check_unlocked

    inputs = [source for source in job.sources().values() if isinstance(source, Path)]
    check_apart(path, inputs, "film" if job.makes_video else "picture")
    check_no_overwrite(path, force)
    check_unlocked(path)


def check_streamed(out: Path, *, as_json: bool, every: int | None) -> None:
    """Check that a picture can go into a stream with all that is asked for.

    Args:
        out: the stream.
        as_json: whether the result is told as JSON.
        every: how many steps lie between pictures that are kept on the way.

    Raises:
        ArtcnnError: it cannot.
    """
    from artcnn.files.streams import is_standard_output

    where = "to the standard output" if is_standard_output(out) else f"into {out}"
    if as_json and is_standard_output(out):
        raise ArtcnnError("--json and the picture cannot both go to the standard output", hint="give --out a file")
    if as_json:
        raise ArtcnnError(f"--json judges the picture as it stands in its file, not {where}", hint="give --out a file")
    if every:
        raise ArtcnnError(f"--save-every: several pictures do not go {where}", hint="give --out a file")


def check_apart(path: Path, inputs: Iterable[Path], what: str) -> None:
    """Check that what is written to ``path`` would not replace what it is made from.

    Raises:
        ArtcnnError: it would.
    """
    for source in inputs:
        if path.exists() and source.exists() and path.samefile(source):
            raise ArtcnnError(f"{path} is what the {what} is made from", hint="give --out another name")


def check_files(inputs: Mapping[str, Path], out: Path | None, force: bool) -> None:
    """Check the inputs of a sheet, by name, and that it can be written, before torch is loaded.

    Raises:
        ArtcnnError: an input cannot be read, or the sheet cannot be written to ``out``.
    """
    from artcnn.files.atomic import check_no_overwrite
    from artcnn.files.write import check_writable
    from artcnn.jobs.sources import check_source

    for name, path in inputs.items():
        check_source(path, name)
    if out is not None and not out.is_dir():
        check_writable(out)
        check_apart(out, inputs.values(), "picture")
        check_no_overwrite(out, force)


def is_done(path: Path) -> bool:
    """Return whether the picture at a ``destination``, of one of many jobs, is there and complete.

    If it is there it is this job's, or its destination would be another.
    """
    return path.exists() and read_provenance(path).stopped_after is None


def _is_of(job: Job, fingerprint: str, path: Path) -> bool:
    """Return whether a picture came of this job, which has that fingerprint."""
    try:
        return read_provenance(path).is_of(job, fingerprint)
    except ArtcnnError:
        return False


def is_in_shard(job: Job, number: int, count: int) -> bool:
    """Return whether a job belongs to shard ``number``, from 1, of ``count``; what cannot be read belongs to all.

    That depends on the job's fingerprint alone, so machines that know nothing of each other take different jobs.
    """
    try:
        return int(job.fingerprint(), 16) % count == number - 1
    except ArtcnnError:
        return True


def make_folder(out: Path | None) -> None:
    """Make the folder that many pictures go to, where it is not there yet.

    Raises:
        ArtcnnError: ``out`` is a file, or named like one, or cannot be made.
    """
    from artcnn.files.streams import STREAM
    from artcnn.files.write import WRITABLE

    if out is None or out.is_dir():
        return
    if out.exists() or out == STREAM or out.suffix.lower() in WRITABLE:
        raise ArtcnnError(f"several pictures do not go into {out}", hint="give --out a folder")
    try:
        out.mkdir()
    except OSError as error:
        raise ArtcnnError(f"cannot make the folder {out}: {reason(error)}") from error


def read_ahead(jobs: Sequence[Job], runtime: "Runtime") -> Iterator[Job]:
    """Yield jobs; while one is made, the photo of the next is read in another thread.

    A photo that cannot be read says so when its turn comes.
    """
    from artcnn.files.streams import STREAM

    name = next(iter(jobs[0].sources()))
    with ThreadPoolExecutor(1) as reader:
        ahead: Future[Picture] | None = None
        for job, following in zip(jobs, [*jobs[1:], None], strict=True):
            held, ahead = ahead, None  # what was read stays while its job is made
            photo = None if following is None else following.sources()[name]
            if following is not None and isinstance(photo, Path) and photo != STREAM:
                ahead = reader.submit(runtime.read, photo, name, following.recipe.size)
            yield job
            del held
