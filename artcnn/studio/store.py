"""The studio's folder: uploaded files by their sha256, and a folder for each job, with all that is known of it."""

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from secrets import token_hex
from time import time
from typing import Any

from artcnn.errors import ArtcnnError, UnknownError, reason
from artcnn.files.atomic import write_atomic
from artcnn.studio.records import Order, Record, Status, read_record

LARGEST = 2048
"""Longer side of a picture as pages show it, in pixels, at most."""

_DRAFT = ".upload-"
_IDENTIFIER = re.compile(r"[0-9a-f]{16}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Upload:
    """A file that was uploaded, or a sample.

    Attributes:
        sha256: of its bytes; it is called by that.
        name: what the user calls it.
        width: of the picture, in pixels; of a clip, of its frames.
        height: of it.
        clip: whether it is a clip and not a picture.
        seconds: how long a clip is.
        fps: frames a second of a clip, roughly.
        frame: the sha256 of the first frame of a clip, which is kept as a picture is.
        sound: whether it is the recording of a word, which has no width and no height.
    """

    sha256: str
    name: str
    width: int
    height: int
    clip: bool = False
    seconds: float | None = None
    fps: float | None = None
    frame: str | None = None
    sound: bool = False


class Store:
    """The studio's folder.

    Only the server writes orders and statuses. The worker writes results, previews and checkpoints.

    Args:
        root: the folder; it is made if there is none.

    Attributes:
        damaged: folders of jobs that cannot be read; they stay as they are.

    Raises:
        ArtcnnError: it cannot be made.
    """

    def __init__(self, root: Path) -> None:
        self.root, self._files, self._jobs, self._small = root, root / "files", root / "jobs", root / "small"
        for folder in (self._files, self._jobs, self._small):
            try:
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            except OSError as error:
                raise ArtcnnError(f"cannot use the folder {root}: {reason(error)}", hint="name another") from error
        self.damaged: list[Path] = []
        self._records = {record.order.id: record for record in self._read_jobs()}
        for draft in self._files.glob(f"{_DRAFT}*"):  # of a server that was killed
            draft.unlink(missing_ok=True)

    def add_file(self, temporary: Path, upload: Upload) -> Upload:
        """Keep a file, which is moved; return it as it is known: by the name it came with first."""
        path = self._files / upload.sha256
        if not self._note(upload.sha256).exists():
            temporary.replace(path)
            write_atomic(self._note(upload.sha256), json.dumps(asdict(upload)).encode())
        return self.upload(upload.sha256)

    def has(self, sha256: str) -> bool:
        """Return whether there is such a file."""
        return _SHA256.fullmatch(sha256) is not None and self._note(sha256).exists()

    def small(self, sha256: str, side: int) -> Path:
        """Return where a picture of a file is, or will be, whose longer side is ``side`` pixels at most."""
        return self._small / f"{sha256}-{side}.jpg"

    def draft(self) -> Path:
        """Return the path of a file that is being uploaded: beside those that are there."""
        return self._files / f"{_DRAFT}{token_hex(8)}"

    def upload(self, sha256: str) -> Upload:
        """Return what is known of a file.

        Raises:
            UnknownError: there is none.
        """
        if not self.has(sha256):
            raise UnknownError("there is no such file", hint="upload it again")
        return Upload(**json.loads(self._note(sha256).read_text(encoding="utf-8")))

    def path(self, sha256: str) -> Path:
        """Return where a file is.

        Raises:
            UnknownError: there is none.
        """
        return self._files / self.upload(sha256).sha256

    def add_job(
        self,
        kind: str,
        preset: str | None,
        recipe: Mapping[str, Any],
        inputs: Mapping[str, str],
        film: Mapping[str, Any] | None = None,
        names: Mapping[str, str] | None = None,
    ) -> Record:
        """Keep a job, at the end of the queue, and return it."""
        order = Order(token_hex(8), time(), kind, preset, recipe, inputs, film, names or {})
        last = max((record.status.place for record in self._records.values()), default=0.0)
        record = Record(order, Status(place=last + 1))
        self.folder(order.id, known=False).mkdir(mode=0o700)
        # The status first: a folder with an order is a whole job.
        self._write(order.id, "status", asdict(record.status))
        self._write(order.id, "order", asdict(order))
        self._records[order.id] = record
        return record

    def jobs(self) -> list[Record]:
        """Return all jobs, in the order of the queue."""
        return sorted(self._records.values(), key=lambda record: record.status.place)

    def job(self, identifier: str) -> Record:
        """Return a job.

        Raises:
            UnknownError: there is none.
        """
        if (record := self._records.get(identifier)) is None:
            raise UnknownError("there is no such job")
        return record

    def update(self, identifier: str, *, keep: bool = True, **changes: Any) -> Record:  # noqa: ANN401 - of all types
        """Change a job's status, and return the job.

        Args:
            identifier: of the job.
            keep: write it to the disk; what changes with each step need not be. If the disk is full, the job's message
                tells it, and the queue goes on.
            changes: fields of its status.

        Raises:
            UnknownError: there is none.
        """
        record = self.job(identifier)
        record = replace(record, status=replace(record.status, **changes))
        if keep:
            try:
                self._write(identifier, "status", asdict(record.status))
            except ArtcnnError as error:
                record = replace(record, status=replace(record.status, message="\n".join(error.lines)))
        self._records[identifier] = record
        return record

    def remove_job(self, identifier: str) -> None:
        """Forget a job and all that was made of it.

        Raises:
            UnknownError: there is none.
        """
        folder = self.folder(self.job(identifier).order.id)
        (folder / "order.json").unlink(missing_ok=True)  # without it, a folder is no job
        shutil.rmtree(folder, ignore_errors=True)
        del self._records[identifier]

    def folder(self, identifier: str, *, known: bool = True) -> Path:
        """Return a job's folder.

        Raises:
            UnknownError: there is no such job.
        """
        if known:
            self.job(identifier)
        return self._jobs / identifier

    def result(self, identifier: str) -> Path:
        """Return the file that a job has made.

        Raises:
            UnknownError: there is no such job, or it has made none yet.
        """
        record = self.job(identifier)
        if record.status.result is None:
            raise UnknownError("this job has no result yet")
        return self.folder(identifier) / record.status.result

    def _read_jobs(self) -> Iterator[Record]:
        """Yield the jobs on the disk; note which are damaged, and remove what a killed server left of others."""
        for folder in self._jobs.iterdir():
            order = folder / "order.json"
            if not order.exists() or not _IDENTIFIER.fullmatch(folder.name):
                shutil.rmtree(folder, ignore_errors=True)
                continue
            try:
                yield read_record(folder)
            except (ValueError, RecursionError, OSError):  # pydantic's and json's errors are ValueErrors
                self.damaged.append(folder)

    def _write(self, identifier: str, name: str, plain: Mapping[str, Any]) -> None:
        write_atomic(self._jobs / identifier / f"{name}.json", json.dumps(plain).encode())

    def _note(self, sha256: str) -> Path:
        return self._files / f"{sha256}.json"
