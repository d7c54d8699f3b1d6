"""Another engine, as a program that speaks GTP."""

import shlex
import shutil
import subprocess
from types import TracebackType

from artcnn.errors import ArtcnnError


class Opponent:
    """A running engine; leaving the ``with`` block ends it.

    Attributes:
        name: what it calls itself.
    """

    def __init__(self, command: str) -> None:
        """Start it.

        Raises:
            ArtcnnError: there is no such program, or it speaks no GTP.
        """
        self._command, words = command, shlex.split(command)
        program = shutil.which(words[0]) if words else None
        if program is None:
            raise ArtcnnError(f"--opponent '{command}': there is no such program; install it, or give its whole path")
        self._process = subprocess.Popen(  # noqa: S603 - the user's own command, and no shell
            [program, *words[1:]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.name = f"{self.ask('name')} {self.ask('version')}"

    def __enter__(self) -> "Opponent":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.communicate()

    def ask(self, command: str) -> str:
        """Return the answer to a command.

        Raises:
            ArtcnnError: it ended, or refuses.
        """
        answer, told = self._exchange(command), f"--opponent '{self._command}'"
        if not answer:
            raise ArtcnnError(f"{told}: it ended without an answer to '{command}': is it an engine that speaks GTP?")
        if not answer.startswith("="):
            raise ArtcnnError(f"{told}: it refuses '{command}': {answer[1:].strip()[:80]!a}")
        return answer[1:].strip()

    def _exchange(self, command: str) -> str:
        """Return the lines up to the empty one that ends an answer, or nothing."""
        source, target = self._process.stdout, self._process.stdin
        assert source is not None and target is not None  # noqa: S101, PT018 - both are pipes
        try:
            target.write(f"{command}\n")
            target.flush()
        except BrokenPipeError:
            return ""
        lines: list[str] = []
        while line := source.readline():
            if line.strip():
                lines.append(line)
            elif lines:
                break
        return "".join(lines)
