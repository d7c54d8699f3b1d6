"""Decoded frames of a video as pixels: colors to sRGB, upright."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from artcnn.errors import PictureError
from artcnn.files.clips.source import Frame, fit_frame
from artcnn.files.decode import fill_hidden, tone_mapping_note
from artcnn.files.encoding import HDR_PEAK, ColorEncoding, find_encoding
from artcnn.image import Size

if TYPE_CHECKING:
    from fractions import Fraction

    from av import VideoFrame

_RGB, _BT709, _UNSPECIFIED, _BT601, _BT2020, _BT2020_CONSTANT = 0, 1, 2, 5, 9, 10
_MATRICES = {_RGB, _BT709, 4, _BT601, 6, 7, _BT2020}
"""Codes of the matrices between YUV and RGB that can be computed: ITU-T H.273, table 4."""

_FULL_RANGE = 2
"""FFmpeg's code of values that use all of their bits."""

_SUFFIXES = {(False, False): "24", (False, True): "a", (True, False): "48le", (True, True): "a64le"}
"""The end of FFmpeg's name of a format, by whether it has more than 8 bits, and an alpha."""

_SD_WIDTH, _SD_HEIGHT = 1280, 576
"""Sizes from which a film that does not declare its matrix is taken as BT.709 and not BT.601, as players do."""

_BILINEAR, _ACCURATE = 0x2, 0x40000 | 0x2000
"""libswscale's flags: how chroma is enlarged; full precision, at every pixel."""


class PixelReader:
    """Reads the frames of a video.

    Attributes:
        alpha: whether they have one.

    Args:
        path: the clip, in messages.
        first: its first frame, which tells its colors and its orientation.
        notes: a sentence is added for each thing that the user should know.

    Raises:
        PictureError: its colors cannot be converted.
    """

    def __init__(self, path: Path, first: VideoFrame, notes: list[str]) -> None:
        from av.video.reformatter import VideoReformatter

        self._path = path
        self.alpha = any(part.is_alpha for part in first.format.components)
        self._bits = max(part.bits for part in first.format.components)
        self._format = "rgb" + _SUFFIXES[self._bits > 8, self.alpha]
        self._black, self._white = _levels(first, self._bits)
        self._matrix = _find_matrix(path, first)
        self._transposed, self._flips = _orientation(first)
        self._color = _find_color(first, notes)
        self._convert = VideoReformatter().reformat
        if first.interlaced_frame:
            notes.append("it is interlaced: where something moves, every second row lags behind")

    def upright(self, size: Size) -> Size:
        """Return the (height, width) of a frame once it is upright."""
        return size[::-1] if self._transposed else size

    def upright_ratio(self, ratio: Fraction) -> Fraction:
        """Return the width of a pixel over its height once it is upright."""
        return 1 / ratio if self._transposed else ratio

    def read(self, frame: VideoFrame, size: Size) -> Frame:
        """Return a frame upright, at this (height, width) and in sRGB.

        Raises:
            PictureError: it cannot be converted.
        """
        numbers = torch.from_numpy(self._to_rgb(frame).astype(np.float32)).permute(2, 0, 1)[None]
        if self._transposed:
            numbers = numbers.transpose(2, 3)
        numbers = numbers.flip(self._flips) if self._flips else numbers
        image, alpha = numbers[:, :3], numbers[:, 3:].div_(_largest(self._bits)).clamp_(0, 1)
        image.sub_(self._black).div_(self._white - self._black)
        if self._bits > 8 or self._black:  # then something may be beyond black and white
            image.clamp_(0, 1)
        if self.alpha:
            fill_hidden(image, alpha)
        shown = fit_frame(image, alpha if self.alpha else None, size, has_alpha=self.alpha)
        return shown if self._color is None else Frame(_to_srgb(shown.image, self._color), shown.alpha)

    def _to_rgb(self, frame: VideoFrame) -> NDArray[Any]:
        """Return a frame's RGB values, and alpha, shape (H, W, 3 or 4), in 8 or 16 bits.

        Raises:
            PictureError: libswscale cannot convert it.
        """
        import av

        frame.colorspace, flags = self._matrix, _BILINEAR | _ACCURATE
        try:
            rgb = self._convert(frame, format=self._format, interpolation=flags, dst_color_range=_FULL_RANGE, threads=1)
        except av.FFmpegError as error:
            raise PictureError(
                f"{self._path}: its frames cannot be converted to RGB ({frame.format.name})",
                hint="convert it to H.264 first",
            ) from error
        return rgb.to_ndarray()


def _levels(frame: VideoFrame, bits: int) -> tuple[int, int]:
    """Return the values that libswscale makes of a frame's black and white.

    In 16 bits, white is not 65535: a frame of 10 bits that uses all of them ends at 1023 times 64, any other at 255
    times 256, which was measured. Gray frames keep their own range.
    """
    narrow = int(frame.color_range) != _FULL_RANGE
    unit = 1 if bits <= 8 else 256
    if not frame.format.is_rgb and sum(not part.is_alpha for part in frame.format.components) == 1:
        return (16 * unit, 235 * unit) if narrow else (0, _largest(bits))
    if frame.format.is_rgb or bits <= 8:
        return 0, 255 if bits <= 8 else 65535
    return 0, 255 * unit if narrow else _largest(bits)


def _largest(bits: int) -> int:
    """Return the largest value of so many bits, shifted to 16 bits if there are more than eight."""
    return 255 if bits <= 8 else (2**bits - 1) << (16 - bits)


def _find_matrix(path: Path, frame: VideoFrame) -> int:
    """Return the code of a frame's matrix between YUV and RGB.

    Raises:
        PictureError: it cannot be computed.
    """
    matrix = int(frame.colorspace)
    if matrix == _UNSPECIFIED or (matrix == _RGB and not frame.format.is_rgb):
        return _BT709 if frame.width >= _SD_WIDTH or frame.height > _SD_HEIGHT else _BT601
    if matrix == _BT2020_CONSTANT:
        return _BT2020
    if matrix not in _MATRICES:
        raise PictureError(
            f"{path}: its colors are of a kind that artcnn cannot read (H.273 matrix {matrix})",
            hint="convert it to BT.709 first",
        )
    return matrix


def _find_color(frame: VideoFrame, notes: list[str]) -> ColorEncoding | None:
    """Return the encoding of a frame's RGB values, or None for sRGB."""
    color = find_encoding(int(frame.color_primaries), int(frame.color_trc))
    if color is None:
        notes.append("it names colors that artcnn does not know, taken as sRGB")
    elif color.is_hdr:
        notes.append(tone_mapping_note(color))
    return None if color is None or color.is_srgb else color


def _to_srgb(image: Tensor, color: ColorEncoding) -> Tensor:
    numbers = color.to_srgb(image[0].permute(1, 2, 0).numpy(), 1, HDR_PEAK)
    return torch.from_numpy(numbers).permute(2, 0, 1)[None].contiguous()


def _orientation(frame: VideoFrame) -> tuple[bool, list[int]]:
    """Return how a frame is set upright: whether rows and columns are exchanged, then which axes are flipped.

    FFmpeg's display matrix (a, b, u, c, d, v, x, y, w) sends column p and row q to a p + c q and b p + d q.
    """
    data: Any = frame.side_data.get("DISPLAYMATRIX")
    if data is None:
        return False, []
    a, b, _, c, d = np.frombuffer(bytes(data), np.int32)[:5].tolist()
    transposed = abs(b) + abs(c) > abs(a) + abs(d)
    right, down = (c, b) if transposed else (a, d)
    return transposed, [axis for axis, way in ((2, down), (3, right)) if way < 0]
