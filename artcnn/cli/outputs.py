"""Standard output and standard error: output that cannot be written must not stop the work."""

import codecs
import errno
import io
import logging
import os
import select
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

from artcnn.errors import reason

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_ERRORS = "artcnn"


class Output(io.RawIOBase):
    """A file descriptor that accepts everything: after the first error it drops what it is given.

    Attributes:
        error: the first error, or None.
    """

    def __init__(self, descriptor: int, before: TextIO | None = None) -> None:
        """Write to a descriptor; ``before`` is the stream that Python made of it."""
        self._descriptor, self.error = descriptor, None
        raw = getattr(getattr(before, "buffer", None), "raw", None)
        # The console of Windows reads a descriptor's bytes in an old alphabet; only Python's own stream gives it UTF-8.
        self._console = raw if type(raw).__name__ == "_WindowsConsoleIO" else None

    error: OSError | None

    def writable(self) -> bool:
        """Return True."""
        return True

    def fileno(self) -> int:
        """Return the descriptor."""
        return self._descriptor

    def isatty(self) -> bool:
        """Return whether it is a terminal."""
        return os.isatty(self._descriptor)

    def write(self, data: "ReadableBuffer", /) -> int:
        """Write as much as possible at once, or drop all of it after an error; return how many bytes that was."""
        while self.error is None:
            try:
                return self._console.write(data) if self._console else os.write(self._descriptor, data)
            except BlockingIOError:  # another program made the terminal that both write to so
                select.select([], [self._descriptor], [])
            except OSError as error:
                self.error = error
        return memoryview(data).nbytes


def tolerate_output_errors() -> Output:
    """Let no output stop the program from here on; return the standard output.

    Characters that the encoding does not have are written as escape sequences, and bytes of file names that are not
    text as they are. The number of a closed stream is not reused for the next file that is opened.
    """
    codecs.register_error(_ERRORS, _escape)
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # a cache that cannot be written does no harm
    for descriptor in range(3):
        _occupy(descriptor)
    out, err = Output(1, sys.stdout), Output(2, sys.stderr)
    sys.stdout, sys.stderr = _text(out, sys.stdout), _text(err, sys.stderr)
    return out


def exit_code(out: Output, code: "str | int | None") -> "str | int | None":
    """Return the exit code of a program that ends with ``code``: 1 instead of 0 if not all output could be written."""
    with suppress(ValueError):  # it was closed
        sys.stdout.flush()
    if out.error is None:
        return code
    if out.error.errno != errno.EPIPE:  # who closes a pipe has read enough
        sys.stderr.write(f"error: cannot write to the standard output: {reason(out.error)}\n")
    return code or 1


def _text(output: Output, before: TextIO | None) -> TextIO:
    encoding = "utf-8" if before is None else before.encoding
    buffer = io.BufferedWriter(output)
    return io.TextIOWrapper(buffer, encoding, _ERRORS, line_buffering=output.fileno() == 2 or output.isatty())


def _occupy(descriptor: int) -> None:
    """Open the null device in place of a closed standard stream; reading and writing it still fail."""
    try:
        os.fstat(descriptor)
    except OSError:
        null = os.open(os.devnull, os.O_RDONLY if descriptor else os.O_WRONLY)
        if null != descriptor:
            os.dup2(null, descriptor)
            os.close(null)


def _escape(error: UnicodeError) -> tuple[bytes, int]:
    """Return what to write for characters that an encoding does not have."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return b"".join(map(_bytes_of, lacking)), error.end


def _bytes_of(character: str) -> bytes:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # how Python keeps a byte that is no text
        return bytes([code - 0xDC00])
    return character.encode("ascii", "backslashreplace")
