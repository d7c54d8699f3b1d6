"""Errors that the user can correct: each class has a stable code, for scripts."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from errno import EACCES, ELOOP, ENAMETOOLONG, ENOMEM
from pathlib import Path
from typing import Self


class ArtcnnError(Exception):
    """An error that the user can correct. Anything else that is raised is a bug.

    Args:
        messages: one sentence for each mistake.
        hint: what to do or to type, if a message does not say it.

    Attributes:
        code: the kind of error. It never changes, while sentences may.
    """

    code = "invalid_input"

    def __init__(self, *messages: str, hint: str | None = None) -> None:
        super().__init__(*messages)
        self.messages = tuple(printable(message) for message in messages)
        self.hint = None if hint is None else printable(hint)

    @property
    def lines(self) -> tuple[str, ...]:
        """What a terminal shows: a line for each mistake, the last with the hint."""
        *others, last = self.messages
        return *others, last if self.hint is None else f"{last}: {self.hint}"

    def __str__(self) -> str:
        return "\n".join(self.lines)

    def about(self, source: object) -> Self:
        """Return this error with the name of what it is about before each message."""
        return type(self)(*(f"{source}: {message}" for message in self.messages), hint=self.hint)

    def to_json(self) -> dict[str, str | None]:
        """Return what ``--json`` prints of it."""
        return {"code": self.code, "message": "\n".join(self.messages), "hint": self.hint}


class RecipeError(ArtcnnError):
    """One or more settings are wrong."""

    code = "invalid_setting"


class PictureError(ArtcnnError):
    """A picture file cannot be read or written."""

    code = "invalid_picture"


class PictureNotFoundError(PictureError):
    """There is no such picture file."""

    code = "picture_not_found"


class OutputExistsError(ArtcnnError):
    """The output file exists, and was not to be replaced."""

    code = "output_exists"


class CheckpointError(ArtcnnError):
    """There is no checkpoint to resume, or it is of another run."""

    code = "invalid_checkpoint"


class ProvenanceError(ArtcnnError):
    """A picture or a film carries no recipe of ours, or a damaged one."""

    code = "no_recipe"


class WeightsError(ArtcnnError):
    """A weight file is missing, damaged or cannot be downloaded."""

    code = "weights_unavailable"


class DataError(ArtcnnError):
    """Data for training or testing are missing, damaged or of the wrong kind."""

    code = "invalid_data"


class ModelError(ArtcnnError):
    """A model file is missing, damaged or not what a command needs."""

    code = "invalid_model"


class DivergenceError(ArtcnnError):
    """A loss, a gradient or weights are not finite any more; results before that are good."""

    code = "diverged"


class OutOfMemoryError(ArtcnnError):
    """The memory there is does not suffice."""

    code = "out_of_memory"


class UnknownError(ArtcnnError):
    """The studio has no such job or file."""

    code = "unknown"


class UnansweredError(ArtcnnError):
    """The studio's computing process has no answer to a question, and could have one later."""

    code = "unanswered"


class MachineRefusedError(ArtcnnError):
    """A machine of a cluster cannot take part: it has another version, no weights, or lets in everybody."""

    code = "machine_refused"


class MissingExtraError(ArtcnnError):
    """A package that only some commands need is not installed."""

    code = "missing_extra"


def combined(errors: Sequence[ArtcnnError]) -> ArtcnnError:
    """Return one error with the messages of several; it has their class if they all have the same."""
    if len(errors) == 1:
        return errors[0]
    kind = type(errors[0]) if len({type(error) for error in errors}) == 1 else ArtcnnError
    return kind(*dict.fromkeys(line for error in errors for line in error.lines))


def printable(text: str) -> str:
    """Return a text with control characters escaped: the name of a file may contain some that a terminal obeys."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def reason(error: OSError) -> str:
    """Return the system's reason, such as ``no space left on device``."""
    return (error.strerror or str(error)).lower()


