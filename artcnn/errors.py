"""What can go wrong in a way that the user can mend."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from errno import EACCES, ELOOP, ENAMETOOLONG, ENOMEM
from pathlib import Path


class ArtcnnError(Exception):
    """A mistake the user can mend, in a line that says how, or several. Anything else that is raised is a bug.

    Args:
        lines: one for each mistake.
    """

    def __init__(self, *lines: str) -> None:
        super().__init__(*lines)
        self.lines = tuple(printable(line) for line in lines)

    def __str__(self) -> str:
        return "\n".join(self.lines)


class RecipeError(ArtcnnError):
    """One or more settings are wrong."""


class PictureError(ArtcnnError):
    """A picture file cannot be read or written."""


class WeightsError(ArtcnnError):
    """A weight file is missing, damaged or cannot be fetched."""


class DataError(ArtcnnError):
    """Data to learn from, or to test on, is missing, damaged or not what it should be."""


class ModelError(ArtcnnError):
    """A model file is missing, damaged or not what a command needs."""


class DivergenceError(ArtcnnError):
    """A loss, a gradient or weights are no finite numbers any more: what there was before is still good."""


def printable(text: str) -> str:
    """Return a text with what is not to be seen written out: the name of a file may hold what a terminal obeys."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def reason(error: OSError) -> str:
    """Return why the system refused, in its own words: ``no space left on device``."""
    return (error.strerror or str(error)).lower()


def missing(path: Path) -> str:
    """Return that there is no such file, or that the symbolic link ``path`` leads to none."""
    if path.is_symlink():
        return f"{path} is a broken symbolic link: there is no {path.readlink()}"
    return f"no such file: {path}"


def did_you_mean(wrong: str, allowed: Iterable[str]) -> str:
    """Return ``": did you mean 'x'?"`` for the nearest allowed name, or every allowed name where none is near."""
    names = list(allowed)
    near = nearest(wrong, names, 1, 0.6)
    return f": did you mean '{near[0]}'?" if near else f": choose from {', '.join(names)}"


def nearest(wrong: str, names: Sequence[str], count: int, least: float = 0.0) -> list[str]:
    """Return the names that are most like what was written, capital letters or not, at least so much of 1."""
    lower: dict[str, list[str]] = {}
    for name in names:
        lower.setdefault(name.casefold(), []).append(name)
    found = get_close_matches(wrong.casefold(), lower, n=count, cutoff=least)
    return [name for low in found for name in lower[low]][:count]


def no_layer(network: str, wrong: str, layers: Sequence[str]) -> str:
    """Return that a network has no such layer, and what was probably meant: one of the nearest three, or a unit."""
    name, mark, unit = wrong.replace("-", ":", 1).partition(":")
    if mark and name in layers:
        takes = f"write a unit as {name}:{unit}" if "-" in wrong else f"{name} is meant here, without a unit"
        return f"{network} has no layer '{wrong}': {takes}"
    return f"{network} has no layer '{wrong}': the nearest are {', '.join(nearest(wrong, layers, 3))}"


def no_unit(network: str, layer: str, unit: int, count: int) -> str:
    """Return that a layer has no such unit, and which it has."""
    return f"{network} has no unit {layer}:{unit}, only {layer}:0 to {layer}:{count - 1}"


def no_classes(network: str) -> str:
    """Return that a network has no answers, and which have."""
    return f"{network} has no output layer, so no classes: use --model efficientnet-lite0 or mnist-lecture"


_LACKS_MEMORY = re.compile(
    r"out of memory|(not enough|can ?not allocate|can't allocate) memory|bad_alloc|failed to map segment", re.IGNORECASE
)
"""What torch, oneDNN, CUDA and the dynamic linker say where an allocation fails."""


def lacks_memory(error: BaseException) -> bool:
    """Return whether an error says that an allocation failed."""
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == ENOMEM):
        return True
    return isinstance(error, RuntimeError | OSError | ImportError) and bool(_LACKS_MEMORY.search(str(error)))


@contextmanager
def enough_memory(advice: str) -> Iterator[None]:
    """Let an allocation that fails be a mistake that the user can mend.

    Args:
        advice: how.

    Raises:
        ArtcnnError: one failed.
    """
    try:
        yield
    except (MemoryError, RuntimeError, OSError, ImportError) as error:
        if not lacks_memory(error):
            raise
        asked = re.search(r"allocate (\d+) bytes", str(error))
        more = f" for {int(asked[1]) / 1e9:.1f} GB more" if asked and int(asked[1]) > 50_000_000 else ""
        raise ArtcnnError(f"there is not enough memory{more}: {advice}") from error


@contextmanager
def usable_names() -> Iterator[None]:
    """Let what makes a name one that the system does not even look for be a mistake that the user can mend.

    Raises:
        ArtcnnError: it is too long, or of a folder that may not be entered, or of links in a circle.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in (EACCES, ELOOP, ENAMETOOLONG) or error.filename is None:
            raise
        raise ArtcnnError(f"{error.filename}: {reason(error)}") from error
