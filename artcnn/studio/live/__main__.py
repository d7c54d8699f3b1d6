"""``python -m artcnn.studio.live FOLDER``: the child process that answers quick questions, one after the other."""

import json
import os
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any

from artcnn.errors import ArtcnnError, enough_memory
from artcnn.studio.lines import Tell, take_output

if TYPE_CHECKING:
    from artcnn.studio.live.answers import Answers

_JSON = "application/json"


def _read(questions: "SimpleQueue[Mapping[str, Any]]") -> None:
    """Read questions until the server is gone; there is nothing to keep then."""
    for line in sys.stdin:
        questions.put(json.loads(line))
    os._exit(0)


def _answer(answers: "Answers", question: Mapping[str, Any], tell: Tell) -> None:
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


def main() -> None:
    """Answer the server that has started this process."""
    tell, questions = take_output(), SimpleQueue[Mapping[str, Any]]()
    Thread(target=_read, args=(questions,), daemon=True).start()
    tell({"event": "ready"})
    from artcnn.studio.live.answers import Answers

    answers = Answers(Path(sys.argv[1]) / "files")
    while True:
        _answer(answers, questions.get(), tell)


if __name__ == "__main__":
    main()
