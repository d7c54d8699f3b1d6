"""Animated GIF, WebP and PNG: times to the unit of the format, disposal, transparency, damage."""

from fractions import Fraction
from io import BytesIO
from struct import pack, unpack

import numpy as np
import pytest
from PIL import Image

from artcnn.errors import PictureError
from artcnn.files.clips.clip import open_clip
from artcnn.files.clips.recognize import is_clip
from artcnn.files.video import video_writer

KINDS = ["gif", "webp", "png"]


def pixels(frame):
    return frame.image[0].permute(1, 2, 0).mul(255).round().byte().numpy()


def save(path, images, durations, **options):
    lossless = {"lossless": True} if path.suffix == ".webp" else {}
    first, *others = images
    first.save(path, save_all=True, append_images=others, duration=durations, **lossless, **options)
    return path


@pytest.fixture
def animation(tmp_path, scene):
    """Return what writes an animation of a kind whose frames are shown for these milliseconds."""

    def make(kind, durations=(100, 250, 40, 1000), **options):
        images = [Image.fromarray(scene(number)).quantize(64).convert("RGB") for number in range(len(durations))]
        return save(tmp_path / f"x.{kind}", images, list(durations), **options), images

    return make


@pytest.mark.parametrize("kind", KINDS)
def test_frames_and_times_come_exactly(animation, kind):
    path, images = animation(kind)
    clip = open_clip(path)
    assert is_clip(path)
    assert clip.times == tuple(Fraction(ms, 1000) for ms in (0, 100, 350, 390))
    assert (clip.duration, clip.size, clip.sounds, clip.notes) == (Fraction(1390, 1000), (48, 64), 0, [])
    frames = list(clip.frames())
    assert all(np.array_equal(pixels(frame), np.asarray(image)) for frame, image in zip(frames, images, strict=True))
    assert np.array_equal(pixels(next(clip.frames(2))), np.asarray(images[2]))


@pytest.mark.parametrize("kind", KINDS)
def test_a_range_and_another_rate(animation, kind):
    path, images = animation(kind)
    clip = open_clip(path, begin=0.12, end=0.45, fps=10)
    assert clip.times == (0, Fraction(1, 10), Fraction(2, 10), Fraction(3, 10))
    for frame, number in zip(clip.frames(), [1, 1, 1, 3], strict=True):
        assert np.array_equal(pixels(frame), np.asarray(images[number]))


@pytest.mark.parametrize("kind", ["gif", "webp"])
def test_durations_that_no_browser_believes_are_a_tenth_of_a_second(animation, kind):
    path, _ = animation(kind, (10, 20, 0))
    assert open_clip(path).times == (0, Fraction(1, 10), Fraction(12, 100))


def test_the_parts_of_a_gif_are_drawn_over_one_another_and_disposed_of(tmp_path):
    """Three frames of its lower right quarter: left there; then cleared; the third stands alone on what is left."""
    palette = bytes([255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255])

    def part(color, place, disposal):
        left, top, width, height = place
        still = BytesIO()
        image = Image.new("P", (width, height), color)
        image.putpalette(palette)
        image.save(still, "GIF", optimize=False)
        data = still.getvalue()
        at = data.index(b",", 13 + 3 * 2 ** ((data[10] & 7) + 1))
        bits = data[10] & 7
        colors = data[13 : 13 + 3 * 2 ** (bits + 1)]
        head = b"!\xf9\x04" + bytes([disposal << 2 | 1]) + pack("<H", 10) + b"\3\0"  # color 3 is transparent
        return head + b"," + pack("<4HB", left, top, width, height, 0x80 | bits) + colors + data[at + 10 : -1]

    parts = [part(0, (0, 0, 64, 48), 1), part(1, (32, 24, 32, 24), 2), part(2, (0, 0, 16, 48), 1)]
    path = tmp_path / "x.gif"
    path.write_bytes(b"GIF89a" + pack("<HHBBB", 64, 48, 0x70, 0, 0) + b"".join(parts) + b";")
    clip = open_clip(path)
    first, second, third = clip.frames()
    assert clip.alpha
    red, green, blue = [255, 0, 0], [0, 255, 0], [0, 0, 255]
    assert (pixels(first) == red).all()
    assert (pixels(second)[24:, 32:] == green).all()
    assert (pixels(second)[:24] == red).all()
    assert (pixels(third)[:, :16] == blue).all()
    assert (pixels(third)[:24, 16:] == red).all()
    assert (first.alpha == 1).all()
    assert (third.alpha[..., 24:, 32:] == 0).all()
    assert (third.alpha[..., :24, :] == 1).all()


