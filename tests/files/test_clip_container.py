"""Clips in containers: orientation, colors, range of values, depth, alpha, damage; against NumPy and other oracles."""

import struct
from contextlib import suppress
from fractions import Fraction

import numpy as np
import pytest
import torch

from artcnn.errors import PictureError
from artcnn.files.clips.clip import open_clip
from artcnn.files.containers import container_format, open_container
from artcnn.files.encoding import HDR_PEAK, find_encoding

av = pytest.importorskip("av", reason="the extra 'video' is not installed")

BT709, BT601, BT2020 = (1, 1, 1, 1), (6, 1, 6, 6), (9, 1, 9, 14)
"""Codes of matrix, range (1 narrow, 2 full), primaries and transfer: ITU-T H.273, FFmpeg."""

WEIGHTS = {1: (0.2126, 0.0722), 6: (0.299, 0.114), 9: (0.2627, 0.0593)}
"""Luma weights of red and blue, by matrix."""


def pixels(frame):
    return frame.image[0].permute(1, 2, 0).numpy()


def yuv(rgb, matrix, *, full=False, depth=8):
    """Return the 4:4:4 frame of RGB in [0, 1], (H, W, 3): ITU-R BT.709, section 3, and its kin."""
    red, blue = WEIGHTS[matrix]
    luma = rgb @ np.array([red, 1 - red - blue, blue])
    cb, cr = (rgb[..., 2] - luma) / (2 - 2 * blue), (rgb[..., 0] - luma) / (2 - 2 * red)
    unit = 2 ** (depth - 8)
    scale = ((2**depth - 1), (2**depth - 1), 0) if full else (219 * unit, 224 * unit, 16 * unit)
    planes = [luma * scale[0] + scale[2], *(plane * scale[1] + 128 * unit for plane in (cb, cr))]
    return np.stack(planes).round().clip(0, 2**depth - 1).astype(np.uint8 if depth == 8 else np.uint16)


def yuv_frame(rgb, matrix, *, full=False, depth=8):
    planes = yuv(rgb, matrix, full=full, depth=depth)
    name = "yuv444p" if depth == 8 else f"yuv444p{depth}le"
    frame = av.VideoFrame(rgb.shape[1], rgb.shape[0], name)
    for plane, values in zip(frame.planes, planes, strict=True):
        row = np.zeros((values.shape[0], plane.line_size), np.uint8)
        row[:, : values.shape[1] * values.itemsize] = values.view(np.uint8)
        plane.update(row)
    return frame


@pytest.fixture
def slopes():
    """Return smooth colors, (48, 64, 3) in [0, 1], with black, white and pure colors."""
    y, x = np.mgrid[0:48, 0:64]
    image = np.stack([x / 63, y / 47, (x + y) / 110], axis=-1)
    image[:8, :8], image[:8, 8:16], image[8:16, :8], image[8:16, 8:16] = 1, 0, [1, 0, 0], [0, 0, 1]
    return image


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_rotation_is_that_of_numpy(make_clip, scene, quarters):
    clip = open_clip(make_clip("x.mov", 2, rotation=90 * quarters if quarters < 3 else -90))
    assert clip.size == ((64, 48) if quarters % 2 else (48, 64))
    for number, frame in enumerate(clip.frames()):
        assert np.array_equal((pixels(frame) * 255).round(), np.rot90(scene(number), quarters))


