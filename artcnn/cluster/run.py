"""Make the jobs of one command on a cluster, as events."""

import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path

import torch

from artcnn import __version__
from artcnn.cluster.host import Question
from artcnn.cluster.orders import Order, Written
from artcnn.cluster.pool import Answered, Lost, Pool, Refused, Waiting
from artcnn.cluster.work import Advanced, Answer, Work
from artcnn.engines.film import film_bytes
from artcnn.errors import ArtcnnError
from artcnn.files.open import open_picture
from artcnn.image import Size, fit_size
from artcnn.jobs.engines import engine_of
from artcnn.jobs.events import never
from artcnn.jobs.film import open_film
from artcnn.jobs.inputs import main_input
from artcnn.jobs.job import Job
from artcnn.jobs.styles import network_sha256

_LOOKED_AT = 1000
"""Photos, evenly spread, whose size tells how much memory one takes; a larger one fails, and then gets more."""


@dataclass(frozen=True)
class Opened:
    """A job begins.

    Attributes:
        notes: what may surprise, a sentence each.
    """

    job: Job
    notes: Sequence[str]


@dataclass(frozen=True)
class Mistake:
    """A job cannot be made."""

    job: Job
    error: ArtcnnError


@dataclass(frozen=True)
class Advance:
    """So much of all is done, from 0 to 1, by so many machines."""

    progress: float
    machines: int


RunEvent = Opened | Written | Mistake | Advance | Refused | Lost | Waiting


def ask(jobs: Sequence[Job], device: str) -> Question:
    """Return what machines are asked that are to make jobs, which differ only in the photo."""
    recipe = jobs[0].recipe
    extras = ("video",) if any(job.makes_video for job in jobs) else ()
    return Question(__version__, recipe, network_sha256(recipe), device, extras)


def job_memory(jobs: Sequence[Job], limit: int | None) -> int:
    """Return the bytes that a job takes at its peak where it is fastest, its program and network with them.

    Args:
        jobs: the jobs, which differ only in the photo.
        limit: bytes that it may take, or None.
    """
    job = jobs[0]
    engine = engine_of(job.recipe)
    recipe = engine.networks.resolve(job.recipe, torch.device("cpu"))
    sizes = [
        fit_size(size, recipe.size) for size in map(_size, jobs[:: ceil(len(jobs) / _LOOKED_AT)]) if size is not None
    ]
    largest = max(sizes, key=lambda size: size[0] * size[1], default=(recipe.size, recipe.size))
    guide = job.sources().get("guide")
    guide_size = _picture_size(guide) if isinstance(guide, Path) else None
    tiling = engine.costs.tiling(recipe, largest, sys.maxsize, guide_size)
    needed = engine.costs.peak_bytes(recipe, largest, tiling, guide_size)
    needed += film_bytes(largest) if any(job.film is not None for job in jobs) else 0
    return needed if limit is None else min(needed, limit)


def _size(job: Job) -> Size | None:
    """Return the (height, width) of what a job begins with; None where that cannot be told."""
    source = main_input(job.inputs)
    if job.film is not None:
        return open_film(job).size
    return _picture_size(source) if isinstance(source, Path) else None


def _picture_size(path: Path) -> Size | None:
    try:
        with open_picture(path) as (image, _):
            return image.height, image.width
    except ArtcnnError:  # it is told when its turn comes
        return None


class Run:
    """The jobs of a command, made on a cluster.

    Args:
        jobs: what is made.
        open_order: returns the order of a job, when its turn comes; what it raises is the job's mistake.
        close_order: told of a job that is over, whether it was made or not.
    """

    def __init__(
        self, jobs: Sequence[Job], open_order: Callable[[Job], Order], close_order: Callable[[Job], None]
    ) -> None:
        self._count, self._waiting = len(jobs), deque(jobs)
        self._open_order, self._close_order = open_order, close_order
        self._orders: list[Order] = []
        self._of: dict[int, Order] = {}
        self._events: deque[RunEvent] = deque()
        self._over = 0

    def take(self) -> Work | None:
        """Return the next work, or None where there is none now: of a job that is begun first."""
        for order in self._orders:
            if (work := order.take()) is not None:
                return self._note(order, work)
        while self._waiting:
            job = self._waiting.popleft()
            try:
                order = self._open_order(job)
            except ArtcnnError as error:
                self._end(job, error)
                continue
            self._events.append(Opened(job, order.notes))
            if order.written is not None:
                self._end(job, order.written)
                continue
            self._orders.append(order)
            if (work := order.take()) is not None:
                return self._note(order, work)
        return None

    def left(self) -> int:
        """Return about how much work is not taken yet."""
        return len(self._waiting) + sum(order.left() for order in self._orders)

    def events(self, pool: Pool, cancelled: Callable[[], bool] = never) -> Iterator[RunEvent]:
        """Make the jobs, and yield what happens.

        Args:
            pool: the workers, whose source this is.
            cancelled: asked now and then whether to stop at once.

        Raises:
            ArtcnnError: no machine can make them.
        """
        try:
            for event in pool.run(cancelled):
                if isinstance(event, Answered):
                    self._accept(event.work, event.answer)
                    self._events.append(Advance(self._progress(), pool.machines))
                else:
                    self._events.append(event)
                yield from self._told()
            yield from self._told()
        finally:
            for order in self._orders:
                self._close_order(order.job)

    def _told(self) -> Iterator[RunEvent]:
        while self._events:
            yield self._events.popleft()

    def _note(self, order: Order, work: Work) -> Work:
        self._of[id(work)] = order
        return work

    def _accept(self, work: Work, answer: Answer) -> None:
        order = self._of[id(work)] if isinstance(answer, Advanced) else self._of.pop(id(work))
        if order not in self._orders:
            return  # of a film that has failed, shots were on their way
        try:
            order.accept(work, answer)
        except ArtcnnError as error:
            self._orders.remove(order)
            self._end(order.job, error)
            return
        if order.written is not None:
            self._orders.remove(order)
            self._end(order.job, order.written)

    def _end(self, job: Job, result: Written | ArtcnnError) -> None:
        self._over += 1
        self._close_order(job)
        self._events.append(result if isinstance(result, Written) else Mistake(job, result))
        if isinstance(result, Written) and result.made.error is not None:
            self._events.append(Mistake(job, result.made.error))

    def _progress(self) -> float:
        return (self._over + sum(order.progress for order in self._orders)) / self._count
