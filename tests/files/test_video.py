"""Films, read back with Pillow and PyAV."""

import sys
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from artcnn.errors import ArtcnnError
from artcnn.files.provenance import read_provenance
from artcnn.files.video import check_video, count_frames, video_writer

NO_VIDEO = pytest.mark.skipif(find_spec("av") is None, reason="needs artcnn[video]")
FILMS = [pytest.param(".mp4", marks=NO_VIDEO), ".webp", ".gif"]


def scene(number):
    """Return a frame whose red rises from left to right, and whose green with the frames: no format can lose them."""
    image = torch.zeros(1, 3, 48, 64)
    image[:, 0] = torch.linspace(0, 1, 64)
    image[:, 1] = number / 10
    return image


def write(path, count=5, fps=10, provenance='{"a": 1}'):
    with video_writer(path, fps, provenance) as add:
        for number in range(count):
            add(scene(number))


def read(path):
    """Return the frames, (count, H, W, 3) in 0 to 1, when each is shown, in seconds, and how long all of it is."""
    if path.suffix == ".mp4":
        import av

        with av.open(str(path)) as container:
            video = container.streams.video[0]
            assert (video.codec_context.name, video.codec_context.pix_fmt) == ("h264", "yuv420p")
            shown = list(container.decode(video))
            pixels = [frame.reformat(format="rgb24", src_colorspace="itu709").to_ndarray() for frame in shown]
            return np.stack(pixels) / 255, [float(frame.time) for frame in shown], container.duration / av.time_base
    pixels, times, now = [], [], 0.0
    with Image.open(path) as image:
        assert image.info["loop"] == 0
        for number in range(image.n_frames):
            image.seek(number)
            pixels.append(np.asarray(image.convert("RGB")))
            times.append(now)
            now += image.info["duration"] / 1000
    return np.stack(pixels) / 255, times, now


@pytest.mark.parametrize("suffix", FILMS)
@pytest.mark.parametrize("fps", [10, 30])
def test_frames_come_back_in_order_size_time_and_color(tmp_path, suffix, fps):
    write(tmp_path / f"x{suffix}", 6, fps)
    frames, times, length = read(tmp_path / f"x{suffix}")
    want = torch.cat([scene(number) for number in range(6)]).permute(0, 2, 3, 1).numpy()
    assert frames.shape == want.shape
    assert np.abs(frames - want).mean((1, 2)).max() < 0.02
    assert times == pytest.approx([number / fps for number in range(6)], abs=0.006)
    assert length == pytest.approx(6 / fps, abs=0.006)


@pytest.mark.parametrize("suffix", FILMS)
def test_same_frames_same_bytes(tmp_path, suffix):
    write(tmp_path / f"a{suffix}")
    write(tmp_path / f"b{suffix}")
    assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()


@pytest.mark.slow
@NO_VIDEO
def test_what_was_in_the_memory_before_does_not_show_in_an_mp4(tmp_path):
    random, frame = torch.Generator().manual_seed(0), scene(3)
    frames = [frame := 0.9 * frame.roll(1, 3) + 0.1 * torch.rand(frame.shape, generator=random) for _ in range(40)]
    for name in "abcd":
        junk = []
        with video_writer(tmp_path / f"{name}.mp4", 20) as add:
            for number, frame in enumerate(frames):
                junk = [*junk[-4:], np.full(99_991 * (1 + number * ord(name) % 29), number * ord(name) % 251, np.uint8)]
                add(frame)
    assert len({(tmp_path / f"{name}.mp4").read_bytes() for name in "abcd"}) == 1


def test_the_story_comes_back(tmp_path):
    provenance = '{"note": "' + "x" * 700 + '"}'
    for suffix in (".webp", ".gif"):
        write(tmp_path / f"x{suffix}", provenance=provenance)
        assert read_provenance(tmp_path / f"x{suffix}") == provenance
        assert count_frames(tmp_path / f"x{suffix}") == 5
        write(tmp_path / f"y{suffix}", provenance=None)
        assert read_provenance(tmp_path / f"y{suffix}") is None
    av = pytest.importorskip("av")
    provenance = provenance.replace("note", "artcnn")
    write(tmp_path / "x.mp4", provenance=provenance)
    assert (read_provenance(tmp_path / "x.mp4"), count_frames(tmp_path / "x.mp4")) == (provenance, 5)
    with av.open(str(tmp_path / "x.mp4")) as container:
        assert container.metadata["comment"] == provenance


@pytest.mark.parametrize("suffix", FILMS)
def test_whole_or_not_at_all(tmp_path, suffix):
    path = tmp_path / f"x{suffix}"
    path.write_bytes(b"before")

    with pytest.raises(ArtcnnError, match="there is no frame"), video_writer(path, 10):
        pass
    with pytest.raises(AttributeError), video_writer(path, 10) as add:
        [add(frame) for frame in (scene(0), None)]
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [(path.name, b"before")]


@pytest.mark.parametrize(
    ("name", "fps", "side", "message"),
    [
        ("x.avi", 20, 512, "must end in one of .webp, .gif, .mp4"),
        ("x.png", 20, 512, "must end in one of"),
        ("-", 20, 512, "give --out a file name"),
        ("no/x.gif", 20, 512, "there is no folder"),
        ("x.gif", 60, 512, "shows 50 frames a second at most"),
        ("x.webp", 20, 20_000, "holds 16383 pixels"),
    ],
)
def test_what_does_not_go_is_told(tmp_path, monkeypatch, name, fps, side, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ArtcnnError, match=message):
        check_video(Path(name), fps, side)


def test_without_pyav_there_is_no_mp4_and_nothing_in_its_place(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(ArtcnnError, match=r"pip install 'artcnn\[video\]'"):
        check_video(tmp_path / "x.mp4", 20, 512)
    check_video(tmp_path / "x.webp", 20, 512)


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".webp", ".gif"])
def test_frames_are_on_the_disk_as_they_come(tmp_path, suffix):
    """A long film is not gathered in memory: the file beside grows with each frame."""
    sizes = []
    with video_writer(tmp_path / f"x{suffix}", 10) as add:
        for number in range(30):
            add(torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(number)))
            sizes.append(sum(p.stat().st_size for p in tmp_path.iterdir()))
    assert sizes[-1] > 50_000
    assert max(b - a for a, b in pairwise(sizes)) < 0.3 * sizes[-1]