@pytest.mark.parametrize(("horizontal", "vertical"), [(True, False), (False, True)])
@pytest.mark.parametrize("degrees", [0, 90, 180, -90])
def test_mirrored_as_the_matrix_says(tmp_path, scene, degrees, horizontal, vertical):
    with av.open(str(tmp_path / "x.mov"), "w") as container:
        stream = container.add_stream("libx264rgb", 10, options={"crf": "0"})
        stream.height, stream.width, stream.pix_fmt = 48, 64, "rgb24"
        stream.set_display_rotation(degrees, hflip=horizontal, vflip=vertical)
        container.mux(stream.encode(av.VideoFrame.from_ndarray(scene(3), "rgb24")))
        container.mux(stream.encode())
    want = scene(3)
    want = np.rot90(want, degrees // 90)
    want = want[:, ::-1] if horizontal else want[::-1]
    (frame,) = open_clip(tmp_path / "x.mov").frames()
    assert np.array_equal((pixels(frame) * 255).round(), want)


@pytest.mark.parametrize(
    ("ratio", "rotation", "size"),
    [((2, 1), 0, (48, 128)), ((1, 2), 0, (96, 64)), ((2, 1), 90, (128, 48)), ((1, 60_000), 0, (48, 64))],
)
def test_pixels_become_square(make_clip, ratio, rotation, size):
    clip = open_clip(make_clip("x.mov", 1, ratio=Fraction(*ratio), rotation=rotation))
    assert clip.size == size
    assert next(clip.frames()).image.shape == (1, 3, *size)


@pytest.mark.parametrize("colors", [BT709, BT601, BT2020])
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("depth", [8, 10])
def test_matrix_range_and_depth(make_clip, slopes, colors, full, depth):
    """Primaries of BT.709 throughout, so that only the matrix and the range are at work."""
    matrix, _, _, curve = colors
    colors = (matrix, 2 if full else 1, 1, curve)
    path = make_clip(
        "x.mkv",
        1,
        codec="ffv1",
        pix_fmt="yuv444p" if depth == 8 else "yuv444p10le",
        colors=colors,
        frames=lambda _: yuv_frame(slopes, matrix, full=full, depth=depth),
    )
    (frame,) = open_clip(path).frames()
    assert np.abs(pixels(frame) - slopes).max() < (2.5 if depth == 8 else 0.7) / 255
    assert np.abs(pixels(frame) - slopes).mean() < (0.8 if depth == 8 else 0.2) / 255


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("name", ["gray", "gray10le"])
def test_gray_has_a_range_too(make_clip, full, name):
    depth = 8 if name == "gray" else 10
    unit = 2 ** (depth - 8)
    levels = np.linspace(0, 2**depth - 1 if full else 219 * unit, 64) + (0 if full else 16 * unit)
    values = np.tile(levels.round().astype(np.uint8 if depth == 8 else "<u2"), (48, 1))

    def draw(_):
        frame = av.VideoFrame(64, 48, name)
        frame.planes[0].update(np.ascontiguousarray(values).view(np.uint8))
        return frame

    path = make_clip("x.mkv", 1, codec="ffv1", pix_fmt=name, colors=(2, 2 if full else 1), frames=draw)
    (frame,) = open_clip(path).frames()
    assert np.abs(pixels(frame) - np.linspace(0, 1, 64)[:, None]).max() < 1 / 255


@pytest.mark.parametrize(("size", "matrix"), [((48, 64), 6), ((600, 64), 1)])
def test_what_declares_no_matrix_is_bt601_up_to_576_rows(make_clip, size, matrix):
    color = np.broadcast_to(np.array([0.8, 0.3, 0.1]), (*size, 3))
    path = make_clip("x.mkv", 1, size=size, codec="ffv1", pix_fmt="yuv444p", frames=lambda _: yuv_frame(color, matrix))
    (frame,) = open_clip(path).frames()
    assert np.abs(pixels(frame) - color).max() < 2.5 / 255


@pytest.mark.parametrize(("curve", "name"), [(16, "PQ"), (18, "HLG")])
def test_hdr_is_tone_mapped_as_a_picture_is(make_clip, slopes, curve, name):
    path = make_clip(
        "x.mkv",
        2,
        codec="ffv1",
        pix_fmt="yuv444p10le",
        colors=(9, 1, 9, curve),
        frames=lambda number: yuv_frame(slopes * (1 - 0.5 * number), 9, depth=10),
    )
    clip = open_clip(path)
    assert clip.notes == [f"{path}: it has high dynamic range ({name}): tone-mapped to sRGB (ITU-R BT.2390)"]
    for number, frame in enumerate(clip.frames()):
        assert not frame.image.isnan().any()
        want = find_encoding(9, curve).to_srgb(slopes * (1 - 0.5 * number), 1, HDR_PEAK)
        assert np.abs(pixels(frame) - want).mean() < 0.5 / 255
        assert np.quantile(np.abs(pixels(frame) - want), 0.99) < 4 / 255


def test_every_frame_of_hdr_has_the_same_curve():
    """With a peak of its own, a gray would be darker in a frame with a bright spot."""
    dark, bright = np.full((32, 32, 3), 0.6), np.full((32, 32, 3), 0.6)
    bright[:4] = 0.75
    pq = find_encoding(9, 16)
    assert pq.to_srgb(dark, 1)[20, 20, 0] != pq.to_srgb(bright, 1)[20, 20, 0]
    assert pq.to_srgb(dark, 1, HDR_PEAK)[20, 20, 0] == pq.to_srgb(bright, 1, HDR_PEAK)[20, 20, 0]


def test_webm_with_alpha(make_clip, scene):
    def see_through(number):
        alpha = np.full((48, 64, 1), 255, np.uint8)
        alpha[:, 32:] = 0
        alpha[24:, :32] = 128
        return np.concatenate([scene(number), alpha], axis=2)

    path = make_clip("x.webm", 3, codec="libvpx-vp9", pix_fmt="yuva420p", options={"crf": "4"}, frames=see_through)
    clip = open_clip(path)
    assert clip.alpha
    for number, frame in enumerate(clip.frames()):
        assert frame.alpha.shape == (1, 1, 48, 64)
        assert float((frame.alpha[0, 0, :20, :28] - 1).abs().max()) < 0.02
        assert float(frame.alpha[0, 0, :, 36:].abs().max()) < 0.02
        assert float((frame.alpha[0, 0, 28:, :28] - 128 / 255).abs().max()) < 0.03
        assert np.abs(pixels(frame)[4:20, 4:28] - scene(number)[4:20, 4:28] / 255).mean() < 0.04


def test_a_second_stream_of_pictures_is_left_out_and_told(tmp_path, scene):
    path = tmp_path / "x.mkv"
    with av.open(str(path), "w") as container:
        streams = [container.add_stream("ffv1", 10) for _ in range(2)]
        for stream in streams:
            stream.height, stream.width, stream.pix_fmt = 48, 64, "bgr0"
        for number, stream in enumerate(streams):
            frame = av.VideoFrame.from_ndarray(scene(number), "rgb24").reformat(format="bgr0")
            frame.pts, frame.time_base = 0, Fraction(1, 10)
            container.mux(stream.encode(frame))
            container.mux(stream.encode())
    clip = open_clip(path)
    assert clip.notes == [f"{path}: it has 2 streams of pictures: the first is taken"]
    assert np.array_equal((pixels(next(clip.frames())) * 255).round(), scene(0))


@pytest.mark.parametrize(("name", "flags"), [("x.mp4", "faststart"), ("x.mkv", None), ("x.avi", None), ("x.ts", None)])
def test_what_is_cut_off_is_shown_as_far_as_it_goes(make_clip, name, flags):
    codec = {"codec": "libx264", "pix_fmt": "yuv420p"} if name == "x.ts" else {}
    path = make_clip(name, 12, movflags=flags, options={"g": "3", "bf": "0"}, **codec)
    whole = [frame.image for frame in open_clip(path).frames()]
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * 0.7)])
    clip = open_clip(path)
    assert 3 <= len(clip.times) < 12
    if name != "x.ts":  # it does not say how long it should be
        assert clip.notes == [f"{path}: it is cut short: {len(clip.times)} frames are there"]
    frames = list(clip.frames())
    assert len(frames) == len(clip.times)
    assert all(torch.equal(frame.image, want) for frame, want in zip(frames[:-1], whole, strict=False))


