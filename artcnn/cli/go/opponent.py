"""Another engine, as a program that speaks GTP."""

import shlex
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import IO

from artcnn.errors import ArtcnnError

_LONGEST = 10_000
"""Characters of a line, and lines of an answer, that are read."""


class Opponent:
    """An engine that is asked through pipes.

    Args:
        command: how it was started.
        target: what it reads.
        source: what it writes.
    """

    def __init__(self, command: str, target: IO[str], source: IO[str]) -> None:
        self._told, self._target, self._source = f"--opponent '{command}'", target, source

    @cached_property
    def name(self) -> str:
        """What it calls itself."""
        return f"{self.ask('name')} {self.ask('version')}"[:80]

    def ask(self, command: str) -> str:
        """Return the answer to a command.

        Raises:
            ArtcnnError: it ended, or refuses.
        """
        answer = "".join(c for c in " ".join(self._exchange(command).split()) if c.isprintable())
        if not answer:
            raise ArtcnnError(f"{self._told}: it ended without an answer to '{command}': does it speak GTP?")
        if not answer.startswith("="):
            raise ArtcnnError(f"{self._told}: it refuses '{command}': {answer[1:].strip()[:80]!a}")
        return answer[1:].strip()

    def _exchange(self, command: str) -> str:
        """Return the lines up to the empty one that ends an answer, or nothing."""
        try:
            self._target.write(f"{command}\n")
            self._target.flush()
        except BrokenPipeError:
            return ""
        lines: list[str] = []
        while line := self._source.readline(_LONGEST):
            if line.strip():
                lines.append(line)
            elif lines:
                break
            if len(lines) > _LONGEST:
                raise ArtcnnError(f"{self._told}: there is no end to what it answers to '{command}'")
        return "".join(lines)


@contextmanager
def opponent(command: str) -> Iterator[Opponent]:
    """Start an engine and yield it; it is ended behind the ``with`` block.

    Raises:
        ArtcnnError: there is no such program.
    """
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise ArtcnnError(f"--opponent '{command}': {error}") from error
    program = shutil.which(words[0]) if words else None
    if program is None:
        raise ArtcnnError(f"--opponent '{command}': there is no such program: install it, or give its whole path")
    process = subprocess.Popen(  # noqa: S603 - the user's own command, and no shell
        [program, *words[1:]],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        errors="replace",
    )
    assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - both are pipes
    try:
        yield Opponent(command, process.stdin, process.stdout)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        with suppress(BrokenPipeError):  # what was not yet written has no reader any more
            process.stdin.close()
