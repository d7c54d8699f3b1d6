"""Data-parallel training in several processes, started by ``torchrun``; usually there is one process."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, distributed, nn


@dataclass(frozen=True)
class Processes:
    """The rank of this process, and the number of processes.

    Attributes:
        rank: from 0; process 0 prints and writes files.
        count: number of processes.
    """

    rank: int = 0
    count: int = 1

    def shard(self, indices: Tensor) -> Tensor:
        """Return this process's shard of indices."""
        return indices[self.rank :: self.count]

    def sum(self, value: Tensor) -> Tensor:
        """Return the sum of ``value`` over all processes."""
        if self.count > 1:
            distributed.all_reduce(value)
        return value

    def wrap(self, network: nn.Module) -> nn.Module:
        """Wrap a network so that gradients are averaged over all processes."""
        return nn.parallel.DistributedDataParallel(network) if self.count > 1 else network

    def broadcast_buffers(self, network: nn.Module) -> None:
        """Copy the buffers (running statistics) of process 0 to all processes; only parameters stay equal otherwise."""
        if self.count > 1:
            for buffer in network.buffers():
                distributed.broadcast(buffer, src=0)


@contextmanager
def processes(device: torch.device) -> Iterator[Processes]:
    """Connect the processes that ``torchrun`` started, by gloo, or by nccl on CUDA."""
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield Processes()
        return
    if device.type == "cuda":
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield Processes(distributed.get_rank(), distributed.get_world_size())
    finally:
        distributed.destroy_process_group()
