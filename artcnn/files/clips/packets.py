"""When the frames of a video container are shown: read from its packets, without decoding."""

from __future__ import annotations

import os
from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from artcnn.errors import PictureError
from artcnn.files.clips.source import check_count
from artcnn.files.streams import STREAM

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream


@dataclass(frozen=True)
class Index:
    """The packets of a stream of pictures.

    Attributes:
        unit: of its time stamps, in seconds.
        stamps: of each frame that is shown, ascending.
        end: the time stamp at which the last one is no longer shown.
        keys: of the frames from which decoding can begin, ascending.
        whole: whether nothing is missing.
    """

    unit: Fraction
    stamps: list[int]
    end: int
    keys: list[int]
    whole: bool

    def time(self, stamp: int) -> Fraction:
        """Return the seconds from the first frame to a time stamp."""
        return (stamp - self.stamps[0]) * self.unit

    def times(self) -> list[Fraction]:
        """Return the seconds from the first frame to each."""
        return [self.time(stamp) for stamp in self.stamps]

    def key_before(self, start: Fraction) -> int | None:
        """Return the last key frame's time stamp up to ``start`` seconds; None for the first, or if a part is missing.

        What is decoded behind a missing part depends on where decoding began.
        """
        number = bisect_right(self.keys, start / self.unit + self.stamps[0])
        return self.keys[number - 1] if number > 1 and self.whole else None


def index_packets(path: Path, container: InputContainer, stream: VideoStream) -> Index:
    """Return the index of a stream in a container that has just been opened.

    Raises:
        PictureError: it has no frames, or too many.
    """
    import av

    unit, whole, last = stream.time_base, True, Fraction(0)
    shown: dict[int, int] = {}
    keys: list[int] = []
    packets = container.demux()
    while True:
        try:
            packet = next(packets, None)
        except av.FFmpegError:
            whole = False
            break
        if packet is None:
            break
        stamp = packet.pts if packet.pts is not None else packet.dts
        if stamp is None or not packet.time_base:  # one that ends a stream has none
            continue
        last = max(last, (stamp + (packet.duration or 0)) * packet.time_base)
        if packet.is_corrupt:
            whole = False
        elif packet.stream_index == stream.index and not packet.is_discard:
            shown[stamp] = packet.duration or 0
            keys += [stamp] if packet.is_keyframe else []
            check_count(path, len(shown))
    if not shown or not unit:
        raise PictureError(f"{path}: damaged or cut short, without a single frame", hint="get a fresh copy")
    stamps = sorted(shown)
    usual = round((stamps[-1] - stamps[0]) / (len(stamps) - 1)) if len(stamps) > 1 else 0
    whole = whole and not _lacks_its_end(path, container, stream, last, usual * unit)
    end = stamps[-1] + (shown[stamps[-1]] or usual)
    if whole and stream.duration and stamps[0] + stream.duration > stamps[-1]:
        end = stamps[0] + stream.duration  # in MP4, packets have the durations of decoding, not of showing
    return Index(unit, stamps, end, sorted(keys), whole)


def _lacks_its_end(path: Path, container: InputContainer, stream: VideoStream, last: Fraction, frame: Fraction) -> bool:
    """Return whether a file ends before the packets that it declares.

    Args:
        path: the file.
        container: its demuxer.
        stream: of pictures.
        last: when the last packet that is there ends, in seconds.
        frame: how long a frame usually is, in seconds.
    """
    if container.format.name.startswith("matroska"):  # it declares how long it is
        return Fraction(container.duration or 0, 1_000_000) > last + 2 * frame
    size = 0 if path == STREAM else os.stat(path).st_size  # noqa: PTH116 - it is open already
    return bool(size) and any(entry.pos + entry.size > size for entry in stream.index_entries)
