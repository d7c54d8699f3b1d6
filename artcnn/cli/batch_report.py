"""What became of each of the jobs of a command, told as it happens."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from errno import ENOSPC
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import typer

from artcnn.cli.options import RunOptions
from artcnn.errors import ArtcnnError, usable_names

if TYPE_CHECKING:
    from rich.console import Console

    from artcnn.jobs.job import Job
    from artcnn.jobs.photos import Photos
    from artcnn.jobs.summary import Summary


@dataclass
class BatchReport:
    """What became of the jobs so far, told as it happens."""

    options: RunOptions
    console: "Console"
    start: float = field(default_factory=monotonic)
    made: int = 0
    done: int = 0
    failed: int = 0
    _notes: set[str] = field(default_factory=set)

    @contextmanager
    def mistakes(self, job: "Job") -> Iterator[None]:
        """Let a mistake end the run where there is one job, and only that job where there are many.

        A full disk ends the run: all others would be computed in vain.
        """
        try:
            with usable_names():
                yield
        except ArtcnnError as error:
            is_full = isinstance(error.__cause__, OSError) and error.__cause__.errno == ENOSPC
            if is_full or not self.options.many:
                raise
            self.failed += 1
            text, photo = " ".join(error.lines), name_of(job)
            where = "" if photo in text else f"{photo}: "
            typer.echo(f"error: {where}{text}", err=True)
            self._print({"photo": photo, "error": error.to_json()})

    def warn(self, text: str) -> None:
        """Tell what goes wrong and does not end the run."""
        typer.echo(f"warning: {text}", err=True)

    def note(self, text: str) -> None:
        """Tell what may surprise, once for all jobs."""
        if text not in self._notes:
            self._notes.add(text)
            say(self.console, f"note: {text}")

    def skip(self, job: "Job", out: Path) -> None:
        """Tell that a job was done before."""
        self.done += 1
        say(self.console, f"{out} is there already: --force makes it again")
        self._print({"photo": name_of(job), "out": str(out), "done": True})

    def add(self, out: Path, summary: "Summary", report: Mapping[str, Any], seconds: float | None = None) -> None:
        """Tell that a result is there, and what ``--json`` prints of it; it took the time since the last by default."""
        from artcnn.files.streams import is_stream

        if seconds is None:
            seconds = monotonic() - self.start
            self.start += seconds
        self.made += 1
        self._print({**report, "seconds": round(seconds, 3)})
        if not (self.options.quiet or self.options.as_json or is_stream(out)):
            typer.echo(out)
        say(self.console, summary.in_words(seconds))

    def summarize(self) -> None:
        """Tell how many of many jobs were made."""
        if self.options.many:
            say(self.console, f"{self.made} made, {self.done} there already, {self.failed} failed")

    def _print(self, event: Mapping[str, Any]) -> None:
        if self.options.as_json:
            typer.echo(json.dumps(event))


def say(console: "Console", text: str) -> None:
    """Tell a person something on the way, dimly."""
    console.print(text, style="dim", highlight=False, soft_wrap=True, markup=False)


def say_left_out(found: "Photos", quiet: bool) -> None:
    """Tell how many files of folders were left out."""
    if found.left_out and not quiet:
        count = "1 file that is no picture" if found.left_out == 1 else f"{found.left_out} files that are no pictures"
        typer.echo(f"note: {count} that artcnn can read, left out", err=True)


def name_of(job: "Job") -> str:
    """Return what a job is called: its photo's file."""
    from artcnn.jobs.inputs import main_input

    return str(main_input(job.inputs))