def test_in_place_of_a_damaged_frame_the_one_before_is_shown(make_clip):
    path = make_clip("x.mov", 6, codec="png")
    whole = [frame.image for frame in open_clip(path).frames()]
    with av.open(str(path)) as container:
        packet = [packet for packet in container.demux(video=0) if packet.size][3]
        found = path.read_bytes().index(bytes(packet))
    data = bytearray(path.read_bytes())
    data[found : found + packet.size] = bytes(packet.size)
    path.write_bytes(data)
    clip = open_clip(path)
    frames = [frame.image for frame in clip.frames()]
    assert len(frames) == 6
    assert all(torch.equal(frames[n], whole[2 if n == 3 else n]) for n in range(6))
    assert clip.notes == [f"{path}: one of its frames is damaged, and shown as the one before where nothing is left"]


def test_mp4_without_its_index_is_one_clear_line(make_clip):
    path = make_clip()
    path.write_bytes(path.read_bytes()[:600])
    with pytest.raises(PictureError, match=r"clip.mp4: damaged or cut short: get a fresh copy$"):
        open_clip(path)


def test_sound_alone_is_no_clip(tmp_path):
    with av.open(str(tmp_path / "x.m4a"), "w", format="mp4") as container:
        stream = container.add_stream("aac", 44_100, layout="mono")
        part = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        part.sample_rate = 44_100
        container.mux([*stream.encode(part), *stream.encode(None)])
    with pytest.raises(PictureError, match="has no pictures, only sound: give a clip with a picture"):
        open_clip(tmp_path / "x.m4a")


@pytest.mark.parametrize(
    "text",
    [
        "ffconcat version 1.0\nfile {}\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{}\n#EXT-X-ENDLIST\n",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n",
        "<?xml version='1.0'?><MPD xmlns='urn:mpeg:dash:schema:mpd:2011'></MPD>",
    ],
)
def test_lists_of_other_files_and_addresses_are_no_clips(make_clip, tmp_path, text):
    other = make_clip()
    (tmp_path / "list.mp4").write_text(text.format(other) + " " * 400)
    with pytest.raises(PictureError, match="not a clip that artcnn can read"):
        open_clip(tmp_path / "list.mp4")


