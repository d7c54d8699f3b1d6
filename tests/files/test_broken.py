"""Files that are not what they seem: one line that begins with the name and says what to do."""

import os
import struct
import sys
import zlib
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from artcnn import image
from artcnn.errors import MissingExtraError, PictureError
from artcnn.files import open as opening
from artcnn.files.open import check_picture
from artcnn.files.provenance import read_provenance
from artcnn.files.read import read_picture

NOT_A_PICTURE = "not a picture that artcnn can read (JPEG, PNG, WebP, AVIF, TIFF, BMP, GIF, HEIC)"


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int, height: int, *more: bytes) -> bytes:
    """Return a PNG whose header is right and whose pixels are missing."""
    header = chunk(b"IHDR", struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(more) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def encoded(kind: str, size: tuple[int, int] = (64, 48), **settings: object) -> bytes:
    """Return noise as a file of a kind."""
    noise = np.random.default_rng(3).integers(0, 256, (size[1], size[0], 3), np.uint8)
    Image.fromarray(noise).save(file := BytesIO(), kind, **settings)
    return file.getvalue()


def half(kind: str) -> bytes:
    return encoded(kind)[: len(encoded(kind)) // 2]


def damaged(kind: str) -> str:
    return f": damaged or cut short, or a kind of {kind} that artcnn cannot read: get a fresh copy, or a PNG"


BROKEN = {
    "empty": (b"", " is empty: get a fresh copy"),
    "text": (b"Dear diary, no picture today.", f": {NOT_A_PICTURE}"),
    "zip": (b"PK\3\4" + bytes(200), f": {NOT_A_PICTURE}"),
    "postscript": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 64 64\n", f": {NOT_A_PICTURE}"),
    "film": (struct.pack(">I", 24) + b"ftypisom\0\0\0\0isommp41" + bytes(99), f": {NOT_A_PICTURE}"),
    "PNG, header only": (png(64, 64)[:33], damaged("PNG")),
    "PNG, no pixels": (png(64, 64), damaged("PNG")),
    "JPEG, header only": (b"\xff\xd8\xff\xe0", damaged("JPEG")),
    "TIFF, header only": (b"II*\0\10\0\0\0", damaged("TIFF")),
    "TIFF, offset beyond": (b"MM\0*\xff\xff\xff\xff", damaged("TIFF")),
    **{f"{kind}, half": (half(kind), damaged(kind)) for kind in ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")},
    "narrow": (encoded("PNG", (31, 200)), " is 31 x 200 pixels: it needs 32 at least on either side"),
    "flat": (encoded("GIF", (200, 31)), " is 200 x 31 pixels: it needs 32 at least on either side"),
}


def refused(path: Path, read=read_picture) -> str:
    """Return what is said about a file, after its name."""
    with pytest.raises((PictureError, MissingExtraError)) as caught:
        read(path)
    text = str(caught.value)
    assert "\n" not in text
    assert text.startswith(str(path))
    return text.removeprefix(str(path))


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file(tmp_path, name):
    content, message = BROKEN[name]
    path = tmp_path / "photo.jpg"
    path.write_bytes(content)
    assert refused(path) == message


def test_more_pixels_than_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(opening, "available_memory", lambda: 20 * 10**9)
    path = tmp_path / "huge.png"
    path.write_bytes(png(60_000, 60_000))
    expected = ": 60000 x 60000 pixels need about 101 GB of memory to open and 20 GB are free: make it smaller first"
    for read in (check_picture, read_picture, read_provenance):
        assert refused(path, read) == expected


def test_the_memory_decides_and_pillows_limit_of_pixels_does_not(tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    path = tmp_path / "x.png"
    path.write_bytes(encoded("PNG"))
    assert read_picture(path).pixels.shape == (1, 3, 48, 64)
    assert Image.MAX_IMAGE_PIXELS == 1000


def test_the_header_alone_is_checked_first(tmp_path):
    path = tmp_path / "x.png"
    path.write_bytes(encoded("PNG"))
    check_picture(path)
    path.write_bytes(b"text")
    assert refused(path, check_picture) == f": {NOT_A_PICTURE}"
    assert opening.SMALLEST_SIDE == image.SMALLEST_SIDE


def test_a_missing_file(tmp_path):
    (tmp_path / "holiday.jpg").touch()
    near, far = tmp_path / "holidai.jpg", tmp_path / "nowhere" / "x.jpg"
    with pytest.raises(PictureError, match=f"^no such file: {near}: did you mean '{tmp_path / 'holiday.jpg'}'\\?$"):
        read_picture(near)
    with pytest.raises(PictureError, match=f"^no such file: {far}$"):
        read_picture(far)


def test_folders_devices_and_names_too_long(tmp_path):
    assert refused(tmp_path) == " is a folder: give a picture file"
    assert refused(tmp_path / ("x" * 300)).endswith(": file name too long")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        assert refused(tmp_path / "pipe") == " is not a regular file: give a picture file"


def test_a_file_that_may_not_be_read(tmp_path, monkeypatch):
    def closed(self, mode):
        raise PermissionError(13, "Permission denied")

    (tmp_path / "x.png").write_bytes(encoded("PNG"))
    monkeypatch.setattr(Path, "open", closed)  # root may read whatever its mode
    assert refused(tmp_path / "x.png") == ": cannot be opened (Permission denied): check its permissions"


HEIC_HEADER = struct.pack(">I", 20) + b"ftypheic\0\0\0\0mif1"


def test_heic_without_its_package(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    path = tmp_path / "x.jpg"
    path.write_bytes(HEIC_HEADER)
    assert refused(path) == ": HEIC needs the extra heic: pip install 'artcnn[heic]'"


def test_a_header_of_heic_and_nothing_behind_it(tmp_path):
    pytest.importorskip("pillow_heif", reason="the extra 'heic' is not installed")
    path = tmp_path / "x.heic"
    path.write_bytes(HEIC_HEADER)
    assert refused(path) == damaged("HEIF")


@pytest.mark.parametrize("dtype", ["int32", "float32"])
def test_numbers_of_32_bits_beyond_a_known_range(tmp_path, dtype):
    path = tmp_path / "x.tif"
    Image.fromarray(np.full((40, 40), 70_000, dtype)).save(path)
    white = 65535 if dtype == "int32" else 1
    assert refused(path) == f": its values are not of the range 0 to {white}: save it in 8 or 16 bits"
    Image.fromarray(np.full((40, 40), -1, dtype)).save(path)
    assert "not of the range" in refused(path)


def test_damaged_exif_is_told_or_left_out_and_the_picture_read(tmp_path):
    path = tmp_path / "x.png"
    path.write_bytes(encoded("PNG", exif=b"Exif\0\0rubbish, not TIFF"))
    assert read_picture(path).notes == (f"{path}: its EXIF data cannot be read, taken as upright",)
    assert read_provenance(path) is None
    cut = b"Exif\0\0II*\0\10\0\0\0" + struct.pack("<HHHII", 5, 0x010E, 2, 500, 9999)
    for kind in ("PNG", "JPEG", "WEBP"):
        path.write_bytes(encoded(kind, exif=cut))
        assert read_picture(path).pixels.shape == (1, 3, 48, 64)


def test_a_damaged_profile_of_png_is_told(tmp_path):
    path = tmp_path / "x.png"
    profile = chunk(b"iCCP", b"name\0\0not deflated")
    path.write_bytes(encoded("PNG")[:33] + profile + encoded("PNG")[33:])
    assert read_picture(path).notes == (
        f"{path}: its color profile cannot be read or is not for such pixels, taken as sRGB",
    )


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_random_damage_never_shows_as_anything_but_a_picture_error(tmp_path, kind):
    exif = Image.Exif()
    exif[0x0112], exif[0x0131] = 6, "artcnn 1"
    good, path = encoded(kind, exif=exif.tobytes()), tmp_path / "x"
    dice = np.random.default_rng(7)
    for _ in range(60):
        data = np.frombuffer(good, np.uint8).copy()
        places = dice.integers(0, min(dice.choice([64, 512, data.size]), data.size), dice.choice([1, 5, 30]))
        data[places] = dice.integers(0, 256, places.size)
        path.write_bytes(data[: dice.choice([data.size, dice.integers(1, data.size)])].tobytes())
        for read in (read_picture, read_provenance):
            with suppress(PictureError):
                read(path)
