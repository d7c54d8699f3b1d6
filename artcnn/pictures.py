"""Pictures as people have them in Python: files, bytes, Pillow images, arrays and tensors."""

from pathlib import Path

import numpy as np
from PIL import Image
from torch import Tensor, from_numpy

from artcnn.errors import ArtcnnError
from artcnn.files.read import Picture, read_picture
from artcnn.jobs.sources import Source, read_source, without_pillow

AnyPicture = str | Path | bytes | Image.Image | np.ndarray | Tensor
"""A file, the bytes of one, a Pillow image; an array (H, W, 3) or (H, W), bytes or floats in [0, 1]; or a tensor.

A tensor has the shape (1, C, H, W) or (C, H, W), and is in [0, 1].
"""


def as_source(picture: AnyPicture) -> Source:
    """Return a picture as the inputs of a job have it.

    Raises:
        ArtcnnError: it is none.
    """
    if isinstance(picture, str):
        return Path(picture)
    if isinstance(picture, Tensor):
        return picture[None] if picture.ndim == 3 else picture
    if not isinstance(picture, np.ndarray):
        return picture
    channels = 1 if picture.ndim == 2 else picture.shape[2] if picture.ndim == 3 else 0
    if picture.dtype == np.uint8 and (picture.ndim == 2 or channels in (3, 4)):
        return Image.fromarray(picture)
    if np.issubdtype(picture.dtype, np.floating) and channels in (1, 3):
        layers = picture[..., None].repeat(3, 2) if picture.ndim == 2 else picture
        return from_numpy(np.ascontiguousarray(layers.transpose(2, 0, 1), dtype=np.float32))[None]
    shape = " x ".join(map(str, picture.shape))
    raise ArtcnnError(f"an array of {shape} {picture.dtype} is no picture: give (H, W, 3), uint8 or floats of 0 to 1")


def in_memory(picture: AnyPicture) -> Path | Picture | Tensor:
    """Return a picture as networks are shown it: what is neither a file nor a tensor is read.

    Raises:
        ArtcnnError: it is none.
    """
    source = as_source(picture)
    if isinstance(source, Path | Tensor):
        return source
    return read_source(without_pillow(source, "picture"), "picture")


def as_pixels(picture: AnyPicture) -> Tensor:
    """Return the pixels of a picture, shape (1, C, H, W), sRGB in [0, 1]; a tensor of another shape stays as it is.

    Raises:
        ArtcnnError: it is none, or cannot be read.
    """
    source = in_memory(picture)
    if isinstance(source, Tensor):
        return source
    return (read_picture(source) if isinstance(source, Path) else source).pixels
