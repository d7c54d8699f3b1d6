"""What asks a run to end: Ctrl-C, SIGTERM (``kill``, systemd, a cluster) and SIGHUP (a terminal that is closed)."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_ENDING = [signal.Signals[name] for name in ("SIGINT", "SIGTERM", "SIGHUP") if name in signal.Signals.__members__]

_came: list[int] = []
"""The signals that asked the command that runs to end."""


@contextmanager
def ending_as_by_ctrl_c() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end the block as Ctrl-C does, by a KeyboardInterrupt.

    Only the first of them does: a closed terminal sends SIGHUP more than once, and what was reached is being written by
    then. A second Ctrl-C does end that, too. A signal that is ignored, as ``nohup`` has it, stays ignored.
    """
    _came.clear()

    def interrupt(number: int, _: FrameType | None) -> None:
        first = not _came
        _came.append(number)
        if first or number == signal.SIGINT:
            raise KeyboardInterrupt

    ignored = signal.SIG_IGN, None  # None: not installed by Python
    with _handled({number: interrupt for number in _ENDING if signal.getsignal(number) not in ignored}):
        yield


def asked_to_end() -> bool:
    """Return whether a signal asked the command to end."""
    return bool(_came)


@contextmanager
def cancelling() -> Iterator[Callable[[], bool]]:
    """Let the first signal within the block raise nothing: the work asks between steps whether it was asked to end.

    That is the function yielded. A second Ctrl-C ends it at once, by a KeyboardInterrupt. A signal that is ignored
    stays ignored.
    """

    def note(number: int, _: FrameType | None) -> None:
        again = bool(_came)
        _came.append(number)
        if again and number == signal.SIGINT:
            raise KeyboardInterrupt

    with _handled({number: note for number in _ENDING if callable(signal.getsignal(number))}):
        yield asked_to_end


@contextmanager
def _handled(handlers: dict[signal.Signals, Callable[[int, FrameType | None], Any]]) -> Iterator[None]:
    """Handle signals within the block; in a thread that gets none, nothing is done."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def exit_code() -> int:
    """Return the exit code of a command that was asked to end: 128 and the number of the signal, as shells have it."""
    return 128 + (_came[0] if _came else signal.SIGINT)
