"""How jobs are run, and what became of each, told as it happens."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import typer

from artcnn.cli.job import Job
from artcnn.cli.options import RunOptions
from artcnn.errors import ArtcnnError, usable_names

if TYPE_CHECKING:
    from rich.console import Console

    from artcnn.engines.step import Step


@dataclass
class Tally:
    """What became of the jobs so far, told as it happens."""

    options: RunOptions
    console: "Console"
    start: float
    made: int = 0
    done: int = 0
    failed: int = 0

    @contextmanager
    def mistakes(self, job: Job) -> Iterator[None]:
        """Let a mistake end the run where there is one job, and only that job where there are many."""
        try:
            with usable_names():
                yield
        except ArtcnnError as error:
            if not self.options.many:
                raise
            self.failed += 1
            text = " ".join(error.lines)
            where = "" if str(job.photo) in text else f"{job.photo}: "
            typer.echo(f"error: {where}{text}", err=True)
            self._tell({"photo": str(job.photo), "error": text})

    def skip(self, job: Job, out: Path) -> None:
        """Tell that a job was done before."""
        self.done += 1
        say(self.console, f"{out} is there already: --force makes it again")
        self._tell({"photo": str(job.photo), "out": str(out), "done": True})

    def _tell(self, event: Mapping[str, Any]) -> None:
        if self.options.as_json:
            typer.echo(json.dumps(event))

    def made_one(self, out: Path, step: "Step", report: Mapping[str, Any]) -> None:
        """Tell that a picture is there."""
        from artcnn.files.streams import is_stream

        seconds = monotonic() - self.start
        self.start += seconds
        self.made += 1
        self._tell({**report, "seconds": round(seconds, 3)})
        if not (self.options.quiet or self.options.as_json or is_stream(out)):
            typer.echo(out)
        how_far = (
            "" if step.index == step.total else f", stopped after step {step.index} of {step.total} ({step.stage})"
        )
        say(self.console, f"{step.image.shape[-1]} x {step.image.shape[-2]} pixels in {seconds:.0f} s{how_far}")


def say(console: "Console", text: str) -> None:
    """Tell a person something on the way, dimly."""
    console.print(text, style="dim", highlight=False, soft_wrap=True, markup=False)
