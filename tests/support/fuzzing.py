"""Damaged files: real ones with some bytes changed, and what reads each kind. What cannot be read is an ArtcnnError.

``python benchmarks/fuzz.py`` tries files for as long as one likes, ``tests/test_fuzz.py`` for a few seconds.
"""

import io
import json
import lzma
import random
import struct
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch
from PIL import Image
from torch import nn

from artcnn.errors import ArtcnnError
from artcnn.files.clips.clip import open_clip
from artcnn.files.exported import read_exported
from artcnn.files.games import read_games, read_position
from artcnn.files.model import read_model
from artcnn.files.model_registry import read_header
from artcnn.files.provenance import read_provenance
from artcnn.files.read import read_picture
from artcnn.files.sound import read_word
from artcnn.files.style import read_style
from artcnn.machine.memory import peak_memory
from artcnn.nets.exported import ExportedModule
from artcnn.presets import read_preset
from artcnn.studio.store import Store

ROOT = Path(__file__).parents[2]
SECONDS, BYTES = 20, 1_000_000_000
"""What a file of some kilobytes may take to be read or refused."""

_NUMBERS = 0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF
_TOKENS = (
    b"[",
    b"]",
    b"{",
    b"}",
    b'"',
    b"\\",
    b"\n",
    b"null",
    b"1e999",
    b"-1",
    b"NaN",
    b";B[zz]",
    b"99999999999999999999",
)


@dataclass(frozen=True)
class Kind:
    """A kind of file: the ending of its name, files that are whole, and what reads one."""

    suffix: str
    files: Callable[[], list[bytes]]
    read: Callable[[Path], object]


