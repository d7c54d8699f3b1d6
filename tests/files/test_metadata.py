"""What a photo says about itself comes through, and nothing else of it does."""

import json
import shutil
import struct
import subprocess
import zlib
from io import BytesIO

import pytest
import torch
from PIL import Image

from artcnn.files.metadata import Metadata
from artcnn.files.provenance import MAX_PROVENANCE, read_provenance
from artcnn.files.read import read_picture
from artcnn.files.write import WRITABLE, write_picture

PIXELS = torch.linspace(0, 1, 3 * 40 * 48).reshape(1, 3, 40, 48)
DATES = {
    0x9003: "2024:06:01 12:30:59",
    0x9004: "2024:06:01 12:31:00",
    0x9010: "+02:00",
    0x9011: "+02:00",
    0x9012: "-11:30",
    0x9290: "1",
    0x9291: "123",
    0x9292: "000123",
}
GPS = {
    0: b"\2\3\0\0",
    1: "S",
    2: (33.0, 51.0, 24.5),
    3: "E",
    4: (151.0, 12.0, 54.0),
    5: b"\1",
    6: 12.5,
    7: (10.0, 30.0, 59.0),
    29: "2024:06:01",
}
HOLDER = "© Zoë Núñez"


def exif(**changes) -> Image.Exif:
    """Return the EXIF data of a camera, with much that is nobody else's business."""
    data = Image.Exif()
    data[0x0112] = 6
    data[0x010E] = "SECRET description"
    data[0x010F], data[0x0110], data[0x0131] = "SECRET make", "SECRET model", "SECRET software"
    data[0x0132] = "2024:07:02 01:02:03"
    data[0x013B], data[0x8298] = b"Zo\xc3\xab", HOLDER.encode()
    data[0x011A], data[0x011B], data[0x0128] = 300.0, 240.0, 2
    data.get_ifd(0x8769).update(DATES)
    data.get_ifd(0x8769).update({0x927C: b"SECRET maker's note", 0xA430: "SECRET owner", 0xA431: "SECRET serial"})
    data.get_ifd(0x8769)[0x9286] = b"ASCII\0\0\0SECRET comment"
    data.get_ifd(0x8825).update(GPS)
    for tag, value in changes.items():
        data[int(tag[1:], 16)] = value
    return data


def photo(path, kind: str = "JPEG", data: Image.Exif | None = None, **settings):
    data = data or exif()
    if kind in ("TIFF", "AVIF"):  # of which Pillow keeps less
        data[0x013B], data[0x8298] = "Zoe", "Nunez"
        data = data.tobytes()
    Image.new("RGB", (48, 40), (90, 120, 200)).save(path, kind, exif=data, **settings)
    return read_picture(path)


def written(path) -> Image.Exif:
    with Image.open(path) as image:
        image.load()
        return image.getexif()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("suffix", WRITABLE)
def test_what_the_photo_says_comes_through(tmp_path, kind, suffix):
    metadata = photo(tmp_path / "in", kind).metadata
    out = tmp_path / f"x{suffix}"
    write_picture(out, PIXELS, provenance='{"artcnn": 1}', metadata=metadata)
    seen = written(out)
    assert seen[0x0132] == "2024:07:02 01:02:03"
    names = ("Zoe", "Nunez") if kind in ("TIFF", "AVIF") else ("Zoë", HOLDER)
    assert tuple(seen[tag].encode("latin-1").decode() for tag in (0x013B, 0x8298)) == names
    assert (seen[0x011A], seen[0x011B], seen[0x0128]) == (300, 240, 2)
    assert {tag: seen.get_ifd(0x8769)[tag] for tag in DATES} == DATES
    assert seen.get(0x0112) in (None, 1)
    assert not seen.get_ifd(0x8825)
    assert b"SECRET" not in out.read_bytes()
    assert read_provenance(out) == '{"artcnn": 1}'
    if suffix in (".png", ".jpg"):
        with Image.open(out) as image:
            assert image.info["dpi"] == pytest.approx((300, 240), abs=0.1)


@pytest.mark.parametrize("suffix", WRITABLE)
def test_the_position_only_where_it_is_asked_for(tmp_path, suffix):
    metadata = photo(tmp_path / "in").metadata
    for keep in (False, True):
        out = tmp_path / f"{keep}{suffix}"
        write_picture(out, PIXELS, metadata=metadata, keep_gps=keep)
        seen = written(out).get_ifd(0x8825)
        assert seen == (GPS if keep else {})
        assert b"SECRET" not in out.read_bytes()


def test_the_same_details_are_the_same_bytes(tmp_path):
    metadata = photo(tmp_path / "in").metadata
    write_picture(tmp_path / "a.jpg", PIXELS, metadata=metadata)
    write_picture(tmp_path / "b.jpg", PIXELS, metadata=metadata)
    assert (tmp_path / "a.jpg").read_bytes() == (tmp_path / "b.jpg").read_bytes()


@pytest.mark.parametrize("suffix", WRITABLE)
def test_a_photo_that_says_nothing(tmp_path, suffix):
    Image.new("RGB", (48, 40)).save(tmp_path / "in.png")
    metadata = read_picture(tmp_path / "in.png").metadata
    assert metadata == Metadata()
    write_picture(tmp_path / f"x{suffix}", PIXELS, metadata=metadata)
    write_picture(tmp_path / f"y{suffix}", PIXELS)
    assert (tmp_path / f"x{suffix}").read_bytes() == (tmp_path / f"y{suffix}").read_bytes()


