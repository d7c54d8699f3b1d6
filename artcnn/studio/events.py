"""What happens, told to all open pages in order; a page that was away is told what it has missed."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from secrets import token_hex
from typing import Any

_KEPT = 2000
_SILENCE = 15.0
"""Seconds after which something is sent, so that a broken connection is noticed."""


class Events:
    """A stream of server-sent events (WHATWG HTML, section 9.2), each with an id.

    An id is this server's name and a number. A page that returns with its last id is sent what came since. If that is
    not known any more, or was another server's, it is sent everything as it is now.

    Args:
        everything: returns all that a page needs to know, as plain data.
    """

    def __init__(self, everything: Callable[[], Mapping[str, Any]]) -> None:
        self._everything, self._name = everything, token_hex(4)
        self._kept: deque[tuple[int, str]] = deque(maxlen=_KEPT)
        self.followed = asyncio.Event()  # set when there was a page
        self._last, self._waiting, self._ended = 0, set[asyncio.Event](), False

    def tell(self, kind: str, content: Mapping[str, Any]) -> None:
        """Tell all pages that something has happened; from the server's own thread."""
        self._last += 1
        self._kept.append((self._last, self._format(kind, content)))
        for page in self._waiting:
            page.set()

    def end(self) -> None:
        """Let all pages go: the server ends."""
        self._ended = True
        for page in self._waiting:
            page.set()

    async def follow(self, last_id: str | None) -> AsyncIterator[str]:
        """Yield what happens from now on, as text for a page; before that, what it has missed.

        Args:
            last_id: of the last event that the page has seen, or None.
        """
        page = asyncio.Event()
        self.followed.set()
        self._waiting.add(page)
        try:
            seen = self._number(last_id)
            if seen is None:
                seen = self._last
                yield self._format("everything", self._everything())
            while not self._ended:
                page.clear()
                for number, text in [*self._kept]:
                    if number > seen:
                        seen = number
                        yield text
                try:
                    await asyncio.wait_for(page.wait(), _SILENCE)
                except TimeoutError:
                    yield ": still here\n\n"
        finally:
            self._waiting.discard(page)

    def _number(self, last_id: str | None) -> int | None:
        """Return the number of an event from which on all are kept, or None."""
        name, _, number = (last_id or "").partition("-")
        if name != self._name or not number.isdecimal() or int(number) > self._last:
            return None
        oldest = self._kept[0][0] if self._kept else self._last + 1
        return int(number) if int(number) >= oldest - 1 else None

    def _format(self, kind: str, content: Mapping[str, Any]) -> str:
        return f"id: {self._name}-{self._last}\nevent: {kind}\ndata: {json.dumps(content)}\n\n"
