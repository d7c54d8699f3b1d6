"""How many files a process may have open."""

from contextlib import suppress


def raise_file_limit() -> None:
    """Let this process open as many files as the system allows it; usually it begins with 1,024.

    Where there is no such limit, as on Windows, or it cannot be raised, nothing changes.
    """
    try:
        import resource
    except ImportError:  # Windows
        return
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):  # macOS says that there is no limit, and allows less
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
