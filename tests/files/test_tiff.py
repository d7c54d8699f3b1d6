"""TIFF in every layout: its pixels are right, or it is refused; a wrong color is worse than none."""

import struct
from itertools import product

import numpy as np
import pytest
import tifffile

from artcnn.errors import PictureError
from artcnn.files.read import read_picture

HEIGHT, WIDTH = 50, 68
Y, X = np.mgrid[0:HEIGHT, 0:WIDTH]
INKS = np.stack(
    [X / (WIDTH - 1), Y / (HEIGHT - 1), (X // 6 + Y // 6) % 2 * 0.6 + 0.2, (X + Y) / (HEIGHT + WIDTH - 2) * 0.8 + 0.2],
    -1,
)
"""Slopes and a pattern in four channels, shape (50, 68, 4), in [0, 1]."""

KINDS = {
    "gray": (INKS[..., :1], {"photometric": "minisblack"}),
    "0 is white": (1 - INKS[..., :1], {"photometric": "miniswhite"}),
    "gray, alpha": (INKS[..., [0, 3]], {"photometric": "minisblack", "extrasamples": ["unassalpha"]}),
    "RGB": (INKS[..., :3], {"photometric": "rgb"}),
    "RGB, alpha": (INKS, {"photometric": "rgb", "extrasamples": ["unassalpha"]}),
    "RGB, multiplied alpha": (
        INKS * np.concatenate([INKS[..., 3:]] * 3 + [np.ones_like(INKS[..., 3:])], -1),
        {"photometric": "rgb", "extrasamples": ["assocalpha"]},
    ),
    "RGB, something": (INKS, {"photometric": "rgb", "extrasamples": ["unspecified"]}),
    "CMYK": (INKS, {"photometric": "separated"}),
}
"""What samples mean: the numbers, and what tifffile is told."""


def numbers(values: np.ndarray, dtype: str) -> np.ndarray:
    return values.astype(dtype) if dtype.startswith("float") else (values * np.iinfo(dtype).max).round().astype(dtype)


def write(path, kind: str, dtype: str, *, planar: bool = False, **settings) -> None:
    values, meaning = KINDS[kind]
    samples = numbers(values, dtype)
    if samples.shape[2] == 1:
        samples = samples[..., 0]
    else:
        settings["planarconfig"] = "separate" if planar else "contig"
        samples = np.moveaxis(samples, -1, 0) if planar else samples
    tifffile.imwrite(path, samples, metadata=None, **meaning, **settings)


def check(path, kind: str, within: float) -> None:
    """Check the pixels and the opacity of a file."""
    picture = read_picture(path)
    assert picture.notes == ()
    color = {"gray": INKS[..., :1], "0 is white": INKS[..., :1], "gray, alpha": INKS[..., :1]}.get(kind, INKS[..., :3])
    if kind == "CMYK":
        color = (1 - INKS[..., :3]) * (1 - INKS[..., 3:])
    assert np.abs(picture.pixels[0].permute(1, 2, 0).numpy() - color).max() < within
    if kind.endswith("alpha"):
        assert np.abs(picture.alpha[0, 0].numpy() - INKS[..., 3]).max() < within
    else:
        assert picture.alpha is None


BITS = {"uint8": 0.009, "uint16": 2e-5, "uint32": 1e-6, "float16": 1e-3, "float32": 1e-6, "float64": 1e-6}
"""Type of the numbers to how near they come; 8 bits in 8 bits of opacity."""


@pytest.mark.parametrize("dtype", BITS)
@pytest.mark.parametrize("planar", [False, True], ids=["pixels", "planes"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_layout(tmp_path, dtype, planar, kind):
    within = BITS[dtype] * (5 if kind == "RGB, multiplied alpha" else 1)  # of a fifth of it, where opacity is a fifth
    within = max(within, 0.009 if kind == "CMYK" else 0)  # ink becomes light in 8 bits
    path = tmp_path / "x"
    for number, (tiled, order, compression) in enumerate(product([False, True], "<>", [None, "zlib"])):
        blocks = {"tile": (16, 32)} if tiled else {"rowsperstrip": 17 if number % 4 else HEIGHT}
        write(path, kind, dtype, planar=planar, byteorder=order, compression=compression, **blocks)
        check(path, kind, within)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "uint32", "float16", "float32", "float64"])
@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("planar", [False, True])
def test_predictors(tmp_path, dtype, order, planar):
    """Differences are taken here, as TIFF 6.0, section 14, and Adobe's technical note 3 say, in blocks of their own."""
    samples = numbers(INKS[..., :3], dtype).astype(np.dtype(dtype).newbyteorder(order))
    planes = np.moveaxis(samples, -1, 0)[..., None] if planar else samples[None]
    predictor = 3 if dtype.startswith("float") else 2
    for number, plane in enumerate(planes):
        if predictor == 2:
            coded = plane.copy()
            coded[:, 1:] -= plane[:, :-1]
        else:
            depth = plane.shape[2]
            swapped = plane.astype(np.dtype(dtype).newbyteorder(">"))
            rows = swapped.reshape(HEIGHT, -1, 1).view(np.uint8).swapaxes(1, 2).reshape(HEIGHT, -1)
            coded = rows.copy()
            coded[:, depth:] -= rows[:, :-depth]
            coded = coded.view(np.dtype(dtype).newbyteorder(order)).reshape(plane.shape)
        planes[number] = coded
    coded = planes[..., 0] if planar else planes[0]
    path = tmp_path / "x"
    tifffile.imwrite(
        path,
        np.ascontiguousarray(coded),
        photometric="rgb",
        planarconfig="separate" if planar else "contig",
        byteorder=order,
        compression="zlib",
        metadata=None,
        extratags=[(316, "H", 1, predictor, True)],
    )
    entry = struct.pack(f"{order}HHI", 316, 3, 1)  # tifffile writes no predictor without another package
    path.write_bytes(path.read_bytes().replace(entry, struct.pack(f"{order}HHI", 317, 3, 1)))
    check(path, "RGB", BITS[dtype])


def test_big_tiff(tmp_path):
    for planar in (False, True):
        write(tmp_path / "x", "RGB", "uint16", planar=planar, bigtiff=True)
        check(tmp_path / "x", "RGB", 2e-5)


def test_deep_pixels_follow_a_profile(tmp_path):
    from artcnn.files.color import srgb_profile

    profile = srgb_profile()
    start = profile.index(b"para")  # light as it is: the same curve for all three
    linear = profile[:start] + b"para\0\0\0\0\0\0\0\0\0\1\0\0".ljust(32, b"\0") + profile[start + 32 :]
    write(tmp_path / "x", "RGB", "uint16", planar=True, iccprofile=linear)
    seen = read_picture(tmp_path / "x").pixels[0].permute(1, 2, 0).numpy()
    light = INKS[..., :3]
    expected = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    assert np.abs(seen - expected)[light > 0.1].max() < 2 / 255


def test_numbers_beyond_white_are_refused(tmp_path):
    for value in (1.5, -0.1, np.nan):
        tifffile.imwrite(tmp_path / "x", np.full((40, 40, 3), value, np.float32), photometric="rgb")
        with pytest.raises(PictureError, match="its values are not of the range 0 to 1: save it in 8 or 16 bits"):
            read_picture(tmp_path / "x")


def test_signed_numbers_of_unknown_white_are_refused(tmp_path):
    tifffile.imwrite(tmp_path / "x", np.full((40, 40), 20_000, np.int16))
    with pytest.raises(PictureError, match="a kind of TIFF that artcnn cannot read"):
        read_picture(tmp_path / "x")


@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("planar", [False, True])
def test_a_deep_picture_that_is_cut_short_is_refused(tmp_path, compression, planar):
    path = tmp_path / "x"
    write(path, "RGB", "uint16", planar=planar, compression=compression, rowsperstrip=5)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(PictureError, match="damaged or cut short"):
        read_picture(path)


def test_a_block_that_inflates_without_end_is_not_followed(tmp_path):
    """A strip may hold a thousand times what belongs into it: only that is inflated."""
    import zlib

    path = tmp_path / "x"
    write(path, "RGB", "uint16", planar=True, compression="zlib", rowsperstrip=HEIGHT)
    with tifffile.TiffFile(path) as file:
        page = file.pages[0]
        values = [
            np.frombuffer(zlib.decompress(path.read_bytes()[o : o + c]), np.uint8)
            for o, c in zip(page.dataoffsets, page.databytecounts, strict=True)
        ]
        tags = {name: page.tags[name].valueoffset for name in ("StripOffsets", "StripByteCounts")}
    data = path.read_bytes()
    for number, content in enumerate(values):
        bomb = zlib.compress(content.tobytes() + bytes(12_000_000), 9)
        for name, value in (("StripOffsets", len(data)), ("StripByteCounts", len(bomb))):
            at = tags[name] + 4 * number
            data = data[:at] + value.to_bytes(4, "little") + data[at + 4 :]
        data += bomb
    path.write_bytes(data)
    import tracemalloc

    tracemalloc.start()
    check(path, "RGB", 2e-5)
    assert tracemalloc.get_traced_memory()[1] < 2_000_000
    tracemalloc.stop()


def test_a_small_version_before_the_picture_is_passed_by(tmp_path):
    with tifffile.TiffWriter(tmp_path / "x") as file:
        file.write(np.zeros((40, 40, 3), np.uint8), photometric="rgb", subfiletype=1)
        file.write(np.full((60, 80, 3), 200, np.uint8), photometric="rgb")
        file.write(np.zeros((30, 40, 3), np.uint8), photometric="rgb", subfiletype=1)
    picture = read_picture(tmp_path / "x")
    assert picture.pixels.shape == (1, 3, 60, 80)
    assert (picture.pixels * 255).round().unique().tolist() == [200]
    assert picture.notes == ()


@pytest.mark.parametrize("big", [False, True])
def test_pages_are_counted(tmp_path, big):
    with tifffile.TiffWriter(tmp_path / "x", bigtiff=big) as file:
        for value in (10, 20, 30):
            file.write(np.full((40, 40, 3), value, np.uint16), photometric="rgb")
    picture = read_picture(tmp_path / "x")
    assert picture.pixels.max() == pytest.approx(10 / 65535)
    assert picture.notes == (f"{tmp_path / 'x'}: it has 3 pages: the first is taken",)
