"""Several processes that train one network together, as ``torchrun`` starts them; one process is the usual case."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, distributed, nn


@dataclass(frozen=True)
class Processes:
    """This process among all of them.

    Attributes:
        rank: its number; 0 is the one that speaks and writes.
        count: how many there are.
    """

    rank: int = 0
    count: int = 1

    def shard(self, indices: Tensor) -> Tensor:
        """Return this process's part of some examples' indices."""
        return indices[self.rank :: self.count]

    def sum(self, value: Tensor) -> Tensor:
        """Return the sum of every process's ``value``."""
        if self.count > 1:
            distributed.all_reduce(value)
        return value

    def wrap(self, network: nn.Module) -> nn.Module:
        """Return the network so that its gradients are the mean of every process's."""
        return nn.parallel.DistributedDataParallel(network) if self.count > 1 else network

    def broadcast_buffers(self, network: nn.Module) -> None:
        """Give every process the running statistics of the first, which gradients do not keep equal."""
        if self.count > 1:
            for buffer in network.buffers():
                distributed.broadcast(buffer, src=0)


@contextmanager
def processes(device: torch.device) -> Iterator[Processes]:
    """Yield this process among those that ``torchrun`` started, connected by gloo, or nccl on CUDA."""
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
