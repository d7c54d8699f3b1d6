"""What files say of their color without an ICC profile, and which of two sayings counts."""

import struct
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from artcnn.files.color import srgb_profile
from artcnn.files.read import read_picture

RAW = np.repeat(np.array([[220, 40, 40], [40, 200, 40], [40, 60, 220]], np.uint8), 32, axis=0)[None].repeat(96, axis=0)
"""Three upright stripes, shape (96, 96, 3)."""

SRGB = [[220, 40, 40], [40, 200, 40], [40, 60, 220]]
LINEAR = [[239, 110, 110], [110, 229, 110], [110, 133, 239]]
"""The stripes where the numbers are amounts of light: 1.055 * (220 / 255) ** (1 / 2.4) - 0.055 and so on."""
P3 = [[240, 0, 21], [0, 204, 0], [34, 61, 229]]
"""The stripes where the primaries are those of P3, by the matrix of CSS Color 4."""
ADOBE = [[255, 35, 35], [0, 201, 0], [21, 57, 225]]
BT2020 = [[255, 0, 23], [0, 211, 0], [0, 58, 231]]
"""By the matrix of ITU-R BT.2087 from light, (((c / 255) + 0.055) / 1.055) ** 2.4, clipped, and back."""


def stripes(path: Path, *notes: str) -> np.ndarray:
    """Return the colors of the three stripes of a picture, 0 to 255."""
    picture = read_picture(path)
    assert picture.notes == tuple(f"{path}: {note}" for note in notes)
    return picture.pixels[0, :, 48, 16::32].T.numpy() * 255


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(path: Path, *chunks: bytes, raw: np.ndarray = RAW) -> Path:
    """Write the stripes as a PNG with more chunks, of 8 bits or 16."""
    deep = raw.dtype == np.uint16
    head = chunk(b"IHDR", struct.pack(">2I5B", 96, 96, 16 if deep else 8, 2, 0, 0, 0))
    rows = raw.astype(">u2" if deep else np.uint8).reshape(96, -1)
    data = zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + chunk(b"IDAT", data) + chunk(b"IEND", b""))
    return path


def cicp(primaries: int, transfer: int, matrix: int = 0, full: int = 1) -> bytes:
    return chunk(b"cICP", bytes([primaries, transfer, matrix, full]))


def gama(number: int) -> bytes:
    return chunk(b"gAMA", struct.pack(">I", number))


def chrm(*lights: int) -> bytes:
    return chunk(b"cHRM", struct.pack(">8I", 31270, 32900, *lights))


SRGB_CHRM, P3_CHRM = chrm(64000, 33000, 30000, 60000, 15000, 6000), chrm(68000, 32000, 26500, 69000, 15000, 6000)
ICC = chunk(b"iCCP", b"sRGB\0\0" + zlib.compress(srgb_profile()))
INTENT = chunk(b"sRGB", b"\0")

SAYINGS = {
    "nothing": ((), SRGB),
    "linear": ((gama(100_000),), LINEAR),
    "gamma of sRGB": ((gama(45_455),), SRGB),
    "gamma and lights of sRGB": ((gama(45_455), SRGB_CHRM), SRGB),
    "lights alone": ((P3_CHRM,), P3),
    "P3": ((cicp(12, 13),), P3),
    "sRGB": ((cicp(1, 13),), SRGB),
    "cICP before all": ((cicp(12, 13), ICC, INTENT, gama(100_000)), P3),
    "cICP behind all": ((ICC, INTENT, gama(100_000), cicp(12, 13)), P3),
    "ICC before sRGB, gAMA, cHRM": ((ICC, gama(100_000), P3_CHRM), SRGB),
    "sRGB before gAMA, cHRM": ((gama(100_000), P3_CHRM, INTENT), SRGB),
    "BT.2020 with the curve of cameras": ((cicp(9, 14),), BT2020),
}


@pytest.mark.parametrize("name", SAYINGS)
def test_a_png_says_it(tmp_path, name):
    chunks, expected = SAYINGS[name]
    assert np.abs(stripes(png(tmp_path / "x.png", *chunks)) - expected).max() < 1
    deep = RAW.astype(np.uint16) * 257
    assert np.abs(stripes(png(tmp_path / "x.png", *chunks, raw=deep)) - expected).max() < 1


def test_a_narrow_range_in_a_png(tmp_path):
    narrow = (RAW * (219 / 255) + 16).round().astype(np.uint8)
    assert np.abs(stripes(png(tmp_path / "x.png", cicp(1, 13, full=0), raw=narrow)) - SRGB).max() < 1


UNKNOWN = "its cICP chunk names colors that artcnn does not know, and is left out"
UNREADABLE = "what it says of its colors cannot be read, taken as sRGB"


