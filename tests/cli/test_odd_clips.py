"""The table of odd clips through the command line: each becomes a film, or one line says what is wrong."""

import shutil
from collections import namedtuple
from math import ceil

import pytest
from odd_clips import ODD

from artcnn.files.clips.clip import open_clip

pytest.importorskip("av", reason="the extra 'video' is not installed")
pytest.importorskip("cv2", reason="the extra 'video' is not installed")
pytestmark = pytest.mark.usefixtures("tiny_styles")


@pytest.mark.slow
@pytest.mark.parametrize("name", ODD)
def test_an_odd_clip(artcnn, folder, name):
    odd = ODD[name]
    path = odd.make(folder)
    out = folder / ("film.webm" if odd.alpha else "film.mp4")
    arguments = ("instant", path, "--size", "64", "--precision", "float32", "-o", out)
    before = sorted(folder.iterdir())
    result = artcnn(*arguments)
    if odd.refused is not None:
        told = [line for line in result.stderr.splitlines() if line != "loading the styles"]
        assert (result.exit_code, len(told)) == (1, 1), result.output
        # What is no clip is taken for a photo.
        message = "cannot write" if name == "one picture" else odd.refused
        assert message.replace("not a clip", "not a picture") in told[0]
        assert sorted(folder.iterdir()) == before
        return
    assert (result.exit_code, result.stdout) == (0, f"{out}\n"), result.output
    clip, film = open_clip(path), open_clip(out)
    assert max(film.size) == 64
    assert abs(film.size[0] * clip.size[1] - film.size[1] * clip.size[0]) <= 2 * max(clip.size)
    assert [round(time, 3) for time in film.times] == pytest.approx([float(time) for time in clip.times], abs=2e-3)
    assert (film.sounds, film.alpha) == (clip.sounds, clip.alpha)
    if odd.note is not None:
        assert odd.note.format(len(clip.times)) in result.stderr


def test_a_clip_longer_than_the_disk_has_room_for(artcnn, folder, monkeypatch):
    path = next(odd for odd in ODD.values() if odd.refused is None).make(folder)
    frames = ceil(len(open_clip(path).times) / 2)
    usage = namedtuple("usage", ["total", "used", "free"])(10**12, 0, frames * 64 * 48 * 3)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    result = artcnn("instant", path, "--size", "64", "-o", folder / "film.mp4")
    assert (result.exit_code, "hint" in result.stderr) == (1, False)
    assert "are free in" in result.stderr
    assert not (folder / "film.mp4").exists()
