"""Join the pieces of a film, made one by one, into the film: packets and frames are copied, not encoded again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from dataclasses import replace as changed
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from artcnn.errors import PictureError
from artcnn.files.containers import open_container
from artcnn.files.films.container import add_encoder
from artcnn.files.films.folder import copy_frames
from artcnn.files.films.mux import FORMATS, Muxer, open_output
from artcnn.files.folder import list_frames
from artcnn.files.video import FilmPlan, check_film, draft_film

if TYPE_CHECKING:
    from av.packet import Packet
    from av.video.stream import VideoStream


@dataclass(frozen=True)
class _Piece:
    """A piece in a container.

    Attributes:
        path: of its file.
        stamps: when each of its frames is shown, in any unit, in the order of decoding.
        size: (height, width).
        codec: FFmpeg's name of it.
        header: what a decoder has to know before the first packet.
    """

    path: Path
    stamps: list[int]
    size: tuple[int, int]
    codec: str
    header: bytes | None

    @classmethod
    def read(cls, path: Path) -> _Piece:
        with open_container(path) as container:
            stream = container.streams.video[0]
            context = stream.codec_context
            stamps = [packet.pts for packet in container.demux(stream) if packet.size and packet.pts is not None]
            size, codec = (context.height, context.width), context.codec.canonical_name
            return cls(path, stamps, size, codec, context.extradata)

    def packets(self) -> Iterator[Packet[VideoStream]]:
        """Yield the packets, in the order of decoding."""
        with open_container(self.path) as container:
            yield from (packet for packet in container.demux(video=0) if packet.size)


def join_film(
    pieces: Sequence[Path], path: Path | str, plan: FilmPlan, provenance: str | None = None, replace: bool = True
) -> Path:
    """Write the film that pieces are parts of, with its sound, as ``film_writer`` does; return where it is.

    Frames are shown when the plan says, and are those of the pieces to the bit. A folder of frames is that which
    ``film_writer`` would have written, byte for byte.

    Args:
        pieces: in their order: films that ``film_writer`` made of parts of the plan, in files with the ending of
            ``path``; or folders of PNG frames.
        path: the file to write, ending in .mp4 or .webm, or a folder without an ending.
        plan: of the whole film.
        provenance: ASCII text to store in the film.
        replace: whether an existing file may be replaced; if not, another name is chosen, as for a folder always.

    Raises:
        PictureError: the pieces are damaged or do not go together, or the film cannot be written.
        MissingExtraError: the format needs a package that is not installed.
    """
    path = Path(path)
    check_film(path, changed(plan, passes=0))  # no frames are stored beside the pieces
    suffix = path.suffix.lower()
    if suffix in FORMATS:
        found = [_Piece.read(piece) for piece in pieces]
        _check(path, found, plan)
        with draft_film(path, replace) as draft:
            _copy_packets(draft.temporary, suffix, found, plan, provenance)
    elif not suffix:
        with draft_film(path, replace) as draft:
            frames = [frame for piece in pieces for frame in list_frames(piece)]
            _check_count(path, len(frames), plan)
            copy_frames(draft.temporary, frames, plan.size, provenance)
    else:
        raise PictureError(f"cannot write {path}: pieces are joined to {', '.join(FORMATS)} or a folder of frames")
    return draft.path


def _check(path: Path, pieces: Sequence[_Piece], plan: FilmPlan) -> None:
    """Check that pieces can be played one after the other, and are the film.

    Raises:
        PictureError: they cannot, or are not.
    """
    from av import Codec

    codec = Codec(FORMATS[path.suffix.lower()].encoder, "w").canonical_name
    for piece in pieces:
        if piece.size != plan.size or piece.codec != codec:
            (height, width), other = plan.size, f"{piece.codec} of {piece.size[1]} x {piece.size[0]} pixels"
            raise PictureError(
                f"cannot write {path}: {piece.path} is {other}, and the film {codec} of {width} x {height}"
            )
        if piece.header != pieces[0].header:
            raise PictureError(
                f"cannot write {path}: {piece.path} is encoded otherwise than {pieces[0].path}",
                hint="make all pieces with the same version of artcnn and of its packages",
            )
    _check_count(path, sum(len(set(piece.stamps)) for piece in pieces), plan)


def _check_count(path: Path, count: int, plan: FilmPlan) -> None:
    """Check that pieces have all frames of the film.

    Raises:
        PictureError: they have not.
    """
    if count != len(plan.times):
        raise PictureError(f"cannot write {path}: its pieces have {count} frames, and it has {len(plan.times)}")


def _copy_packets(file: Path, suffix: str, pieces: Sequence[_Piece], plan: FilmPlan, provenance: str | None) -> None:
    """Write the packets of pieces into one container, and the sound."""
    times, order = plan.frame_times, list(_order(pieces))
    with open_output(file, suffix, provenance) as container:
        # The stream is declared as that of a film that is encoded here, so that both have the same header.
        stream = add_encoder(container, suffix, times, alpha=plan.alpha)
        stream.height, stream.width = plan.size
        stream.codec_context.open()
        stream.codec_context.extradata = pieces[0].header
        muxer = Muxer(container, stream, suffix, times, plan.sound)
        packets = chain.from_iterable(piece.packets() for piece in pieces)
        for number, packet in zip(order, packets, strict=True):
            muxer.add(number, packet)
        muxer.finish()


def _order(pieces: Sequence[_Piece]) -> Iterator[int]:
    """Yield the number of each packet's frame in the film, in the order of decoding."""
    first = 0
    for piece in pieces:
        ranks = {stamp: rank for rank, stamp in enumerate(sorted(piece.stamps))}
        yield from (first + ranks[stamp] for stamp in piece.stamps)
        first += len(piece.stamps)
