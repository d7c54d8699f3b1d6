"""Films that are joined from pieces: the pieces' frames, the whole film's times, sound and header."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import torch
from PIL import Image

from artcnn.errors import ArtcnnError, PictureError
from artcnn.files.clips.clip import open_clip
from artcnn.files.films.join import join_film
from artcnn.files.provenance import read_provenance
from artcnn.files.video import FilmPlan, film_writer
from artcnn.jobs.film import plan_film

av = pytest.importorskip("av", reason="the extra 'video' is not installed")

PROVENANCE = '{"artcnn": "test"}'
EVEN = {"count": 12}
UNEVEN = {"times": [0, 4, 12, 15, 21, 60, 63, 80, 81, 99, 130, 131], "count": 12, "unit": Fraction(1, 90)}


@pytest.fixture
def write(tmp_path, scene):
    """Return what writes the film of a clip that it numbers, into a file of a name; another clip is cut from it."""

    def write(name, clip):
        with film_writer(
            tmp_path / name, plan_film(clip), '{"artcnn": "of a piece"}' if clip.whole else PROVENANCE
        ) as add:
            for number in range(clip.first, clip.first + len(clip.times)):
                frame = torch.from_numpy(scene(number)).permute(2, 0, 1)[None] / 255
                add(frame, frame[:, :1] if clip.alpha else None)
        return add.path

    return write


@pytest.fixture
def write_pieces(write):
    def write_pieces(clip, suffix, cuts):
        bounds = [0, *cuts, len(clip.times)]
        return [write(f"{begin}{suffix}", clip.part(begin, end)) for begin, end in pairwise(bounds)]

    return write_pieces


def shown(path):
    """Return the frames of a film as they are decoded, with their opacity."""
    return [torch.cat([part for part in frame if part is not None], 1) for frame in open_clip(path).frames()]


def describe(path):
    """Return what a film declares about itself and its streams, without its size."""
    with av.open(str(path)) as container:
        (video,) = container.streams.video
        context = video.codec_context
        streams = [
            (s.type, s.codec_context.name, s.time_base, s.start_time, s.duration, s.metadata) for s in container.streams
        ]
        colors = context.colorspace, context.color_range, context.color_primaries, context.color_trc
        codec = context.extradata, context.pix_fmt, context.width, context.height, context.profile, context.codec_tag
        rates = video.average_rate, video.base_rate, video.guessed_rate
        return container.metadata, container.duration, container.start_time, streams, colors, codec, rates


def packets(path, kind):
    """Return the packets of a film's pictures or sound, in the order of the file."""
    with av.open(str(path)) as container:
        streams = [stream for stream in container.streams if stream.type == kind]
        return [
            (packet.stream_index, packet.dts, packet.pts, packet.duration, packet.is_keyframe, bytes(packet))
            for packet in container.demux(streams)
            if packet.size
        ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "timing", "cuts"),
    [
        (".mp4", EVEN, [1, 2, 7]),
        (".mp4", UNEVEN, [1, 2, 7]),
        (".mp4", EVEN, range(1, 12)),
        (".webm", UNEVEN, [1, 2, 7]),
        ("alpha", EVEN, [4, 11]),
    ],
)
def test_a_joined_film_has_the_frames_of_its_pieces_and_all_else_of_the_whole(
    make_clip, write, write_pieces, tmp_path, kind, cuts, timing
):
    suffix = ".mp4" if kind == ".mp4" else ".webm"
    source = make_clip("source.mkv", sounds=["aac" if kind == ".mp4" else "libopus"], **timing)
    clip = replace(open_clip(source), alpha=kind == "alpha")
    whole, pieces = write(f"whole{suffix}", clip), write_pieces(clip, suffix, cuts)
    path = join_film(pieces, tmp_path / f"film{suffix}", plan_film(clip), PROVENANCE)
    assert path == tmp_path / f"film{suffix}"
    joined, made = open_clip(path), open_clip(whole)
    assert (joined.times, joined.duration) == (made.times, clip.duration)
    assert (joined.alpha, joined.notes) == (kind == "alpha", [])
    assert describe(path) == describe(whole)
    assert (read_provenance(path), packets(path, "audio")) == (PROVENANCE, packets(whole, "audio"))
    assert len(packets(path, "audio")) > 5
    frames = [frame for piece in pieces for frame in shown(piece)]
    assert all(torch.equal(a, b) for a, b in zip(shown(path), frames, strict=True))
    pictures = packets(path, "video")
    assert [data for *_, data in pictures] == [data for piece in pieces for *_, data in packets(piece, "video")]
    assert all(before[1] < after[1] for before, after in pairwise(pictures))
    assert all(dts <= pts for _, dts, pts, *_ in pictures)
    stamps = sorted(pts for _, _, pts, *_ in pictures)
    assert stamps == sorted(pts for _, _, pts, *_ in packets(whole, "video"))
    keys = [pts for *_, pts, _, key, _ in pictures if key]
    assert {0, *cuts} <= {stamps.index(pts) for pts in keys}
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert suffix == ".webm" or abs(stream.duration * stream.time_base - clip.duration) < Fraction(1, 500)
        for pts in stamps:  # a player that seeks
            container.seek(pts, stream=stream)
            assert next(container.demux(stream)).pts == max(key for key in keys if key <= pts)
    for number, frame in enumerate(frames):
        there = next(joined.frames(number))
        assert torch.equal(torch.cat([there.image] + [there.alpha] * joined.alpha, 1), frame)


