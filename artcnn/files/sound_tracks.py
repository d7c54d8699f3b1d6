"""The sound tracks of a clip, as packets that are copied without being decoded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from artcnn.files.containers import open_container

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer, OutputContainer
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
        before: whether what is heard before ``zero`` belongs to it.
        end: where it ends, or None for all there is.
    """

    path: Path
    codecs: tuple[str, ...]
    numbers: tuple[int, ...]
    zero: Fraction
    before: bool = True
    end: Fraction | None = None

    def cut(self, begin: Fraction | None, end: Fraction | None) -> SoundTracks:
        """Return the sound from ``begin`` to ``end``, in seconds from ``zero``; None for all there is."""
        start = begin or Fraction(0)
        return replace(
            self,
            zero=self.zero + start,
            before=begin is None,
            end=None if end is None else end - start,
        )

    def only(self, positions: Sequence[int]) -> SoundTracks | None:
        """Return the tracks at these positions, from 0; None if there are none."""
        codecs, numbers = tuple(self.codecs[p] for p in positions), tuple(self.numbers[p] for p in positions)
        return replace(self, codecs=codecs, numbers=numbers) if positions else None

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

        The time is in seconds from ``zero``, and so are the packet's own stamps, rounded to its time base. Packets that
        are damaged or in a wrong order are left out, for no film would take them; a file that is cut short ends there.

        Raises:
            PictureError: the clip is not there any more.
        """
        with open_container(self.path) as clip:
            tracks = tuple(clip.streams.audio[number] for number in self.numbers)
            positions = {track.index: position for position, track in enumerate(tracks)}
            latest: dict[int, int] = {}
            for packet in _read(clip, tracks):
                stamp, order = packet.pts, packet.dts if packet.dts is not None else packet.pts
                if stamp is None or order is None or packet.is_corrupt:
                    continue
                time = stamp * packet.time_base - self.zero
                in_order = latest.get(packet.stream_index, order - 1) < order <= stamp
                if in_order and self._is_heard(time, time + (packet.duration or 0) * packet.time_base):
                    latest[packet.stream_index] = order
                    shift = round(self.zero / packet.time_base)
                    packet.pts, packet.dts = stamp - shift, order - shift
                    yield time, positions[packet.stream_index], packet

    def _is_heard(self, begin: Fraction, end: Fraction) -> bool:
        """Return whether a packet from ``begin`` to ``end`` is heard in the range."""
        return (self.before or begin >= 0 or end > 0) and (self.end is None or begin < self.end)


def _read(clip: InputContainer, tracks: tuple[AudioStream, ...]) -> Iterator[Packet[AudioStream]]:
    """Yield the packets of tracks as far as they can be read."""
    import av

    with suppress(av.FFmpegError):
        yield from clip.demux(tracks)
