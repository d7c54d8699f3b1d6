"""Folders of numbered frames."""

from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from artcnn.errors import PictureError
from artcnn.files.clips.clip import open_clip


def pixels(frame):
    return frame.image[0].permute(1, 2, 0).mul(255).round().byte().numpy()


@pytest.fixture
def folder(tmp_path, scene):
    """Return what makes a folder of frames with these names, numbered in this order."""

    def make(*names):
        (tmp_path / "frames").mkdir()
        for number, name in enumerate(names):
            Image.fromarray(scene(number)).save(tmp_path / "frames" / name)
        return tmp_path / "frames"

    return make


def test_frames_come_by_their_numbers_gaps_or_not(folder, scene):
    path = folder("f1.png", "f2.png", "f007.png", "f10.png", "f100.png")
    (path / "notes.txt").write_text("no frame")
    clip = open_clip(path)
    assert (clip.fps, clip.size, clip.duration) == (24, (48, 64), Fraction(5, 24))
    assert clip.times == tuple(Fraction(number, 24) for number in range(5))
    assert np.array_equal([pixels(frame) for frame in clip.frames()], [scene(number) for number in range(5)])
    assert np.array_equal([pixels(frame) for frame in clip.frames(3)], [scene(3), scene(4)])


def test_its_frame_rate_is_chosen_and_a_range_is_cut(folder, scene):
    clip = open_clip(folder("1.png", "2.png", "3.png", "4.png"), fps=10, begin=0.15, end=0.35)
    assert (clip.fps, clip.times) == (10, (0, Fraction(1, 20), Fraction(3, 20)))
    assert np.array_equal([pixels(frame) for frame in clip.frames()], [scene(number) for number in (1, 2, 3)])


def test_frames_of_different_sizes_are_one_clear_line(folder, scene):
    path = folder("1.png", "2.png")
    Image.fromarray(scene(2, 50, 64)).save(path / "3.png")
    with pytest.raises(
        PictureError, match=r"3.png is 64 x 50 pixels, and .*1.png is 64 x 48: give frames of one size$"
    ):
        open_clip(path)


def test_one_transparent_frame_is_enough_for_an_alpha(folder):
    path = folder("1.png", "3.png")
    Image.new("RGBA", (64, 48), (10, 20, 30, 128)).save(path / "2.png")
    clip = open_clip(path)
    assert clip.alpha
    assert [round(float(frame.alpha.mean()) * 255) for frame in clip.frames()] == [255, 128, 255]


def test_the_hash_is_of_the_frames_in_their_order(folder):
    path = folder("1.png", "2.png")
    before = open_clip(path).sha256
    (path / "2.png").rename(path / "20.png")
    assert open_clip(path).sha256 == before
    (path / "1.png").rename(path / "30.png")
    assert open_clip(path).sha256 != before


def test_an_empty_folder_and_a_missing_one(folder, tmp_path):
    with pytest.raises(PictureError, match="there is no picture in this folder: give a folder of numbered frames"):
        open_clip(folder())
    with pytest.raises(PictureError, match="no such file"):
        open_clip(tmp_path / "nothing")
