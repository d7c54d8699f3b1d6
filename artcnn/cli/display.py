"""What a run shows on the terminal while it works: a bar, plain lines, or nothing; and the picture growing."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Protocol

from artcnn.cli.signals import asked_to_end

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text
    from torch import Tensor

    from artcnn.engines.step import Step


class Display(Protocol):
    """Told of each step."""

    def __call__(self, step: "Step") -> None:
        """Show that ``step`` is done."""


@contextmanager
def display(console: "Console", value: str | None, *, quiet: bool, preview: bool) -> Iterator[Display]:
    """Yield what to tell each step to; it leaves the terminal as it was, whatever happens.

    Args:
        console: where to show it.
        value: what a step's value is called; None where it has none.
        quiet: show nothing.
        preview: show the picture as well, where there is a terminal.
    """
    if quiet:
        yield lambda step: None  # noqa: ARG005
    elif console.is_terminal:
        with _bar(console, value, preview) as show:
            yield show
    else:
        yield _Lines(console, value)


@contextmanager
def _bar(console: "Console", value: str | None, preview: bool) -> Iterator[Display]:
    """Yield a display that draws a progress bar, and the picture above it where that is wanted."""
    from rich.console import Group
    from rich.live import Live
    from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskProgressColumn, TextColumn
    from rich.progress import TimeRemainingColumn as TimeColumn
    from rich.text import Text

    class Ending(ProgressColumn):
        """The time that is left; after Ctrl-C what happens now, for a step of a large picture takes a while."""

        max_refresh = None
        left = TimeColumn()

        def render(self, task: Task) -> Text:
            if asked_to_end():
                return Text("stopping after this step; Ctrl-C again stops at once, without a result")
            return self.left.render(task)

    text = partial(TextColumn, markup=False)  # a photo's name may have brackets
    columns = text("{task.description}"), BarColumn(), TaskProgressColumn(), text("{task.fields[value]}")
    progress = Progress(*columns, Ending(), console=console)
    task = progress.add_task("starting", total=1.0, value="")
    # What goes into a pipe must not be sent to the screen with the bar.
    to_screen = sys.stdout.isatty()
    with Live(progress, console=console, transient=True, refresh_per_second=4, redirect_stdout=to_screen) as live:

        def show(step: "Step") -> None:
            progress.update(task, completed=step.progress, description=step.stage, value=_valued(value, step))
            if preview:
                live.update(Group(half_blocks(step.image, console.width, console.height - 3), progress))

        yield show


class _Lines:
    """A display of one line at the start of each stage, and at the end, for logs and pipes."""

    def __init__(self, console: "Console", value: str | None) -> None:
        self._console, self._value, self._start, self._stage = console, value, monotonic(), ""

    def __call__(self, step: "Step") -> None:
        if step.stage == self._stage and step.index < step.total:
            return
        self._stage = step.stage
        left = (monotonic() - self._start) * (1 - step.progress) / step.progress
        value = _valued(self._value, step)
        # The first steps warm up, and would promise an hour.
        when = f", about {left:.0f} s left" if 0.05 < step.progress < 1 else ""
        self._console.print(
            f"{step.stage}: step {step.index} of {step.total}{value and f', {value}'}{when}",
            highlight=False,
            soft_wrap=True,
        )


def _valued(value: str | None, step: "Step") -> str:
    """Return a step's value with what it is called."""
    return "" if value is None else f"{value} {step.value:.4g}"


def half_blocks(image: "Tensor", columns: int, rows: int) -> "Text":
    """Return an image as text that fits a terminal: each character is two pixels, one above the other."""
    from rich.color import Color
    from rich.style import Style
    from rich.text import Text

    from artcnn.image import resize, size_of

    height, width = size_of(image)
    scale = min(columns / width, 2 * rows / height)
    small = resize(image, (max(2, round(height * scale / 2) * 2), max(1, round(width * scale))))
    pixels = (small[0].permute(1, 2, 0) * 255).round().int().tolist()
    text = Text(no_wrap=True)
    for upper, lower in zip(pixels[::2], pixels[1::2], strict=True):
        for above, below in zip(upper, lower, strict=True):
            text.append("▀", Style(color=Color.from_rgb(*above), bgcolor=Color.from_rgb(*below)))
        text.append("\n")
    return text
