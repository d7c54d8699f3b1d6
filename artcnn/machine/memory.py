"""How much memory is free, before anything asks for it."""

import ctypes
import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _MMAP_MAX = -1, -3, -4  # of mallopt, in malloc.h
_MOST = 32 * 1024**2  # bytes that it takes for a threshold


def available_memory(root: Path = Path("/")) -> int:
    """Return the bytes of memory that this process may still take without swapping.

    That is what the system has left, or what is left within the process's control group (a container, a batch job) or
    within its own limits (``ulimit -v``, ``ulimit -d``) where that is less. What a platform does not tell counts as
    unlimited.

    Args:
        root: the folder that ``proc`` and ``sys`` are in.
    """
    return min(_system(root), *_control_groups(root), *_limits(root), sys.maxsize)


def peak_memory(root: Path = Path("/")) -> int | None:
    """Return the most bytes that this process has held so far, or None where the platform does not tell."""
    try:  # what Linux gives as the resources used begins with those of the process that started this one
        return _kibibytes(root / "proc/self/status", "VmHWM")
    except (OSError, StopIteration):
        pass
    try:
        import resource
    except ImportError:  # Windows
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def disable_trim(largest: int | None) -> None:
    """Let the C library keep what is freed, instead of giving it back: a loop would get the same blocks cleared again.

    That saves an eighth of the time of a step, a third of one in tiles and up to that of a training's, and takes more
    memory: so of a picture in tiles only what is no larger than a tile is kept. Only glibc gives it back by itself.

    Args:
        largest: bytes above which a block is given back; None for none.
    """
    if platform.libc_ver()[0] == "glibc":
        library = ctypes.CDLL(None)
        library.mallopt(_MMAP_THRESHOLD, min(largest or _MOST, _MOST))
        library.mallopt(_MMAP_MAX, 0 if largest is None else 65_536)
        library.mallopt(_TRIM_THRESHOLD, -1 if largest is None else _MOST)


def malloc_trim() -> None:
    """Let the C library give back what it keeps of freed memory: blocks of a size that will not be asked for again."""
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).malloc_trim(0)


def format_gigabytes(count: int) -> str:
    """Return a number of bytes as people read it, such as ``"20 GB"`` or ``"0.3 GB"``."""
    return f"{count / 1e9:.0f} GB" if count >= 10e9 else f"{count / 1e9:.1f} GB"


def _system(root: Path) -> int:
    try:
        return _kibibytes(root / "proc/meminfo", "MemAvailable")
    except (OSError, StopIteration):
        pass
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return sys.maxsize


def _kibibytes(table: Path, name: str) -> int:
    """Return the bytes of a line such as ``MemAvailable: 123 kB``."""
    return next(int(line.split()[1]) * 1024 for line in table.read_text().splitlines() if line.startswith(f"{name}:"))


def _limits(root: Path) -> Iterator[int]:
    """Yield the bytes left within each of the process's own limits; of what it holds, freed memory is left, too."""
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
    """What glibc tells of its blocks, in bytes, as malloc.h has it."""

    _fields_ = [(name, ctypes.c_size_t) for name in ("arena", "ordblks", "smblks", "hblks", "hblkhd")] + [
        (name, ctypes.c_size_t) for name in ("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")
    ]


def _freed() -> int:
    """Return the bytes that were freed and that the C library keeps for what is asked for next."""
    mallinfo2 = getattr(ctypes.CDLL(None), "mallinfo2", None)  # glibc 2.33 and newer
    if mallinfo2 is None:
        return 0
    mallinfo2.restype = _Mallinfo2
    return int(mallinfo2().fordblks)


def _control_groups(root: Path) -> Iterator[int]:
    """Yield the bytes left in each group that this process is in, up to the outermost that can be seen."""
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
        # A container may see its own group as the top one and still be told the path outside: go through all.
        inner = top / group.lstrip("/")
        yield from (_left(folder, *names) for folder in (inner, *inner.parents) if folder.is_relative_to(top))


def _left(folder: Path, limit: str, usage: str, cache: str) -> int:
    try:
        free = int((folder / limit).read_text()) - int((folder / usage).read_text())
        stat = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
    except (OSError, ValueError):  # no such group, or its limit is "max"
        return sys.maxsize
    # Files read a while ago count as used and are dropped as soon as memory is asked for.
    return max(0, free + int(stat.get(cache, 0)))
