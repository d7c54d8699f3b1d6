"""Films as they are planned: times, sound, alpha, folders; read back with ``open_clip`` and PyAV."""

import shutil
from collections import namedtuple
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from artcnn.errors import ArtcnnError, PictureError
from artcnn.files.clips.clip import open_clip
from artcnn.files.films.mux import FORMATS
from artcnn.files.films.times import FrameTimes
from artcnn.files.provenance import read_provenance
from artcnn.files.sound_tracks import SoundTracks
from artcnn.files.video import FilmPlan, check_film, count_frames, film_writer

av = pytest.importorskip("av", reason="the extra 'video' is not installed")

SUFFIXES = [".mp4", ".webm", ".webp", ".gif", ""]
EVEN = [Fraction(n, 10) for n in range(8)]
UNEVEN = [Fraction(n, 90) for n in (0, 4, 12, 15, 21, 60, 63, 80)]
PROVENANCE = '{"artcnn": "test"}'


def plan_of(clip):
    return FilmPlan(clip.size, clip.times, clip.duration, alpha=clip.alpha, sound=clip.sound)


def frame_of(pixels):
    return torch.from_numpy(np.ascontiguousarray(pixels)).permute(2, 0, 1)[None] / 255


@pytest.fixture
def film(tmp_path, scene):
    """Return what writes a film of numbered frames: (suffix, times, end, count, options) to its path."""

    def write(suffix, times=EVEN, end=None, count=None, name="film", **options):
        path = tmp_path / f"{name}{suffix}"
        end = end or 2 * times[-1] - times[-2]
        with film_writer(path, FilmPlan((48, 64), times, end, **options), PROVENANCE) as add:
            for number in range(len(times) if count is None else count):
                add(frame_of(scene(number)))
        return add.path

    return write


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_frames_come_back(film, scene, suffix):
    clip = open_clip(path := film(suffix), fps=10 if not suffix else None)
    assert (clip.size, clip.sounds, clip.alpha, count_frames(path)) == ((48, 64), 0, False, 8)
    assert (read_provenance(path), clip.notes) == (PROVENANCE, [])
    assert (clip.times, clip.duration) == (tuple(EVEN), Fraction(8, 10))
    for number, frame in enumerate(clip.frames()):
        assert float((frame.image - frame_of(scene(number))).abs().mean()) < (0.03 if suffix else 1e-6)


@pytest.mark.parametrize(("suffix", "unit"), [(".mp4", 90), (".webm", 1000), (".webp", 1000), (".gif", 100)])
def test_a_variable_rate_is_kept_to_the_unit_of_the_format(film, suffix, unit):
    clip = open_clip(film(suffix, UNEVEN, Fraction(85, 90)))
    want = [round(time * unit) for time in UNEVEN]
    assert [time * unit for time in clip.times] == want
    assert abs(clip.duration * unit - round(Fraction(85, 90) * unit)) <= 1


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_same_frames_same_bytes(film, suffix):
    one, other = film(suffix, UNEVEN, count=4, name="one"), film(suffix, UNEVEN, count=4, name="other")
    if suffix:
        assert one.read_bytes() == other.read_bytes()
    else:
        assert [p.read_bytes() for p in sorted(one.iterdir())] == [p.read_bytes() for p in sorted(other.iterdir())]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_film_that_was_stopped_is_one_of_the_frames_it_has(film, suffix):
    clip = open_clip(film(suffix, UNEVEN, count=3), fps=90 if not suffix else None)
    assert len(clip.times) == len(list(clip.frames())) == 3
    if suffix:
        assert abs(clip.duration - UNEVEN[3]) < Fraction(1, 50)


