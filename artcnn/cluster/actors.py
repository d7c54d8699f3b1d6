"""What Ray starts on the machines: a first look, what stands for a machine, and workers."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from artcnn.errors import ArtcnnError

if TYPE_CHECKING:  # what only stands for a machine needs no torch
    from artcnn.cluster.host import Question
    from artcnn.cluster.machines import Facts
    from artcnn.cluster.work import Answer, Work


def make_look() -> Callable[[], tuple[str | None, str | None]]:
    """Return the first look at a machine: its version of artcnn, None without one, and whom its Ray lets in.

    A function within a function travels by its code, not by its name, so it needs no artcnn there.
    """

    def look() -> tuple[str | None, str | None]:

        try:
            import artcnn
        except ImportError:
            return None, None
        return artcnn.__version__, os.environ.get("RAY_AUTH_MODE")

    return look


class HostActor:
    """Stands for a machine."""

    def look(self, question: "Question", *, gpus: bool) -> "Facts | ArtcnnError":
        """Return what the machine says about itself, or why it cannot take part."""
        from artcnn.cluster.host import Host

        try:
            self._host = Host(question, gpus=gpus)
        except ArtcnnError as error:
            return error
        return self._host.facts

    def close(self) -> None:
        """Remove what was kept."""
        if hasattr(self, "_host"):
            self._host.close()


class RunnerActor:
    """Does one work after the other; the network is loaded with the first.

    Args:
        device: what is computed on.
        limit: bytes that a job may take.
        folder: where inputs are kept.
    """

    def __init__(self, device: str, limit: int, folder: Path) -> None:
        self._arguments = device, limit, folder

    def begin(self) -> "Iterator[Answer]":
        """Load torch, and tell that the worker is there."""
        import ray

        from artcnn.cluster.work import Ready
        from artcnn.cluster.worker import Worker

        self._worker = Worker(*self._arguments, ray.get)
        yield Ready()

    def do(self, work: "Work") -> "Iterator[Answer]":
        """Do a work; yield the answers."""
        yield from self._worker.do(work)
