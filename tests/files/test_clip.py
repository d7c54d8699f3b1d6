"""Clips: which frames are shown when, in ranges, sizes and frame rates; frames encode their numbers."""

import io
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from artcnn.errors import ArtcnnError, PictureError
from artcnn.files.clips.clip import open_clip
from artcnn.files.clips.recognize import is_clip
from artcnn.hashes import sha256_of

av = pytest.importorskip("av", reason="the extra 'video' is not installed")

TENTH = Fraction(1, 10)


def pixels(frame):
    """Return a frame in 8 bits, (H, W, 3)."""
    return frame.image[0].permute(1, 2, 0).mul(255).round().byte().numpy()


def numbers(clip, first=0):
    """Return the numbers that a clip's frames encode."""
    return [round(float(frame.image[0, 1, 0, 0]) * 255 / 8) for frame in clip.frames(first)]


def test_frames_come_exactly_as_they_were_with_their_times(make_clip, scene):
    clip = open_clip(path := make_clip())
    assert (clip.size, clip.fps, clip.duration, clip.sounds, clip.alpha) == ((48, 64), 10, Fraction(4, 5), 0, False)
    assert clip.times == tuple(number * TENTH for number in range(8))
    assert (clip.sha256, clip.notes, clip.path) == (sha256_of(path), [], path)
    frames = list(clip.frames())
    assert all(frame.alpha is None for frame in frames)
    assert np.array_equal([pixels(frame) for frame in frames], [scene(number) for number in range(8)])


@pytest.mark.parametrize("first", [0, 1, 4, 5, 6, 7, 9, 12, 13, 15])
def test_it_begins_at_any_frame(make_clip, first):
    """Frames are stored in another order than they are shown in, with key frames in between."""
    reordered = {"g": "6", "bf": "2", "crf": "9", "x264-params": "open-gop=1:scenecut=0:b-adapt=0"}
    path = make_clip(count=16, codec="libx264", pix_fmt="yuv420p", options=reordered)
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
    assert sorted(packets, key=lambda packet: packet.pts) != packets
    assert sum(packet.is_keyframe for packet in packets) > 1
    assert numbers(open_clip(path), first) == [*range(16)][first:]
    assert numbers(open_clip(path, begin=first / 10 + 0.05)) == [*range(16)][first:]


def test_a_variable_frame_rate_is_kept(make_clip):
    times = [0, 1, 5, 6, 7, 20, 21, 29]
    clip = open_clip(make_clip(times=times, unit=Fraction(1, 90)))
    assert clip.times == tuple(Fraction(time, 90) for time in times)
    assert numbers(clip) == [*range(8)]


def test_time_begins_with_the_first_frame(make_clip):
    late = open_clip(make_clip("late.mkv", first=25))
    assert late.times == tuple(number * TENTH for number in range(8))
    assert numbers(open_clip(late.path, begin=0.3)) == [3, 4, 5, 6, 7]


def test_what_an_edit_list_cuts_off_is_not_shown(make_clip):
    clip = open_clip(make_clip(first=-3))
    assert (numbers(clip), clip.duration) == ([3, 4, 5, 6, 7], Fraction(1, 2))
    assert numbers(open_clip(clip.path, begin=0.25)) == [5, 6, 7]


@pytest.mark.parametrize(
    ("begin", "end", "shown", "times", "duration"),
    [
        (0.2, 0.5, [2, 3, 4], [0, 1, 2], 3),
        (0.25, 0.45, [2, 3, 4], [0, 0.5, 1.5], 2),
        (None, 0.1, [0], [0], 1),
        (0.7, None, [7], [0], 1),
        (0.75, 99, [7], [0], 0.5),
        (0.01, 0.02, [0], [0], Fraction(1, 10)),
    ],
)
def test_a_range_begins_with_the_frame_shown_then(make_clip, begin, end, shown, times, duration):
    clip = open_clip(make_clip(), begin=begin, end=end)
    assert numbers(clip) == shown
    assert [time / TENTH for time in clip.times] == [Fraction(time) for time in times]
    assert clip.duration == Fraction(duration) * TENTH


