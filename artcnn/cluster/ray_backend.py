"""A cluster of Ray: https://docs.ray.io."""

import logging
import os
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from secrets import token_hex
from shutil import rmtree
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

from artcnn.cluster.actors import HostActor, RunnerActor, make_look
from artcnn.cluster.address import TOKEN, check_address
from artcnn.cluster.backend import Host, Runner, WorkerLost, WorkerOutOfMemory
from artcnn.cluster.host import Question
from artcnn.cluster.machines import Facts, Machine, Needs
from artcnn.errors import ArtcnnError, MachineRefusedError
from artcnn.extras import importing
from artcnn.machine.memory import available_memory

if TYPE_CHECKING:  # what only stands for a machine needs no torch
    from artcnn.cluster.work import Answer, Work

_PATIENCE = 5.0
"""Seconds in which something must answer at the cluster's address."""

_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",  # or it tells its makers
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".",  # or it writes into the standard output, where the results are listed
    "RAY_NUM_REDIS_GET_RETRIES": "5",  # attempts to join a cluster, a second each
}
"""Variables that Ray reads when it is imported."""


_SMALLEST_STORE = 200_000_000
"""Bytes that a cluster on this machine has at least for inputs and results on their way."""


@contextmanager
def connect(address: str, question: Question) -> "Iterator[RayCluster]":
    """Yield the cluster at an address; ``auto`` starts one on this machine, which ends with the block.

    Args:
        address: ``auto``, or ``HOST:PORT``.
        question: what its machines are asked before they get work.

    Raises:
        MissingExtraError: Ray is not installed.
        ArtcnnError: there is no such cluster, it does not let us in, or it would let in everybody.
    """
    os.environ |= {name: value for name, value in _QUIET.items() if name not in os.environ}
    folder: str | None = None
    if address == "auto":
        folder = mkdtemp(prefix="artcnn-ray-")
        if "ray" not in sys.modules:  # from then on it does not look
            os.environ |= {TOKEN: "token", "RAY_AUTH_TOKEN": token_hex(32)}
    else:
        check_address(address)
    with importing("cluster"):
        import ray
    store = max(_SMALLEST_STORE, available_memory() // 10)  # by default it would be three times as much
    here = {"address": "local", "include_dashboard": False, "_temp_dir": folder, "object_store_memory": store}
    where: dict[str, Any] = {"address": address} if folder is None else here
    try:
        with _standard_error_closed():
            ray.init(**where, log_to_driver=False, logging_level=logging.ERROR)
        yield RayCluster(question)
    except (ConnectionError, RuntimeError, ray.exceptions.AuthenticationError) as error:
        if ray.is_initialized():
            raise
        text, where_token = " ".join(str(error).split()), "in ~/.ray/auth_token, or in RAY_AUTH_TOKEN"
        hint = f"run it on one of the cluster's machines, with the cluster's token {where_token}"
        raise ArtcnnError(f"cannot join the cluster {address} ({text})", hint=hint) from error
    finally:
        ray.shutdown()
        if folder is not None:
            rmtree(folder, ignore_errors=True)


@contextmanager
def _standard_error_closed() -> Iterator[None]:
    """Drop what is written to the standard error: Ray's core tells of each attempt there, and raises in the end."""
    with suppress(ValueError):
        sys.stderr.flush()
    kept, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(null)


class RayCluster:
    """The cluster that this process is connected to, as the pool sees it.

    Args:
        question: what machines are asked.
    """

    def __init__(self, question: Question) -> None:
        self._question = question

    def machines(self) -> Sequence[Machine]:
        """Return the machines that are there now."""
        import ray

        found = []
        for node in ray.nodes():  # type: ignore[no-untyped-call]
            resources = node["Resources"]
            if node["Alive"] and resources.get("CPU", 0) >= 1:
                cpus, memory, gpus = (int(resources.get(name, 0)) for name in ("CPU", "memory", "GPU"))
                found.append(Machine(node["NodeID"], node["NodeManagerAddress"], cpus, memory, gpus))
        return found

    def visit(self, machine: Machine) -> Host:
        """Start what stands for a machine, and begin to ask about it."""
        return _RayHost(machine, self._question)

    def start(self, machine: Machine, needs: Needs, facts: Facts) -> Runner:
        """Start a worker, which may be given work at once."""
        return _RayRunner(machine, needs, facts, self._question.device)

    def put(self, content: bytes) -> Any:  # noqa: ANN401 - a reference of Ray's
        """Return what stands for these bytes in a parcel: a reference to them in Ray's object store.

        Raises:
            ArtcnnError: they do not go into it.
        """
        import ray

        try:
            return ray.put(content)
        except ray.exceptions.ObjectStoreFullError as error:
            raise ArtcnnError(
                f"a file of {len(content) / 1e9:.1f} GB does not go into the cluster's object store",
                hint="put it where all machines see it, and add --shared",
            ) from error

    def wait(self, callers: Collection[Host | Runner], seconds: float) -> Sequence[Host | Runner]:
        """Wait until some of them have something to be taken, at most so long; return them."""
        import ray

        waiting = {caller.pending: caller for caller in callers if caller.pending is not None}  # type: ignore[union-attr]
        if not waiting:
            return []
        ready, _ = ray.wait([*waiting], num_returns=len(waiting), timeout=0)
        if not ready:
            ready, _ = ray.wait([*waiting], num_returns=1, timeout=seconds)
        return [waiting[reference] for reference in ready]


class _RayHost:
    def __init__(self, machine: Machine, question: Question) -> None:
        import ray

        self.machine, self._question = machine, question
        self._actor: Any = None
        look = ray.remote(make_look()).options(num_cpus=0, max_retries=0, **_on(machine))
        self.pending: Any = look.remote()
        self._looked = False

    def take(self) -> Facts | None:
        """Return what the machine says about itself, or None where it is asked more."""
        import ray

        with _failures():
            found = ray.get(self.pending)
        if self._looked:
            self.pending = None
            if isinstance(found, ArtcnnError):
                raise MachineRefusedError(*found.messages, hint=found.hint)
            facts: Facts = found
            return facts
        version, mode = found
        if version is None:
            raise MachineRefusedError("artcnn is not installed there", hint="install the same version everywhere")
        if version != self._question.version:
            raise MachineRefusedError(
                f"it has artcnn {version}, and not {self._question.version}", hint="install the same"
            )
        if mode != "token":
            raise MachineRefusedError("it lets in everybody", hint=f"start its Ray with {TOKEN}=token")
        self._looked = True
        self._actor = ray.remote(HostActor).options(num_cpus=0, max_restarts=0, **_on(self.machine)).remote()
        self.pending = self._actor.look.remote(self._question, gpus=self.machine.gpus > 0)
        return None

    def stop(self) -> None:
        """End it, and let it remove its folder."""
        import ray

        if self._actor is not None:
            with _failures(ignored=True):
                ray.get(self._actor.close.remote(), timeout=_PATIENCE)
            ray.kill(self._actor)


class _RayRunner:
    def __init__(self, machine: Machine, needs: Needs, facts: Facts, device: str) -> None:
        import ray

        self.machine = machine
        asked = {"num_cpus": needs.cpus, "num_gpus": needs.gpus, "memory": needs.memory}
        actor: Any = ray.remote(RunnerActor).options(**asked, max_restarts=0, max_task_retries=0, **_on(machine))
        device = "cuda" if needs.gpus else "cpu" if device == "auto" else device
        self._actor = actor.remote(device, needs.limit, facts.folder)
        self._streams: list[Any] = [self._actor.begin.options(num_returns="streaming").remote()]

    @property
    def pending(self) -> Any:  # noqa: ANN401 - Ray's
        """What is waited for: the answers to the first of its works."""
        return self._streams[0] if self._streams else None

    def give(self, work: "Work") -> None:
        """Give it work, to be done behind what it has."""
        self._streams.append(self._actor.do.options(num_returns="streaming").remote(work))

    def take(self) -> "Answer | None":
        """Return its next answer; None at the end of one work's answers."""
        import ray

        with _failures():
            try:
                reference = next(self._streams[0])
            except StopIteration:
                del self._streams[0]
                return None
            answer: Answer = ray.get(reference)
            return answer

    def stop(self) -> None:
        """End it at once."""
        import ray

        ray.kill(self._actor)


def _on(machine: Machine) -> dict[str, Any]:
    """Return the options of an actor or a task that runs on a machine and nowhere else."""
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    return {"scheduling_strategy": NodeAffinitySchedulingStrategy(machine.name, soft=False)}


@contextmanager
def _failures(*, ignored: bool = False) -> Iterator[None]:
    """Turn what Ray raises where a process or a machine is gone into what the pool knows."""
    from ray import exceptions

    try:
        yield
    except exceptions.OutOfMemoryError as error:
        if not ignored:
            raise WorkerOutOfMemory(str(error)) from error
    except exceptions.RayTaskError as error:
        if not ignored:
            raise error.as_instanceof_cause() from None  # type: ignore[no-untyped-call]
    except exceptions.RayError as error:
        if not ignored:
            raise WorkerLost(str(error)) from error
