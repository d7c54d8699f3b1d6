"""A child process that computes for the server: it hears and answers in lines of JSON, and is started again."""

import asyncio
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

Hear = Callable[[Mapping[str, Any], bytes], None]
"""Takes what a child tells, and the bytes that came with it."""

_REST = 0.3
"""Seconds before a child is started again."""

_LONGEST = 1 << 20
"""Bytes of a line. What is longer comes as bytes behind the line, which says in ``bytes`` how many there are."""


class Child:
    """Keeps a program running. All its methods belong to the server's thread.

    Args:
        command: starts the program.
        hear: takes each line that it tells.
        bury: is called whenever it has ended.
    """

    def __init__(self, command: Sequence[str], hear: Hear, bury: Callable[[], None]) -> None:
        self.command, self._hear, self._bury = command, hear, bury
        self.process: asyncio.subprocess.Process | None = None
        self.ending = False

    async def run(self) -> None:
        """Keep it running until :meth:`stop`."""
        while not self.ending:
            pipe = asyncio.subprocess.PIPE
            self.process = await asyncio.create_subprocess_exec(*self.command, stdin=pipe, stdout=pipe, limit=_LONGEST)
            assert self.process.stdin is not None  # noqa: S101 - it is a pipe
            assert self.process.stdout is not None  # noqa: S101 - so is this
            if self.ending:  # it was told so meanwhile
                self.process.stdin.close()
            with suppress(asyncio.IncompleteReadError):  # it has ended, perhaps within what it told
                await self._listen(self.process.stdout)
            await self.process.wait()
            self._bury()
            if not self.ending:
                await asyncio.sleep(_REST)

    async def _listen(self, output: asyncio.StreamReader) -> None:
        while True:
            told = json.loads(await output.readuntil())
            self._hear(told, await output.readexactly(told.get("bytes", 0)))

    def send(self, wish: Mapping[str, Any]) -> None:
        """Tell it something; nobody hears it while the program is not running."""
        if self.process is not None and self.process.stdin is not None and not self.process.stdin.is_closing():
            self.process.stdin.write((json.dumps(wish) + "\n").encode())

    def kill(self) -> None:
        """End it at once; it is started again, unless it is to stop."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                self.process.kill()

    async def stop(self) -> None:
        """Close its input, which tells it to end, and wait until it has, but not for ever."""
        self.ending = True
        if self.process is not None and self.process.stdin is not None:
            self.process.stdin.close()
            try:
                await asyncio.wait_for(self.process.wait(), 10)
            except TimeoutError:
                self.kill()


def child_command(program: str, root: Path) -> list[str]:
    """Return what starts one of the studio's programs for its folder: ``worker``, ``live`` or ``look``."""
    return [sys.executable, "-m", f"artcnn.studio.{program}", str(root)]
