"""A table of odd clips: each is either read right or refused with one clear line."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np
from clips import make_clip, numbered
from PIL import Image


@dataclass(frozen=True)
class Odd:
    """A clip and what is to come of it.

    Attributes:
        make: writes it into a folder and returns its path.
        refused: what is said of it, where it is not read.
        size: (height, width) of its frames.
        times: when they begin, in seconds; None for at least two of those of a whole clip.
        sounds: number of its sound tracks.
        alpha: whether its frames have an alpha.
        note: what is told of it, after its name, with the number of frames in place of {}, or None.
    """

    make: Callable[[Path], Path]
    refused: str | None = None
    size: tuple[int, int] = (48, 64)
    times: tuple[Fraction, ...] | None = tuple(Fraction(n, 10) for n in range(8))
    sounds: int = 0
    alpha: bool = False
    note: str | None = None


def _clip(name: str, *arguments: object, **options: object) -> Callable[[Path], Path]:
    return lambda folder: make_clip(folder / name, *arguments, **options)


def _text(name: str, content: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / name).write_text(content)
        return folder / name

    return write


def _cut(make: Callable[[Path], Path], part: float) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = make(folder)
        path.write_bytes(path.read_bytes()[: int(path.stat().st_size * part)])
        return path

    return write


def _sound_alone(folder: Path) -> Path:
    import av

    path = folder / "sound.mp4"
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("aac", 44_100, layout="mono")
        part = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        part.sample_rate = 44_100
        container.mux([*stream.encode(part), *stream.encode(None)])
    return path


def _see_through(number: int) -> np.ndarray:
    alpha = np.full((48, 64, 1), 255, np.uint8)
    alpha[:, 32:] = 0
    return np.concatenate([numbered(number), alpha], axis=2)


def _animation(name: str, durations: tuple[int, ...], folder: Path) -> Path:
    first, *others = (Image.fromarray(numbered(number)) for number in range(len(durations)))
    first.save(folder / name, save_all=True, append_images=others, duration=list(durations))
    return folder / name


def _frames(names: dict[str, tuple[int, int]], folder: Path) -> Path:
    (folder / "frames").mkdir()
    for number, (name, size) in enumerate(names.items()):
        Image.fromarray(numbered(number, *size)).save(folder / "frames" / name)
    return folder / "frames"


def _bright(number: int) -> np.ndarray:
    """Return a gray frame of which PQ leaves something: it makes little light of the lower half of values."""
    return np.repeat(128 + numbered(number)[..., 1:2] // 2, 3, axis=2)


_HDR = {"codec": "libx264", "pix_fmt": "yuv420p10le", "frames": _bright}
_MAPPED = "it has high dynamic range ({}): tone-mapped to sRGB (ITU-R BT.2390)"
_TENTHS, _SMALL = Odd.times, (48, 64)
_UNEVEN = (0, 9, 12, 30, 31, 33, 60, 90)

ODD = {
    "no stream of pictures": Odd(_sound_alone, "has no pictures, only sound: give a clip with a picture"),
    "a text file": Odd(_text("text.mp4", "Dear diary. " * 99), "not a clip that artcnn can read"),
    "a list of addresses": Odd(_text("list.mp4", "#EXTM3U\nhttp://127.0.0.1/a.ts\n" * 30), "not a clip"),
    "an empty file": Odd(_text("empty.mp4", ""), "is empty: get a fresh copy"),
    "cut off before its index": Odd(_cut(_clip("x.mp4"), 0.5), "damaged or cut short: get a fresh copy"),
    "too small": Odd(_clip("x.mp4", size=(16, 16)), "is 16 x 16 pixels: it needs 32 at least on either side"),
    "one frame": Odd(_clip("x.mp4", 1), times=_TENTHS[:1]),
    "one frame a second": Odd(_clip("x.mp4", unit=Fraction(1)), times=tuple(map(Fraction, range(8)))),
    "odd sides": Odd(_clip("x.mp4", size=(47, 63)), size=(46, 62)),
    "turned by 90": Odd(_clip("x.mov", rotation=90), size=(64, 48)),
    "turned by 180": Odd(_clip("x.mov", rotation=180)),
    "turned by 270": Odd(_clip("x.mov", rotation=-90), size=(64, 48)),
    "wide pixels": Odd(_clip("x.mp4", ratio=Fraction(4, 3)), size=(48, 84)),
    "a variable rate": Odd(
        _clip("x.mp4", times=_UNEVEN, unit=Fraction(1, 90)), times=tuple(Fraction(n, 90) for n in _UNEVEN)
    ),
    "an edit list": Odd(_clip("x.mp4", options={"bf": "2"}, first=7)),
    "frames before its beginning": Odd(_clip("x.mp4", first=-3), times=_TENTHS[:5]),
    "a matrix that is none of YUV": Odd(_clip("x.mkv", codec="ffv1", pix_fmt="yuv420p", colors=(0, 1))),
    "a matrix that is not known": Odd(
        _clip("x.mkv", codec="ffv1", pix_fmt="yuv420p", colors=(14, 1)), "(H.273 matrix 14): convert it to BT.709 first"
    ),
    "alpha": Odd(_clip("x.webm", codec="libvpx-vp9", pix_fmt="yuva420p", frames=_see_through), alpha=True),
    "10 bit": Odd(_clip("x.mkv", codec="libx264", pix_fmt="yuv420p10le")),
    "full range": Odd(_clip("x.mp4", codec="libx264", pix_fmt="yuv420p", colors=(1, 2, 1, 1))),
    "gray": Odd(_clip("x.mkv", codec="ffv1", pix_fmt="gray")),
    "PQ": Odd(_clip("x.mp4", **_HDR, colors=(9, 1, 9, 16)), note=_MAPPED.format("PQ")),
    "HLG": Odd(_clip("x.mp4", **_HDR, colors=(9, 1, 9, 18)), note=_MAPPED.format("HLG")),
    "cut off in the middle": Odd(
        _cut(_clip("x.mp4", codec="mjpeg", pix_fmt="yuvj420p", movflags="faststart"), 0.75),
        times=None,
        note="it is cut short: {} frames are there",
    ),
    "a sound track": Odd(_clip("x.mp4", sounds=["aac"]), sounds=1),
    "several sound tracks": Odd(_clip("x.mkv", sounds=["aac", "libopus", "aac"]), sounds=3),
    "a transport stream": Odd(_clip("x.ts", codec="libx264", pix_fmt="yuv420p", first=14)),
    "a GIF": Odd(partial(_animation, "x.gif", (100,) * 8)),
    "a WebP": Odd(partial(_animation, "x.webp", (100,) * 8)),
    "a PNG": Odd(partial(_animation, "x.png", (100,) * 8)),
    "one picture": Odd(partial(_animation, "x.gif", (100,)), "is one picture, not a clip"),
    "numbered frames": Odd(
        partial(_frames, {"f1.png": _SMALL, "f3.png": _SMALL, "f20.png": _SMALL}),
        times=tuple(Fraction(n, 24) for n in range(3)),
    ),
    "frames of two sizes": Odd(
        partial(_frames, {"1.png": _SMALL, "2.png": (50, 64)}), "1.png is 64 x 48: give frames of one size"
    ),
    "a folder without frames": Odd(partial(_frames, {}), "no picture in this folder: give a folder of numbered frames"),
}
"""By what is odd about them."""
