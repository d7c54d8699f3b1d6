"""A photo in an instant style, small and at once: network and photo are kept, so that a slider can follow."""

from functools import lru_cache
from io import BytesIO
from pathlib import Path

from torch import Tensor

from artcnn.errors import ArtcnnError
from artcnn.files.read import read_picture
from artcnn.files.write import to_pillow
from artcnn.image import as_mask, fit
from artcnn.jobs.events import Progress
from artcnn.jobs.inputs import InstantInputs
from artcnn.jobs.job import Job
from artcnn.jobs.runner import run
from artcnn.jobs.runtime import Runtime
from artcnn.presets import make_recipe
from artcnn.studio.live.requests import InstantRequest

_KEPT = 4
"""Photos that are kept, in the size of the answer."""


class InstantPictures:
    """Paints photos.

    Args:
        files: the folder of the uploaded files, each called by its sha256.
    """

    def __init__(self, files: Path) -> None:
        self._files, self._runtime = files, Runtime()
        self._photo = lru_cache(_KEPT)(self._read_photo)
        self._mask = lru_cache(_KEPT)(self._read_mask)

    def paint(self, request: InstantRequest) -> bytes:
        """Return a photo in an instant style, as a JPEG.

        Raises:
            ArtcnnError: there is no such style or setting, or the photo cannot be read.
        """
        recipe = make_recipe("instant", {**request.settings, "size": request.size})
        protect = None if request.protect is None else self._mask(request.protect, request.size)
        job = Job(recipe, InstantInputs(self._photo(request.photo, request.size), (), protect))
        for event in run(self._runtime.prepare(job)):
            if isinstance(event, Progress):
                return _jpeg(event.step.image)
        raise ArtcnnError("the photo was not painted")

    def _read_photo(self, sha256: str, size: int) -> Tensor:
        return fit(read_picture(self._files / sha256, long_side=size).pixels, size)

    def _read_mask(self, sha256: str, size: int) -> Tensor:
        mask = read_picture(self._files / sha256)
        return fit(as_mask(mask.pixels, mask.alpha), size)


def _jpeg(image: Tensor) -> bytes:
    content = BytesIO()
    to_pillow(image).save(content, "JPEG", quality=88)
    return content.getvalue()
