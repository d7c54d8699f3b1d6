"""PNG whose chunks beside the pixels are broken, large or many: the picture opens, and what is left out is told."""

import struct
import threading
import tracemalloc
import zlib
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageFile, PngImagePlugin

from artcnn.errors import PictureError
from artcnn.files.color import srgb_profile
from artcnn.files.provenance import read_provenance
from artcnn.files.read import read_picture

PIXELS = np.random.default_rng(4).integers(0, 256, (40, 48, 3), np.uint8)


def chunk(name: bytes, content: bytes, wrong: int = 0) -> bytes:
    checksum = zlib.crc32(name + content) ^ wrong
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)


def png(before: bytes = b"", behind: bytes = b"", **settings) -> bytes:
    """Return the pixels as a PNG with more chunks before and behind them."""
    Image.fromarray(PIXELS).save(file := BytesIO(), "PNG", **settings)
    data = file.getvalue()
    return data[:33] + before + data[33:-12] + behind + data[-12:]


def notes_of(path, data: bytes) -> tuple[str, ...]:
    """Return what is said of a file whose pixels come out right."""
    path.write_bytes(data)
    picture = read_picture(path)
    assert np.allclose(picture.pixels[0].permute(1, 2, 0).numpy() * 255, PIXELS, atol=1e-4)
    return tuple(note.removeprefix(f"{path}: ") for note in picture.notes)


LARGE = "it holds more than 1 MB of text, which is left out"
ZEROS = zlib.compress(bytes(1_300_000))
BOMB = zlib.compress(bytes(60_000_000), 9)

TOLD = {
    "tEXt, checksum": (chunk(b"tEXt", b"Comment\0hello", 1), "damaged metadata (tEXt) is left out"),
    "two, checksums": (
        chunk(b"tEXt", b"Comment\0hello", 1) + chunk(b"iTXt", b"x", 1) + chunk(b"eXIf", b"II*\0", 1),
        "damaged metadata (eXIf, iTXt, tEXt) is left out",
    ),
    "pHYs, checksum": (chunk(b"pHYs", bytes(9), 1), "damaged metadata (pHYs) is left out"),
    "zTXt, large": (chunk(b"zTXt", b"workflow\0\0" + ZEROS), LARGE),
    "iTXt, large": (chunk(b"iTXt", b"workflow\0\1\0\0\0" + ZEROS), LARGE),
    "iTXt, large as it is": (chunk(b"iTXt", b"workflow\0\0\0\0\0" + bytes(1_300_000)), LARGE),
    "tEXt, large": (chunk(b"tEXt", b"workflow\0" + b"x" * 1_300_000), LARGE),
    "zTXt, bomb": (chunk(b"zTXt", b"workflow\0\0" + BOMB), LARGE),
}
FINE = {
    "nothing": b"",
    "text": chunk(b"tEXt", b"Comment\0hello") + chunk(b"zTXt", b"x\0\0" + zlib.compress(b"hello")),
    "many texts": chunk(b"tEXt", b"Comment\0hello") * 3000,
    "unknown": chunk(b"vpAg", bytes(9)) + chunk(b"prVt", b"?" * 100),
    "unknown, checksum": chunk(b"vpAg", bytes(9), 1),
    "text without an end": chunk(b"tEXt", b"Comment") + chunk(b"zTXt", b"x") + chunk(b"iTXt", b"x\0\1"),
    "time": chunk(b"tIME", bytes(7)) + chunk(b"bKGD", bytes(6)) + chunk(b"sBIT", bytes(3)) + chunk(b"hIST", b"?"),
}


@pytest.mark.parametrize("name", [*TOLD, *FINE])
@pytest.mark.parametrize("behind", [False, True], ids=["before", "behind"])
def test_chunks_beside_the_pixels(tmp_path, name, behind):
    chunks, expected = TOLD.get(name) or (FINE[name], None)
    data = png(behind=chunks) if behind else png(chunks)
    assert notes_of(tmp_path / "x", data) == (() if expected is None else (expected,))
    assert read_provenance(tmp_path / "x") is None


