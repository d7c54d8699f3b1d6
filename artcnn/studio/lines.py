"""The child's side of :mod:`artcnn.studio.child`: lines of JSON, and bytes behind some of them."""

import json
import os
import sys
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import Any, Protocol

from artcnn.errors import ArtcnnError, enough_memory

_JSON = "application/json"


class Tell(Protocol):
    """Tells the server something, perhaps with bytes that belong to it."""

    def __call__(self, happened: Mapping[str, Any], content: bytes = b"") -> None:
        """Tell it."""


def take_output() -> Tell:
    """Return what tells the server something; whatever else prints goes to the standard error from now on."""
    told = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)

    def tell(happened: Mapping[str, Any], content: bytes = b"") -> None:
        line = json.dumps({**happened, "bytes": len(content)} if content else happened) + "\n"
        with suppress(BrokenPipeError):  # the server is gone, which the end of the input says, too
            told.write(line.encode() + content)
            told.flush()

    return tell


class Answers(Protocol):
    """Answers questions."""

    def answer(self, kind: str, request: Mapping[str, Any]) -> tuple[str, bytes]:
        """Return the answer to a question: the type of its content, and the content.

        Raises:
            ArtcnnError: there is none, and the user can do something about it.
        """

    def renamed(self, error: ArtcnnError, names: Mapping[str, str]) -> ArtcnnError:
        """Return an error that calls the files by what the user calls them."""


def answer_questions(make: Callable[[], Answers]) -> None:
    """Answer the server that has started this process, one question after the other, until it is gone.

    Args:
        make: loads what answers; the server is told before.
    """
    tell, questions = take_output(), SimpleQueue[Mapping[str, Any]]()
    Thread(target=_read, args=(questions,), daemon=True).start()
    tell({"event": "ready"})
    answers = make()
    while True:
        _answer(answers, questions.get(), tell)


def _read(questions: SimpleQueue[Mapping[str, Any]]) -> None:
    """Read questions until the server is gone; there is nothing to keep then."""
    for line in sys.stdin:
        questions.put(json.loads(line))
    os._exit(0)


def _answer(answers: Answers, question: Mapping[str, Any], tell: Tell) -> None:
    """Answer a question, whatever happens."""
    status, kind = 200, _JSON
    try:
        with enough_memory("close other programs, or choose a smaller picture"):
            kind, content = answers.answer(question["do"], question["request"])
    except ArtcnnError as error:
        status, content = 400, _error(answers.renamed(error, question["names"]))
    except Exception as error:  # noqa: BLE001 - a bug ends one answer, and is told
        traceback.print_exc()
        status, content = 500, _error(ArtcnnError(f"this is a bug in artcnn: {type(error).__name__}: {error}"))
    tell({"event": "answer", "id": question["id"], "status": status, "type": kind}, content)


def _error(error: ArtcnnError) -> bytes:
    return json.dumps({"error": error.to_json()}).encode()
