"""What a command wants of the cluster: each job as works, and what becomes of their answers."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from artcnn.cluster.shipping import Shipping
from artcnn.cluster.work import Advanced, Answer, Failed, Made, Make, Work
from artcnn.files.films.pack import unpack
from artcnn.files.video import draft_film
from artcnn.jobs.inputs import main_input
from artcnn.jobs.job import Job


@dataclass(frozen=True)
class Destination:
    """Where the result of a job goes.

    Attributes:
        out: the file or folder.
        replace: whether what is there may be replaced.
        keep_gps: whether to keep the photo's position.
        describe: whether to judge the picture, as ``--json`` does.
        resume: whether to go on with what a killed run left.
        must_resume: whether it is wrong that there is nothing to go on with.
    """

    out: Path
    replace: bool = False
    keep_gps: bool = False
    describe: bool = False
    resume: bool = False
    must_resume: bool = False


@dataclass(frozen=True)
class Written:
    """The result of a job is there; the attributes are those of ``Made``, of a film for all of its frames."""

    job: Job
    path: Path
    made: Made


class Order(Protocol):
    """A job that is made on the cluster.

    Attributes:
        job: the job.
        notes: what is to be told before it begins, a sentence each.
        written: the result, once it is there: where a killed run had made all of it, from the beginning.
    """

    job: Job
    notes: list[str]
    written: Written | None

    @property
    def progress(self) -> float:
        """How much of it is done, from 0 to 1."""

    def take(self) -> Work | None:
        """Return the next work of it, or None where there is none now."""

    def left(self) -> int:
        """Return about how much work of it is not taken yet."""

    def accept(self, work: Work, answer: Answer) -> None:
        """Take the answer to a work; write the result with the last.

        Raises:
            ArtcnnError: the job cannot be made, or its result cannot be written.
        """


class SingleOrder:
    """A job that is one work: a picture, or a zoom film."""

    def __init__(self, job: Job, destination: Destination, shipping: Shipping) -> None:
        self.job, self.progress = job, 0.0
        self.notes: list[str] = []
        self.written: Written | None = None
        self._destination = destination
        task = make_task(job, destination, keep_gps=destination.keep_gps, describe=destination.describe)
        self._work: Work | None = Work(job, shipping.pack(job), task)

    def take(self) -> Work | None:
        """Return the work, once."""
        work, self._work = self._work, None
        return work

    def left(self) -> int:
        """Return whether it is still to be taken, as 1 or 0."""
        return 0 if self._work is None else 1

    def accept(self, work: Work, answer: Answer) -> None:  # noqa: ARG002 - it is the only one
        """Take an answer; write the result with the last.

        Raises:
            ArtcnnError: it cannot be made or written.
        """
        if isinstance(answer, Advanced):
            self.progress = answer.progress
        if isinstance(answer, Failed):
            raise answer.error
        if isinstance(answer, Made):
            self.progress, path = 1.0, write_result(self._destination, answer.content)
            self.written = Written(
                self.job, path, replace(answer, content=b"", report=told_here(answer.report, self.job, path))
            )


def told_here(report: Mapping[str, Any], job: Job, path: Path) -> dict[str, Any]:
    """Return what ``--json`` prints of a result, with the files' names here; nothing where nobody asked."""
    name = next(iter(job.sources()))
    return {**report, name: str(main_input(job.inputs)), "out": str(path)} if report else {}


def make_task(job: Job, destination: Destination, **options: Any) -> Make:  # noqa: ANN401 - those of Make
    """Return the task to make a job, or a part of it, as its result is to be where ``destination`` says."""
    inputs = {name: source.absolute() for name, source in job.sources().items() if isinstance(source, Path)}
    return Make(destination.out.suffix.lower(), inputs, destination.out.absolute().parent, **options)


def write_result(destination: Destination, content: bytes) -> Path:
    """Write what a worker made, a file or a folder of frames, atomically; return where it is.

    Raises:
        ArtcnnError: it cannot be written.
    """
    with draft_film(destination.out, destination.replace) as draft:
        unpack(content, draft.temporary)
    return draft.path
