"""The machines that take part in a run, with their workers, and room for those that need more memory."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import monotonic

from artcnn.cluster.backend import Backend, Host, Runner
from artcnn.cluster.machines import Facts, Machine, Needs, share_out
from artcnn.cluster.work import Work

_REST = 5.0
"""Seconds without new workers after the first is lost, twice as many after each further: the machine may be dying."""


@dataclass(eq=False)
class Given:
    """A work, and what has happened to it.

    Attributes:
        work: the work.
        losses: how many workers ended while they did it.
        factor: how many times the usual memory it needs.
    """

    work: Work
    losses: int = 0
    factor: int = 1


@dataclass(eq=False)
class Hand:
    """A worker.

    Attributes:
        runner: its process.
        needs: what it takes of its machine.
        factor: how many times the usual memory it has.
        works: what it was given; it does the first.
        ready: whether its process is there: where others use the cluster, that may take its time.
    """

    runner: Runner
    needs: Needs
    factor: int
    works: deque[Given] = field(default_factory=deque)
    ready: bool = False


@dataclass(eq=False)
class Place:
    """A machine that takes part, or is asked whether it can.

    Attributes:
        machine: the machine.
        host: what stands for it.
        facts: what it says about itself, once it may take part.
        hands: its workers.
        is_cleared: whether its workers get nothing more to do, to make room for one with more memory.
        losses: how many workers were lost here.
    """

    machine: Machine
    host: Host
    facts: Facts | None = None
    hands: list[Hand] = field(default_factory=list)
    is_cleared: bool = False
    losses: int = 0
    _rests_until: float = 0.0

    def share_out(self, job_memory: int, works: int) -> tuple[Needs, int]:
        """Return what each worker here asks for, and how many there are; see ``machines.share_out``."""
        assert self.facts is not None  # noqa: S101 - it may take part
        return share_out(self.machine, job_memory, works, self.facts.gpu_memory)

    def larger_needs(self, job_memory: int, works: int, factor: int) -> Needs | None:
        """Return what a worker with so many times the memory asks for; None where there is not so much."""
        if self.facts is None:
            return None
        larger = self.share_out(job_memory, works)[0].times(factor)
        enough = self.facts.gpu_memory is None or larger.limit <= self.facts.gpu_memory
        return larger if enough and larger.fit(self.machine, []) else None

    def has_room(self, needs: Needs) -> bool:
        """Return whether a worker fits beside those that are there."""
        return needs.fit(self.machine, [hand.needs for hand in self.hands])

    def start(self, backend: Backend, needs: Needs, factor: int = 1) -> None:
        """Start a worker."""
        assert self.facts is not None  # noqa: S101 - it may take part
        self.hands.append(Hand(backend.start(self.machine, needs, self.facts), needs, factor))

    def start_workers(self, backend: Backend, job_memory: int, works: int) -> None:
        """Start as many workers as have room, unless one was lost here just now."""
        if self.facts is None or self.is_cleared or monotonic() < self._rests_until:
            return
        needs, count = self.share_out(job_memory, works)
        while len(self.hands) < count and self.has_room(needs):
            self.start(backend, needs)

    def make_room(self, needs: Needs) -> bool:
        """Stop workers that have nothing to do until there is room for another; return whether there is."""
        self.is_cleared = True
        for hand in [hand for hand in self.hands if not hand.works]:
            if not self.has_room(needs):
                self.stop(hand)
        return self.has_room(needs)

    def stop(self, hand: Hand) -> None:
        """End a worker."""
        hand.runner.stop()
        self.hands.remove(hand)

    def lose(self, hand: Hand) -> None:
        """Forget a worker that has ended, and start no other for a while."""
        self.hands.remove(hand)
        self._rests_until = monotonic() + _REST * 2**self.losses
        self.losses += 1

    def leave(self) -> Iterator[Given]:
        """End all that is here; yield the works that are not done."""
        for hand in self.hands:
            hand.runner.stop()
            yield from hand.works
        self.hands.clear()
        self.host.stop()
