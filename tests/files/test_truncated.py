"""Files that are cut short: what is missing is told; more than a tenth of the picture is too much."""

import re
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from artcnn.errors import PictureError
from artcnn.files.read import read_picture

HEIGHT, WIDTH = 240, 200
Y, X = np.mgrid[0:HEIGHT, 0:WIDTH]
NOISE = np.random.default_rng(5).integers(-20, 21, (HEIGHT, WIDTH, 3))
PHOTO = np.clip(np.stack([X, Y, (X // 9 + Y // 9) % 2 * 150 + 40], -1) + NOISE, 0, 255).astype(np.uint8)
"""Slopes, a pattern and noise, shape (240, 200, 3)."""


def encoded(kind: str, pixels: np.ndarray = PHOTO, **settings) -> bytes:
    Image.fromarray(pixels).save(file := BytesIO(), kind, **settings)
    return file.getvalue()


def read(path, data: bytes):
    """Return the pixels of a file, 0 to 255, and its notes without the name; or what is said where it is refused."""
    path.write_bytes(data)
    try:
        picture = read_picture(path)
    except PictureError as error:
        return None if "damaged or cut short" in str(error) else str(error), ()
    return picture.pixels[0].permute(1, 2, 0).numpy() * 255, tuple(n.removeprefix(f"{path}: ") for n in picture.notes)


def missing(notes: tuple[str, ...]) -> float:
    """Return the share that a note says is missing."""
    (note,) = notes
    match = re.fullmatch(r"the file is cut short: the last ([\d.]+)% of the picture are missing, and gray", note)
    assert match, note
    return float(match[1]) / 100


UNSEEN = "the file is cut short, and lacks its finest detail at most"

JPEGS = {
    "4:2:0": {"quality": 90, "subsampling": "4:2:0"},
    "4:4:4": {"quality": 90, "subsampling": "4:4:4"},
    "restarts": {"quality": 90, "restart_marker_rows": 1},
}


@pytest.mark.parametrize("name", JPEGS)
def test_a_jpeg_without_its_end_marker(tmp_path, name):
    whole = encoded("JPEG", **JPEGS[name])
    expected, none = read(tmp_path / "x", whole)
    assert none == ()
    for data in (whole[:-2], whole[:-1]):
        seen, notes = read(tmp_path / "x", data)
        assert notes == (UNSEEN,)
        assert np.array_equal(seen, expected)


@pytest.mark.parametrize("name", JPEGS)
@pytest.mark.parametrize("share", [0.01, 0.03, 0.06])
def test_a_jpeg_that_lacks_its_last_rows(tmp_path, name, share):
    whole = encoded("JPEG", **JPEGS[name])
    expected, _ = read(tmp_path / "x", whole)
    seen, notes = read(tmp_path / "x", whole[: round(len(whole) * (1 - share))])
    lost = np.abs(seen - expected).max(axis=-1) > 40  # but for the edge of chroma between what is there and what is not
    assert lost.mean() < missing(notes) + 0.015
    assert missing(notes) == pytest.approx(share, abs=0.04)
    assert not lost[: round(HEIGHT * (1 - share)) - 17].any()


@pytest.mark.parametrize("name", JPEGS)
@pytest.mark.parametrize("there", [0.85, 0.5, 0.1])
def test_a_jpeg_that_lacks_more_than_a_tenth(tmp_path, name, there):
    whole = encoded("JPEG", **JPEGS[name])
    assert read(tmp_path / "x", whole[: round(len(whole) * there)]) == (None, ())


def test_a_gray_and_a_cmyk_jpeg(tmp_path):
    for mode in ("L", "CMYK"):
        Image.fromarray(PHOTO).convert(mode).save(file := BytesIO(), "JPEG", quality=90)
        data = file.getvalue()
        assert 0 < missing(read(tmp_path / "x", data[: round(len(data) * 0.95)])[1]) < 0.1
        assert read(tmp_path / "x", data[: round(len(data) * 0.7)]) == (None, ())


def test_a_progressive_jpeg_is_sharp_or_refused(tmp_path):
    """It comes scan by scan, all of the area at first: what is missing is detail, which refining scans bring."""
    whole = encoded("JPEG", quality=90, progressive=True)
    expected, _ = read(tmp_path / "x", whole)
    told = []
    for share in (0.0001, 0.01, 0.05, 0.1, 0.3, 0.6, 0.8, 0.95):
        seen, notes = read(tmp_path / "x", whole[: -max(2, round(len(whole) * share))])
        told.append(seen is not None)
        if seen is not None:
            assert notes == (UNSEEN,)
            assert np.abs(seen - expected).mean() < 5  # of noise of 20
    assert told == sorted(told, reverse=True)
    assert told[:3] == [True] * 3
    assert not any(told[-2:])


def test_a_jpeg_that_ends_within_its_header(tmp_path):
    whole = encoded("JPEG")
    for length in (4, 20, 100, 300, 600):
        assert read(tmp_path / "x", whole[:length]) == (None, ())


def test_a_jpeg_behind_white_space(tmp_path):
    whole = encoded("JPEG")
    expected, _ = read(tmp_path / "x", whole)
    for junk in (b"\n", b"\0", b"\xef\xbb\xbf", b"\r\n\r\n", bytes(40)):
        seen, notes = read(tmp_path / "x", junk + whole)
        assert np.array_equal(seen, expected)
        assert notes == ()
    assert read(tmp_path / "x", b"\n" + whole[:-2])[1] == (UNSEEN,)


def test_the_checksum_is_that_of_the_whole_file(tmp_path):
    from hashlib import sha256

    (tmp_path / "x").write_bytes(data := b"\n" + encoded("JPEG"))
    assert read_picture(tmp_path / "x").sha256 == sha256(data).hexdigest()


LOSSLESS = {"PNG": {}, "BMP": {}, "TIFF": {}, "GIF": {"interlace": 0}}


@pytest.mark.parametrize("kind", LOSSLESS)
@pytest.mark.parametrize("share", [0.02, 0.07])
def test_what_is_there_of_others_is_right(tmp_path, kind, share):
    whole = encoded(kind, **LOSSLESS[kind])
    expected, _ = read(tmp_path / "x", whole)
    seen, notes = read(tmp_path / "x", whole[: round(len(whole) * (1 - share))])
    right = (seen == expected).all(axis=-1)
    assert 1 - right.mean() == pytest.approx(missing(notes), abs=0.01)
    assert missing(notes) == pytest.approx(share, abs=0.03)
    gone = np.flatnonzero(~right.all(axis=1))
    assert len(gone) == gone[-1] - gone[0] + 1, "at one end"


@pytest.mark.parametrize("kind", [*LOSSLESS, "WEBP", "AVIF"])
@pytest.mark.parametrize("there", [0.85, 0.4])
def test_others_that_lack_more_than_a_tenth(tmp_path, kind, there):
    whole = encoded(kind)
    assert read(tmp_path / "x", whole[: round(len(whole) * there)]) == (None, ())


def test_every_second_row_of_what_is_interlaced_is_that_above(tmp_path):
    rows = np.repeat(np.repeat(np.arange(120, dtype=np.uint8), 2)[:, None], 200, axis=1)
    rows = np.where(X % 7 == 0, 200, rows).astype(np.uint8)  # pairs of equal rows, that compress badly
    whole = encoded("GIF", rows, interlace=1)
    seen, notes = read(tmp_path / "x", whole[: round(len(whole) * 0.95)])
    assert 0.01 < missing(notes) < 0.1
    assert np.array_equal(seen[..., 0], rows)


@pytest.mark.parametrize("kind", ["WEBP", "AVIF"])
def test_what_cannot_be_decoded_in_part_is_refused(tmp_path, kind):
    assert read(tmp_path / "x", encoded(kind)[:-40]) == (None, ())


def test_a_deep_png_that_is_cut_short(tmp_path):
    import struct
    import zlib

    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in PHOTO.astype(np.uint16) * 257)

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">2I5B", WIDTH, HEIGHT, 16, 2, 0, 0, 0))
    whole = head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    assert np.abs(read(tmp_path / "x", whole)[0] - PHOTO).max() < 0.01
    seen, notes = read(tmp_path / "x", whole[: round(len(whole) * 0.95)])
    assert 0.02 < missing(notes) < 0.08
    assert np.abs(seen - PHOTO)[: round(HEIGHT * 0.92)].max() <= 1
    assert read(tmp_path / "x", whole[: len(whole) // 2]) == (None, ())


@pytest.mark.parametrize("cut", [1, 4, 12])
def test_a_png_cut_behind_its_last_pixel(tmp_path, cut):
    seen, notes = read(tmp_path / "x", encoded("PNG")[:-cut])
    assert np.array_equal(seen, PHOTO)
    assert notes == (() if cut < 4 else ("the file is cut short, behind its last pixel",)) or cut == 4


def test_a_claim_of_many_pixels_is_not_looked_at_twice(tmp_path, monkeypatch):
    """A number in a header costs nothing, and to fill as many pixels does."""
    from artcnn.files import truncated as cut

    data = bytearray(encoded("BMP"))
    data[18:26] = (3000).to_bytes(4, "little") * 2
    monkeypatch.setattr(cut, "_filled", lambda *_: pytest.fail("filled"))
    assert read(tmp_path / "x", bytes(data)) == (None, ())
