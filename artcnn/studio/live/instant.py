"""A photo in an instant style, small and at once: network, photo and painted photo are kept for the next request.

The strength, the colors and the mask come after the network, so that none of them needs a new pass.
"""

from functools import lru_cache
from io import BytesIO
from pathlib import Path

from torch import Tensor

from artcnn.engines.instant import finish
from artcnn.files.read import read_picture
from artcnn.files.write import to_pillow
from artcnn.image import as_mask, fit
from artcnn.jobs.events import Progress
from artcnn.jobs.inputs import InstantInputs
from artcnn.jobs.job import Job
from artcnn.jobs.runner import run
from artcnn.jobs.runtime import Runtime
from artcnn.presets import make_recipe
from artcnn.recipes import InstantRecipe
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
        self._painted = lru_cache(_KEPT)(self._paint)
        self._mask = lru_cache(_KEPT)(self._read_mask)

    def paint(self, request: InstantRequest) -> bytes:
        """Return a photo in an instant style, as a JPEG.

        Raises:
            ArtcnnError: there is no such style or setting, or the photo cannot be read.
        """
        recipe = make_recipe("instant", {**request.settings, "size": request.size})
        assert isinstance(recipe, InstantRecipe)  # noqa: S101 - it is of that kind
        photo = self._photo(request.photo, request.size)
        mask = None if request.protect is None else self._mask(request.protect, request.size)
        painted = self._painted(request.photo, request.size, recipe.style, recipe.precision)
        return _jpeg(finish(photo, painted.clone(), recipe, mask))

    def _paint(self, sha256: str, size: int, style: str, precision: str) -> Tensor:
        """Return what the network paints of a photo."""
        recipe = make_recipe("instant", {"style": style, "size": size, "precision": precision})
        prepared = self._runtime.prepare(Job(recipe, InstantInputs(self._photo(sha256, size))))
        painted = [event.step.image for event in run(prepared) if isinstance(event, Progress)]
        return painted[-1]

    def _read_photo(self, sha256: str, size: int) -> Tensor:
        return fit(read_picture(self._files / sha256, long_side=size).pixels, size)

    def _read_mask(self, sha256: str, size: int) -> Tensor:
        mask = read_picture(self._files / sha256)
        return fit(as_mask(mask.pixels, mask.alpha), size)


def _jpeg(image: Tensor) -> bytes:
    content = BytesIO()
    to_pillow(image).save(content, "JPEG", quality=88)
    return content.getvalue()
