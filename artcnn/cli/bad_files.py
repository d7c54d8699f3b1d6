"""Bad files among many: each is reported on stderr, the others are processed, and the exit code is 1."""

import typer

from artcnn.errors import ArtcnnError


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