@pytest.mark.parametrize(
    ("fps", "shown"),
    [
        (5, [0, 2, 4, 6]),
        (20, [n // 2 for n in range(16)]),
        (Fraction(10, 3), [0, 3, 6]),
        (1, [0]),
        (7, [0, 1, 2, 4, 5, 7]),
    ],
)
def test_another_frame_rate_shows_what_is_shown_then(make_clip, fps, shown):
    clip = open_clip(make_clip(), fps=fps)
    assert numbers(clip) == shown
    assert (clip.fps, clip.times) == (fps, tuple(Fraction(number) / fps for number in range(len(shown))))
    assert numbers(clip, 1) == shown[1:]


@pytest.mark.slow
def test_any_range_and_rate_shows_the_last_frame_that_has_begun(make_clip):
    times = [0, 3, 4, 9, 10, 11, 17, 19]
    path = make_clip(times=times, unit=Fraction(1, 20))

    @settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.integers(0, 60), st.integers(1, 80), st.none() | st.integers(1, 40), st.integers(0, 5))
    def check(begin, length, fps, first):
        begin, end = Fraction(begin, 64), Fraction(begin + length, 64)
        clip = open_clip(path, begin=begin, end=end, fps=fps)
        on_clock = [begin + time for time in clip.times]
        assert clip.times[0] == 0
        assert all(time < end for time in on_clock)
        assert clip.times[-1] < clip.duration
        shown = [max(n for n, time in enumerate(times) if Fraction(time, 20) <= when) for when in on_clock]
        assert numbers(clip, first) == shown[first:]

    check()


@pytest.mark.parametrize("options", [{}, {"begin": 0.1, "end": 0.75}, {"fps": 20}, {"begin": 0.13, "fps": 7}])
@pytest.mark.parametrize("kind", ["container", "animation", "folder"])
def test_a_part_has_the_frames_and_times_of_the_whole(make_clip, scene, tmp_path, kind, options):
    path = tmp_path / "clip"
    if kind == "container":
        path = make_clip(times=[0, 1, 5, 6, 7, 20, 21, 29], unit=Fraction(1, 37), sounds=["aac"])
    else:
        path.mkdir()
        pictures = [Image.fromarray(scene(number)) for number in range(12)]
        for number, picture in enumerate(pictures):
            picture.save(path / f"{number}.png")
    if kind == "animation":
        path = tmp_path / "clip.png"
        pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=60)
    clip = open_clip(path, **options)
    frames, bounds = list(clip.frames()), [*clip.times, clip.duration]
    for first in range(len(clip.times)):
        for last in {first + 1, len(clip.times)}:
            part = clip.part(first, last)
            assert [part.times[0] + bounds[first], *part.times[1:]] == [
                bounds[first],
                *(time - bounds[first] for time in bounds[first + 1 : last]),
            ]
            assert part.duration == bounds[last] - bounds[first]
            assert (part.sound, part.size, part.whole, part.first) == (None, clip.size, clip, first)
            shown = list(part.frames())
            assert len(shown) == last - first
            assert all(torch.equal(a.image, b.image) for a, b in zip(shown, frames[first:last], strict=True))
    inner = clip.part(1, 4).part(1, 3)
    assert (inner.whole, inner.first, inner.times, inner.duration) == (
        clip,
        2,
        (0, bounds[3] - bounds[2]),
        bounds[4] - bounds[2],
    )
    assert [torch.equal(a.image, b.image) for a, b in zip(inner.frames(1), frames[3:4], strict=True)] == [True]


@pytest.mark.parametrize(("first", "last"), [(-1, 2), (2, 2), (3, 2), (0, 9)])
def test_a_part_has_frames_that_are_there(make_clip, first, last):
    with pytest.raises(ValueError, match=f"no frames {first} to {last} of 8"):
        open_clip(make_clip()).part(first, last)


def test_the_longer_side_is_fitted_and_sides_are_even(make_clip):
    path = make_clip()
    assert open_clip(path, 96).size == (72, 96)
    assert open_clip(path, 45).size == (34, 44)
    assert next(open_clip(path, 96).frames()).image.shape == (1, 3, 72, 96)
    with pytest.raises(ArtcnnError, match="use size 43 or more"):
        open_clip(path, 40)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"begin": 0.8}, "is 0.8 seconds long: begin before that, not at 0.8"),
        ({"begin": 0.5, "end": 0.5}, "a range from 0.5 to 0.5 seconds is empty"),
        ({"begin": -1}, "-1 seconds cannot be"),
        ({"end": float("nan")}, "nan seconds cannot be"),
        ({"fps": 0}, "0 frames a second cannot be"),
        ({"fps": 5_000_000}, "has more than 1,000,000 frames"),
    ],
)
def test_what_cannot_be_is_one_clear_line(make_clip, options, message):
    with pytest.raises(PictureError, match=message) as caught:
        open_clip(make_clip(), **options)
    assert len(caught.value.lines) == 1


def test_a_clip_is_told_from_a_picture_by_its_content(make_clip, samples, tmp_path):
    made = make_clip()
    assert is_clip(made.rename(tmp_path / "photo.jpg"))
    assert not is_clip(next(samples.glob("*.jpg")))
    (tmp_path / "text.mp4").write_text("Dear diary, no film today. " * 30)
    assert not is_clip(tmp_path / "text.mp4")
    assert not is_clip(tmp_path)


def test_a_clip_comes_through_a_pipe(make_clip, monkeypatch):
    path = make_clip()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(path.read_bytes())))
    clip = open_clip("-")
    assert (numbers(clip), clip.sha256) == ([*range(8)], sha256_of(path))
