"""Bad files among many: the others are answered, each bad one is named on stderr, and the exit code is 1."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import typer

from artcnn.errors import ArtcnnError, combined, usable_names

T = TypeVar("T")


class BadFiles:
    """The input files of a command that cannot be read."""

    def __init__(self) -> None:
        self.count = 0

    def add(self, error: ArtcnnError) -> None:
        """Name a file on stderr, by its error."""
        self.count += 1
        for line in error.lines:
            typer.echo(f"error: {line}", err=True)

    def exit(self) -> None:
        """End the command with exit code 1 if there was any bad file."""
        if self.count:
            raise typer.Exit(1)


def read_each(paths: Sequence[Path], read: Callable[[Path], T]) -> list[T | ArtcnnError]:
    """Return what ``read`` returns for each file, or the error in its place.

    Raises:
        ArtcnnError: there are files, and none of them can be read.
    """
    results = [_read(path, read) for path in paths]
    errors = [result for result in results if isinstance(result, ArtcnnError)]
    if errors and len(errors) == len(results):
        raise combined(errors)
    return results


def _read(path: Path, read: Callable[[Path], T]) -> T | ArtcnnError:
    try:
        with usable_names():
            return read(path)
    except ArtcnnError as error:
        return error if str(path) in str(error) else error.about(path)
