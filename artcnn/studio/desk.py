"""The server's side of a child process that answers questions: which is next, and who waits for it."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from artcnn.errors import ArtcnnError, UnansweredError
from artcnn.studio.child import Child

TIMEOUT = 120.0
"""Seconds that a question may wait and be worked on, together."""

_MOST = 64
"""Questions that wait, of all pages, if nothing else is said."""


@dataclass(frozen=True)
class Answer:
    """What the process answers: a status of HTTP, the type of its content, and the content."""

    status: int
    type: str
    content: bytes

    def plain(self) -> Mapping[str, Any]:
        """Return content that is JSON as plain data.

        Raises:
            ArtcnnError: the answer is an error.
        """
        told: Mapping[str, Any] = json.loads(self.content)
        if self.status != 200:
            error = ArtcnnError(told["error"]["message"], hint=told["error"]["hint"])
            error.code = told["error"]["code"]
            raise error
        return told


@dataclass(frozen=True, eq=False)
class _Question:
    number: int
    wish: Mapping[str, Any]
    answer: asyncio.Future[Answer] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def fail(self, message: str, hint: str | None = None) -> None:
        if not self.answer.done():
            self.answer.set_exception(UnansweredError(message, hint=hint))


class Desk:
    """Hands questions to a child process, one after the other. All its methods belong to the server's thread.

    The process is started with the first question: a page that asks none needs no second torch in memory.

    Args:
        command: starts the process.
        timeout: seconds until a question is given up.
        most: questions that may wait.
    """

    def __init__(self, command: Sequence[str], timeout: float = TIMEOUT, most: int = _MOST) -> None:
        self.process = Child(command, self._hear, self._bury)
        self._most = most
        self._timeout, self._numbers, self._ready = timeout, count(1), False
        self._waiting = dict[tuple[str, str], _Question]()
        self._asked: _Question | None = None
        self._running: asyncio.Task[None] | None = None

    async def ask(self, page: str, kind: str, request: Mapping[str, Any], names: Mapping[str, str]) -> Answer:
        """Return the answer to a question; an older one of this page and kind that still waits gets none.

        Args:
            page: who asks.
            kind: of the question.
            request: the question, as plain data.
            names: what its files are called, by their sha256.

        Raises:
            UnansweredError: another took its place, there are too many, it took too long, or the process has ended.
        """
        if self.process.ending:
            raise UnansweredError("the studio ends")
        key = page, kind
        if (older := self._waiting.pop(key, None)) is not None:
            older.fail("a newer question of this page has taken the place of this one")
        if len(self._waiting) >= self._most:
            raise UnansweredError("there are too many questions at once", hint="wait a moment, and try again")
        number = next(self._numbers)
        question = _Question(number, {"id": number, "do": kind, "request": request, "names": names})
        self._waiting[key] = question
        if self._running is None:
            self._running = asyncio.create_task(self.process.run())
        self._next()
        try:
            return await asyncio.wait_for(question.answer, self._timeout)
        except TimeoutError:
            raise UnansweredError(f"there was no answer within {self._timeout:g} s") from None
        finally:  # also when the server ends
            self._forget(key, question)

    async def stop(self) -> None:
        """End the process, which has nothing to keep; questions that wait get no answer."""
        for question in self._waiting.values():
            question.fail("the studio ends")
        self.process.ending = True
        self.process.kill()
        if self._running is not None:
            await self._running

    def _forget(self, key: tuple[str, str], question: _Question) -> None:
        """Forget a question whose answer nobody awaits any more; a process that is still at work on it is ended."""
        if self._waiting.get(key) is question:
            del self._waiting[key]
        if self._asked is question:
            self.process.kill()

    def _next(self) -> None:
        if self._ready and self._asked is None and self._waiting:
            self._asked = self._waiting.pop(next(iter(self._waiting)))
            self.process.send(self._asked.wish)

    def _hear(self, told: Mapping[str, Any], content: bytes) -> None:
        if told["event"] == "ready":
            self._ready = True
        elif self._asked is not None and told["id"] == self._asked.number:
            question, self._asked = self._asked, None
            if not question.answer.done():
                question.answer.set_result(Answer(told["status"], told["type"], content))
        self._next()

    def _bury(self) -> None:
        self._ready, question, self._asked = False, self._asked, None
        if question is not None:
            question.fail("the computing process ended before it had the answer", "ask again; is there enough memory?")
