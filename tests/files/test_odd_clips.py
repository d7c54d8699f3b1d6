"""The table of odd clips: each is read right, or refused with one clear line."""

from itertools import pairwise

import pytest
from odd_clips import ODD, Odd

from artcnn.errors import PictureError
from artcnn.files.clips.clip import open_clip

pytest.importorskip("av", reason="the extra 'video' is not installed")


@pytest.mark.parametrize("name", ODD)
def test_an_odd_clip(tmp_path, name):
    odd = ODD[name]
    path = odd.make(tmp_path)
    if odd.refused is not None:
        with pytest.raises(PictureError) as caught:
            open_clip(path)
        (line,) = caught.value.lines
        assert line.startswith(str(path))
        assert odd.refused in line
        return
    clip = open_clip(path)
    times = odd.times or Odd.times[: len(clip.times)]
    assert (clip.size, clip.times, clip.sounds, clip.alpha) == (odd.size, times, odd.sounds, odd.alpha)
    assert clip.notes == ([] if odd.note is None else [f"{path}: {odd.note.format(len(times))}"])
    frames = list(clip.frames())
    assert len(frames) == len(times)
    if odd.times is None:
        assert 2 <= len(times) < len(Odd.times)
    for frame in frames:
        assert frame.image.shape == (1, 3, *odd.size)
        assert (frame.alpha is not None) == odd.alpha
        assert 0 <= float(frame.image.min()) <= float(frame.image.max()) <= 1
    differences = [float((a.image - b.image).abs().mean()) for a, b in pairwise(frames)]
    assert min(differences, default=1) > 1 / 255  # each is another one
