"""Progress of a finding function: one line for each stage, such as ``conv2: 300 steps``."""

from collections.abc import Callable

Progress = Callable[[str], None]
"""Takes one line of plain text. It may raise an exception to end the work."""


def silent(_line: str) -> None:
    """Ignore the progress."""
