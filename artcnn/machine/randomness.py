"""Torch's global random numbers for one user at a time: dropout and the first weights take no generator."""

from threading import RLock
from types import TracebackType

import torch

_LOCK = RLock()


class SeededRandomness:
    """Random numbers of a seed, in ``with`` blocks: each continues where the one before ended.

    What else uses torch's global random numbers, before, between and in other threads, changes nothing, and finds them
    unchanged. Of a GPU only the seed is set.

    Args:
        seed: of the random numbers.
    """

    def __init__(self, seed: int) -> None:
        with _LOCK, torch.random.fork_rng([]):
            torch.manual_seed(seed)
            self._own = torch.get_rng_state()
        self._others = self._own

    def __enter__(self) -> None:
        _LOCK.acquire()
        self._others = torch.get_rng_state()
        torch.set_rng_state(self._own)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._own = torch.get_rng_state()
        torch.set_rng_state(self._others)
        _LOCK.release()
