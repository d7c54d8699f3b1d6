"""How long things take on a device: warmed up first, waited for, and taking turns."""

from collections.abc import Callable, Hashable, Mapping
from statistics import median
from time import perf_counter
from typing import TypeVar

import torch

Work = Callable[[], object]
Name = TypeVar("Name", bound=Hashable)


def wait(device: torch.device) -> None:
    """Wait until a GPU has done all that it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def seconds_of(work: Work, device: torch.device) -> float:
    """Return how long a call takes, until the device is done."""
    wait(device)
    start = perf_counter()
    work()
    wait(device)
    return perf_counter() - start


def compare(works: Mapping[Name, Work], device: torch.device, seconds: float, least: int = 3) -> dict[Name, float]:
    """Return the median time of each of several works, which take turns: what disturbs one disturbs the others.

    Each is called twice before, which does not count.

    Args:
        works: by name.
        device: what they compute on.
        seconds: time for all of them together, if that is enough for ``least`` rounds.
        least: rounds.
    """
    for work in works.values():
        work()
        work()
    times: dict[Name, list[float]] = {name: [] for name in works}
    begin, rounds = perf_counter(), 0
    while rounds < least or perf_counter() - begin < seconds:
        for name, work in works.items():
            times[name].append(seconds_of(work, device))
        rounds += 1
    return {name: median(found) for name, found in times.items()}


def matrix_rate(dtype: torch.dtype, device: torch.device | None = None, side: int = 2048, rounds: int = 8) -> float:
    """Return the multiplications a second of a product of two square matrices."""
    device = device or torch.device("cpu")
    a, b = (torch.randn(side, side, device=device).to(dtype) for _ in range(2))
    for _ in range(2):
        a @ b
    return side**3 / min(seconds_of(lambda: a @ b, device) for _ in range(rounds))
