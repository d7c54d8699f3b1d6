"""The queue: which job is made next, in a child process that is started again whenever it ends."""

from collections.abc import Mapping, Sequence
from typing import Any

from artcnn.studio.child import Child
from artcnn.studio.events import Events
from artcnn.studio.looks import Look, Looks
from artcnn.studio.records import Record
from artcnn.studio.store import Store

_MOST_DEATHS = 3
"""How often the worker may end while it makes a job, until the job is given up."""


class Scheduler:
    """Gives the worker one job after the other, and notes what it tells. All its methods belong to the server's thread.

    Args:
        store: the jobs.
        events: tells the pages.
        command: starts a worker.
        looks: what is made while no job waits.
    """

    def __init__(self, store: Store, events: Events, command: Sequence[str], looks: Looks) -> None:
        self._store, self._events, self.looks = store, events, looks
        self.worker = Child(command, self._note, self._bury)
        self._ready = False
        self._now: str | None = None
        self._look: Look | None = None
        self._removed = set[str]()
        self._reached = dict[str, int]()  # by job, the step at which a worker ended

    @property
    def ready(self) -> bool:
        """Whether the worker has loaded what it needs."""
        return self._ready

    async def run(self) -> None:
        """Keep a worker at work until :meth:`stop`."""
        for record in self._store.jobs():
            if record.status.state == "running":  # when the server was killed
                self._store.update(record.order.id, state="waiting")
        await self.worker.run()

    async def stop(self) -> None:
        """Let the worker keep what it has reached, and end."""
        await self.worker.stop()

    def begin(self) -> None:
        """Give the worker the next job, if it has none; a look, if there is no job."""
        if self._now is not None or not self._ready:
            return
        waiting = next((one for one in self._store.jobs() if one.status.state == "waiting"), None)
        if waiting is not None:
            if self._look is not None:
                self.worker.send({"do": "pause", "id": self._look.key})
            self._now = waiting.order.id
            self._change(self._now, state="running", message="")
            self.worker.send({"do": "make", "id": self._now})
        elif self._look is None and (look := self.looks.first()) is not None:
            self._look = look
            self.worker.send({"do": "try", "id": look.key, **vars(look)})

    def want_looks(self, kind: str, inputs: Mapping[str, str]) -> dict[str, Any]:
        """Let looks be made as :meth:`Looks.want` says, and return what it does.

        Raises:
            ArtcnnError: there is no such kind or file.
        """
        told = self.looks.want(kind, inputs)
        if self._look is not None and not self.looks.is_wanted(self._look):
            self.worker.send({"do": "pause", "id": self._look.key})
        self.begin()
        return told

    def pause(self, identifier: str) -> None:
        """Stop a job behind its next step, or before it begins; it can go on later.

        Raises:
            UnknownError: there is none.
        """
        state = self._store.job(identifier).status.state
        if state == "waiting":
            self._change(identifier, state="paused")
        elif state == "running":
            self.worker.send({"do": "pause", "id": identifier})

    def resume(self, identifier: str) -> None:
        """Let a job that was paused, or that failed, go on.

        Raises:
            UnknownError: there is none.
        """
        if self._store.job(identifier).status.state in ("paused", "failed"):
            self._change(identifier, state="waiting", message="", deaths=0)
            self.begin()

    def move(self, identifier: str, before: str | None) -> None:
        """Put a job before another one in the queue; at its end, if there is no other.

        Raises:
            UnknownError: there is none.
        """
        self._store.job(identifier)
        queue = [one for one in self._store.jobs() if one.order.id != identifier]
        index = len(queue) if before is None else queue.index(self._store.job(before))
        below = queue[index - 1].status.place if index > 0 else queue[0].status.place - 2 if queue else 0.0
        above = queue[index].status.place if index < len(queue) else below + 2
        self._change(identifier, place=(below + above) / 2)

    def remove(self, identifier: str) -> None:
        """Forget a job and what was made of it; one that is being made, as soon as it has stopped.

        Raises:
            UnknownError: there is none.
        """
        if self._store.job(identifier).status.state == "running":
            self._removed.add(identifier)
            self.pause(identifier)
        else:
            self._store.remove_job(identifier)
            self._events.tell("removed", {"id": identifier})

    def add(self, record: Record) -> None:
        """Tell the pages of a job that is new, and begin it if there is no other."""
        self._events.tell("job", record.to_plain())
        self.begin()

    def _note(self, happened: Mapping[str, Any], _: bytes) -> None:
        """Note what the worker tells."""
        if happened["event"] == "ready":
            self._ready = True
            self._events.tell("worker", {"ready": True})
            self.begin()
            return
        if happened["event"] == "look":
            self._end_look(made=happened["made"])
            return
        identifier = str(happened["id"])
        match happened["event"]:
            case "started":
                self._change(identifier, seconds=happened["seconds"], message=happened["message"])
            case "progress":
                names = "step", "total", "progress", "stage", "preview"
                self._change(identifier, keep=False, **{name: happened[name] for name in names})
            case "done":
                self._end(identifier, state="done", result=happened["result"], progress=1.0, deaths=0)
            case "paused":
                self._end(identifier, state="paused")
            case "failed":
                self._end(identifier, state="failed", message=happened["message"])

    def _end_look(self, *, made: bool | None) -> None:
        """Note how the worker has left a look; ``made`` is None where it was to stop, and it may be made later."""
        look, self._look = self._look, None
        if look is not None and made is not None:
            self.looks.drop(look)
        if look is not None and made:
            self._events.tell("look", {"key": look.key})
        self.begin()

    def _end(self, identifier: str, **changes: Any) -> None:  # noqa: ANN401 - of all types
        """Note how the worker has left a job, and begin the next."""
        self._now = None
        self._change(identifier, **changes)
        if identifier in self._removed:
            self._removed.discard(identifier)
            self.remove(identifier)
        self.begin()

    def _bury(self) -> None:
        """Put back the job of a worker that has ended."""
        self._ready, identifier, self._now = False, self._now, None
        if not self.worker.ending:
            self._events.tell("worker", {"ready": False})
        if self._look is not None:
            self._end_look(made=False)  # once is enough
        if identifier is None:
            return
        if identifier in self._removed:
            self._removed.discard(identifier)
            self._change(identifier, state="paused")
            self.remove(identifier)
            return
        status = self._store.job(identifier).status
        further = status.step > self._reached.get(identifier, 0)
        self._reached[identifier] = max(status.step, self._reached.get(identifier, 0))
        deaths = 0 if self.worker.ending else 1 if further else status.deaths + 1
        if deaths < _MOST_DEATHS:
            self._change(identifier, state="waiting", deaths=deaths)
        else:
            sentence = f"the computing process ended {deaths} times while this was made: is there enough memory?"
            self._change(identifier, state="failed", deaths=deaths, message=sentence)

    def _change(self, identifier: str, *, keep: bool = True, **changes: Any) -> None:  # noqa: ANN401 - of all types
        self._events.tell("job", self._store.update(identifier, keep=keep, **changes).to_plain())
