"""Another engine: a program that speaks GTP."""

import os
import shlex
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from threading import Event, Timer

from artcnn.errors import ArtcnnError

_MAX_LENGTH = 10_000
"""Characters of a line, and lines of an answer, that are read."""
_FOLDERS = "/usr/games", "/usr/local/games"
"""Where systems put games; not every PATH has them."""


class Opponent:
    """An engine behind two pipes.

    Args:
        command: the command that started it.
        process: the engine; its standard input and output are pipes of text.
        timeout: seconds that it has for an answer; after them it is killed.
    """

    def __init__(self, command: str, process: subprocess.Popen[str], timeout: float) -> None:
        self._name, self._process, self._timeout = f"--opponent '{command}'", process, timeout

    @cached_property
    def name(self) -> str:
        """Its own name and version."""
        return f"{self.ask('name')} {self.ask('version')}"[:80]

    def ask(self, command: str) -> str:
        """Send a command; return the answer.

        Raises:
            ArtcnnError: the engine ended, refuses, takes too long, or does not speak GTP.
        """
        expired = Event()

        def end() -> None:
            expired.set()
            _kill(self._process)  # which ends a read or a write that waits

        timer = Timer(self._timeout, end)
        timer.start()
        try:
            lines = self._exchange(command)
        finally:
            timer.cancel()
        if expired.is_set():
            raise ArtcnnError(
                f"{self._name}: no answer to '{command}' within {self._timeout:g} s", hint="give it longer by --timeout"
            )
        answer = "".join(c for c in " ".join(" ".join(lines).split()) if c.isprintable())
        if not answer:
            raise ArtcnnError(f"{self._name}: it ended without an answer to '{command}'", hint="does it speak GTP?")
        if not answer.startswith("="):
            raise ArtcnnError(f"{self._name}: it refuses '{command}': {answer[1:].strip()[:80]!a}")
        return answer[1:].strip()

    def _exchange(self, command: str) -> list[str]:
        """Send a command; return the lines before the empty one that ends an answer, none if the engine ended."""
        source, target = self._process.stdout, self._process.stdin
        assert source is not None and target is not None  # noqa: S101, PT018 - both are pipes
        try:
            target.write(f"{command}\n")
            target.flush()
        except OSError:  # nobody reads any more: EPIPE, or EINVAL on Windows
            return []
        lines: list[str] = []
        while line := source.readline(_MAX_LENGTH):
            if line.strip():
                lines.append(line)
            elif lines:
                break
            if lines and not lines[0].startswith(("=", "?")):
                raise ArtcnnError(f"{self._name}: it does not speak GTP: it answers '{command}' by {_quote(lines[0])}")
            if len(lines) > _MAX_LENGTH:
                raise ArtcnnError(f"{self._name}: there is no end to what it answers to '{command}'")
        return lines


def _quote(line: str) -> str:
    return ascii(line.strip()[:40])


@contextmanager
def open_opponent(command: str, timeout: float) -> Iterator[Opponent]:
    """Start an engine; it is killed at the end of the ``with`` block, also after an exception.

    Args:
        command: a program and its arguments.
        timeout: seconds that it has for an answer.

    Raises:
        ArtcnnError: there is no such program, or it cannot be started.
    """
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise ArtcnnError(f"--opponent '{command}': {error}") from error
    program = _find_program(words[0]) if words else None
    if program is None:
        raise ArtcnnError(
            f"--opponent '{command}': there is no such program", hint="install it, or give its whole path"
        )
    try:
        process = subprocess.Popen(  # noqa: S603 - the user's own command, and no shell
            [program, *words[1:]],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,  # a process group, so that its children are killed with it
        )
    except OSError as error:
        raise ArtcnnError(f"--opponent '{command}': it cannot be started: {error.strerror}") from error
    try:
        yield Opponent(command, process, timeout)
    finally:
        _kill(process)
        process.wait()
        for pipe in (process.stdout, process.stdin):
            with suppress(OSError):  # text that was not sent yet has no reader any more
                pipe.close()  # type: ignore[union-attr]  # both are pipes


def _find_program(program: str) -> str | None:
    """Return the path of a program: on the PATH, or where systems put games."""
    folders = os.pathsep.join((os.environ.get("PATH", os.defpath), *_FOLDERS))
    return shutil.which(program, path=folders)


def _kill(process: subprocess.Popen[str]) -> None:
    """Kill a program and its children."""
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError, PermissionError):  # they ended already
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
