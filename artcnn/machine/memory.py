"""Available memory, and how the C library returns freed memory."""

import ctypes
import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _MMAP_MAX = -1, -3, -4  # of mallopt, in malloc.h
_MOST = 32 * 1024**2  # largest threshold that it accepts, in bytes


_UNLIMITED = 1 << 60
"""Bytes from which on nothing is limited: a control group of version 1 without a limit reports nearly 2^63."""


def available_memory(root: Path = Path("/")) -> int:
    """Return the bytes of memory that this process can still allocate without swapping.

    This is the minimum of what is left on the system, in the process's control group (a container, a batch job) and
    within its own limits (``ulimit -v``, ``ulimit -d``). Limits that a platform does not report count as infinite.

    Args:
        root: the folder that contains ``proc`` and ``sys``.
    """
    return min(*memory_left(root).values(), sys.maxsize)


def memory_left(root: Path = Path("/")) -> dict[str, int]:
    """Return the bytes that are left on the system, in the control group and within the process's own limits.

    There is an entry for each that this platform reports and that is limited: "system", "control group", "process".
    """
    found = {
        "system": _system(root),
        "control group": min(_control_groups(root), default=sys.maxsize),
        "process": min(_limits(root), default=sys.maxsize),
    }
    return {name: count for name, count in found.items() if count < _UNLIMITED}


def peak_memory(root: Path = Path("/")) -> int | None:
    """Return the peak memory of this process in bytes, or None if the platform does not report it."""
    try:  # on Linux, ru_maxrss includes the process that started this one
        return _kibibytes(root / "proc/self/status", "VmHWM")
    except (OSError, StopIteration):
        pass
    try:
        import resource
    except ImportError:  # Windows
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def disable_trim(largest: int | None) -> None:
    """Let the C library (glibc) keep freed memory instead of returning it to the system.

    The system would clear the same blocks again in each iteration of a loop. Keeping them saves an eighth of the time
    of a step, and a third of a step in tiles or in training. It takes more memory, so with tiles only blocks up to the
    size of a tile are kept.

    Args:
        largest: size in bytes above which a block is returned; None for no limit.
    """
    if platform.libc_ver()[0] == "glibc":
        library = ctypes.CDLL(None)
        library.mallopt(_MMAP_THRESHOLD, min(largest or _MOST, _MOST))
        library.mallopt(_MMAP_MAX, 0 if largest is None else 65_536)
        library.mallopt(_TRIM_THRESHOLD, -1 if largest is None else _MOST)


def malloc_trim() -> None:
    """Let the C library return freed memory to the system, when other block sizes are needed from now on."""
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).malloc_trim(0)


def format_gigabytes(count: int) -> str:
    """Format a number of bytes, such as ``"20 GB"`` or ``"0.3 GB"``."""
    return f"{count / 1e9:.0f} GB" if count >= 10e9 else f"{count / 1e9:.1f} GB"


def _system(root: Path) -> int:
    try:
        return _kibibytes(root / "proc/meminfo", "MemAvailable")
    except (OSError, StopIteration):
        pass
    if sys.platform == "win32":
        return _windows_memory()
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return sys.maxsize


class _MemoryStatusEx(ctypes.Structure):
    """MEMORYSTATUSEX of the Windows API (sysinfoapi.h), in bytes, but for the length and the load."""

    _fields_ = [("length", ctypes.c_uint32), ("load", ctypes.c_uint32)] + [
        (name, ctypes.c_uint64)
        for name in ("total", "available", "total_page", "available_page", "total_virtual", "available_virtual", "more")
    ]


def _windows_memory() -> int:
    """Return the bytes of physical memory that are free on Windows."""
    status = _MemoryStatusEx(length=ctypes.sizeof(_MemoryStatusEx))
    known = ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))  # type: ignore[attr-defined]
    return int(status.available) if known else sys.maxsize


def _kibibytes(table: Path, name: str) -> int:
    """Return the value in bytes of a line such as ``MemAvailable: 123 kB``."""
    return next(int(line.split()[1]) * 1024 for line in table.read_text().splitlines() if line.startswith(f"{name}:"))


def _limits(root: Path) -> Iterator[int]:
    """Yield the bytes left within each of the process's own limits; freed memory that it still holds counts as left."""
    try:
        import resource
    except ImportError:  # Windows
        return
    for limit, name in ((resource.RLIMIT_AS, "VmSize"), (resource.RLIMIT_DATA, "VmData")):
        most, _ = resource.getrlimit(limit)
        if most == resource.RLIM_INFINITY:
            continue
        try:
            held = _kibibytes(root / "proc/self/status", name) - _freed()
        except (OSError, StopIteration):
            held = 0
        yield max(0, most - held)


class _Mallinfo2(ctypes.Structure):
    """glibc's struct mallinfo2, in bytes (malloc.h)."""

    _fields_ = [(name, ctypes.c_size_t) for name in ("arena", "ordblks", "smblks", "hblks", "hblkhd")] + [
        (name, ctypes.c_size_t) for name in ("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")
    ]


def _freed() -> int:
    """Return the bytes that were freed, but are still held by the C library."""
    mallinfo2 = getattr(ctypes.CDLL(None), "mallinfo2", None)  # glibc 2.33 and newer
    if mallinfo2 is None:
        return 0
    mallinfo2.restype = _Mallinfo2
    return int(mallinfo2().fordblks)


def _control_groups(root: Path) -> Iterator[int]:
    """Yield the bytes left in each control group of this process, up to the outermost visible one."""
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, group = line.split(":", 2)
        if controllers == "":
            top, names = root / "sys/fs/cgroup", ("memory.max", "memory.current", "inactive_file")
        elif "memory" in controllers.split(","):
            top = root / "sys/fs/cgroup/memory"
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
        else:
            continue
        # In a container, the path may be that outside of it, so all its parents are tried.
        inner = top / group.lstrip("/")
        yield from (_left(folder, *names) for folder in (inner, *inner.parents) if folder.is_relative_to(top))


def _left(folder: Path, limit: str, usage: str, cache: str) -> int:
    try:
        free = int((folder / limit).read_text()) - int((folder / usage).read_text())
        stat = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
    except (OSError, ValueError):  # no such group, or its limit is "max"
        return sys.maxsize
    # Inactive file cache counts as used, but is dropped when memory is needed.
    return max(0, free + int(stat.get(cache, 0)))