def mutate(content: bytes, seed: int) -> bytes:
    """Return a file with one to six changes, which the seed decides: bytes, numbers, tokens, parts lost or repeated."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    data = bytearray(content)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        if not data:
            break
        # Headers, in the front of most files, decide more than pixels do.
        at = chance.randrange(min(len(data), chance.choice((16, 64, 512, len(data)))))
        match chance.randrange(7):
            case 0:
                data[at] = chance.randrange(256)
            case 1:
                data[at] ^= 1 << chance.randrange(8)
            case 2:
                number, order = chance.choice(_NUMBERS), chance.choice("<>")
                data[at : at + 4] = struct.pack(f"{order}I", number)
            case 3:
                data[at:at] = chance.choice(_TOKENS)
            case 4:
                del data[at : at + chance.choice((1, 2, 4, 64, len(data)))]
            case 5:
                start = chance.randrange(len(data))
                data[at:at] = data[start : start + chance.choice((1, 8, 256))]
            case 6:
                data[at : at + 2] = struct.pack(chance.choice("<>") + "H", chance.choice(_NUMBERS[:7]))
    return bytes(data)


def try_file(kind: Kind, content: bytes, folder: Path) -> None:
    """Read a file: a result or an ArtcnnError is right, anything else is raised.

    Raises:
        AssertionError: it took too long, or too much memory.
    """
    path = folder / f"file{kind.suffix}"
    path.write_bytes(content)
    before, began = peak_memory(), time.process_time()
    try:
        kind.read(path)
    except ArtcnnError as error:
        refused = str(error)
        assert refused
    seconds, grown = time.process_time() - began, (peak_memory() or 0) - (before or 0)
    assert seconds < SECONDS, f"{seconds:.1f} s"
    assert grown < BYTES, f"{grown / 1e9:.1f} GB"


def _pictures() -> list[bytes]:
    image = Image.radial_gradient("L").resize((48, 40)).convert("RGB")
    found = []
    for name, settings in {
        "JPEG": {},
        "PNG": {},
        "WEBP": {},
        "AVIF": {},
        "TIFF": {"compression": "tiff_lzw"},
        "BMP": {},
        "GIF": {},
    }.items():
        image.save(file := io.BytesIO(), name, **settings)
        found.append(file.getvalue())
    image.convert("RGBA").save(file := io.BytesIO(), "PNG", exif=_exif())
    return [*found, file.getvalue()]


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112], exif[0x013B] = 6, "anna"
    exif.get_ifd(0x8825)[1] = "N"
    return exif


def _read_picture(path: Path) -> None:
    read_provenance(path)
    read_picture(path)


def _games() -> list[bytes]:
    game = (ROOT / "samples" / "game.sgf").read_bytes()
    return [game, lzma.compress(game), b"(;SZ[5]AB[aa][bb]AW[cc];B[dd];W[];B[ee](;W[ab])(;W[ba]))"]


def _read_games(path: Path) -> None:
    read_position(path)
    read_games([path])


def _sounds() -> list[bytes]:
    return [(ROOT / "samples" / "word.wav").read_bytes()]


def _presets() -> list[bytes]:
    return [path.read_bytes() for path in sorted((ROOT / "presets").rglob("*.toml"))]


@cache
def _tensors() -> tuple[tuple[str, bytes], ...]:
    """Return the head of each shipped model, and the tensors behind it, all zeros: they compress well."""
    return tuple((path.stem, path.read_bytes()) for path in (ROOT / "artcnn/data/models").glob("mnist-lecture*"))


def _models() -> list[bytes]:
    return [content for _, content in _tensors()]


def _read_model(path: Path) -> None:
    read_header(path)
    try:
        read_style(path)
    finally:
        read_model(path)


@cache
def _exported() -> bytes:
    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 3)).eval()
    torch.export.save(torch.export.export(module, (torch.zeros(1, 3, 8, 8),)), file := io.BytesIO())
    return file.getvalue()


def _read_exported(path: Path) -> None:
    ExportedModule(read_exported(path))


def _clips() -> list[bytes]:
    frames = [Image.new("RGB", (40, 32), (50 * i, 90, 200)) for i in range(4)]
    found = []
    for name in ("GIF", "WEBP", "PNG"):
        frames[0].save(file := io.BytesIO(), name, save_all=True, append_images=frames[1:], duration=80)
        found.append(file.getvalue())
    return [*found, *map(_container, ("mp4", "matroska", "avi"))]


@cache
def _container(name: str) -> bytes:
    import av

    with av.open(file := io.BytesIO(), "w", format=name) as out:
        stream = out.add_stream("mpeg4", rate=10)
        stream.width, stream.height = 48, 32
        for i in range(4):
            frame = av.VideoFrame.from_image(Image.new("RGB", (48, 32), (50 * i, 90, 200)))
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    return file.getvalue()


def _read_clip(path: Path) -> None:
    for _ in open_clip(path).frames():
        pass


def _studio_files() -> list[bytes]:
    order = {
        "id": "0" * 16,
        "created": 1.0,
        "kind": "dream",
        "preset": None,
        "recipe": {},
        "inputs": {"photo": "a" * 64},
    }
    status = {"state": "done", "place": 1.0, "step": 3, "total": 3, "result": "x.png", "preview": 2}
    return [json.dumps({"order": order, "status": status}).encode()]


def _read_studio(path: Path) -> None:
    """Open a studio's folder in which order and status are two parts of a file."""
    store = path.with_name("studio")
    job = store / "jobs" / ("0" * 16)
    job.mkdir(parents=True, exist_ok=True)
    order, _, status = path.read_bytes().removeprefix(b'{"order": ').removesuffix(b"}").partition(b', "status": ')
    (job / "order.json").write_bytes(order)
    (job / "status.json").write_bytes(status)
    opened = Store(store)
    for record in opened.jobs():
        json.dumps(record.to_plain())
        opened.result(record.order.id)


KINDS: Mapping[str, Kind] = {
    "picture": Kind(".png", _pictures, _read_picture),
    "game": Kind(".sgf", _games, _read_games),
    "sound": Kind(".wav", _sounds, lambda path: read_word(path)),
    "preset": Kind(".toml", _presets, lambda path: read_preset(path)),
    "model": Kind(".safetensors", _models, _read_model),
    "exported": Kind(".pt2", lambda: [_exported()], _read_exported),
    "clip": Kind(".mp4", _clips, _read_clip),
    "studio": Kind(".json", _studio_files, _read_studio),
}
