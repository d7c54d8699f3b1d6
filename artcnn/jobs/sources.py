"""Where an input comes from: a file, the bytes of one, or a picture in memory."""

import hashlib
import json
from base64 import b64decode, b64encode
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, Union

from artcnn.errors import ArtcnnError, PictureError, lacks_memory
from artcnn.jobs.inputs import is_mask, is_model

if TYPE_CHECKING:
    from PIL.Image import Image
    from torch import Tensor

    from artcnn.files.read import Picture

Source: TypeAlias = Union[Path, bytes, "Image", "Tensor"]
"""A file, ``-`` for the standard input; a file's bytes; a Pillow image; a tensor (1, 3, H, W), sRGB in [0, 1]."""

PlainSource: TypeAlias = Union[Path, bytes, "Tensor"]
"""What a job holds: a Pillow image has become the bytes of a file."""

_AS_THEY_ARE = {"1", "L", "LA", "I;16", "RGB", "RGBA", "CMYK", "LAB"}
"""Pillow's modes that a TIFF file holds without loss."""


def without_pillow(source: Source, name: str) -> PlainSource:
    """Return a source as it is; of a Pillow image the bytes of a file of it, which lose nothing.

    Raises:
        ArtcnnError: it is none of what a source can be.
    """
    if isinstance(source, Path | bytes):
        return source
    from PIL import Image

    if isinstance(source, Image.Image):
        return _encode_image(source, name)
    return _checked_tensor(source, name)


def check_source(source: PlainSource, name: str, enough: int | None = None) -> None:
    """Check, before the slow work, that a source looks like what it should be; of a file only the header is read.

    Args:
        source: where it comes from.
        name: what the input is called.
        enough: as for :func:`read_source`.

    Raises:
        PictureError: it does not look like a picture.
        ModelError: it does not look like the file of a style.
    """
    from artcnn.files.open import check_picture
    from artcnn.files.style_names import check_style

    if is_model(name) and isinstance(source, Path):
        check_style(source)
    elif isinstance(source, Path):
        check_picture(source, long_side=enough)
    elif isinstance(source, bytes):
        check_picture(Path(name), long_side=enough, content=source)


def read_source(source: PlainSource, name: str, enough: int | None = None) -> "Picture":
    """Return the picture that a source is.

    Args:
        source: where it comes from.
        name: what the input is called, which messages say where there is no file's name.
        enough: pixels that its longer side is wanted in, as ``read_picture`` has it.

    Raises:
        PictureError: it is no picture, damaged, too small, or too large for the memory.
    """
    from artcnn.files.metadata import Metadata
    from artcnn.files.read import Picture, read_picture

    if isinstance(source, Path):
        return read_picture(source, long_side=enough)
    if isinstance(source, bytes):
        return read_picture(Path(name), long_side=enough, content=source)
    return Picture(source.detach().float().cpu(), None, hash_source(source), (), Metadata())


def hash_source(source: PlainSource) -> str:
    """Return the sha256 of a source: of a file's bytes, of all frames in a folder, of a tensor's shape and values.

    Raises:
        PictureError: the file cannot be read.
    """
    if isinstance(source, bytes):
        return hashlib.sha256(source).hexdigest()
    if isinstance(source, Path):
        status = source.stat() if source.exists() else None
        return _hash_file(source, None if status is None else (status.st_ino, status.st_size, status.st_ctime_ns))
    head = json.dumps(list(source.shape)).encode()
    return hashlib.sha256(head + source.detach().cpu().numpy().astype("<f4").tobytes()).hexdigest()


@lru_cache(maxsize=65_536)  # a photo is asked for by its shard, its name and its result; all, with the same painting
def _hash_file(path: Path, version: tuple[int, ...] | None) -> str:  # noqa: ARG001 - another version, another hash
    from artcnn.files.open import open_file

    if path.is_dir():
        from artcnn.files.clips.folder import hash_frames

        return hash_frames(path)
    with open_file(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def source_to_json(source: PlainSource) -> dict[str, Any]:
    """Return a source as plain data: a file's path, or all of the bytes."""
    if isinstance(source, Path):
        return {"path": str(source)}
    if isinstance(source, bytes):
        return {"bytes": b64encode(source).decode()}
    from safetensors.torch import save

    return {"tensor": b64encode(save({"image": source.detach().cpu().contiguous()})).decode()}


def source_from_json(data: dict[str, Any]) -> PlainSource:
    """Return the source that plain data describe.

    Raises:
        ValueError: they describe none.
    """
    ((key, value),) = data.items()
    if key == "path":
        return Path(value)
    content = b64decode(value, validate=True)
    if key == "bytes":
        return content
    if key != "tensor":
        raise ValueError(f"an input of an unknown kind: {key}")
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        return load(content)["image"]
    except SafetensorError as error:
        raise ValueError("a damaged tensor") from error


def _encode_image(image: "Image", name: str) -> bytes:
    """Return the bytes of an uncompressed TIFF of an image, with its color profile and its EXIF data.

    What only chunks of a PNG say of its colors (cICP, cHRM, gAMA) Pillow does not keep: there, the file says more.

    Raises:
        PictureError: the image, whose file is perhaps not read yet, is damaged.
    """
    from artcnn.files.open import DAMAGE

    try:
        return _encode_tiff(image)
    except DAMAGE as error:
        if lacks_memory(error):
            raise
        message = f"the {name} cannot be read, its file is damaged or cut short"
        raise PictureError(message, hint="get a fresh copy") from error


def _encode_tiff(image: "Image") -> bytes:
    if image.mode not in _AS_THEY_ARE or (image.has_transparency_data and image.mode not in ("LA", "RGBA")):
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    content = BytesIO()
    image.save(content, "TIFF", exif=image.getexif(), icc_profile=image.info.get("icc_profile"))
    return content.getvalue()


def _checked_tensor(source: object, name: str) -> "Tensor":
    """Return a source that is no file, having checked that it is an image: float, of the right shape and range.

    Raises:
        ArtcnnError: it is not.
    """
    from torch import Tensor

    from artcnn.image import SMALLEST_SIDE

    if not isinstance(source, Tensor):
        kind = type(source).__name__
        raise ArtcnnError(f"the {name} is a {kind}", hint="give a Path, bytes, a Pillow image or a tensor (1, 3, H, W)")
    channels = (1, 3) if is_mask(name) else (3,)
    if source.dim() != 4 or source.shape[0] != 1 or source.shape[1] not in channels or not source.is_floating_point():
        raise ArtcnnError(
            f"the {name} is a tensor {tuple(source.shape)}, {source.dtype}", hint="give floats (1, 3, H, W)"
        )
    if min(source.shape[2:]) < SMALLEST_SIDE:
        raise PictureError(f"the {name} has {source.shape[3]} x {source.shape[2]} pixels: it needs {SMALLEST_SIDE}")
    if not (source.min() >= 0 and source.max() <= 1):
        raise ArtcnnError(f"the {name} has values outside of 0 to 1: divide it by its white")
    return source
