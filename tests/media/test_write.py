import os
import stat

import pytest
import torch
from PIL import Image, ImageCms

from artcnn.errors import ArtcnnError, PictureError
from artcnn.media.story import LARGEST_STORY, read_story
from artcnn.media.write import WRITABLE, check_writable, new_path, srgb_profile, write_picture

STORY = '{"artcnn": "0", "command": "dream", "recipe": {"layers": ["relu4_3"]}, "inputs": [{"path": "\\u00e9.jpg"}]}'


@pytest.mark.parametrize("suffix", WRITABLE)
@pytest.mark.parametrize("alpha", [False, True])
def test_every_format_carries_story_and_profile_and_has_the_same_bytes_twice(tmp_path, photo, suffix, alpha):
    opacity = photo[:, :1] if alpha else None
    for name in ("a", "b"):
        write_picture(tmp_path / f"{name}{suffix}", photo, opacity, STORY)
    assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()
    assert read_story(tmp_path / f"a{suffix}") == STORY
    with Image.open(tmp_path / f"a{suffix}") as image:
        assert image.format == WRITABLE[suffix][0]
        assert image.info["icc_profile"] == srgb_profile()
        assert image.mode == ("RGBA" if alpha and image.format != "JPEG" else "RGB")


def test_the_profile_is_srgb_and_tells_no_time():
    assert "sRGB" in ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(__import__("io").BytesIO(srgb_profile())))
    assert srgb_profile()[24:36] == bytes(12)


def test_rounding_is_to_the_nearest_and_out_of_range_is_clamped(tmp_path):
    x = torch.full((1, 3, 32, 32), 0.5)
    x[..., 0, :4] = torch.tensor([-0.2, 1.3, 100.4 / 255, 100.6 / 255])
    write_picture(tmp_path / "x.png", x)
    with Image.open(tmp_path / "x.png") as image:
        assert [image.getpixel((column, 0))[0] for column in range(4)] == [0, 255, 100, 101]


def test_jpeg_lays_transparency_on_white(tmp_path):
    write_picture(tmp_path / "x.jpg", torch.zeros(1, 3, 32, 32), torch.zeros(1, 1, 32, 32))
    with Image.open(tmp_path / "x.jpg") as image:
        assert image.getextrema() == ((255, 255),) * 3


def test_an_old_picture_stays_whole_until_the_new_one_is(tmp_path, photo, monkeypatch):
    path = tmp_path / "x.png"
    write_picture(path, photo)
    old = path.read_bytes()
    for failure, raised in (
        (OSError(28, "No space left on device"), PictureError),
        (KeyboardInterrupt(), KeyboardInterrupt),
    ):

        def fail(*_, failure=failure):
            raise failure

        monkeypatch.setattr(os, "fsync", fail)
        with pytest.raises(raised):
            write_picture(path, 1 - photo)
        assert path.read_bytes() == old
        assert [p.name for p in tmp_path.iterdir()] == ["x.png"]


def test_permissions_are_those_of_any_new_file(tmp_path, photo):
    (tmp_path / "plain").touch()
    write_picture(tmp_path / "x.png", photo)
    assert stat.S_IMODE((tmp_path / "x.png").stat().st_mode) == stat.S_IMODE((tmp_path / "plain").stat().st_mode)


def test_names_beside_the_photo_are_new(tmp_path):
    photo = tmp_path / "my photo.jpeg"
    names = []
    for _ in range(3):
        path = new_path(photo, "dream")
        path.touch()
        names.append(path.name)
    assert names == ["my photo-dream.png", "my photo-dream-2.png", "my photo-dream-3.png"]


@pytest.mark.parametrize(
    ("name", "message"),
    [("x.bmp", "must end in one of"), ("no/x.png", "there is no folder"), ("folder.png", "it is a folder")],
)
def test_where_a_picture_cannot_go(tmp_path, name, message):
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(PictureError, match=message):
        check_writable(tmp_path / name)


def test_a_story_is_not_mistaken_for_another_description(tmp_path):
    exif = Image.Exif()
    exif[0x010E] = "OLYMPUS DIGITAL CAMERA"
    Image.new("RGB", (40, 40)).save(tmp_path / "x.jpg", exif=exif)
    assert read_story(tmp_path / "x.jpg") is None
    Image.new("RGB", (40, 40)).save(tmp_path / "y.png")
    assert read_story(tmp_path / "y.png") is None


@pytest.mark.parametrize("story", ["é", "x" * (LARGEST_STORY + 1)])
def test_a_story_that_does_not_fit_is_refused_before_anything_is_written(tmp_path, photo, story):
    with pytest.raises(ArtcnnError, match="does not fit"):
        write_picture(tmp_path / "x.jpg", photo, story=story)
    assert list(tmp_path.iterdir()) == []


def test_the_largest_story_fits_into_every_format(tmp_path, photo):
    story = '{"artcnn": "' + "x" * (LARGEST_STORY - 14) + '"}'
    for suffix in WRITABLE:
        write_picture(tmp_path / f"x{suffix}", photo, story=story)
        assert read_story(tmp_path / f"x{suffix}") == story
