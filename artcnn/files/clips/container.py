"""Clips in video containers, by PyAV: MP4, MOV, MKV, WebM, AVI and others."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, cast

from artcnn.errors import PictureError
from artcnn.files.clips.packets import index_packets
from artcnn.files.clips.pixels import PixelReader
from artcnn.files.clips.source import DEFAULT_FPS, Facts, Frame, Picture
from artcnn.files.containers import max_pixels, open_container
from artcnn.files.open import check_size
from artcnn.files.sound_tracks import SoundTracks
from artcnn.image import Size

if TYPE_CHECKING:
    from av import VideoFrame
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.codeccontext import VideoCodecContext
    from av.video.stream import VideoStream

_ALPHA_DECODERS = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
"""FFmpeg's own decoders of these formats leave the alpha out."""

_LARGEST_RATIO = 16
"""Largest aspect ratio of a pixel; what goes beyond is not believed."""

_FASTEST = 1000
"""Highest nominal frame rate that is believed."""


class Container:
    """A clip in a container: the first stream of pictures.

    Raises:
        PictureError: it has no pictures, is damaged, or its frames are too large.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        notes: list[str] = []
        with open_container(path) as container:
            stream = _find_stream(path, container, notes)
            self._number, tracks = stream.index, container.streams.audio
            check_size(path, (stream.width, stream.height), 1)
            self._alpha_decoder = None
            if stream.metadata.get("alpha_mode", stream.metadata.get("ALPHA_MODE")) == "1":
                self._alpha_decoder = _ALPHA_DECODERS.get(stream.codec_context.codec.canonical_name)
            known = [number for number, track in enumerate(tracks) if track.codec_context]
            codecs = tuple(tracks[number].codec_context.codec.canonical_name for number in known)
            ratio, rate = stream.sample_aspect_ratio, stream.average_rate
            self._index = index_packets(path, container, stream)
        if not self._index.whole:
            notes.append(f"it is cut short: {len(self._index.stamps)} frames are there")
        self._damaged = 0
        first = next(self._decode(None), None)
        if first is None:
            raise PictureError(f"{path}: not one of its frames can be decoded", hint="get a fresh copy")
        self._pixels = PixelReader(path, first, notes)
        self._pixels.read(first, (1, 1))  # what cannot be converted is told now
        times, notes = self._index.times(), [f"{path}: {note}" for note in notes]
        end = self._index.time(self._index.end)
        usual = rate if rate and rate <= _FASTEST else len(times) / end if end else DEFAULT_FPS
        self.facts = Facts(
            _square(self._pixels.upright((first.height, first.width)), self._pixels.upright_ratio(_believed(ratio))),
            times,
            end or 1 / usual,
            usual,
            self._pixels.alpha,
            notes,
            SoundTracks(path, codecs, tuple(known), self._index.stamps[0] * self._index.unit) if codecs else None,
        )

    def pictures(self, start: Fraction) -> Iterator[Picture]:
        """Yield the pictures as ``Source`` says."""
        for frame in self._from(start):
            stamp = frame.pts if frame.pts is not None else frame.dts
            if stamp is not None:
                yield self._index.time(stamp), partial(self._make, frame)
        if self._damaged:
            count = "one of its frames is" if self._damaged == 1 else f"{self._damaged} of its frames are"
            note = f"{self._path}: {count} damaged, and shown as the one before where nothing is left"
            if note not in self.facts.notes:
                self.facts.notes.append(note)
            self._damaged = 0

    def _make(self, frame: VideoFrame, size: Size) -> Frame:
        return self._pixels.read(frame, size)

    def _from(self, start: Fraction) -> Iterator[VideoFrame]:
        """Yield the frames from a key frame before ``start`` on, or from the first where seeking fails."""
        key = self._index.key_before(start)
        if key is not None:
            frames = self._decode(key)
            first = next(frames, None)
            if first is not None and first.pts is not None and self._index.time(first.pts) <= start:
                yield from chain([first], frames)
                return
        yield from self._decode(None)

    def _decode(self, key: int | None) -> Iterator[VideoFrame]:
        """Yield the decoded frames, from a key frame's time stamp on, or all. Damaged packets are left out, counted."""
        import av

        with open_container(self._path) as container:
            stream = next(stream for stream in container.streams.video if stream.index == self._number)
            if key is not None:
                container.seek(key, stream=stream)
            decoder = self._decoder(stream)
            for packet in _packets(container, stream):
                try:
                    frames = decoder.decode(packet)
                except av.FFmpegError:
                    self._damaged += self._index.whole  # the end of a file that is cut short is no surprise
                    continue
                self._damaged += self._index.whole and any(frame.is_corrupt for frame in frames)
                yield from frames

    def _decoder(self, stream: VideoStream) -> VideoCodecContext:
        from av import CodecContext

        decoder = stream.codec_context
        if self._alpha_decoder is not None:
            decoder = cast("VideoCodecContext", CodecContext.create(self._alpha_decoder, "r"))
            decoder.extradata = stream.codec_context.extradata
        decoder.options = {"max_pixels": str(max_pixels())}
        return decoder


def _packets(container: InputContainer, stream: VideoStream) -> Iterator[Packet[VideoStream] | None]:
    """Yield a stream's packets as far as they can be read, then what makes a decoder return its last frames."""
    import av

    try:
        yield from container.demux(stream)  # ends with an empty packet
    except av.FFmpegError:
        yield None


def _find_stream(path: Path, container: InputContainer, notes: list[str]) -> VideoStream:
    """Return the first stream of pictures that is not the cover of a piece of music.

    Raises:
        PictureError: there is none, or no decoder for it.
    """
    from av.stream import Disposition

    streams = [stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic]
    if not streams:
        sound = ", only sound" if container.streams.audio else ""
        raise PictureError(f"{path} has no pictures{sound}", hint="give a clip with a picture")
    if streams[0].codec_context is None:
        raise PictureError(f"{path}: this build of PyAV cannot decode its pictures", hint="convert it to H.264 first")
    if len(streams) > 1:
        notes.append(f"it has {len(streams)} streams of pictures: the first is taken")
    return streams[0]


def _believed(ratio: Fraction | None) -> Fraction:
    """Return the width of a pixel over its height."""
    return ratio if ratio and 1 / _LARGEST_RATIO <= ratio <= _LARGEST_RATIO else Fraction(1)


def _square(size: Size, ratio: Fraction) -> Size:
    """Return the (height, width) in square pixels: the shorter side of a pixel is stretched."""
    height, width = size
    return (height, round(width * ratio)) if ratio >= 1 else (round(height / ratio), width)
