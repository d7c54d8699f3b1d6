"""Functions over arrays, compiled to machine code when they are first called, and kept for the next run."""

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

AnyFunction = TypeVar("AnyFunction", bound=Callable[..., Any])
Bytes = NDArray[np.int8]
Numbers = NDArray[np.int32]
Moves = NDArray[np.uint16]


def compiled(function: AnyFunction) -> AnyFunction:
    """Return the function compiled; it takes arrays and numbers, calls nothing but its like, and needs no lock."""
    return njit(cache=True, nogil=True)(function)  # type: ignore[return-value]  # called, it is the same
