"""What travels: the work that is given to a worker, with its inputs, and what the worker answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from artcnn.backbones.precision import Precision
from artcnn.errors import ArtcnnError
from artcnn.jobs.job import Job
from artcnn.jobs.summary import Summary


@dataclass(frozen=True)
class Parcel:
    """An input file on its way to a worker.

    Attributes:
        path: what the user calls it.
        content: what stands for its bytes, as ``Backend.put`` returns it.
        sha256: of the bytes.
        keep: whether later work needs it, too.
        at: where all machines see it; None where its bytes are sent.
    """

    path: Path
    content: Any = None
    sha256: str = ""
    keep: bool = False
    at: Path | None = None


@dataclass(frozen=True)
class Make:
    """A task: make what a job says, or a part of its film.

    Attributes:
        suffix: what the name of the result ends in.
        inputs: where the user has the inputs, by name.
        folder: where the result will be.
        shot: the frames of the film that are made; None for all that the job says.
        precision: what it is computed in where the recipe leaves it to the machine; None for the fastest there.
        keep_gps: whether to keep the photo's position.
        describe: whether to judge the picture, as ``--json`` does.
    """

    suffix: str
    inputs: Mapping[str, Path]
    folder: Path
    shot: range | None = None
    precision: Precision | None = None
    keep_gps: bool = False
    describe: bool = False


@dataclass(frozen=True)
class FindCuts:
    """A task: find which of some frames of a film begin a new shot."""

    frames: range


@dataclass(frozen=True)
class Work:
    """What a worker is to do.

    Attributes:
        job: what is made, its files under the user's names.
        parcels: its input files, by the input's name.
        task: what is wanted of it.
    """

    job: Job = field(repr=False)
    parcels: Mapping[str, Parcel] = field(repr=False)
    task: Make | FindCuts


@dataclass(frozen=True)
class Ready:
    """A worker is there; it has no work yet."""


@dataclass(frozen=True)
class Advanced:
    """An answer: a part of the work is done, from 0 to 1."""

    progress: float


@dataclass(frozen=True)
class Made:
    """An answer: what was wanted is made.

    Attributes:
        content: of the file; of a folder of frames, an archive of it, as ``files.films.pack.pack`` returns it.
        summary: what was made, in numbers.
        seconds: how long it took.
        notes: what may surprise in how the inputs were understood, a sentence each.
        report: what ``--json`` prints of it; empty where nobody asked.
        error: what ended the run early, though there is a result.
    """

    content: bytes = field(repr=False)
    summary: Summary
    seconds: float
    notes: tuple[str, ...] = ()
    report: Mapping[str, Any] = field(default_factory=dict, repr=False)
    error: ArtcnnError | None = None


@dataclass(frozen=True)
class CutsFound:
    """An answer: the frames with which shots begin, and the precision in which the worker computes."""

    cuts: tuple[int, ...]
    precision: Precision


@dataclass(frozen=True)
class Failed:
    """An answer: the work cannot be done, for a reason that the user can mend."""

    error: ArtcnnError


Answer = Ready | Advanced | Made | CutsFound | Failed
"""``Ready`` comes first of all; to each work, any number of ``Advanced``, then one of the others."""
