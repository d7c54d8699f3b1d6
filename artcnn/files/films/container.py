"""Write MP4 and WebM films with PyAV, with the sound of a clip copied packet by packet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from artcnn.errors import PictureError
from artcnn.files.films.times import FrameTimes
from artcnn.files.sound_tracks import SoundTracks

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream


@dataclass(frozen=True)
class Format:
    """A format of films.

    Attributes:
        encoder: FFmpeg's name of the encoder.
        sounds: FFmpeg's names of the sound formats that it holds.
        options: of the container.
    """

    encoder: str
    sounds: frozenset[str]
    options: dict[str, str]


FORMATS = {
    # The index at the front, so that browsers can play before the download ends.
    ".mp4": Format(
        "libx264",
        frozenset(
            {"aac", "ac3", "alac", "dca", "eac3", "flac", "mp2", "mp3", "opus", "vorbis"}
            | {f"pcm_s{bits}{order}" for bits in (16, 24, 32) for order in ("le", "be")}
        ),
        {"movflags": "+faststart"},
    ),
    # Otherwise it would have a random identifier.
    ".webm": Format("libvpx-vp9", frozenset({"opus", "vorbis"}), {"fflags": "+bitexact"}),
}
"""The containers that are written, by ending."""

_TRIED = 3
"""Packets of sound that are tried before a film is made."""


class ContainerFilm:
    """An MP4 or WebM film that is being written.

    Args:
        container: what PyAV writes.
        suffix: its ending.
        times: when its frames are shown.
        sound: what is copied, or None.
        alpha: whether its frames have an alpha.
    """

    def __init__(
        self, container: OutputContainer, suffix: str, times: FrameTimes, sound: SoundTracks | None, *, alpha: bool
    ) -> None:
        self._container, self._times, self._count = container, times, 0
        self._lengths: dict[int, int] = {}
        add = _add_h264 if suffix == ".mp4" else _add_vp9
        self._stream = add(container, times, alpha)
        self._tracks = [] if sound is None else sound.add_to(container)
        self._sound = iter(()) if sound is None else sound.packets()

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
        self._count += 1
        self._lengths[frame.pts] = self._times.stamp(self._count) - frame.pts
        self._mux(self._stream.encode(frame))

    def finish(self) -> None:
        """Write what is left; where frames are missing, the sound ends with the last that is there."""
        self._mux(self._stream.encode())
        self._mux_sound(None if self._count == self._times.count else self._times.begin(self._count))

    def _mux(self, packets: list[Packet[VideoStream]]) -> None:
        for packet in packets:
            assert packet.pts is not None  # noqa: S101 - each frame has one
            packet.duration = self._lengths.pop(packet.pts)
            self._mux_sound(packet.pts * self._times.unit)
            self._container.mux(packet)

    def _mux_sound(self, end: Fraction | None) -> None:
        """Write the packets of sound that begin before ``end``, or all; those that are damaged are left out."""
        import av

        for time, number, packet in self._sound:
            if end is not None and time >= end:
                self._sound = chain([(time, number, packet)], self._sound)
                return
            packet.stream = self._tracks[number]
            with suppress(av.InvalidDataError):  # the header of a packet of AAC must be right: it becomes the film's
                self._container.mux(packet)


def find_tracks(suffix: str, sound: SoundTracks) -> list[int]:
    """Return the positions of the tracks that a film with that ending takes.

    Their format is one of its ``sounds``, and it was tried that their first packets can be written.
    """
    if suffix not in FORMATS:
        return []
    known = (number for number, codec in enumerate(sound.codecs) if codec in FORMATS[suffix].sounds)
    return [number for number in known if _takes(suffix, sound.only([number]))]


def _takes(suffix: str, track: SoundTracks | None) -> bool:
    """Return whether the first packets of one track can be written."""
    import av

    assert track is not None  # noqa: S101 - it is one
    try:
        with av.open(BytesIO(), "w", format=suffix[1:]) as container:
            (stream,) = track.add_to(container)
            container.start_encoding()  # a track may have no packet at all
            for _, _, packet in islice(track.packets(), _TRIED):
                packet.stream = stream
                container.mux(packet)
    except (av.FFmpegError, ValueError, PictureError):
        return False
    return True


@contextmanager
def write_container(
    path: Path, suffix: str, times: FrameTimes, provenance: str | None, sound: SoundTracks | None, *, alpha: bool
) -> Iterator[ContainerFilm]:
    """Yield a film that takes frames; the caller finishes it. The arguments are those of :class:`ContainerFilm`."""
    import av

    options = FORMATS[suffix].options
    with av.open(str(path), "w", format=suffix[1:], container_options=options) as container:
        if provenance is not None:
            container.metadata["comment"] = provenance
        yield ContainerFilm(container, suffix, times, sound, alpha=alpha)


def _add_h264(container: OutputContainer, times: FrameTimes, alpha: bool) -> VideoStream:  # noqa: ARG001 - it has none
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
