"""A photo in an instant style, small and at once: network, photo and painted photo are kept for the next request.

The strength, the colors and the mask come after the network, so that none of them needs a new pass.
"""

from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor

from artcnn.backbones.device import choose_device
from artcnn.backbones.precision import DTYPES, Precision, fastest
from artcnn.blend import parse_blend
from artcnn.engines.instant import finish, paint
from artcnn.errors import RecipeError, did_you_mean
from artcnn.files.model import read_model
from artcnn.files.read import read_picture
from artcnn.files.style_names import shipped_network, shipped_styles
from artcnn.files.write import to_pillow
from artcnn.image import as_mask, fit
from artcnn.nets.instant import InstantNetwork
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
        self._files, self._device = files, choose_device("auto")
        self._styles = tuple(shipped_styles())
        self._network = cache(self._load)
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

    def _paint(self, sha256: str, size: int, style: str, precision: Precision | Literal["auto"]) -> Tensor:
        """Return what the network paints of a photo."""
        blend, device = parse_blend(style), self._device
        for name in blend:
            if name not in self._styles:
                raise RecipeError(f"there is no style '{name}'", hint=did_you_mean(name, self._styles))
        weights = torch.tensor([[blend.get(name, 0.0) for name in self._styles]], device=device)
        dtype = DTYPES[fastest(device) if precision == "auto" else precision]
        return paint(self._photo(sha256, size), self._network(), weights, dtype)

    def _load(self) -> InstantNetwork:
        """Return the network that ships, with all its styles: another blend is but other weights."""
        network = read_model(shipped_network(), "instant").network
        assert isinstance(network, InstantNetwork)  # noqa: S101 - the model is of that kind
        return network.to(self._device).eval()

    def _read_photo(self, sha256: str, size: int) -> Tensor:
        return fit(read_picture(self._files / sha256, long_side=size).pixels, size).to(self._device)

    def _read_mask(self, sha256: str, size: int) -> Tensor:
        mask = read_picture(self._files / sha256)
        return fit(as_mask(mask.pixels, mask.alpha), size).to(self._device)


def _jpeg(image: Tensor) -> bytes:
    content = BytesIO()
    to_pillow(image).save(content, "JPEG", quality=88)
    return content.getvalue()