def test_a_movie_that_refers_to_another_file_reads_nothing_of_it(make_clip, monkeypatch):
    """FFmpeg would open what an MP4's data reference names, if it were let: enable_drefs."""
    path = make_clip()
    data = path.read_bytes()
    at = data.index(b"url \0\0\0\1")
    path.write_bytes(data[: at + 4] + b"\0\0\0\0" + data[at + 8 :])  # says that the data are elsewhere
    asked = []
    monkeypatch.setattr("artcnn.files.containers._refuse", lambda url, *_: asked.append(url))
    with open_container(path) as container:
        assert container.streams.video[0].frames == 8
    assert asked == []


def patched(path, name, at, numbers):
    """Overwrite 32-bit numbers in the first box of that name, so many bytes behind the name."""
    data = bytearray(path.read_bytes())
    start = data.index(name) + 4 + at
    data[start : start + 4 * len(numbers)] = struct.pack(f">{len(numbers)}I", *numbers)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("name", "at", "numbers", "movflags"),
    [
        (b"stsz", 4, [1, 2**31], None),
        (b"stts", 8, [2**31], None),
        (b"ctts", 8, [2**31], None),
        (b"trun", 0, [0, 2**31], "frag_keyframe+empty_moov"),
    ],
)
def test_a_few_bytes_that_declare_billions_of_frames_cost_no_memory(
    make_clip, monkeypatch, name, at, numbers, movflags
):
    reordered = {"codec": "libx264", "pix_fmt": "yuv420p", "options": {"crf": "9", "bf": "2"}}
    path = patched(make_clip(movflags=movflags, **reordered), name, at, numbers)
    monkeypatch.setattr(av, "open", lambda *_, **__: pytest.fail("FFmpeg would reserve gigabytes"))
    with pytest.raises(PictureError, match="damaged or cut short: get a fresh copy"):
        open_clip(path)


def test_a_header_that_is_packed_is_not_opened(make_clip):
    path = make_clip()
    path.write_bytes(path.read_bytes().replace(b"mvhd", b"cmov"))
    with pytest.raises(PictureError, match="damaged or cut short"):
        open_clip(path)


@pytest.mark.parametrize("movflags", [None, "faststart", "frag_keyframe+empty_moov"])
def test_what_sound_clips_declare_is_believed(make_clip, monkeypatch, movflags):
    monkeypatch.setattr("artcnn.files.sample_tables._SPARE", 0)
    path = make_clip("x.mov", sounds=["pcm_s16le"], movflags=movflags)
    assert (len(open_clip(path).times), open_clip(path).sounds) == (8, 1)


def test_frames_larger_than_the_memory_are_refused_before_decoding(make_clip, monkeypatch):
    path = make_clip()
    monkeypatch.setattr("artcnn.files.open.available_memory", lambda: 80_000)
    with pytest.raises(PictureError, match="64 x 48 pixels need about .* of memory to open"):
        open_clip(path)


@pytest.mark.parametrize(
    "name", ["x.mp4", "x.mov", "x.mkv", "x.webm", "x.avi", "x.flv", "x.ts", "x.mpg", "x.ogv", "x.wmv"]
)
def test_each_format_is_recognized_by_content(make_clip, name, tmp_path):
    codec = {"x.webm": "libvpx", "x.mpg": "mpeg2video", "x.ogv": "ffv1", "x.wmv": "wmv2"}.get(name, "libx264")
    if name == "x.ogv":
        pytest.importorskip("av")
        codec = "libvpx"
    path = make_clip(name, 5, codec=codec, pix_fmt="yuv420p", unit=Fraction(1, 25))
    clip = open_clip(path.rename(tmp_path / "no-name"))
    assert len(clip.times) == len(list(clip.frames())) == 5
    assert clip.times[0] == 0


@pytest.mark.parametrize("kind", ["heic", "avif", "mif1"])
def test_pictures_of_the_family_of_mp4_are_no_containers(kind):
    assert container_format(struct.pack(">I", 24) + b"ftyp" + kind.encode() + bytes(12)) is None
    assert container_format(struct.pack(">I", 24) + b"ftypisom" + bytes(12)) == "mov"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["x.mp4", "x.mkv", "x.avi"])
def test_random_damage_never_shows_as_anything_but_a_picture_error(make_clip, name):
    path = make_clip(
        name, 6, codec="libx264", pix_fmt="yuv420p", sounds=["aac"], movflags="faststart" if name == "x.mp4" else None
    )
    good, dice = path.read_bytes(), np.random.default_rng(5)
    for _ in range(40):
        data = np.frombuffer(good, np.uint8).copy()
        places = dice.integers(0, min(dice.choice([64, 1024, data.size]), data.size), dice.choice([1, 5, 30]))
        data[places] = dice.integers(0, 256, places.size)
        path.write_bytes(data[: dice.choice([data.size, dice.integers(1, data.size)])].tobytes())
        with suppress(PictureError):
            clip = open_clip(path)
            assert len(list(clip.frames())) == len(clip.times)