@pytest.mark.parametrize("wrong", [cicp(3, 13), cicp(12, 99), cicp(12, 13, matrix=1), chunk(b"cICP", b"\x0c\x0d")])
def test_what_a_png_says_in_vain_is_told_and_the_next_saying_counts(tmp_path, wrong):
    assert np.abs(stripes(png(tmp_path / "x.png", wrong, gama(100_000)), UNKNOWN) - LINEAR).max() < 1


@pytest.mark.parametrize(
    "wrong",
    [gama(0), gama(1), gama(2**31), chunk(b"gAMA", b"\0"), chrm(0, 0, 0, 0, 0, 0), chrm(1, 1, 1, 1, 1, 1)],
    ids=["0", "tiny", "huge", "short", "no lights", "one light"],
)
def test_numbers_that_are_none(tmp_path, wrong):
    assert np.abs(stripes(png(tmp_path / "x.png", wrong), UNREADABLE) - SRGB).max() < 1


def test_gray_and_palettes_and_alpha_follow_as_well(tmp_path):
    image = Image.fromarray(RAW)
    expected = np.array(LINEAR)
    for mode in ("P", "RGBA", "L", "LA"):
        (image.quantize(4) if mode == "P" else image.convert(mode)).save(file := BytesIO(), "PNG")
        data = file.getvalue()
        (tmp_path / "x.png").write_bytes(data[:33] + gama(100_000) + data[33:])
        seen = stripes(tmp_path / "x.png")
        if mode in ("L", "LA"):
            light = np.array([np.asarray(image.convert("L"))[0, x] for x in (16, 48, 80)])[:, None] / 255
            assert np.abs(seen - (1.055 * light ** (1 / 2.4) - 0.055) * 255).max() < 1
        else:
            assert np.abs(seen - expected).max() < 1


def exif(space: int | None, index: bytes = b"") -> bytes:
    """Return EXIF data with a ColorSpace and an InteroperabilityIndex, big-endian."""
    data = Image.Exif()
    if space is not None:
        data.get_ifd(0x8769)[0xA001] = space
    if index:
        data.get_ifd(0x8769)[0xA005] = {1: index.decode(), 2: b"0100"}
    return data.tobytes()


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
@pytest.mark.parametrize(
    ("space", "index", "expected"),
    [
        (0xFFFF, b"R03", ADOBE),
        (None, b"R03", ADOBE),
        (2, b"", ADOBE),
        (1, b"R98", SRGB),
        (1, b"", SRGB),
        (1, b"R03", SRGB),
        (None, b"R98", SRGB),
    ],
)
def test_exif_says_it(tmp_path, suffix, space, index, expected):
    path = tmp_path / f"x.{suffix}"
    settings = {"quality": 100, "subsampling": 0} if suffix == "jpg" else {"lossless": True} if suffix == "webp" else {}
    Image.fromarray(RAW).save(path, exif=exif(space, index), **settings)
    assert np.abs(stripes(path) - expected).max() < (3 if suffix == "jpg" else 1)


def test_exif_of_a_tiff_says_it(tmp_path):
    Image.fromarray(RAW).save(tmp_path / "x.tif", exif=exif(2))
    assert np.abs(stripes(tmp_path / "x.tif") - ADOBE).max() < 1


def test_a_profile_comes_before_exif(tmp_path):
    Image.fromarray(RAW).save(tmp_path / "x.png", exif=exif(0xFFFF, b"R03"), icc_profile=srgb_profile())
    assert np.abs(stripes(tmp_path / "x.png") - SRGB).max() < 1


def test_colors_that_exif_calls_others_without_saying_which(tmp_path):
    Image.fromarray(RAW).save(tmp_path / "x.png", exif=exif(0xFFFF))
    note = "it says that its colors are not those of sRGB, but not which they are: taken as sRGB"
    assert np.abs(stripes(tmp_path / "x.png", note) - SRGB).max() < 1


def test_lights_and_gamma_in_exif(tmp_path):
    data = Image.Exif()
    data[318] = (0.3127, 0.3290)
    data[319] = (0.68, 0.32, 0.265, 0.69, 0.15, 0.06)
    data.get_ifd(0x8769)[0xA001] = 0xFFFF
    Image.fromarray(RAW).save(tmp_path / "x.png", exif=data)
    assert np.abs(stripes(tmp_path / "x.png") - P3).max() < 1


def with_nclx(kind: str, primaries: int, transfer: int) -> bytes:
    """Return the stripes as AVIF or HEIC with these codes."""
    if kind == "AVIF":
        Image.fromarray(RAW).save(file := BytesIO(), kind, quality=100, subsampling="4:4:4")
    else:
        heif = pytest.importorskip("pillow_heif", reason="the extra 'heic' is not installed")
        heif.from_pillow(Image.fromarray(RAW)).save(file := BytesIO(), quality=100, chroma=444)
    data = bytearray(file.getvalue())
    start = data.index(b"colrnclx") + 8
    data[start : start + 4] = struct.pack(">2H", primaries, transfer)
    return bytes(data)


