"""Whatever is wrong: one clear line (one for each mistake), exit code 1, and nothing left behind."""

import struct
import zlib
from errno import EACCES
from pathlib import Path

import pytest
from PIL import Image


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int, height: int, *chunks: bytes) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + chunk(b"IEND", b"")


def saved(image: Image.Image, suffix: str, path: Path) -> bytes:
    image.save(path.with_suffix(suffix))
    data = path.with_suffix(suffix).read_bytes()
    path.with_suffix(suffix).unlink()
    return data


def noise(width: int = 64, height: int = 64) -> Image.Image:
    return Image.effect_noise((width, height), 80).convert("RGB")


BROKEN_FILES = {
    "empty.jpg": (lambda _: b"", "is empty"),
    "text.jpg": (lambda _: b"dear diary, today I dreamt", "not a picture that artcnn can read"),
    "page.png": (lambda _: b"<html><body>404</body></html>", "not a picture that artcnn can read"),
    "archive.png": (lambda _: b"PK\x03\x04" + bytes(100), "not a picture that artcnn can read"),
    "drawing.eps": (
        lambda _: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 64 64\n",
        "not a picture that artcnn can read",
    ),
    "drawing.svg": (lambda _: b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture that artcnn can read"),
    "zeros.tif": (lambda _: bytes(1000), "not a picture that artcnn can read"),
    "half.jpg": (lambda p: saved(noise(), ".jpg", p)[:1500], "damaged or cut short"),
    "half.png": (lambda p: saved(noise(), ".png", p)[:3000], "damaged or cut short"),
    "half.webp": (lambda p: saved(noise(), ".webp", p)[:800], "damaged or cut short|not a picture"),
    "half.tif": (lambda p: saved(noise(), ".tif", p)[:3000], "damaged or cut short|not a picture"),
    "half.gif": (lambda p: saved(noise(), ".gif", p)[:800], "damaged or cut short"),
    "half.bmp": (lambda p: saved(noise(), ".bmp", p)[:3000], "damaged or cut short"),
    "header.png": (lambda _: png(64, 64), "damaged or cut short"),
    "rubbish.png": (lambda _: png(64, 64, chunk(b"IDAT", b"rubbish")), "damaged or cut short"),
    "huge.png": (lambda _: png(200_000, 200_000), "200000 x 200000 pixels need about 1120 GB of memory"),
    "thin.png": (lambda p: saved(noise(31, 64), ".png", p), "is 31 x 64 pixels: it needs 32"),
    "dot.gif": (lambda p: saved(noise(1, 1), ".gif", p), "is 1 x 1 pixels: it needs 32"),
    "float.tif": (lambda p: saved(Image.new("F", (64, 64), 1e6), ".tif", p), "not of the range 0 to 1"),
    "deep.tif": (lambda p: saved(Image.new("I", (64, 64), 1 << 30), ".tif", p), "not of the range 0 to 65535"),
}


@pytest.mark.parametrize("name", BROKEN_FILES)
@pytest.mark.parametrize("command", ["dream", "style", "painting"])
def test_a_broken_file(artcnn, folder, name, command):
    make, message = BROKEN_FILES[name]
    path = folder / name
    path.write_bytes(make(path))
    arguments = {
        "dream": ["dream", name],
        "style": ["style", name, "painting.png"],
        "painting": ["style", "photo.png", name],
    }
    refused(artcnn(*arguments[command]), folder, {"photo.png", "painting.png", name}, message)


WRONG_ARGUMENTS = {
    "no such photo": (["dream", "foto.png"], "no such file: foto.png: did you mean 'photo.png'"),
    "a name that a terminal would obey": (["dream", "no\n\x1bc.png"], r"no such file: no\\n\\x1bc.png"),
    "no such painting": (["style", "photo.png", "nowhere/x.png"], "no such file: nowhere/x.png"),
    "a folder to show": (["show", "."], "artcnn did not make it"),
    "a pattern of nothing": (["dream", "*.jpg"], "there is no picture, or only such as artcnn made"),
    "a file for many": (["dream", "photo.png", "painting.png", "-o", "x.png"], "give --out a folder"),
    "nothing in the pipe": (["dream", "-"], "nothing came from the standard input"),
    "a device for a photo": (["dream", "/dev/null"], "/dev/null is not a regular file"),
    "an unknown suffix": (["dream", "photo.png", "-o", "x.bmp"], "must end in one of .png, .jpg"),
    "no suffix": (["dream", "photo.png", "-o", "picture"], "must end in one of .png"),
    "a missing folder": (["dream", "photo.png", "-o", "no/x.png"], "there is no folder no, make it first"),
    "a format too small": (
        ["dream", "photo.png", "-o", "x.webp", "--size", "20000"],
        "WEBP holds 16383 pixels in a row, use .png",
    ),
    "the photo itself": (["dream", "photo.png", "-o", "photo.png"], "is what the picture is made from"),
    "the painting itself": (
        ["style", "photo.png", "painting.png", "-o", "./painting.png"],
        "is what the picture is made",
    ),
    "an unknown preset": (
        ["dream", "photo.png", "--preset", "defualt"],
        "no dream preset 'defualt': did you mean 'default'",
    ),
    "a missing preset file": (
        ["dream", "photo.png", "--preset", "./x.toml"],
        "cannot read the preset x.toml: no such file",
    ),
    "an unknown layer": (
        ["dream", "photo.png", "--layer", "relu4_33"],
        "unknown layer 'relu4_33': did you mean 'relu4_3'",
    ),
    "no such channel": (
        ["dream", "photo.png", "--layer", "conv5_3:512"],
        "layer 'conv5_3' has no channel 512: choose from 0 to 511",
    ),
    "a layer's spelling": (
        ["dream", "photo.png", "--layer", "conv5_3:a"],
        "'conv5_3:a' is not of the form LAYER:CHANNEL",
    ),
    "a negative weight": (
        ["dream", "photo.png", "--layer", "relu4_3=-1"],
        "layers: should be greater than 0, not '-1'",
    ),
    "an infinite weight": (["dream", "photo.png", "--layer", "relu4_3=inf"], "layers: should be a finite number"),
    "no steps": (["dream", "photo.png", "--steps", "0"], "steps: should be greater than or equal to 1, not 0"),
    "too many octaves": (
        ["dream", "photo.png", "--octaves", "99"],
        "octaves: should be less than or equal to 20, not 99",
    ),
    "no growth": (["dream", "photo.png", "--octave-scale", "1"], "octave_scale: should be greater than 1"),
    "not a number": (["dream", "photo.png", "--set", "step_size=nan"], "step_size: should be"),
    "a tiny size": (["dream", "photo.png", "--size", "31"], "size: should be greater than or equal to 32, not 31"),
    "a thin result": (
        ["dream", "photo.png", "--size", "40"],
        "would be 40 x 27 pixels, and its short side needs 32: use size 48",
    ),
    "a giant result": (["dream", "photo.png", "--size", "32768"], "size 32768 needs about .* GB of memory.*use --size"),
    "an unknown setting": (
        ["dream", "photo.png", "--set", "octave=3"],
        "unknown setting 'octave': did you mean 'octaves'",
    ),
    "a setting called like a parameter": (["dream", "photo.png", "--set", "preset=fine"], "unknown setting 'preset'"),
    "a setting without a value": (["dream", "photo.png", "--set", "octaves"], "write it as KEY=VALUE"),
    "an unknown network": (
        ["dream", "photo.png", "--backbone", "vgg61"],
        "unknown weights 'vgg61': did you mean 'vgg16'",
    ),
    "an unknown device": (["dream", "photo.png", "--device", "gpu"], "unknown device 'gpu': did you mean 'cpu'"),
    "an unknown init": (
        ["style", "photo.png", "painting.png", "--init", "paint"],
        "init: should be 'content', 'noise', 'painting' or 'instant'",
    ),
    "an unknown optimizer": (
        ["style", "photo.png", "painting.png", "--optimizer", "sgd"],
        "optimizer: should be 'lbfgs' or 'adam'",
    ),
    "a channel of style": (
        ["style", "photo.png", "painting.png", "--style-layer", "relu1_1:3"],
        "not of the form LAYER or LAYER=WEIGHT",
    ),
    "no layers": (
        ["style", "photo.png", "painting.png", "--set", "style_layers=[]"],
        "style_layers: needs at least one layer",
    ),
    "a number for a layer": (["dream", "photo.png", "--set", "layers=[3]"], "layers: 3 is not of the form LAYER"),
    "channels twice": (
        ["dream", "photo.png", "--layer", "relu4_3:5", "--channels", "strong:8"],
        "--channels strong:8: relu4_3:5 names channels, too",
    ),
    "channels of a class": (
        ["dream", "photo.png", "--class", "castle", "--channels", "3"],
        "--channels 3: class:483 names channels, too",
    ),
    "a photo that is a ring": (
        ["style", "photo.png", "painting.png", "--set", "padding=circular"],
        "padding: circular is for 'artcnn texture'",
    ),
    "a painting seen too small": (
        ["style", "photo.png", "painting.png", "--size", "48", "--style-scale", "0.5"],
        "painting 1 would be seen 16 x 24 pixels large, and its short side needs 32: use --size 96 or --style-scale 1$",
    ),
    "a ring of a painting seen too small": (
        ["texture", "painting.png", "--size", "32", "--tileable"],
        "would be seen 21 x 32 pixels large.*use --size 64 or --style-scale 1.5$",
    ),
    "a pattern that is none": (["dream", "a**.jpg"], "a\\*\\*.jpg: \\*\\* stands for any folders"),
    "a long name": (["dream", "a" * 300], "aaa: file name too long"),
    "a long name of the result": (["dream", "photo.png", "-o", "c" * 300 + ".png"], "file name too long"),
    "endless memory": (["dream", "photo.png", "--max-memory", "9" * 400 + "GB"], "write it as 2GB or 800MB"),
    "nothing to show": (["show", "photo.png"], "artcnn did not make it"),
    "nothing to make again": (["again", "photo.png"], "artcnn did not make it"),
    "an unknown preset to show": (["presets", "show", "nk"], "no preset 'nk'"),
    "two presets of a name": (["presets", "show", "default"], "several presets are called .*: say dream/default or"),
    "unknown weights": (["weights", "fetch", "vgg17"], "unknown weights 'vgg17'"),
}


@pytest.mark.parametrize("name", WRONG_ARGUMENTS)
def test_a_wrong_argument(artcnn, folder, name):
    arguments, message = WRONG_ARGUMENTS[name]
    refused(artcnn(*arguments), folder, {"photo.png", "painting.png"}, message)


@pytest.mark.parametrize("inputs", [["dream", "photo.png"], ["style", "photo.png", "painting.png"]])
def test_a_picture_too_large_for_the_memory_is_refused_before_it_is_made_so_large(artcnn, monkeypatch, inputs):
    monkeypatch.delattr("artcnn.image.resample")
    result = artcnn(*inputs, "--size", "32768")
    assert "size 32768 needs about" in result.stderr


def test_an_empty_argument_is_not_the_folder_that_we_are_in(artcnn, folder):
    result = artcnn("dream", "")
    assert result.exit_code == 2
    assert "an argument is empty: is it a variable that has no value?" in result.stderr
    assert {path.name for path in folder.iterdir()} == {"photo.png", "painting.png"}


@pytest.mark.parametrize("error", [PermissionError(EACCES, "Permission denied", "closed/x.png"), OSError("a bug")])
def test_a_folder_that_may_not_be_entered_is_a_mistake_and_no_other_failure_is(artcnn, monkeypatch, error):
    def denied(path):
        raise error

    monkeypatch.setattr(Path, "is_dir", denied)
    result = artcnn("dream", "closed/x.png")
    assert result.exit_code == 1
    assert (result.stderr == "error: closed/x.png: permission denied\n") == (error.filename is not None)
    assert isinstance(result.exception, SystemExit if error.filename else OSError)


BROKEN_PRESETS = {
    "not toml": ("octaves = = 3", "is not a preset"),
    "not text": (b"\xff\xfe\x00", "is not a preset"),
    "deep": ("x = " + "[" * 5000, "is not a preset"),
    "a wrong description": ("description = 3", "description must be text"),
    "a wrong value": ('description = "x"\noctaves = "many"', "octaves: should be a valid integer"),
    "a wrong key": ('description = "x"\noctavs = 3', "unknown setting 'octavs': did you mean 'octaves'"),
}


@pytest.mark.parametrize("name", BROKEN_PRESETS)
def test_a_broken_preset(artcnn, folder, name):
    content, message = BROKEN_PRESETS[name]
    (folder / "my.toml").write_bytes(content if isinstance(content, bytes) else content.encode())
    refused(
        artcnn("dream", "photo.png", "--preset", "my.toml"), folder, {"photo.png", "painting.png", "my.toml"}, message
    )


def test_every_mistake_is_told_at_once(artcnn, folder):
    result = artcnn(
        "dream", "photo.png", "--layer", "relu9_9", "--octaves", "0", "--set", "colour=red", "--jitter", "-1"
    )
    assert result.exit_code == 1
    lines = result.stderr.splitlines()
    assert len(lines) == 4
    assert all(line.startswith("error: ") for line in lines)


def refused(result, folder: Path, files: set[str], message: str) -> None:
    import re

    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    lines = [line for line in result.stderr.splitlines() if not line.startswith("loading ")]
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("error: ")
    assert re.search(message, lines[0]), lines[0]
    assert {path.name for path in folder.iterdir()} == files
