"""What can go wrong in a way that the user can mend."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from errno import EACCES, ELOOP, ENAMETOOLONG


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


def did_you_mean(wrong: str, allowed: Iterable[str]) -> str:
    """Return ``": did you mean 'x'?"`` for the nearest allowed name, or every allowed name where none is near."""
    names = list(allowed)
    near = get_close_matches(wrong, names, n=1, cutoff=0.6)
    return f": did you mean '{near[0]}'?" if near else f": choose from {', '.join(names)}"


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