@pytest.mark.parametrize("kind", ["AVIF", "HEIF"])
@pytest.mark.parametrize(
    ("primaries", "transfer", "expected"),
    [(12, 13, P3), (1, 8, LINEAR), (1, 13, SRGB), (2, 2, SRGB), (1, 1, SRGB), (9, 14, BT2020)],
)
def test_a_box_says_it(tmp_path, kind, primaries, transfer, expected):
    (tmp_path / "x").write_bytes(with_nclx(kind, primaries, transfer))
    assert np.abs(stripes(tmp_path / "x") - expected).max() < 4


def test_a_box_of_codes_that_nobody_knows(tmp_path):
    (tmp_path / "x").write_bytes(with_nclx("AVIF", 99, 13))
    note = "its nclx box names colors that artcnn does not know, taken as sRGB"
    assert np.abs(stripes(tmp_path / "x", note) - SRGB).max() < 4


@pytest.mark.parametrize("transfer", [16, 18])
@pytest.mark.parametrize("kind", ["AVIF", "HEIF", "PNG"])
def test_high_dynamic_range_is_told(tmp_path, kind, transfer):
    path = tmp_path / "x"
    if kind == "PNG":
        png(path, cicp(9, transfer))
    else:
        path.write_bytes(with_nclx(kind, 9, transfer))
    name = {16: "PQ", 18: "HLG"}[transfer]
    seen = stripes(path, f"it has high dynamic range ({name}): tone-mapped to sRGB (ITU-R BT.2390)")
    assert np.abs(seen - SRGB).max() > 20


def test_heic_of_10_bits_keeps_them(tmp_path):
    heif = pytest.importorskip("pillow_heif", reason="the extra 'heic' is not installed")
    ramp = np.linspace(0, 65535, 64 * 64).round().astype(np.uint16).reshape(64, 64)
    heif.from_bytes("RGB;16", (64, 64), np.stack([ramp] * 3, axis=-1).tobytes()).save(
        tmp_path / "x.heic", quality=-1, chroma=444, matrix_coefficients=0
    )
    seen = read_picture(tmp_path / "x.heic").pixels[0, 1].numpy()
    assert np.abs(seen - ramp / 65535).max() < 1.1 / 1023
    assert len(np.unique(seen)) > 900


def deep_gray(path: Path, *chunks: bytes, alpha: bool = False) -> np.ndarray:
    """Write a ramp of gray of 16 bits, and return what is read of it."""
    head = chunk(b"IHDR", struct.pack(">2I5B", 96, 96, 16, 4 if alpha else 0, 0, 0, 0))
    ramp = np.arange(96) * 689
    row = (np.stack([ramp, np.full_like(ramp, 65535)], -1) if alpha else ramp).astype(">u2")
    data = zlib.compress(b"".join(b"\0" + row.tobytes() for _ in range(96)))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + chunk(b"IDAT", data) + chunk(b"IEND", b""))
    picture = read_picture(path)
    assert picture.notes == ()
    assert picture.alpha is None
    return picture.pixels[0, :, 48].numpy()


@pytest.mark.parametrize("alpha", [False, True])
def test_gray_of_16_bits(tmp_path, alpha):
    ramp = np.arange(96) * 689 / 65535
    assert np.abs(deep_gray(tmp_path / "x", alpha=alpha) - ramp).max() < 1e-6
    linear = np.where(ramp <= 0.0031308, 12.92 * ramp, 1.055 * ramp ** (1 / 2.4) - 0.055)
    assert np.abs(deep_gray(tmp_path / "x", gama(100_000), alpha=alpha) - linear).max() < 1e-5
    assert np.abs(deep_gray(tmp_path / "x", cicp(9, 8), alpha=alpha) - linear).max() < 1e-5
    profile = srgb_profile()
    start = profile.index(b"para")
    gray = profile[:16] + b"GRAY" + profile[20:start] + profile[start:]
    tags = gray[132 : 132 + 12 * struct.unpack(">I", gray[128:132])[0]]
    gray = gray[:132] + tags.replace(b"rTRC", b"kTRC") + gray[132 + len(tags) :]
    seen = deep_gray(tmp_path / "x", chunk(b"iCCP", b"gray\0\0" + zlib.compress(gray)), alpha=alpha)
    assert np.abs(seen - ramp).max() < 1 / 255


def test_one_clear_color_of_16_bits(tmp_path):
    """It is clear only where all 16 bits are those: Pillow would compare 8."""
    deep = RAW.astype(np.uint16) * 257
    deep[:, 40:50, 0] += 1
    clear = chunk(b"tRNS", struct.pack(">3H", *(int(n) * 257 for n in RAW[0, 40])))
    alpha = read_picture(png(tmp_path / "x.png", clear, raw=deep)).alpha[0, 0, 0]
    assert alpha.tolist() == [1.0] * 32 + [0.0] * 8 + [1.0] * 10 + [0.0] * 14 + [1.0] * 32
