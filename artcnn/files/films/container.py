"""Encode MP4 and WebM films with PyAV."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from artcnn.files.films.mux import Muxer, open_output
from artcnn.files.films.times import FrameTimes
from artcnn.files.sound_tracks import SoundTracks

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream


class ContainerFilm:
    """An MP4 or WebM film that is being written.

    Args:
        container: what PyAV writes.
        suffix: its ending.
        times: when its frames are shown.
        sound: a clip's, or None; tracks that the format does not hold are left out.
        alpha: whether its frames have an alpha.
    """

    def __init__(
        self, container: OutputContainer, suffix: str, times: FrameTimes, sound: SoundTracks | None, *, alpha: bool
    ) -> None:
        self._times, self._count = times, 0
        self._numbers: dict[int, int] = {}
        self._stream = add_encoder(container, suffix, times, alpha=alpha)
        self._muxer = Muxer(container, self._stream, suffix, times, sound)

    def __call__(self, image: Image.Image) -> None:
        """Add a frame, RGB or RGBA, of even sides."""
        import av
        from av.video.reformatter import ColorRange, Colorspace

        if self._count == 0:
            self._stream.width, self._stream.height = image.size
        frame = av.VideoFrame.from_ndarray(np.asarray(image), format="rgba" if image.mode == "RGBA" else "rgb24")
        frame = frame.reformat(
            format=self._stream.pix_fmt, dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
        )
        frame.pts, frame.time_base = self._times.stamp(self._count), self._times.unit
        self._numbers[frame.pts] = self._count
        self._count += 1
        self._mux(self._stream.encode(frame))

    def finish(self) -> None:
        """Write what is left; where frames are missing, the sound ends with the last that is there."""
        self._mux(self._stream.encode())
        self._muxer.finish()

    def _mux(self, packets: list[Packet[VideoStream]]) -> None:
        for packet in packets:
            assert packet.pts is not None  # noqa: S101 - each frame has one
            self._muxer.add(self._numbers.pop(packet.pts), packet)


@contextmanager
def write_container(
    path: Path, suffix: str, times: FrameTimes, provenance: str | None, sound: SoundTracks | None, *, alpha: bool
) -> Iterator[ContainerFilm]:
    """Yield a film that takes frames; the caller finishes it. The arguments are those of :class:`ContainerFilm`."""
    with open_output(path, suffix, provenance) as container:
        yield ContainerFilm(container, suffix, times, sound, alpha=alpha)


def add_encoder(container: OutputContainer, suffix: str, times: FrameTimes, *, alpha: bool) -> VideoStream:
    """Add the stream of a film's frames to a container with that ending; its size is still to be set."""
    return _add_h264(container, times) if suffix == ".mp4" else _add_vp9(container, times, alpha)


def _add_h264(container: OutputContainer, times: FrameTimes) -> VideoStream:
    from torch.backends.cpu import get_cpu_capability

    # One thread: otherwise the bytes depend on the number of threads.
    options = {"crf": "18", "preset": "slow", "threads": "1"}
    # With AVX-512 x264's macroblock tree gives other bytes from run to run, and torch may be told to use less of a
    # processor than x264 would.
    if get_cpu_capability() in ("AVX2", "AVX512"):
        options["x264-params"] = "asm=avx2"
    stream = container.add_stream("libx264", times.rate, options=options)
    stream.pix_fmt = "yuv420p"  # 4:4:4 would be sharper, but most players show it black
    return _declare(stream, times)


def _add_vp9(container: OutputContainer, times: FrameTimes, alpha: bool) -> VideoStream:
    options = {"crf": "20", "b": "0", "deadline": "good", "cpu-used": "2", "threads": "1"}
    if alpha:
        options["auto-alt-ref"] = "0"  # libvpx encodes no alpha with it
    stream = container.add_stream("libvpx-vp9", times.rate, options=options)
    stream.pix_fmt = "yuva420p" if alpha else "yuv420p"
    return _declare(stream, times)


def _declare(stream: VideoStream, times: FrameTimes) -> VideoStream:
    """Declare the unit of time and the colors of a stream."""
    from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

    context = stream.codec_context
    context.time_base = times.unit
    context.colorspace, context.color_range = Colorspace.ITU709, ColorRange.MPEG
    context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
    return stream
