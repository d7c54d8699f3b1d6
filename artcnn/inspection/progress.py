"""Progress of a finding function: one line for each stage, such as ``conv2: 300 steps``."""

from collections.abc import Callable
from time import monotonic

_SECONDS = 15  # between two lines

Progress = Callable[[str], None]
"""Takes one line of plain text. It may raise an exception to end the work."""


def silent(_line: str) -> None:
    """Ignore the progress."""


class Counter:
    """Says every few seconds how many of how many are done.

    Args:
        template: with two places for both numbers.
        on_progress: takes the line.
    """

    def __init__(self, template: str, on_progress: Progress) -> None:
        self._template, self._on_progress, self._said = template, on_progress, monotonic()

    def __call__(self, done: int, total: int) -> None:
        """Say it, if it is time."""
        if monotonic() - self._said >= _SECONDS:
            self._on_progress(self._template.format(done, total))
            self._said = monotonic()
