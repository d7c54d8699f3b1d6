"""Processes that need not load torch: a server loads it, computes nothing, and forks itself whenever it is asked to.

To load torch takes two seconds, and a test that kills a run, or lets two run at once, needs processes of its own. A
fork is one: with its own memory, standard streams, signals, folder and environment, and it ends as an interpreter does.
Only what is loaded when, a limit to memory, and what a library reads in its environment as it is loaded, need an
interpreter that begins with nothing. The command line is not loaded: a test can still see that it is not used.
"""

import json
import os
import runpy
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from select import select
from threading import Timer

LIBRARY = "torch", "artcnn.api", "artcnn.inspect", "artcnn.jobs.training", "artcnn.jobs.evaluation"
"""What most processes load."""


class Process:
    """A process that was begun: it is used as a ``subprocess.Popen`` with pipes and text.

    Attributes:
        pid: its number.
        stdout: what it prints, a text file.
        stderr: its errors, likewise.
        returncode: its exit code, or the number of the signal that ended it, negative; None before it was waited for.
    """

    def __init__(self, server: socket.socket, request: dict, given: bytes) -> None:
        stdin, filled = os.pipe()
        told, stdout = os.pipe()
        errors, stderr = os.pipe()
        self._ended, ended = os.pipe()
        theirs = stdin, stdout, stderr, ended
        socket.send_fds(server, [json.dumps(request).encode() + b"\n"], theirs)
        for end in theirs:
            os.close(end)
        with os.fdopen(filled, "wb") as file:
            file.write(given)
        self.stdout, self.stderr = os.fdopen(told), os.fdopen(errors)
        self.pid, self.returncode = self._receive(), None

    def _receive(self) -> int:
        return int(os.read(self._ended, 8))

    def poll(self) -> int | None:
        """Return ``returncode`` if it has ended, else None."""
        return self.wait(0)

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for its end, so many seconds at most; return what ``poll`` does."""
        if self.returncode is None and select([self._ended], [], [], timeout)[0]:
            self.returncode = os.waitstatus_to_exitcode(self._receive())
            os.close(self._ended)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it has not ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once, as nothing can prevent."""
        self.send_signal(signal.SIGKILL)

    def communicate(self, timeout: float = 300) -> tuple[str, str]:
        """Return what is left of its output and of its errors when it has ended; it is killed after so many seconds."""
        timer = Timer(timeout, self.kill)
        timer.start()
        with ThreadPoolExecutor() as pool:
            errors = pool.submit(self.stderr.read)
            rest = self.stdout.read(), errors.result()
        timer.cancel()
        self.wait()
        return rest

    def __enter__(self) -> "Process":
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        if error is not None:
            self.kill()
        self.wait()
        self.stdout.close()
        self.stderr.close()


@contextmanager
def fork_server(*loaded: str) -> Iterator[Callable[..., Process]]:
    """Yield what begins a process: the arguments of an interpreter, ``cwd``, and as ``input`` the bytes it may read.

    Some modules, and what they import, are loaded in it.
    """
    ours, theirs = socket.socketpair()
    command = [sys.executable, __file__, str(theirs.fileno()), *loaded]
    with (
        ours,
        subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL),
    ):
        theirs.close()

        def begin(*arguments: str | Path, cwd: Path | None = None, input: bytes = b"") -> Process:  # noqa: A002 - as in run
            request = {"arguments": list(map(str, arguments)), "cwd": str(cwd or Path.cwd()), "env": dict(os.environ)}
            return Process(ours, request, input)

        yield begin
        ours.close()


def _serve(asked: socket.socket) -> list[str]:
    """Fork for each request; return the arguments in each fork, and nowhere else."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for a keeper
    while True:
        message, streams, *_ = socket.recv_fds(asked, 1 << 16, 4)
        if not message:
            sys.exit()
        while not message.endswith(b"\n"):
            message += asked.recv(1 << 16)
        if os.fork() == 0:
            asked.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell ignores it for what runs beside it
            _keep(streams)
            request = json.loads(message)
            os.chdir(request["cwd"])
            os.environ.clear()
            os.environ.update(request["env"])
            return request["arguments"]
        for stream in streams:
            os.close(stream)


def _keep(streams: Sequence[int]) -> None:
    """Fork once more and return there, with these standard streams; here, tell its number and, later, its end."""
    *standard, ended = streams
    pid = os.fork()
    if pid == 0:
        os.close(ended)
        for number, stream in enumerate(standard):
            os.dup2(stream, number)
            os.close(stream)
        return
    for stream in standard:
        os.close(stream)
    os.write(ended, b"%8d" % pid)
    os.write(ended, b"%8d" % os.waitpid(pid, 0)[1])
    os._exit(0)


def _interpret(arguments: list[str]) -> None:
    """Do what an interpreter does with its arguments: ``-m MODULE``, ``-c CODE`` or a script, and more for that."""
    kind, *others = arguments
    sys.argv = arguments if kind not in ("-m", "-c") else ["-c", *others[1:]]
    if kind == "-m":
        runpy.run_module(others[0], run_name="__main__", alter_sys=True)
    elif kind == "-c":
        exec(others[0], {"__name__": "__main__"})  # noqa: S102 - the test's own
    else:
        runpy.run_path(kind, run_name="__main__")


if __name__ == "__main__":
    for _module in sys.argv[2:]:
        import_module(_module)
    _interpret(_serve(socket.socket(fileno=int(sys.argv[1]))))
