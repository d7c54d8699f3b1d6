"""The machines of a cluster, and how many workers fit on each."""

from dataclasses import dataclass
from math import ceil
from pathlib import Path


@dataclass(frozen=True)
class Machine:
    """A machine of a cluster, as the cluster knows it.

    Attributes:
        name: the cluster's name for it.
        address: what people call it.
        cpus: the number of its cores.
        memory: its bytes of memory for workers.
        gpus: the number of its GPUs.
    """

    name: str
    address: str
    cpus: int
    memory: int
    gpus: int = 0


@dataclass(frozen=True)
class Facts:
    """What a machine says about itself.

    Attributes:
        folder: where its workers keep files until the run is over.
        gpu_memory: bytes of each of its GPUs; None where none is used.
    """

    folder: Path
    gpu_memory: int | None = None


@dataclass(frozen=True)
class Needs:
    """What a worker asks of its machine.

    Attributes:
        cpus: cores, each for a thread.
        memory: bytes of main memory.
        gpus: share of a GPU, or several.
        limit: bytes that the worker's jobs may take, of the GPU's memory where it has one.
    """

    cpus: int
    memory: int
    gpus: float
    limit: int

    def times(self, factor: int) -> "Needs":
        """Return the needs of a worker that has so many times the memory."""
        return Needs(self.cpus, self.memory * factor, min(1.0, self.gpus * factor), self.limit * factor)

    def fit(self, machine: Machine, others: "list[Needs]") -> bool:
        """Return whether a machine has room for a worker beside others."""
        together = [*others, self]
        return (
            sum(needs.cpus for needs in together) <= machine.cpus
            and sum(needs.memory for needs in together) <= machine.memory
            and sum(needs.gpus for needs in together) <= machine.gpus + 1e-6
        )


_HOST_MEMORY = 4 << 30
"""Bytes of main memory beside a GPU: torch, CUDA, the network and a picture."""


def share_out(machine: Machine, job_memory: int, works: int, gpu_memory: int | None = None) -> tuple[Needs, int]:
    """Return what each worker on a machine asks for, and how many workers there are.

    There are as many as have room, at most one for each core and each work; cores that are left over are shared out.

    Args:
        machine: the machine.
        job_memory: bytes that a job takes at its peak, where it is fastest.
        works: how much work there may be for it.
        gpu_memory: bytes of each of its GPUs; None where none is used.
    """
    if gpu_memory is None:
        workers = max(1, min(machine.cpus, machine.memory // job_memory, works))
        memory = min(job_memory, machine.memory)
        return Needs(machine.cpus // workers, memory, 0.0, memory), workers
    shares = max(1, gpu_memory // job_memory)
    workers = max(1, min(machine.cpus, shares * machine.gpus, machine.memory // _HOST_MEMORY, works))
    shares = min(shares, ceil(workers / machine.gpus))
    memory = min(_HOST_MEMORY, machine.memory)
    return Needs(machine.cpus // workers, memory, 1 / shares, gpu_memory // shares), workers
