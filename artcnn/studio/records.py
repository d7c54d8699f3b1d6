"""What the studio knows of a job, and how it is read from the job's folder: damaged files are refused."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from math import isfinite
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import TypeAdapter

State = Literal["waiting", "running", "paused", "done", "failed"]


@dataclass(frozen=True)
class Order:
    """What is to be made, as it was asked for; it never changes.

    Attributes:
        id: of the job.
        created: when it was asked for, in seconds since 1970.
        kind: what presets and commands call the kind of its recipe.
        preset: what the recipe began with, or None.
        recipe: every setting, as plain data.
        inputs: the sha256 of each input, by name.
        film: how a clip becomes a film, as plain data; None where a picture is made.
        names: what the user calls the file of each input, by the input's name: each file has another one.
    """

    id: str
    created: float
    kind: str
    preset: str | None
    recipe: Mapping[str, Any]
    inputs: Mapping[str, str]
    film: Mapping[str, Any] | None = None
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Status:
    """How far a job is.

    Attributes:
        state: ``paused`` jobs wait until they are told to go on; what they have reached is kept.
        place: in the queue; smaller ones come first.
        step: the last step that is done.
        total: number of steps, 0 where it is not known yet.
        progress: share of the work that is done, 0 to 1.
        stage: what the step belongs to.
        seconds: that the rest may take, when it began.
        preview: number of the last preview; 0 where there is none.
        result: name of the file that was made, or None.
        message: why it failed, or what may surprise.
        deaths: how often in a row the worker ended while it was made, without getting further.
    """

    state: State = "waiting"
    place: float = 0.0
    step: int = 0
    total: int = 0
    progress: float = 0.0
    stage: str = ""
    seconds: float | None = None
    preview: int = 0
    result: str | None = None
    message: str = ""
    deaths: int = 0

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """Return the status that plain data describe; what they do not say, or say of a newer version, is left out."""
        known = {one.name for one in fields(cls)}
        return cls(**{name: value for name, value in plain.items() if name in known})


@dataclass(frozen=True)
class Record:
    """A job: what was asked for, and how far it is."""

    order: Order
    status: Status = field(default_factory=Status)

    def to_plain(self) -> dict[str, Any]:
        """Return it as plain data, for a page."""
        return asdict(self.order) | asdict(self.status)


_ORDER, _STATUS = TypeAdapter(Order), TypeAdapter(Status)


def read_record(folder: Path) -> Record:
    """Return the job in a folder; without a status, it waits.

    Raises:
        ValueError: its files are damaged, or it is not the job that the folder is called by.
        RecursionError: they are nested too deeply.
        OSError: they cannot be read.
    """
    order = _ORDER.validate_python(_read_json(folder / "order.json"))
    plain: Any = {}
    with suppress(FileNotFoundError):
        plain = _read_json(folder / "status.json")
    if not isinstance(plain, dict):
        raise ValueError("a status is an object")
    status = _STATUS.validate_python(asdict(Status()) | asdict(Status.from_plain(plain)))
    if order.id != folder.name or (status.result is not None and status.result != Path(status.result).name):
        raise ValueError("it is another job's, or its result lies elsewhere")
    return Record(order, status)


def _read_json(path: Path) -> Any:  # noqa: ANN401 - it is not checked yet
    return json.loads(path.read_text(encoding="utf-8"), parse_float=_finite, parse_constant=_finite)


def _finite(text: str) -> float:
    """Return a number; one that is not finite has no place in JSON.

    Raises:
        ValueError: it is not finite.
    """
    number = float(text)
    if not isfinite(number):
        raise ValueError(f"{text} is no number")
    return number