def packets(path, track=0):
    """Return the times and bytes of the packets of a sound track."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[track]
        found = [(packet.pts * packet.time_base, bytes(packet)) for packet in container.demux(stream) if packet.size]
        return stream.codec_context.codec.canonical_name, [time for time, _ in found], [data for _, data in found]


@pytest.mark.parametrize(
    ("name", "suffix", "sounds"),
    [("x.mp4", ".mp4", ["aac", "aac"]), ("x.webm", ".webm", ["libopus"]), ("x.mkv", ".mp4", ["aac", "libopus"])],
)
def test_sound_is_copied_byte_for_byte_with_its_times(make_clip, scene, tmp_path, name, suffix, sounds):
    video = {"codec": "libvpx-vp9", "pix_fmt": "yuv420p"} if name.endswith("webm") else {}
    clip = open_clip(make_clip(name, sounds=sounds, **video))
    assert clip.sounds == len(sounds)
    path = tmp_path / f"film{suffix}"
    assert check_film(path, plan_of(clip)) == []
    with film_writer(path, plan_of(clip)) as add:
        for frame in clip.frames():
            add(frame.image)
    for track in range(len(sounds)):
        (codec, times, data), (now, new_times, new_data) = packets(clip.path, track), packets(path, track)
        assert (codec, data) == (now, new_data)
        assert len(data) > 10
        apart = [abs((new - new_times[0]) - (old - times[0])) for old, new in zip(times, new_times, strict=True)]
        assert max(apart) <= Fraction(1, 500)
        assert abs(new_times[0] - times[0]) < Fraction(1, 20)
    assert open_clip(path).times == clip.times


def test_sound_is_cut_to_the_range_and_stays_in_step(make_clip, tmp_path):
    source = make_clip(count=20, sounds=["aac"])
    clip = open_clip(source, begin=0.5, end=1.3)
    with film_writer(tmp_path / "film.mp4", plan_of(clip)) as add:
        for frame in clip.frames():
            add(frame.image)
    _, times, data = packets(source)
    _, new_times, new_data = packets(tmp_path / "film.mp4")
    begin = Fraction(1, 2)
    heard = [n for n, time in enumerate(times) if time + Fraction(1024, 44_100) > begin and time < Fraction(13, 10)]
    assert new_data == [data[n] for n in heard]
    for n, new in zip(heard, new_times, strict=True):
        assert abs(new - (times[n] - begin)) < Fraction(1, 1000)


def test_the_sound_of_a_film_that_was_stopped_ends_with_its_last_frame(make_clip, tmp_path):
    clip = open_clip(make_clip(count=20, sounds=["aac"]))
    with film_writer(tmp_path / "film.mp4", plan_of(clip)) as add:
        for frame, _ in zip(clip.frames(), range(5), strict=False):
            add(frame.image)
    _, times, data = packets(tmp_path / "film.mp4")
    assert Fraction(45, 100) < max(times) < Fraction(1, 2)
    assert data == packets(clip.path)[2][: len(data)]


def test_the_sound_of_a_clip_that_is_cut_short_is_copied_as_far_as_it_goes(make_clip, tmp_path):
    source = make_clip("x.mkv", count=20, sounds=["aac"])
    whole = packets(source)[2]
    source.write_bytes(source.read_bytes()[: source.stat().st_size * 3 // 4])
    clip = open_clip(source)
    assert clip.notes == [f"{source}: it is cut short: {len(clip.times)} frames are there"]
    with film_writer(tmp_path / "film.mp4", plan_of(clip)) as add:
        for frame in clip.frames():
            add(frame.image)
    copied = packets(tmp_path / "film.mp4")[2]
    assert copied == whole[: len(copied)]
    assert len(whole) // 2 < len(copied) < len(whole)


def test_a_damaged_packet_of_sound_is_left_out_and_the_film_is_made(make_clip, tmp_path, monkeypatch):
    """In a transport stream each packet of AAC has a header, from which an MP4 gets its own."""
    clip = open_clip(make_clip("x.ts", codec="libx264", pix_fmt="yuv420p", sounds=["aac"]))
    read = SoundTracks.packets

    def damaged(self):
        for number, (time, track, packet) in enumerate(read(self)):
            spoiled = av.Packet(bytes(packet.size)) if number == 9 else packet
            spoiled.pts, spoiled.dts, spoiled.time_base = packet.pts, packet.dts, packet.time_base
            yield time, track, spoiled

    monkeypatch.setattr(SoundTracks, "packets", damaged)
    with film_writer(tmp_path / "film.mp4", plan_of(clip)) as add:
        for frame in clip.frames():
            add(frame.image)
    assert len(packets(tmp_path / "film.mp4")[2]) == len(packets(clip.path)[2]) - 1
    assert open_clip(tmp_path / "film.mp4").times == clip.times


def test_a_track_without_a_packet_is_left_out(make_clip, tmp_path):
    path = make_clip("x.ts", codec="libx264", pix_fmt="yuv420p", sounds=["aac"])
    with av.open(str(path)) as container:
        sound = container.streams.audio[0].id
    data = path.read_bytes()
    parts = [data[at : at + 188] for at in range(0, len(data), 188)]
    path.write_bytes(b"".join(part for part in parts if int.from_bytes(part[1:3], "big") & 0x1FFF != sound))
    clip = open_clip(path)
    assert clip.sounds == 1
    assert check_film(tmp_path / "x.mp4", plan_of(clip)) == [
        "a film in .mp4 cannot hold this sound (aac), which is left out"
    ]
    with film_writer(tmp_path / "x.mp4", plan_of(clip)) as add:
        for frame in clip.frames():
            add(frame.image)
    assert open_clip(tmp_path / "x.mp4").times == clip.times


def test_a_track_that_a_film_refuses_is_left_out(make_clip, tmp_path, monkeypatch):
    clip = open_clip(make_clip(sounds=["aac"]))
    monkeypatch.setitem(FORMATS, ".webm", replace(FORMATS[".webm"], sounds=frozenset({"aac"})))
    assert check_film(tmp_path / "x.webm", plan_of(clip)) == [
        "a film in .webm cannot hold this sound (aac), which is left out"
    ]


@pytest.mark.parametrize("suffix", [".mp4", ".webm", ".webp", ".gif"])
def test_one_frame_may_last_for_hours(film, suffix):
    clip = open_clip(film(suffix, [Fraction(0), Fraction(6 * 3600)]))
    most = {".webp": Fraction(0xFFFFFF, 1000), ".gif": Fraction(0xFFFF, 100)}
    assert clip.times[1] == most.get(suffix, 6 * 3600)


@pytest.mark.parametrize(
    ("suffix", "note"),
    [
        (".webm", "a film in .webm cannot hold this sound (aac), which is left out"),
        (".gif", "a film in .gif cannot hold this sound (aac, opus), which is left out"),
        ("", "a folder of frames cannot hold this sound (aac, opus), which is left out"),
    ],
)
def test_sound_that_does_not_fit_is_told_before_the_work(make_clip, tmp_path, suffix, note):
    clip = open_clip(make_clip("x.mkv", sounds=["aac", "libopus"]))
    path = tmp_path / f"film{suffix}"
    assert check_film(path, plan_of(clip)) == [note]
    with film_writer(path, plan_of(clip)) as add:
        for frame in clip.frames():
            add(frame.image)
    assert open_clip(path).sounds == (1 if suffix == ".webm" else 0)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_transparency(tmp_path, scene, suffix):
    path, alpha = tmp_path / f"film{suffix}", torch.ones(1, 1, 48, 64)
    alpha[..., 32:] = 0
    plan = FilmPlan((48, 64), EVEN, Fraction(8, 10), alpha=True)
    notes = check_film(path, plan)
    with film_writer(path, plan) as add:
        for number in range(8):
            add(frame_of(scene(number)), alpha)
    clip = open_clip(path)
    assert clip.alpha == (suffix != ".mp4")
    for number, frame in enumerate(clip.frames()):
        assert float((frame.image - frame_of(scene(number)))[..., 2:28].abs().mean()) < 0.03
        if suffix == ".mp4":
            assert float(frame.image[..., 36:].min()) > 0.97
        else:
            assert float((frame.alpha - alpha).abs()[..., :28].max()) < 0.02
            assert float((frame.alpha - alpha).abs()[..., 36:].max()) < 0.02
    assert notes == ([".mp4 has no transparency: the film is shown on white"] if suffix == ".mp4" else [])


def test_a_folder_never_replaces_another(film):
    path = film("", count=3)
    assert [frame.name for frame in sorted(path.iterdir())] == ["000001.png", "000002.png", "000003.png"]
    assert read_provenance(path / "000002.png") == PROVENANCE
    with pytest.raises(ArtcnnError, match="it is a folder, choose another name"):
        film("", count=2)
    assert len(list(path.iterdir())) == 3


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_whole_or_not_at_all(film, tmp_path, suffix):
    with pytest.raises(PictureError, match="there is no frame"):
        film(suffix, count=0)
    with pytest.raises(ZeroDivisionError), film_writer(tmp_path / f"x{suffix}", FilmPlan((48, 64), EVEN, EVEN[-1] * 2)):
        1 / 0  # noqa: B018
    assert list(tmp_path.iterdir()) == []


def test_a_film_larger_than_the_disk_is_one_clear_line(tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**12, 0, 3 * 10**9))
    times = [Fraction(n, 30) for n in range(5000)]
    plan = FilmPlan((720, 1280), times, times[-1] + 1)
    with pytest.raises(
        PictureError, match=r"5000 frames may need 16 GB while they are made, and 3.0 GB are free in"
    ) as e:
        check_film(tmp_path / "x.mp4", plan)
    assert len(e.value.lines) == 1
    assert e.value.hint == "make a smaller or shorter film, or make room"
    shorter = FilmPlan((720, 1280), times[:500], times[500])
    assert check_film(tmp_path / "x.mp4", shorter) == []
    with pytest.raises(PictureError, match="500 frames may need 4.4 GB"):
        check_film(tmp_path / "x.mp4", replace(shorter, passes=3))


@pytest.mark.parametrize(
    ("name", "plan", "message"),
    [
        ("x.avi", FilmPlan((48, 64), EVEN, EVEN[-1] * 2), "must end in one of .webp, .gif, .mp4, .webm"),
        ("no/x.mp4", FilmPlan((48, 64), EVEN, EVEN[-1] * 2), "there is no folder"),
        ("x.gif", FilmPlan((48, 64), [n / 6 for n in EVEN], EVEN[-1]), ".gif shows 50 frames a second at most"),
        ("x.mp4", FilmPlan((48, 64), [Fraction(0), Fraction(1, 5000)], Fraction(1)), ".mp4 shows 1000 frames"),
        ("x.webp", FilmPlan((48, 20_000), EVEN, EVEN[-1] * 2), "holds 16383 pixels in a row"),
    ],
)
def test_what_does_not_go_is_one_clear_line(tmp_path, monkeypatch, name, plan, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ArtcnnError, match=message) as caught:
        check_film(Path(name), plan)
    assert len(caught.value.lines) == 1


@settings(max_examples=30)
@given(st.lists(st.fractions(Fraction(1, 500), 3, max_denominator=600), min_size=1, max_size=12))
def test_times_are_whole_units_wherever_that_can_be(durations):
    times = [sum(durations[:n], Fraction(0)) for n in range(len(durations) + 1)]
    plan = FrameTimes.listed(times[:-1], times[-1])
    assert plan.count == len(durations)
    stamps = [plan.stamp(number) for number in range(len(times))]
    assert all(before < after for before, after in pairwise(stamps))
    assert all(abs(stamp * plan.unit - time) <= plan.unit / 2 for stamp, time in zip(stamps, times, strict=True))
    if plan.unit != Fraction(1, 90_000):
        assert [stamp * plan.unit for stamp in stamps] == times


@pytest.mark.parametrize(("frames", "units"), [(0, 0), (1, 39), (2, 45), (7, 80), (8, 0)])
def test_the_longest_run_of_frames(frames, units):
    assert FrameTimes.listed(UNEVEN, Fraction(85, 90)).longest(frames) == units
    assert FrameTimes.steady(29.97).longest(frames) == frames


@given(st.integers(1, 60), st.integers(2, 40))
def test_an_even_film_is_the_same_however_it_is_planned(fps, count):
    steady = FrameTimes.steady(fps)
    listed = FrameTimes.listed([Fraction(n, fps) for n in range(count)], Fraction(count, fps))
    assert (steady.unit, steady.rate) == (listed.unit, listed.rate)
    assert [steady.begin(n) for n in range(count + 1)] == [listed.begin(n) for n in range(count + 1)]
