"""Just-in-time compilation by numba, with a cache on disk."""

import hashlib
import inspect
import pickle
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from artcnn.extras import importing

with importing("go"):
    from numba import njit
    from numba.core.caching import FunctionCache, IndexDataCacheFile

AnyFunction = TypeVar("AnyFunction", bound=Callable[..., Any])
Bytes = NDArray[np.int8]
Numbers = NDArray[np.int32]
Moves = NDArray[np.uint16]

_DAMAGE = OSError, EOFError, pickle.UnpicklingError, ValueError, LookupError, AttributeError, ImportError, TypeError
"""Exceptions from reading a damaged file of compiled code."""


def jit(function: AnyFunction) -> AnyFunction:
    """Compile a function of arrays and numbers, which calls only such functions; it runs without the GIL."""
    dispatcher = njit(nogil=True)(function)
    with suppress(RuntimeError):  # no writable folder for the cache: it is compiled in every run
        dispatcher._cache = _VerifiedCache(function)  # type: ignore[attr-defined]
    return dispatcher  # type: ignore[return-value]  # called, it is the same


class _VerifiedCache(FunctionCache):
    """numba's cache of compiled code; errors are ignored, and the code is compiled again.

    numba considers code stale only if the function's own file has changed. But the functions that it calls are compiled
    into it, so here code is stale if any file beside it, or in this package, has changed.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)  # type: ignore[no-untyped-call]
        stamp = _sources(Path(inspect.getfile(function)).parent), _sources(Path(__file__).parent)
        self._cache_file = IndexDataCacheFile(  # type: ignore[no-untyped-call]
            self.cache_path, self._impl.filename_base, stamp
        )

    def load_overload(self, sig: Any, target_context: Any) -> Any:  # noqa: ANN401
        """Return the compiled function for a signature, or None."""
        with suppress(*_DAMAGE):
            return super().load_overload(sig, target_context)  # type: ignore[no-untyped-call]
        return None

    def save_overload(self, sig: Any, data: Any) -> None:  # noqa: ANN401
        """Save a compiled function if possible."""
        with suppress(*_DAMAGE):  # it reads the index first
            super().save_overload(sig, data)  # type: ignore[no-untyped-call]


@cache
def _sources(folder: Path) -> str:
    """Return the sha256 of the Python files in a folder, in hexadecimal."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