@pytest.mark.parametrize("kind", KINDS)
def test_transparency(tmp_path, scene, kind):
    images = []
    for number in range(3):
        image = Image.fromarray(scene(number)).quantize(32).convert("RGBA")
        image.putalpha(Image.fromarray(np.repeat(np.uint8([[0, 255]]), [20, 44], axis=1).repeat(48, axis=0)))
        images.append(image)
    clip = open_clip(save(tmp_path / f"x.{kind}", images, 100, **({"disposal": 2} if kind == "gif" else {})))
    assert clip.alpha
    for frame, image in zip(clip.frames(), images, strict=True):
        assert np.array_equal(frame.alpha[0, 0] == 1, np.asarray(image)[..., 3] == 255)
        difference = np.abs(pixels(frame)[:, 20:] - np.asarray(image)[:, 20:, :3].astype(float))
        assert difference.mean() < (6 if kind == "gif" else 0.01)  # Pillow chooses other colors for a GIF


def test_the_first_picture_of_a_png_may_be_no_part_of_the_animation(tmp_path, scene):
    images = [Image.fromarray(scene(number)) for number in range(3)]
    clip = open_clip(save(tmp_path / "x.png", images, [100, 200], default_image=True))
    assert clip.times == (0, Fraction(1, 10))
    assert [pixels(frame)[1, 0, 1] for frame in clip.frames()] == [8, 16]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_cut_off_is_shown_as_far_as_it_goes(animation, kind):
    path, images = animation(kind, (100,) * 6)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * 0.8)])
    clip = open_clip(path)
    count = len(clip.times)
    assert 2 <= count < 6
    assert f"{path}: it is cut short: {count} frames are there" in clip.notes
    frames = list(clip.frames())
    assert all(np.array_equal(pixels(frame), np.asarray(image)) for frame, image in zip(frames, images, strict=False))
    assert len(frames) == count


@pytest.mark.parametrize("kind", [*KINDS, "jpg"])
def test_one_picture_is_no_clip(tmp_path, scene, kind):
    path = tmp_path / f"x.{kind}"
    Image.fromarray(scene(0)).save(path)
    assert not is_clip(path)
    message = "not a clip that artcnn can read" if kind == "jpg" else "is one picture, not a clip"
    with pytest.raises(PictureError, match=message):
        open_clip(path)


def test_a_film_of_ours_is_read_again(tmp_path, scene):
    import torch

    want = [torch.from_numpy(scene(number)).permute(2, 0, 1)[None] / 255 for number in range(4)]
    for suffix in (".webp", ".gif"):
        with video_writer(tmp_path / f"x{suffix}", 12.5) as add:
            for frame in want:
                add(frame)
        clip = open_clip(tmp_path / f"x{suffix}")
        assert clip.times == tuple(number * Fraction(2, 25) for number in range(4))
        for frame, image in zip(clip.frames(), want, strict=True):
            assert float((frame.image - image).abs().mean()) < 0.03


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_random_damage_never_shows_as_anything_but_a_picture_error(animation, kind):
    from contextlib import suppress

    path, _ = animation(kind)
    good, dice = path.read_bytes(), np.random.default_rng(5)
    for _ in range(60):
        data = np.frombuffer(good, np.uint8).copy()
        places = dice.integers(0, min(dice.choice([64, 512, data.size]), data.size), dice.choice([1, 5, 30]))
        data[places] = dice.integers(0, 256, places.size)
        path.write_bytes(data[: dice.choice([data.size, dice.integers(1, data.size)])].tobytes())
        with suppress(PictureError):
            clip = open_clip(path)
            assert len(list(clip.frames())) == len(clip.times)


def test_a_png_says_its_durations_as_fractions(animation):
    path, _ = animation("png", (100, 100))
    data = bytearray(path.read_bytes())
    for at in [at for at in range(len(data)) if data[at : at + 4] == b"fcTL"]:
        data[at + 24 : at + 28] = pack(">2H", 1001, 30_000)
        import zlib

        data[at + 30 : at + 34] = pack(">I", zlib.crc32(data[at : at + 30]))
        assert unpack(">2H", data[at + 24 : at + 28]) == (1001, 30_000)
    path.write_bytes(data)
    assert open_clip(path).times == (0, Fraction(1001, 30_000))
