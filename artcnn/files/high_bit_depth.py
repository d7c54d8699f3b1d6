"""Read pixels of more than 8 bits at full depth, which Pillow would reduce to 8 bits."""

import zlib
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.ImageFile import ImageFile

from artcnn.files.png import Png
from artcnn.files.tiff import Layout, Tiff


@dataclass(frozen=True)
class Samples:
    """The values of a picture.

    Attributes:
        color: shape (H, W, C), with C = 1 for gray, 3 for RGB, 4 for CMYK.
        white: the value of full light, or full ink.
        alpha: opacity, shape (H, W), float32 in [0, 1], or None.
    """

    color: NDArray[Any]
    white: int
    alpha: NDArray[np.floating[Any]] | None

    def as_image(self, bits: int) -> Image.Image:
        """Return the color as a Pillow image of 8 bits, or of 16 bits if it is gray."""
        largest = 2**bits - 1
        scaled = self.color if self.white == largest else np.rint(self.color * (largest / self.white))
        scaled = scaled.astype(np.uint8 if bits == 8 else np.uint16)
        if scaled.shape[2] == 1:
            return Image.fromarray(scaled[..., 0])
        return Image.fromarray(scaled, "CMYK" if scaled.shape[2] == 4 else "RGB")


def read_high_bit_depth(image: ImageFile) -> Samples | None:
    """Return the values of a picture of more than 8 bits, or None if Pillow reads it at full depth.

    Raises:
        EOFError: the file is truncated.
        ValueError: the values are not stored as the header says.
        zlib.error: compressed data is damaged.
    """
    if isinstance(image, Tiff) and image.layout is not None:
        return _tiff_samples(image, image.layout)
    if isinstance(image, Png) and image.deep:
        return _png_samples(image)
    if image.format == "HEIF" and image.info.get("bit_depth", 8) > 8:
        return _heic_samples(image)
    return None


def _heic_samples(image: Any) -> Samples | None:  # noqa: ANN401 - of a package that need not be there
    """Return the values of a HEIC file of 10 or 12 bits; pillow-heif stores them in the upper bits of 16."""
    from pillow_heif import open_heif

    image.fp.seek(0)
    whole = open_heif(image.fp, convert_hdr_to_8bit=False)
    if whole.mode not in ("RGB;16", "RGBA;16"):
        return None
    bits = image.info["bit_depth"]
    white = (1 << 16) - (1 << 16 - bits)
    pixels = np.asarray(whole)
    return Samples(pixels[..., :3], white, pixels[..., 3].astype(np.float32) / white if pixels.shape[2] == 4 else None)


def _png_samples(image: Png) -> Samples:
    """Return the values of a 16-bit PNG with color or alpha.

    Pillow keeps only the upper 8 bits. Decoded once more with the other byte order, it keeps the lower 8.
    """
    rawmode = str(image.tile[0].args)
    if rawmode == "LA;16B":  # two 16-bit values are read as four of 8 bits
        pixels = np.asarray(image.unpacked("RGBA")).view(">u2").astype(np.uint16)
    else:
        upper, lower = (np.asarray(image.unpacked(f"{rawmode[:-1]}{order}")) for order in "BL")
        pixels = upper.astype(np.uint16) << 8 | lower
    colors = 1 if rawmode == "LA;16B" else 3
    color, alpha = pixels[..., :colors], None
    if pixels.shape[2] > colors:
        alpha = pixels[..., colors].astype(np.float32) / 65_535
    elif (clear := image.info.get("transparency")) is not None:
        alpha = (color != np.array(clear)).any(axis=-1).astype(np.float32)
    return Samples(color, 65_535, alpha)


def _tiff_samples(image: Tiff, layout: Layout) -> Samples:
    assert image.fp is not None  # noqa: S101 - Pillow closes it when it has loaded the pixels itself
    pixels = _tiff_pixels(image.fp, layout)
    white = 1 if pixels.dtype.kind == "f" else 65_535 if pixels.dtype.kind == "i" else int(np.iinfo(pixels.dtype).max)
    color = pixels[..., : layout.colors]
    if layout.white_is_zero:
        color = white - color
    places = dict(zip(layout.extra, range(layout.colors, layout.samples), strict=False))
    place = places.get(1, places.get(2))
    if place is None:
        return Samples(color, white, None)
    alpha = pixels[..., place].astype(np.float32) / white
    if 1 in places:  # premultiplied alpha
        color = np.divide(color, alpha[..., None], out=np.zeros(color.shape, np.float32), where=alpha[..., None] > 0)
        np.clip(color, 0, white, out=color)
    return Samples(color, white, alpha)


def _tiff_pixels(file: IO[bytes], layout: Layout) -> NDArray[Any]:
    """Return all samples of a TIFF file, shape (H, W, samples), in native byte order."""
    (height, width), (down, across) = layout.size, layout.block
    dtype, depth = np.dtype(layout.dtype), layout.samples // layout.planes
    pixels = np.empty((height, width, layout.samples), dtype.newbyteorder("="))
    per_row, per_column = -(-width // across), -(-height // down)
    for number, (offset, count) in enumerate(layout.places):
        plane, place = divmod(number, per_row * per_column)
        top, left = place // per_row * down, place % per_row * across
        rows = down if layout.tiled else min(down, height - top)
        size = rows * across * depth * dtype.itemsize
        file.seek(offset)
        data = file.read(count if layout.deflated else min(count, size))
        if layout.deflated:
            data = zlib.decompressobj().decompress(data, size)  # bounded, whatever the file contains
        if len(data) < size:
            raise EOFError("the file ends before the picture does")
        block = _summed(data, (rows, across, depth), dtype, layout.predictor)
        part = pixels[top : top + down, left : left + across, plane * depth : (plane + 1) * depth]
        part[...] = block[: part.shape[0], : part.shape[1]]
    return pixels


def _summed(data: bytes, shape: tuple[int, int, int], dtype: np.dtype[Any], predictor: int) -> NDArray[Any]:
    """Undo a predictor; return the samples of a block, shape (rows, columns, samples).

    TIFF 6.0, section 14, and Adobe's TIFF Technical Note 3 for predictor 3.
    """
    if predictor == 1:
        return np.frombuffer(data, dtype).reshape(shape)
    rows, columns, depth = shape
    if predictor == 2:
        if dtype.kind == "f":
            raise ValueError("differences of numbers that do not wrap around")
        native = dtype.newbyteorder("=")
        return np.cumsum(np.frombuffer(data, dtype).reshape(shape).astype(native), axis=1, dtype=native)
    # A row has the most significant bytes of all values first, and so on; then differences were taken.
    by_sample = np.frombuffer(data, np.uint8).reshape(rows, columns * dtype.itemsize, depth)
    planes = np.cumsum(by_sample, axis=1, dtype=np.uint8).reshape(rows, dtype.itemsize, columns * depth)
    return np.ascontiguousarray(planes.swapaxes(1, 2)).view(dtype.newbyteorder(">")).reshape(shape)
