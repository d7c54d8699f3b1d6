"""WebP whose metadata or length is damaged: the pixels are whole, so the picture opens."""

import struct
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from artcnn.files.read import read_picture

PIXELS = np.random.default_rng(6).integers(0, 256, (40, 48, 3), np.uint8)
NOTE = "its metadata or its length is damaged, and what of it is not whole is left out"


def webp() -> bytes:
    exif = Image.Exif()
    exif[0x8298] = "x" * 300
    Image.fromarray(PIXELS).save(file := BytesIO(), "WEBP", exif=exif, lossless=True)
    return file.getvalue()


def sized(data: bytes, more: int) -> bytes:
    return data[:4] + struct.pack("<I", len(data) - 8 + more) + data[8:]


DAMAGED = {
    "EXIF cut short": webp()[:-100],
    "EXIF gone, its flag set": webp()[: webp().index(b"EXIF")],
    "too long by its header": sized(webp(), 1000),
    "too short by its header": sized(webp(), -100),
    "EXIF without end": webp().replace(b"EXIF" + struct.pack("<I", 328), b"EXIF" + struct.pack("<I", 1 << 31)),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_the_picture_opens(tmp_path, name):
    path = tmp_path / "x"
    path.write_bytes(DAMAGED[name])
    assert DAMAGED[name] != webp()
    picture = read_picture(path)
    assert np.allclose(picture.pixels[0].permute(1, 2, 0).numpy() * 255, PIXELS, atol=1e-4)
    assert picture.notes == (f"{path}: {NOTE}",)
    copyright_ = picture.metadata.texts.get(0x8298)
    assert copyright_ == (b"x" * 300 if "header" in name else None), "what is whole is kept"
