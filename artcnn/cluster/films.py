"""A film of a clip on a cluster: its cuts are found, its shots are made wherever there is room, and then joined."""

from collections import deque
from collections.abc import Mapping
from time import monotonic
from typing import Any

from artcnn import __version__
from artcnn.backbones.precision import Precision
from artcnn.cluster.orders import Destination, Written, make_task, told_here
from artcnn.cluster.shipping import Shipping
from artcnn.cluster.work import Advanced, Answer, CutsFound, Failed, FindCuts, Made, Make, Work
from artcnn.engines.shots import shots_between
from artcnn.errors import CheckpointError
from artcnn.files.films.join import join_film
from artcnn.jobs.film import open_film, plan_film
from artcnn.jobs.job import Job
from artcnn.jobs.pieces import PieceStore
from artcnn.jobs.provenance import provenance_of
from artcnn.jobs.sources import hash_source
from artcnn.jobs.summary import Summary

_SEARCHED = 240
"""Frames in which a worker looks for cuts at once."""

_SHORTEST = 24
"""Frames of a piece; shorter shots are made together with the next."""

_SEARCH_SHARE = 0.02
"""Share of the work that finding the cuts is taken for."""


class FilmOrder:
    """A film of a clip: first the search for cuts, in parts, then its pieces.

    Args:
        job: what is made.
        destination: where the film goes.
        shipping: packs the clip and the other inputs.

    Raises:
        ArtcnnError: an input cannot be read, or there is nothing to be resumed.
    """

    def __init__(self, job: Job, destination: Destination, shipping: Shipping) -> None:
        self.job = job
        self.written: Written | None = None
        self.notes: list[str] = []
        self._destination, self._began = destination, monotonic()
        self._clip, self._store = open_film(job), PieceStore(destination.out)
        self._parcels = shipping.pack(job)
        self._key = f"{job.fingerprint()} {job.recipe.precision} {__version__}"
        self._searches: deque[range] = deque()
        self._shots: list[range] = []
        self._waiting: deque[range] = deque()
        self._cuts: list[int] = []
        self._unanswered = self._made = 0  # searches, and frames
        self._parts: dict[range, float] = {}
        self._precision: Precision | None = None
        self._report: Mapping[str, Any] = {}
        self._told: dict[str, None] = {}
        self._begin()

    def _begin(self) -> None:
        """Go on with what a killed run has left, or begin with the search for cuts."""
        begun = self._store.load(self._key) if self._destination.resume else None
        if begun is not None:
            self._precision = begun.precision
            self._set_shots(begun.shots)
            return
        if self._store.path.exists():
            self.notes.append(f"removed {self._store.path} of a run that was killed; use --resume to continue one")
            self._store.clear()
        elif self._destination.must_resume:
            raise CheckpointError(f"there is nothing to resume: no {self._store.path}")
        total = len(self._clip.times)
        self._searches.extend(range(first, min(first + _SEARCHED, total)) for first in range(0, total, _SEARCHED))
        self._unanswered = len(self._searches)

    def _set_shots(self, shots: list[range]) -> None:
        self._shots = shots
        self._waiting.extend(shot for shot in shots if not self._store.has(shot))
        self._made = sum(len(shot) for shot in shots if self._store.has(shot))
        if not self._waiting:
            self._join()

    @property
    def progress(self) -> float:
        """How much of it is done, from 0 to 1."""
        if not self._shots:
            return 0.0
        frames = self._made + sum(len(shot) * part for shot, part in self._parts.items())
        return _SEARCH_SHARE + (1 - _SEARCH_SHARE) * frames / len(self._clip.times)

    def take(self) -> Work | None:
        """Return the next work of it, or None where there is none now."""
        if self._searches:
            return Work(self.job, self._parcels, FindCuts(self._searches.popleft()))
        if not self._waiting:
            return None
        describe = self._destination.describe and not self._report
        shot, precision = self._waiting.popleft(), self._precision
        task = make_task(self.job, self._destination, shot=shot, precision=precision, describe=describe)
        return Work(self.job, self._parcels, task)

    def left(self) -> int:
        """Return about how much work of it is not taken yet."""
        return len(self._searches) + len(self._waiting)

    def accept(self, work: Work, answer: Answer) -> None:
        """Take the answer to a work; write the film with the last.

        Raises:
            ArtcnnError: the film cannot be made, or cannot be written.
        """
        if isinstance(answer, Failed):
            raise answer.error
        if isinstance(answer, CutsFound):
            self._note_cuts(answer)
        if isinstance(work.task, Make) and work.task.shot is not None:
            shot = work.task.shot
            if isinstance(answer, Advanced):
                self._parts[shot] = answer.progress
            if isinstance(answer, Made):
                self._keep(shot, answer)

    def _note_cuts(self, found: CutsFound) -> None:
        self._cuts += found.cuts
        self._precision = self._precision or found.precision
        self._unanswered -= 1
        if self._unanswered == 0:
            shots = shots_between(sorted(self._cuts), len(self._clip.times), _SHORTEST)
            self._store.start(self._key, shots, self._precision)
            self._set_shots(shots)

    def _keep(self, shot: range, made: Made) -> None:
        if made.error is not None:
            raise made.error
        self._parts.pop(shot, None)
        if not self._store.has(shot):
            self._store.add(shot, made.content)
            self._made += len(shot)
        self._report = self._report or made.report
        self._told |= dict.fromkeys(made.notes)
        if self._made == len(self._clip.times):
            self._join()

    def _join(self) -> None:
        """Write the film of its pieces, and remove them."""
        plan, out = plan_film(self._clip), self._destination.out
        pieces = [self._store.path_of(shot) for shot in self._shots]
        recipe = self.job.recipe.model_copy(update={"precision": self._precision})
        sha256s = {name: hash_source(source) for name, source in self.job.sources().items()}
        provenance = provenance_of(self.job, recipe, sha256s)
        path = join_film(pieces, out, plan, provenance.to_json(out), self._destination.replace)
        self._store.clear()
        seconds, count = monotonic() - self._began, len(plan.times)
        steps = count * (1 if self.job.film is None else self.job.film.passes)
        # What a piece took, and was said to take, tells nothing of the film.
        report = {key: value for key, value in self._report.items() if key not in ("estimate", "usage")}
        report = told_here(report | {"frames": count}, self.job, path) if report else {}
        made = Made(b"", Summary(plan.size, count, steps, steps), seconds, tuple(self._told), report)
        self.written = Written(self.job, path, made)