def test_a_bomb_is_not_inflated(tmp_path):
    (tmp_path / "x").write_bytes(png(chunk(b"zTXt", b"a\0\0" + BOMB) * 20))
    tracemalloc.start()
    read_picture(tmp_path / "x")
    assert tracemalloc.get_traced_memory()[1] < 8_000_000
    tracemalloc.stop()


def test_a_profile_is_read_to_16_megabytes(tmp_path):
    """Profiles of screens have more than Pillow's one megabyte; lcms passes by what it does not know."""
    profile = srgb_profile() + bytes(3_000_000)
    profile = struct.pack(">I", len(profile)) + profile[4:]
    icc = chunk(b"iCCP", b"screen\0\0" + zlib.compress(profile))
    assert notes_of(tmp_path / "x", png(icc)) == ()
    for broken in (chunk(b"iCCP", b"screen\0\0" + zlib.compress(bytes(20_000_000))), chunk(b"iCCP", b"screen")):
        (note,) = notes_of(tmp_path / "x", png(broken))
        assert note == "its color profile cannot be read or is not for such pixels, taken as sRGB"


def test_orientation_behind_the_pixels_and_in_a_text_is_followed(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    body = exif.tobytes().removeprefix(b"Exif\0\0")
    written = f"\nexif\n{len(exif.tobytes()):8d}\n{exif.tobytes().hex()}\n".encode()
    raw = chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(written))
    xmp = chunk(b"iTXt", b'XML:com.adobe.xmp\0\0\0\0\0<x:xmpmeta tiff:Orientation="6"/>')
    for data in (png(behind=chunk(b"eXIf", body)), png(chunk(b"eXIf", body)), png(raw), png(behind=raw), png(xmp)):
        (tmp_path / "x").write_bytes(data)
        assert read_picture(tmp_path / "x").pixels.shape == (1, 3, 48, 40)


def test_a_broken_header_or_palette_is_refused(tmp_path):
    good = png()
    (tmp_path / "x").write_bytes(good[:29] + b"\0\0\0\0" + good[33:])
    with pytest.raises(PictureError, match="damaged or cut short"):
        read_picture(tmp_path / "x")


def test_pixels_whose_checksum_alone_is_wrong_are_read(tmp_path):
    data = bytearray(png())
    end = len(data) - 12
    data[end - 1] ^= 1
    assert notes_of(tmp_path / "x", bytes(data)) == ()


def test_an_animation_is_its_still(tmp_path):
    frames = [Image.fromarray(PIXELS), Image.fromarray(255 - PIXELS)]
    for default in (False, True):
        frames[0].save(file := BytesIO(), "PNG", save_all=True, append_images=frames, default_image=default)
        count = 3 - default
        assert notes_of(tmp_path / "x", file.getvalue()) == (f"it has {count} frames: the first is taken",)


def test_nothing_global_is_changed_and_other_threads_see_none_of_it(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(png(chunk(b"zTXt", b"workflow\0\0" + ZEROS)))
    limits = PngImagePlugin.MAX_TEXT_CHUNK, PngImagePlugin.MAX_TEXT_MEMORY, ImageFile.LOAD_TRUNCATED_IMAGES
    seen, done = set(), threading.Event()

    def watch() -> None:
        while not done.is_set():
            seen.add((PngImagePlugin.MAX_TEXT_CHUNK, PngImagePlugin.MAX_TEXT_MEMORY, ImageFile.LOAD_TRUNCATED_IMAGES))

    watcher = threading.Thread(target=watch)
    watcher.start()
    for _ in range(20):
        read_picture(path)
    done.set()
    watcher.join()
    assert seen == {limits}
    with pytest.raises(ValueError, match="too large"):
        Image.open(path).load()
