"""A cluster of this process's own, whose workers answer at once and fail when a test says so."""

from collections.abc import Callable, Collection, Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from artcnn.cluster.backend import WorkerLost
from artcnn.cluster.machines import Facts, Machine, Needs
from artcnn.cluster.work import Answer, CutsFound, Ready
from artcnn.errors import MachineRefusedError


class FakeHost:
    def __init__(self, machine: Machine, refusal: str | None) -> None:
        self.machine, self._refusal, self.stopped = machine, refusal, False

    def take(self) -> Facts:
        if self._refusal is not None:
            raise MachineRefusedError(self._refusal)
        return Facts(Path("nowhere"))

    def stop(self) -> None:
        self.stopped = True


class FakeRunner:
    def __init__(self, machine: Machine, needs: Needs, cluster: "FakeCluster") -> None:
        self.machine, self.needs, self._cluster = machine, needs, cluster
        self.answers: list[Iterator[Answer]] = [iter([Ready()])]
        self.stopped = False

    def give(self, work) -> None:
        self.answers.append(self._answers(work))

    def _answers(self, work) -> Iterator[Answer]:
        self._cluster.begun.append((work, self.machine.name, self.needs.memory))
        yield self._cluster.outcome(work, self)

    def take(self) -> Answer | None:
        if self.machine not in self._cluster.there:
            raise WorkerLost
        try:
            return next(self.answers[0])
        except StopIteration:
            del self.answers[0]
            return None

    def stop(self) -> None:
        self.stopped = True
        for answers in self.answers:
            if isinstance(answers, Generator):
                answers.close()


@dataclass
class FakeCluster:
    """Machines, what the workers on them do with a work, and what they began."""

    there: list[Machine]
    refusals: dict[str, str] = field(default_factory=dict)
    outcome: Callable[[object, FakeRunner], Answer] = lambda work, runner: CutsFound((), "float32")
    begun: list[tuple[object, str, int]] = field(default_factory=list)
    runners: list[FakeRunner] = field(default_factory=list)
    hosts: list[FakeHost] = field(default_factory=list)

    def machines(self) -> list[Machine]:
        return self.there

    def visit(self, machine: Machine) -> FakeHost:
        self.hosts.append(FakeHost(machine, self.refusals.get(machine.name)))
        return self.hosts[-1]

    def start(self, machine: Machine, needs: Needs, facts: Facts) -> FakeRunner:
        self.runners.append(FakeRunner(machine, needs, self))
        return self.runners[-1]

    def put(self, content: bytes) -> bytes:
        return content

    def wait(self, callers: Collection[FakeHost | FakeRunner], seconds: float) -> list[FakeHost | FakeRunner]:
        return [caller for caller in callers if isinstance(caller, FakeHost) or caller.answers]
