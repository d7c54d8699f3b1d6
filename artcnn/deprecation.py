"""Old names that are understood until the next major version, and how their use is told."""

import sys
import warnings
from types import FrameType

_GONE_IN = "2.0"
_LIBRARIES = "artcnn", "pydantic"


class OldNameWarning(DeprecationWarning):
    """An old name was used. It works, until the next major version."""


def warn_of_old_name(old: str, new: str, where: str = "") -> None:
    """Warn whoever called artcnn that what was named has another name now.

    Args:
        old: the name that was used.
        new: the name that it has.
        where: what the message begins with, such as a file's name and a colon.
    """
    message = f"{where}'{old}' is called '{new}' now; the old name goes away in artcnn {_GONE_IN}"
    warnings.warn(message, OldNameWarning, stacklevel=1 + _depth(sys._getframe()))


def _depth(frame: FrameType) -> int:
    """Return how many frames ``frame`` is below its nearest caller outside of artcnn, as ``stacklevel`` counts them."""
    depth, caller = 0, frame
    while caller.f_back is not None and _package(caller) in (*_LIBRARIES, "importlib"):
        caller = caller.f_back
        depth += _package(caller) != "importlib"  # warnings counts no frames of the import system
    return depth


def _package(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__")).partition(".")[0]
