"""The sound tracks of a clip, as packets that are copied without being decoded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from artcnn.files.containers import open_container

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import OutputContainer
    from av.packet import Packet

_METADATA = "language", "title"
"""What is copied of a track's metadata."""


@dataclass(frozen=True)
class SoundTracks:
    """The sound tracks of a clip, or of a range of it.

    Attributes:
        path: the clip.
        codecs: FFmpeg's name of each track's codec, such as ``aac``.
        numbers: of the tracks, among those of the clip, from 0.
        zero: the time in the file at which the range begins, in seconds.
        begin: where the range begins, in seconds from ``zero``, or None for all there is before it, too.
        end: where it ends, or None for all there is.
    """

    path: Path
    codecs: tuple[str, ...]
    numbers: tuple[int, ...]
    zero: Fraction
    begin: Fraction | None = None
    end: Fraction | None = None

    def cut(self, begin: Fraction | None, end: Fraction | None) -> SoundTracks:
        """Return the sound from ``begin`` to ``end``, in seconds from ``zero``; None for all there is."""
        start = begin or Fraction(0)
        return replace(
            self,
            zero=self.zero + start,
            begin=None if begin is None else Fraction(0),
            end=None if end is None else end - start,
        )

    def only(self, holds: Callable[[str], bool]) -> SoundTracks | None:
        """Return the tracks of the codecs that ``holds`` is true for; None if there are none."""
        kept = [(codec, number) for codec, number in zip(self.codecs, self.numbers, strict=True) if holds(codec)]
        codecs, numbers = zip(*kept, strict=True) if kept else ((), ())
        return replace(self, codecs=codecs, numbers=numbers) if kept else None

    def add_to(self, container: OutputContainer) -> list[AudioStream]:
        """Add the tracks to a film that is written; return its streams.

        Raises:
            PictureError: the clip is damaged.
        """
        with open_container(self.path) as clip:
            tracks = [clip.streams.audio[number] for number in self.numbers]
            copies = [container.add_stream_from_template(track) for track in tracks]
            for copy, track in zip(copies, tracks, strict=True):
                copy.metadata.update({key: track.metadata[key] for key in _METADATA if key in track.metadata})
            return copies

    def packets(self) -> Iterator[tuple[Fraction, int, Packet[AudioStream]]]:
        """Yield the packets of the range in the order of the file, each after its time and the position of its track.

        The time is in seconds from ``zero``, and so are the packet's own stamps, rounded to its time base.

        Raises:
            PictureError: the clip is damaged.
        """
        with open_container(self.path) as clip:
            tracks = tuple(clip.streams.audio[number] for number in self.numbers)
            positions = {track.index: position for position, track in enumerate(tracks)}
            for packet in clip.demux(tracks):
                stamp = packet.pts if packet.pts is not None else packet.dts
                if stamp is None:  # it ends the stream
                    continue
                time = stamp * packet.time_base - self.zero
                if self._is_heard(time, time + (packet.duration or 0) * packet.time_base):
                    shift = round(self.zero / packet.time_base)
                    packet.pts = None if packet.pts is None else packet.pts - shift
                    packet.dts = None if packet.dts is None else packet.dts - shift
                    yield time, positions[packet.stream_index], packet

    def _is_heard(self, begin: Fraction, end: Fraction) -> bool:
        """Return whether a packet from ``begin`` to ``end`` is heard in the range."""
        before = self.begin is not None and begin < self.begin and end <= self.begin
        return not before and (self.end is None or begin < self.end)
