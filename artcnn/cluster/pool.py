"""Give work to the workers of a cluster, and give it again where a worker, a machine or memory fails."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import monotonic
from typing import Protocol

from artcnn.cluster.backend import Backend, Host, Runner, WorkerLost, WorkerOutOfMemory
from artcnn.cluster.machines import Machine, Needs
from artcnn.cluster.places import Given, Hand, Place
from artcnn.cluster.work import Advanced, Answer, Failed, Ready, Work
from artcnn.errors import ArtcnnError, MachineRefusedError, OutOfMemoryError
from artcnn.jobs.events import never

_LOOK_EVERY = 5.0
"""Seconds between two looks at which machines there are."""

_WAIT = 0.5
"""Seconds that are waited at most before anything else is looked at."""

_PATIENCE = 45.0
"""Seconds without any worker after which that is told: others may have the cluster."""

_ALONE = 60.0
"""Seconds without any machine after which a run gives up."""

_AHEAD = 2
"""Works that a worker has at once: the next is there when one is done."""

MOST_LOSSES = 4
"""So often a work may lose its worker; then the work itself is taken for the cause."""

MOST_DOUBLINGS = 2
"""So often a work that ran out of memory gets twice as much."""


class WorkSource(Protocol):
    """Where work comes from. An answer to one may lead to more."""

    def take(self) -> Work | None:
        """Return the next work, or None where there is none now."""

    def left(self) -> int:
        """Return about how much there is."""


@dataclass(frozen=True)
class Refused:
    """A machine cannot take part."""

    machine: Machine
    error: ArtcnnError


@dataclass(frozen=True)
class Lost:
    """A worker, or its whole machine, is gone; what it had goes elsewhere."""

    machine: Machine
    whole: bool


@dataclass(frozen=True)
class Waiting:
    """No worker has started for a while, though there are machines."""


@dataclass(frozen=True)
class Answered:
    """An answer to a work."""

    work: Work
    answer: Answer


PoolEvent = Refused | Lost | Waiting | Answered


class Pool:
    """The workers of a run, on all machines that can take part.

    Args:
        backend: the cluster.
        source: where work comes from.
        job_memory: bytes that a job takes at its peak, where it is fastest.
        may_grow: whether what ran out of memory may have more than that.
    """

    def __init__(self, backend: Backend, source: WorkSource, job_memory: int, *, may_grow: bool = True) -> None:
        self._backend, self._source, self._job_memory = backend, source, job_memory
        self._most = 2**MOST_DOUBLINGS if may_grow else 1
        self._works = max(1, source.left())
        self._places: dict[str, Place] = {}
        self._refused: set[str] = set()
        self._again: deque[Given] = deque()
        self._looked, self._alone_since = -_LOOK_EVERY, monotonic()
        self._waiting_since: float | None = monotonic()

    @property
    def machines(self) -> int:
        """The number of machines that have workers."""
        return sum(any(hand.ready for hand in place.hands) for place in self._places.values())

    def run(self, cancelled: Callable[[], bool] = never) -> Iterator[PoolEvent]:
        """Do all work there is, and yield what happens.

        Args:
            cancelled: asked now and then whether to stop at once.

        Raises:
            ArtcnnError: no machine can do it.
        """
        try:
            while not cancelled():
                yield from self._look_for_machines()
                yield from self._give_up_larger()
                self._start_workers()
                self._give()
                if not (self._again or any(hand.works for hand in self._hands())) and self._source.left() == 0:
                    return
                self._check_alone()
                if self._waiting_since is not None and monotonic() - self._waiting_since > _PATIENCE:
                    self._waiting_since = None
                    yield Waiting()
                hosts = [place.host for place in self._places.values() if place.facts is None]
                runners = [hand.runner for hand in self._hands() if hand.works or not hand.ready]
                for caller in self._backend.wait([*hosts, *runners], _WAIT):
                    yield from self._take(caller)
        finally:
            for place in self._places.values():
                self._again.extend(place.leave())

    def _hands(self) -> Iterator[Hand]:
        for place in self._places.values():
            yield from place.hands

    def _look_for_machines(self) -> Iterator[PoolEvent]:
        """Visit machines that are new, and leave those that are gone."""
        if monotonic() - self._looked < _LOOK_EVERY:
            return
        self._looked = monotonic()
        machines = {machine.name: machine for machine in self._backend.machines()}
        for name, place in [*self._places.items()]:
            if name not in machines:
                yield self._lose_machine(place)
        for name, machine in machines.items():
            if name not in self._places and name not in self._refused:
                self._places[name] = Place(machine, self._backend.visit(machine))

    def _check_alone(self) -> None:
        """Raise an ArtcnnError where all machines refused, or there was none for a while."""
        if self._places:
            self._alone_since = monotonic()
        elif self._refused and {machine.name for machine in self._backend.machines()} <= self._refused:
            raise ArtcnnError("no machine of the cluster can take part", hint="the lines above say why")
        elif monotonic() - self._alone_since > _ALONE:
            raise ArtcnnError("the cluster has no machine any more", hint="run the command again when it has")

    def _start_workers(self) -> None:
        """Start workers on all machines; first of all one that has the memory that a work was short of."""
        wanted = max((given.factor for given in self._again), default=1)
        if wanted > 1 and not any(hand.factor >= wanted for hand in self._hands()):
            self._make_room(wanted)
        for place in self._places.values():
            if wanted == 1:
                for hand in [hand for hand in place.hands if hand.factor > 1 and not hand.works]:
                    place.stop(hand)
            place.start_workers(self._backend, self._job_memory, self._works)

    def _make_room(self, factor: int) -> None:
        """Start a worker with so many times the memory as soon as those that are in its way are idle."""
        able = [place for place in self._places.values() if self._needs(place, factor) is not None]
        place = max(able, key=lambda place: (place.is_cleared, place.machine.memory), default=None)
        needs = None if place is None else self._needs(place, factor)
        if place is not None and needs is not None and place.make_room(needs):
            place.start(self._backend, needs, factor)
            place.is_cleared = False

    def _needs(self, place: Place, factor: int) -> Needs | None:
        return place.larger_needs(self._job_memory, self._works, factor)

    def _give_up_larger(self) -> Iterator[PoolEvent]:
        """Give up work that needs more memory than any machine has, once all are known."""
        if not self._places or any(place.facts is None for place in self._places.values()):
            return
        for given in [given for given in self._again if given.factor > 1]:
            if all(self._needs(place, given.factor) is None for place in self._places.values()):
                self._again.remove(given)
                yield Answered(given.work, _too_large(given.factor // 2))

    def _give(self) -> None:
        """Give work to whoever can take it: one to each, and the next ahead as long as there is enough for all."""
        for depth in range(_AHEAD):
            ready = [hand for place in self._places.values() if not place.is_cleared for hand in place.hands]
            ready = [hand for hand in ready if hand.ready and len(hand.works) == depth]
            if depth and self._source.left() + len(self._again) < len(ready):
                return
            for hand in ready:
                given = self._next_for(hand)
                if given is not None:
                    hand.works.append(given)
                    hand.runner.give(given.work)

    def _next_for(self, hand: Hand) -> Given | None:
        for given in self._again:
            if given.factor == hand.factor or (given.factor < hand.factor and not hand.works):
                self._again.remove(given)
                return given
        work = self._source.take() if hand.factor == 1 else None
        return None if work is None else Given(work)

    def _take(self, caller: Host | Runner) -> Iterator[PoolEvent]:
        """Take what a host or a worker has to tell; what was left meanwhile has nothing to tell any more."""
        place = self._places.get(caller.machine.name)
        if place is None:
            return
        if caller is place.host:
            yield from self._take_facts(place)
            return
        hand = next((hand for hand in place.hands if hand.runner is caller), None)
        if hand is None:
            return
        try:
            answer = hand.runner.take()
        except (WorkerOutOfMemory, WorkerLost) as end:
            yield from self._lose(place, hand, out_of_memory=isinstance(end, WorkerOutOfMemory))
        else:
            yield from self._answer(hand, answer)

    def _take_facts(self, place: Place) -> Iterator[PoolEvent]:
        try:
            place.facts = place.host.take()
        except MachineRefusedError as error:
            self._refused.add(place.machine.name)
            self._leave(place)
            yield Refused(place.machine, error)
        except (WorkerLost, WorkerOutOfMemory):
            yield self._lose_machine(place)

    def _answer(self, hand: Hand, answer: Answer | None) -> Iterator[PoolEvent]:
        if answer is None:
            return
        if isinstance(answer, Ready):
            hand.ready, self._waiting_since = True, None
            return
        given = hand.works[0]
        if not isinstance(answer, Advanced):
            hand.works.popleft()
            if isinstance(answer, Failed) and isinstance(answer.error, OutOfMemoryError) and self._double(given):
                return
        yield Answered(given.work, answer)

    def _double(self, given: Given) -> bool:
        """Let a work be done again with twice the memory; return whether it may."""
        if given.factor >= self._most:
            return False
        given.factor *= 2
        self._again.append(given)
        return True

    def _lose(self, place: Place, hand: Hand, *, out_of_memory: bool) -> Iterator[PoolEvent]:
        """Put back what a worker had; of the first it may have ended."""
        place.lose(hand)
        works = [*hand.works]
        if works and out_of_memory and not self._double(works[0]):
            yield Answered(works[0].work, _too_large(works[0].factor))
        if works and not out_of_memory:
            works[0].losses += 1
            if works[0].losses > MOST_LOSSES:
                yield Answered(works[0].work, _deadly(works[0].losses))
            else:
                self._again.appendleft(works[0])
        self._again.extendleft(reversed(works[1:]))
        if place.machine.name in {machine.name for machine in self._backend.machines()}:
            yield Lost(place.machine, whole=False)
        else:
            yield self._lose_machine(place)

    def _lose_machine(self, place: Place) -> Lost:
        self._leave(place)
        return Lost(place.machine, whole=True)

    def _leave(self, place: Place) -> None:
        self._again.extendleft(place.leave())
        del self._places[place.machine.name]


def _too_large(factor: int) -> Failed:
    times = "the memory that it should take" if factor == 1 else f"{factor} times the memory that it should take"
    return Failed(OutOfMemoryError(f"{times} is not enough for it", hint="use a smaller --size, or larger machines"))


def _deadly(losses: int) -> Failed:
    message = f"the process that made it ended {losses} times without a word"
    return Failed(ArtcnnError(message, hint="try it alone, without --cluster"))