def missing(path: Path) -> str:
    """Return the message that there is no such file, or that a symbolic link leads to none."""
    if path.is_symlink():
        return f"{path} is a broken symbolic link: there is no {path.readlink()}"
    return f"no such file: {path}"


def did_you_mean(wrong: str, allowed: Iterable[str]) -> str:
    """Return the hint ``"did you mean 'x'?"`` with the nearest allowed name, or all allowed names if none is near."""
    names = list(allowed)
    near = nearest(wrong, names, 1, 0.6)
    return f"did you mean '{near[0]}'?" if near else f"choose from {', '.join(names)}"


def nearest(wrong: str, names: Sequence[str], count: int, least: float = 0.0) -> list[str]:
    """Return the names most similar to a wrong one, whatever the case of letters.

    Args:
        wrong: what was written.
        names: the names there are.
        count: how many to return at most.
        least: the smallest similarity, from 0 to 1.
    """
    lower: dict[str, list[str]] = {}
    for name in names:
        lower.setdefault(name.casefold(), []).append(name)
    found = get_close_matches(wrong.casefold(), lower, n=count, cutoff=least)
    return [name for low in found for name in lower[low]][:count]


def unknown_layer(network: str, wrong: str, layers: Sequence[str]) -> ArtcnnError:
    """Return the error that a network has no such layer; its hint names the nearest three, or how to write a unit."""
    name, mark, unit = wrong.replace("-", ":", 1).partition(":")
    if mark and name in layers:
        hint = f"write a unit as {name}:{unit}" if "-" in wrong else f"{name} is meant here, without a unit"
    else:
        hint = f"the nearest are {', '.join(nearest(wrong, layers, 3))}"
    return ArtcnnError(f"{network} has no layer '{wrong}'", hint=hint)


def unknown_unit(network: str, layer: str, unit: int, count: int) -> ArtcnnError:
    """Return the error that a layer has no such unit."""
    return ArtcnnError(f"{network} has no unit {layer}:{unit}, only {layer}:0 to {layer}:{count - 1}")


def no_classes(network: str) -> ArtcnnError:
    """Return the error that a network has no classes."""
    hint = "use --model efficientnet-lite0 or mnist-lecture"
    return ArtcnnError(f"{network} has no output layer, so no classes", hint=hint)


_LACKS_MEMORY = re.compile(
    r"out of memory|(not enough|can ?not allocate|can't allocate) memory|bad_alloc|failed to map segment", re.IGNORECASE
)
"""What torch, oneDNN, CUDA and the dynamic linker say when an allocation fails."""


def lacks_memory(error: BaseException) -> bool:
    """Return whether an error says that an allocation failed."""
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == ENOMEM):
        return True
    return isinstance(error, RuntimeError | OSError | ImportError) and bool(_LACKS_MEMORY.search(str(error)))


@contextmanager
def enough_memory(advice: str) -> Iterator[None]:
    """Turn a failed allocation within the block into an error with a hint.

    Args:
        advice: the hint.

    Raises:
        OutOfMemoryError: an allocation failed.
    """
    try:
        yield
    except (MemoryError, RuntimeError, OSError, ImportError) as error:
        if not lacks_memory(error):
            raise
        asked = re.search(r"allocate (\d+) bytes", str(error))
        more = f" for {int(asked[1]) / 1e9:.1f} GB more" if asked and int(asked[1]) > 50_000_000 else ""
        raise OutOfMemoryError(f"there is not enough memory{more}", hint=advice) from error


@contextmanager
def usable_names() -> Iterator[None]:
    """Turn what the system refuses because of a file's name into an error of the input.

    Raises:
        ArtcnnError: a name is too long, in a folder that may not be entered, or a link in a circle.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in (EACCES, ELOOP, ENAMETOOLONG) or error.filename is None:
            raise
        raise ArtcnnError(f"{error.filename}: {reason(error)}") from error