DENSITIES = {
    "JFIF, inches": ("JPEG", {"dpi": (300, 200)}, (300, 200)),
    "PNG, meters": ("PNG", {"dpi": (300, 200)}, (300, 200)),
    "TIFF": ("TIFF", {"dpi": (300, 200)}, (300, 200)),
    "TIFF, centimeters": ("TIFF", {"resolution_unit": "cm", "resolution": 100}, (254, 254)),
    "BMP": ("BMP", {"dpi": (300, 200)}, (300, 200)),
    "JPEG, none": ("JPEG", {}, None),
    "PNG, none": ("PNG", {}, None),
    "TIFF, none": ("TIFF", {}, None),
    "WEBP, none": ("WEBP", {}, None),
}


@pytest.mark.parametrize("name", DENSITIES)
def test_resolution_in_the_words_of_each_format(tmp_path, name):
    kind, settings, expected = DENSITIES[name]
    Image.new("RGB", (48, 40)).save(tmp_path / "in", kind, **settings)
    seen = read_picture(tmp_path / "in").metadata.dpi
    assert seen is None if expected is None else seen == pytest.approx(expected, abs=0.1)


def test_authors_in_a_png_without_exif(tmp_path):
    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    Image.new("RGB", (48, 40)).save(file := BytesIO(), "PNG")
    data = file.getvalue()
    texts = chunk(b"tEXt", b"Author\0Zo\xeb") + chunk(b"iTXt", b"Copyright\0\0\0\0\0" + HOLDER.encode())
    (tmp_path / "in").write_bytes(data[:33] + texts + data[33:])
    write_picture(tmp_path / "x.jpg", PIXELS, metadata=read_picture(tmp_path / "in").metadata)
    seen = written(tmp_path / "x.jpg")
    assert (seen[0x013B].encode("latin-1"), seen[0x8298].encode("latin-1")) == (b"Zo\xc3\xab", HOLDER.encode())


WRONG = {
    "date": {"t0132": "yesterday"},
    "date of blanks": {"t0132": "    :  :     :  :  "},
    "artist of no end": {"t013B": "x" * 5000},
    "resolution 0": {"t011A": 0.0},
    "resolution without end": {"t011A": 1e9},
    "no unit": {"t0128": 1},
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("suffix", WRITABLE)
def test_what_makes_no_sense_is_left_out(tmp_path, name, suffix):
    metadata = photo(tmp_path / "in", "PNG", exif(**WRONG[name])).metadata
    write_picture(tmp_path / f"x{suffix}", PIXELS, provenance="x" * MAX_PROVENANCE, metadata=metadata, keep_gps=True)
    seen = written(tmp_path / f"x{suffix}")
    (tag,) = WRONG[name]
    assert int(tag[1:], 16) not in seen or seen[int(tag[1:], 16)] != WRONG[name][tag]
    assert len(read_provenance(tmp_path / f"x{suffix}")) == MAX_PROVENANCE


@pytest.mark.parametrize(
    "wrong",
    [{1: "X"}, {2: (91.0, 0.0, 0.0)}, {2: (1.0, 2.0)}, {4: (181.0, 0.0, 0.0)}, {3: ""}, {2: 5.0}],
)
def test_a_position_that_is_none(tmp_path, wrong):
    data = exif()
    data.get_ifd(0x8825).update(wrong)
    assert photo(tmp_path / "in", data=data).metadata.position == {}


def test_the_longest_of_all_fits_into_a_jpeg(tmp_path):
    data = exif(t013B="é" * 1000, t8298="x" * 1000)
    metadata = photo(tmp_path / "in", "PNG", data).metadata
    write_picture(tmp_path / "x.jpg", PIXELS, provenance="x" * MAX_PROVENANCE, metadata=metadata, keep_gps=True)
    assert len(read_provenance(tmp_path / "x.jpg")) == MAX_PROVENANCE
    assert written(tmp_path / "x.jpg").get_ifd(0x8825) == GPS


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool is not installed")
@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".tif"])
def test_another_program_reads_it(tmp_path, suffix):
    out = tmp_path / f"x{suffix}"
    write_picture(out, PIXELS, provenance="{}", metadata=photo(tmp_path / "in").metadata, keep_gps=True)
    command = [
        "exiftool",
        "-json",
        "-a",
        "-n",
        "-G1",
        "-validate",
        "-warning",
        "-EXIF:all",
        "-charset",
        "exif=utf8",
        out,
    ]
    told = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)[0]
    assert told["ExifIFD:DateTimeOriginal"] == DATES[0x9003]
    assert told["ExifIFD:OffsetTimeOriginal"] == "+02:00"
    assert str(told["ExifIFD:SubSecTimeOriginal"]) == "123"
    assert told["IFD0:Copyright"] == HOLDER
    assert told["IFD0:Artist"] == "Zoë"
    assert (told["IFD0:XResolution"], told["IFD0:YResolution"], told["IFD0:ResolutionUnit"]) == (300, 240, 2)
    assert told["GPS:GPSLatitude"] == pytest.approx(33 + 51 / 60 + 24.5 / 3600)
    assert (told["GPS:GPSLatitudeRef"], told["GPS:GPSLongitudeRef"]) == ("S", "E")
    assert told["GPS:GPSAltitude"] == 12.5
    assert "IFD0:Orientation" not in told or told["IFD0:Orientation"] == 1
    assert not [key for key in told if "MakerNote" in key or "Thumbnail" in key or "Serial" in key or "Model" in key]
