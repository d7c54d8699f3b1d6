"""What MP4 and WebM films hold, and the writing of their packets, with the sound of a clip between them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from io import BytesIO
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

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


@contextmanager
def open_output(path: Path, suffix: str, provenance: str | None) -> Iterator[OutputContainer]:
    """Yield a new container at ``path``, of the format with an ending."""
    import av

    with av.open(str(path), "w", format=suffix[1:], container_options=FORMATS[suffix].options) as container:
        if provenance is not None:
            container.metadata["comment"] = provenance
        yield container


class Muxer:
    """Writes the packets of a film's frames, each with its stamps, and its sound.

    Packets are decoded at the times of the frames, less a constant: so early that none comes too late. At a steady rate
    these are the encoder's own stamps. At another rate its stamps are not equally early, and players, which look for a
    key frame by them, would find one that comes too late.

    Args:
        container: what is written.
        stream: of the frames.
        suffix: the ending of the container's format.
        times: when the frames are shown.
        sound: a clip's, or None; tracks that the format does not hold are left out.
    """

    def __init__(
        self,
        container: OutputContainer,
        stream: VideoStream,
        suffix: str,
        times: FrameTimes,
        sound: SoundTracks | None,
    ) -> None:
        self._container, self._stream, self._times = container, stream, times
        sound = None if sound is None else sound.only(find_tracks(suffix, sound))
        self._count = 0
        self._held: Packet[VideoStream] | None = None
        self._tracks = [] if sound is None else sound.add_to(container)
        self._sound = iter(()) if sound is None else sound.packets()

    def add(self, number: int, packet: Packet[VideoStream]) -> None:
        """Write the packet of a frame, by its number; packets come in the order of decoding."""
        times = self._times
        packet.stream, packet.time_base = self._stream, times.unit
        packet.pts, packet.dts = times.stamp(number), times.stamp(self._count) - self._early
        packet.duration = times.stamp(number + 1) - packet.pts
        self._count += 1
        self._write_held()
        self._held = packet

    def finish(self) -> None:
        """Write the rest; where frames are missing, the sound ends with the last that is there."""
        count, times = self._count, self._times
        if self._held is not None:  # MP4's length of a film is that of decoding, up to the end of this packet
            self._held.duration = times.stamp(count) - times.stamp(count - 1)
        self._write_held()
        self._add_sound(None if count == times.count else times.begin(count))

    @cached_property
    def _early(self) -> int:
        """How many units a packet is decoded before the frame of its place is shown; an open encoder knows it."""
        return self._times.longest(self._stream.codec_context.reorder_depth)

    def _write_held(self) -> None:
        """Write the packet that was held back because it could have been the last."""
        if self._held is not None and self._held.pts is not None:
            self._add_sound(self._held.pts * self._times.unit)
            self._container.mux(self._held)
        self._held = None

    def _add_sound(self, end: Fraction | None) -> None:
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
