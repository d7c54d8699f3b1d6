"""The child's side of :mod:`artcnn.studio.child`: lines of JSON, and bytes behind some of them."""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Protocol


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