@pytest.mark.parametrize("kind", [".mp4", ".webm", "alpha", ""])
def test_one_piece_becomes_the_film_to_the_byte(make_clip, write, tmp_path, kind):
    suffix = ".webm" if kind == "alpha" else kind
    source = make_clip("source.mkv", sounds=["aac", "libopus"], **UNEVEN)
    clip = replace(open_clip(source), alpha=kind == "alpha")
    whole = write(f"whole{suffix}", clip)
    path = join_film(
        [write(f"piece{suffix}", clip.part(0, 12))], tmp_path / f"film{suffix}", plan_film(clip), PROVENANCE
    )
    assert contents(path) == contents(whole)


def contents(path):
    return {file.name: file.read_bytes() for file in path.iterdir()} if path.is_dir() else path.read_bytes()


@pytest.mark.parametrize("alpha", [False, True])
def test_folders_of_frames_become_the_folder_of_the_whole(make_clip, write, write_pieces, tmp_path, alpha):
    clip = replace(open_clip(make_clip()), alpha=alpha)
    whole, pieces = write("whole", clip), write_pieces(clip, "", [1, 3])
    assert contents(join_film(pieces, tmp_path / "film", plan_film(clip), PROVENANCE)) == contents(whole)
    plain = join_film(pieces, tmp_path / "plain", plan_film(clip))
    assert read_provenance(plain) is None
    assert [np.asarray(Image.open(file)).tolist() for file in sorted(plain.iterdir())] == [
        np.asarray(Image.open(file)).tolist() for file in sorted(whole.iterdir())
    ]


@pytest.mark.parametrize("suffix", [".mp4", ".webm", ""])
def test_pieces_that_are_not_the_film_are_one_clear_line(make_clip, write_pieces, tmp_path, suffix):
    clip = open_clip(make_clip())
    pieces, plan = write_pieces(clip, suffix, [3]), plan_film(clip)
    before = sorted(tmp_path.iterdir())
    cases = [
        (pieces[:1], plan, "its pieces have 3 frames, and it has 8"),
        (pieces * 2, plan, "its pieces have 16 frames, and it has 8"),
        (pieces, replace(plan, size=(48, 66)), "66 x 48"),
        ([pieces[0], tmp_path / f"gone{suffix}"], plan, "no such file"),
    ]
    for given, wanted, message in cases:
        with pytest.raises(ArtcnnError, match=message) as caught:
            join_film(given, tmp_path / f"film{suffix}", wanted, PROVENANCE)
        assert len(caught.value.lines) == 1
    assert sorted(tmp_path.iterdir()) == before


def test_pieces_of_another_codec_do_not_become_the_film(make_clip, write_pieces, tmp_path):
    clip = open_clip(make_clip())
    with pytest.raises(PictureError, match=r"0.mp4 is h264 of 64 x 48 pixels, and the film vp9 of 64 x 48"):
        join_film(write_pieces(clip, ".mp4", [3]), tmp_path / "film.webm", plan_film(clip))


def test_pieces_with_another_header_do_not_go_together(make_clip, write, tmp_path):
    """A piece that was planned by itself counts in a unit of its own, which H.264 declares."""
    clip = open_clip(make_clip(**UNEVEN))
    pieces = [write("0.mp4", clip.part(0, 3)), write("1.mp4", replace(clip.part(3, 4), whole=None))]
    with pytest.raises(PictureError, match=r"1.mp4 is encoded otherwise than .*0.mp4") as caught:
        join_film(pieces, tmp_path / "film.mp4", plan_film(clip))
    assert len(caught.value.lines) == 1


@pytest.mark.parametrize("suffix", [".mp4", ".webm", ""])
def test_a_damaged_piece_leaves_the_old_film(make_clip, write_pieces, tmp_path, suffix):
    clip = open_clip(make_clip())
    pieces = write_pieces(clip, suffix, [3])
    old = tmp_path / "film.mp4"
    old.write_text("precious")
    broken = pieces[1] if suffix else pieces[1] / "000002.png"
    broken.write_bytes(broken.read_bytes()[: broken.stat().st_size // 2])
    with pytest.raises(ArtcnnError):
        join_film(pieces, tmp_path / f"film{suffix}", plan_film(clip))
    assert old.read_text() == "precious"
    assert not list(tmp_path.glob("*.part")) + list(tmp_path.glob(".*"))


def test_a_film_that_is_there_may_stay(make_clip, write_pieces, tmp_path):
    clip = open_clip(make_clip())
    pieces, plan = write_pieces(clip, ".webm", [3]), plan_film(clip)
    first = join_film(pieces, tmp_path / "film.webm", plan)
    second = join_film(pieces, tmp_path / "film.webm", plan, replace=False)
    assert second.name == "film-2.webm"
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("suffix", [".gif", ".webp"])
def test_animations_are_not_joined(tmp_path, suffix):
    plan = FilmPlan((48, 64), [Fraction(0)], Fraction(1, 10))
    with pytest.raises(PictureError, match="pieces are joined to .mp4, .webm or a folder of frames"):
        join_film([], tmp_path / f"film{suffix}", plan)
