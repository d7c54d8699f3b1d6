"""Inputs on their way to the workers: as bytes through the cluster, or as paths that all machines see."""

from hashlib import sha256
from pathlib import Path

from artcnn.cluster.backend import Backend
from artcnn.cluster.work import Parcel
from artcnn.errors import ArtcnnError
from artcnn.files.open import open_file
from artcnn.jobs.job import Job


class Shipping:
    """Packs the input files of jobs. What many works need goes into the cluster once.

    Args:
        backend: the cluster.
        shared: whether all machines see the files under the same paths.
    """

    def __init__(self, backend: Backend, *, shared: bool) -> None:
        self._backend, self._shared = backend, shared
        self._kept: dict[Path, Parcel] = {}

    def pack(self, job: Job) -> dict[str, Parcel]:
        """Return the parcels of a job's input files, by the input's name.

        Raises:
            PictureError: a file cannot be read.
            ArtcnnError: it is too large to be sent, or a folder.
        """
        paths = {name: source for name, source in job.sources().items() if isinstance(source, Path)}
        return {name: self._parcel(path, keep=name != "photo" or job.film is not None) for name, path in paths.items()}

    def _parcel(self, path: Path, *, keep: bool) -> Parcel:
        if path in self._kept:
            return self._kept[path]
        if self._shared:
            return Parcel(path, at=path.absolute())
        if path.is_dir():
            raise ArtcnnError(
                f"{path} is a folder of frames: they are not sent",
                hint="put it where all machines see it, and add --shared",
            )
        with open_file(path) as file:
            content = file.read()
        parcel = Parcel(path, self._backend.put(content), sha256(content).hexdigest(), keep)
        if keep:
            self._kept[path] = parcel
        return parcel
