"""What the pool needs of a cluster: machines, processes on them, and a place for what travels."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from artcnn.cluster.machines import Facts, Machine, Needs

if TYPE_CHECKING:  # what only stands for a machine needs no torch
    from artcnn.cluster.work import Answer, Work


class WorkerLost(Exception):  # noqa: N818 - no error of ours: it happens, and the work goes elsewhere
    """A process has ended, or its machine."""


class WorkerOutOfMemory(Exception):  # noqa: N818
    """The cluster ended a process because its machine had not enough memory."""


class Host(Protocol):
    """A process that stands for a machine as long as the run lasts."""

    machine: Machine

    def take(self) -> Facts | None:
        """Return what the machine says about itself, or None.

        Raises:
            MachineRefusedError: it cannot take part.
            WorkerLost: it is gone.
        """

    def stop(self) -> None:
        """End it."""


class Runner(Protocol):
    """A process that does one work after the other."""

    machine: Machine

    def give(self, work: "Work") -> None:
        """Give it work, to be done behind what it has."""

    def take(self) -> "Answer | None":
        """Return its next answer; None if it has none, or at the end of one work's answers.

        Raises:
            WorkerLost: it is gone.
            WorkerOutOfMemory: it was ended for its memory.
        """

    def stop(self) -> None:
        """End it at once."""


class Backend(Protocol):
    """A cluster."""

    def machines(self) -> Sequence[Machine]:
        """Return the machines that are there now."""

    def visit(self, machine: Machine) -> Host:
        """Start what stands for a machine, and begin to ask about it."""

    def start(self, machine: Machine, needs: Needs, facts: Facts) -> Runner:
        """Start a worker, which may be given work at once."""

    def put(self, content: bytes) -> Any:  # noqa: ANN401 - the cluster's own
        """Return what stands for these bytes in a parcel."""

    def wait(self, callers: Collection[Host | Runner], seconds: float) -> Sequence[Host | Runner]:
        """Wait until some of them have something to be taken, at most so long; return them."""
