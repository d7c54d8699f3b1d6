"""Write a video atomically, frame by frame: MP4 with PyAV, animated WebP and GIF with Pillow.

Only one frame is in memory. Pillow would collect all frames of a WebP or GIF first, so each frame is encoded as a
picture of its own, and its data is copied into the container: Google's "WebP Container Specification" and CompuServe's
"Graphics Interchange Format, Version 89a".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from struct import pack, unpack_from
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from PIL import Image

from artcnn.errors import PictureError
from artcnn.files.atomic import atomic_replace, check_folder, resolve_link
from artcnn.files.color import srgb_profile
from artcnn.files.containers import check_encoder, is_container, open_container
from artcnn.files.file_names import hidden_sibling
from artcnn.files.open import open_picture
from artcnn.files.provenance import provenance_comment, provenance_exif
from artcnn.files.streams import is_stream
from artcnn.files.write import to_uint8

if TYPE_CHECKING:  # paths are checked before the slow import of torch
    from torch import Tensor

LONGEST_SIDE = {".webp": 16_383, ".gif": 65_535, ".mp4": 8_192}
"""Longest side in pixels, by ending; for MP4 that of the highest H.264 level."""

_FASTEST = {".gif": 50.0}
"""Highest frame rate, by ending. Many players ignore GIF delays below 2/100 s."""

_AddFrame = Callable[[Image.Image, int], None]
"""Writes a frame, given its number, from 0."""

_QUALITY = 85
"""Quality of WebP, 0 to 100. Dreams have no smooth areas, where a higher one would show."""


def check_video(path: Path, fps: float, long_side: int) -> None:
    """Check that a video can be written to ``path``; done before slow work.

    Args:
        path: the file.
        fps: frames a second.
        long_side: of a frame, in pixels.

    Raises:
        PictureError: the ending is unknown, the format does not allow the size or frame rate, or the file cannot be
            written there.
        MissingExtraError: the format needs a package that is not installed.
    """
    suffix = path.suffix.lower()
    if is_stream(path):
        raise PictureError("a film does not go to the standard output, nor into a pipe", hint="give --out a file name")
    if suffix not in LONGEST_SIDE:
        raise PictureError(
            f"cannot write {path}: the name of a film must end in one of {', '.join(LONGEST_SIDE)}, "
            "or be a folder that is there"
        )
    if suffix == ".mp4":
        check_encoder(path, "libx264")
    if fps > _FASTEST.get(suffix, fps):
        raise PictureError(f"cannot write {path}: {suffix} shows {_FASTEST[suffix]:g} frames a second at most")
    if long_side > LONGEST_SIDE[suffix]:
        raise PictureError(f"cannot write {path}: {suffix} holds {LONGEST_SIDE[suffix]} pixels in a row")
    check_folder(path)


class VideoWriter:
    """A video that is being written. Call it with each frame.

    Attributes:
        path: the final path of the video.
    """

    def __init__(self, path: Path, put: _AddFrame) -> None:
        self.path, self.count, self._put = path, 0, put

    def __call__(self, frame: Tensor) -> None:
        """Add a frame, shape (1, 3, H, W), sRGB in [0, 1], H and W even and the same for all."""
        self._put(Image.fromarray(to_uint8(frame)), self.count)
        self.count += 1


@contextmanager
def video_writer(
    path: Path | str, fps: float, provenance: str | None = None, replace: bool = True
) -> Iterator[VideoWriter]:
    """Yield a writer that takes the frames of a video; the file is complete when the block ends.

    If the block raises, or there was no frame, nothing is written, and an existing file is unchanged. The same frames
    give the same bytes. WebP and GIF loop.

    Args:
        path: the file to write, ending in .mp4 (H.264), .webp or .gif.
        fps: frames a second.
        provenance: ASCII text to store in the file.
        replace: whether an existing file may be replaced; if not, another name is chosen.

    Raises:
        PictureError: it cannot be written, or there was no frame.
    """
    path = Path(path)
    check_video(path, fps, 0)
    kind = {".mp4": _mp4, ".webp": _webp, ".gif": _gif}[path.suffix.lower()]
    with (
        atomic_replace(path, hidden_sibling(resolve_link(path), ".part"), replace) as draft,
        kind(draft.temporary, fps, provenance) as put,
    ):
        writer = VideoWriter(path, put)
        yield writer
        if writer.count == 0:
            raise PictureError(f"cannot write {path}: there is no frame")
    writer.path = draft.path


def count_frames(path: Path) -> int:
    """Return the number of frames of a video, without decoding them.

    Raises:
        PictureError: the file is not a video, or is damaged.
    """
    if is_container(path):
        with open_container(path) as container:
            return container.streams.video[0].frames
    with open_picture(path) as (image, _):
        return int(getattr(image, "n_frames", 1))


@contextmanager
def _mp4(path: Path, fps: float, provenance: str | None) -> Iterator[_AddFrame]:
    import av
    from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
    from torch.backends.cpu import get_cpu_capability

    rate = Fraction(fps).limit_denominator(1001)
    # The index at the front, so that browsers can play before the download ends.
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        # One thread: otherwise the bytes depend on the number of threads.
        options = {"crf": "18", "preset": "slow", "threads": "1"}
        # With AVX-512 x264's macroblock tree gives other bytes from run to run, and torch may be told to use less of a
        # processor than x264 would.
        if get_cpu_capability() in ("AVX2", "AVX512"):
            options["x264-params"] = "asm=avx2"
        stream = container.add_stream("libx264", rate, options=options)
        if provenance is not None:
            container.metadata["comment"] = provenance
        stream.pix_fmt = "yuv420p"  # 4:4:4 would be sharper, but most players show it black
        context = stream.codec_context
        context.colorspace, context.color_range = Colorspace.ITU709, ColorRange.MPEG
        context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709

        def put(image: Image.Image, number: int) -> None:
            if number == 0:
                stream.width, stream.height = image.size
            frame = av.VideoFrame.from_ndarray(np.asarray(image), format="rgb24").reformat(
                format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
            )
            frame.pts, frame.time_base = number, 1 / rate
            container.mux(stream.encode(frame))

        yield put
        container.mux(stream.encode())


@contextmanager
def _webp(path: Path, fps: float, provenance: str | None) -> Iterator[_AddFrame]:
    exif = None if provenance is None else provenance_exif(provenance).tobytes().removeprefix(b"Exif\0\0")
    with path.open("xb") as file:
        file.write(b"RIFF\0\0\0\0WEBP")

        def put(image: Image.Image, number: int) -> None:
            if number == 0:
                flags = 0x22 | (0 if exif is None else 0x08)  # flags of VP8X: ICC profile, animation, EXIF
                size = b"".join(_uint24(side - 1) for side in image.size)
                file.write(_chunk(b"VP8X", bytes([flags, 0, 0, 0]) + size))
                file.write(_chunk(b"ICCP", srgb_profile()))
                file.write(_chunk(b"ANIM", bytes(6)))  # black background, endless loop
            still = BytesIO()
            image.save(still, "WEBP", quality=_QUALITY, method=4)
            # Offset, size, duration; 2: replaces the last frame instead of blending. Then the picture's only chunk.
            where = [0, 0, image.width - 1, image.height - 1, _ticks(number, fps, 1000)]
            head = b"".join(map(_uint24, where)) + b"\x02"
            file.write(_chunk(b"ANMF", head + still.getvalue()[12:]))

        yield put
        if exif is not None:
            file.write(_chunk(b"EXIF", exif))
        length = file.tell()
        file.seek(4)
        file.write(pack("<I", length - 8))


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + pack("<I", len(data)) + data + bytes(len(data) % 2)


def _uint24(number: int) -> bytes:
    return number.to_bytes(3, "little")


@contextmanager
def _gif(path: Path, fps: float, provenance: str | None) -> Iterator[_AddFrame]:
    with path.open("xb") as file:

        def put(image: Image.Image, number: int) -> None:
            if number == 0:
                file.write(b"GIF89a" + pack("<HHBBB", *image.size, 0x70, 0, 0))  # no global palette
                file.write(b"!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0")  # endless loop
                if provenance is not None:
                    file.write(b"!\xfe" + _blocks(provenance_comment(provenance)))
            file.write(b"!\xf9\x04\x04" + pack("<HBB", _ticks(number, fps, 100), 0, 0))
            _write_gif_frame(file, image)

        yield put
        file.write(b";")


def _write_gif_frame(file: BinaryIO, image: Image.Image) -> None:
    """Write a frame with its own palette: a shared one would show banding as colors drift."""
    palette = image.quantize(256, Image.Quantize.MEDIANCUT, kmeans=1)
    still = BytesIO()
    image.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG).save(still, "GIF", optimize=False, interlace=0)
    data = still.getvalue()
    bits = data[10] & 7  # the palette has 2 ** (bits + 1) entries
    at = 13 + 3 * 2 ** (bits + 1)
    colors = data[13:at]
    while data[at : at + 1] == b"!":
        at += 2
        while data[at]:
            at += 1 + data[at]
        at += 1
    place = unpack_from("<HHHH", data, at + 1)
    file.write(b"," + pack("<HHHHB", *place, 0x80 | bits) + colors + data[at + 10 : -1])


def _blocks(data: bytes) -> bytes:
    """Split data into GIF's blocks of at most 255 bytes."""
    parts = (data[start : start + 255] for start in range(0, len(data), 255))
    return b"".join(bytes([len(part)]) + part for part in parts) + b"\0"


def _ticks(number: int, fps: float, unit: int) -> int:
    """Return the duration of a frame in units of 1/``unit`` s; rounding errors do not accumulate."""
    return round((number + 1) * unit / fps) - round(number * unit / fps)
