"""Errors as JSON: a code that never changes, so that scripts need not read sentences."""

import json
import re
from pathlib import Path

import pytest

from artcnn.errors import ArtcnnError, PictureError

MISTAKES = {
    "a missing photo": (["dream", "foto.png"], "picture_not_found"),
    "a broken photo": (["dream", "broken.png"], "invalid_picture"),
    "a setting": (["dream", "photo.png", "--octaves", "0"], "invalid_setting"),
    "a preset": (["style", "photo.png", "painting.png", "--preset", "gattys"], "invalid_setting"),
    "a texture's setting": (["texture", "painting.png", "--size", "1"], "invalid_setting"),
    "an existing file": (["dream", "photo.png", "-o", "broken.png"], "output_exists"),
    "no checkpoint": (["dream", "photo.png", "--size", "48", "--resume"], "invalid_checkpoint"),
    "a sheet": (["sheet", "dream", "photo.png", "--vary", "paletes=0,1"], "invalid_setting"),
    "no recipe to show": (["show", "photo.png"], "no_recipe"),
    "no recipe to follow": (["again", "photo.png"], "no_recipe"),
    "weights": (["inspect", "layers", "-m", "alexnett"], "invalid_model"),
    "a model": (["mnist", "predict", "none", "photo.png"], "invalid_model"),
    "a sound": (["speech", "predict", "speech-digits", "none.wav"], "invalid_data"),
    "too little memory": (["dream", "photo.png", "--size", "48", "--max-memory", "1MB"], "out_of_memory"),
    "a kind of preset": (["style", "photo.png", "painting.png", "--preset", "dream.toml"], "invalid_setting"),
    "a game": (["go", "suggest", "go-moves", "none.sgf"], "invalid_data"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_an_error_has_a_code(artcnn, folder, mistake):
    arguments, code = MISTAKES[mistake]
    (folder / "broken.png").write_bytes(b"no picture")
    (folder / "dream.toml").write_text('kind = "dream"')
    result = artcnn(*arguments, "--json")
    assert result.exit_code == 1
    error = json.loads(result.stdout)["error"]
    assert error.keys() == {"code", "message", "hint"}
    assert error["code"] == code
    shown = error["message"] + (f": {error['hint']}" if error["hint"] else "")
    assert result.stderr.endswith(f"error: {shown}\n"), "people read the same on stderr"


def test_without_json_nothing_goes_to_stdout(artcnn):
    result = artcnn("dream", "foto.png")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "error: no such file: foto.png: did you mean 'photo.png'?\n"


def test_a_hint_says_what_to_type(artcnn):
    error = json.loads(artcnn("dream", "photo.png", "--device", "gpu", "--json").stdout)["error"]
    assert error == {"code": "invalid_input", "message": "unknown device 'gpu'", "hint": "did you mean 'cpu'?"}


def test_several_mistakes_are_several_lines(artcnn):
    result = artcnn("dream", "photo.png", "--octaves", "0", "--steps", "0", "--json")
    assert len(json.loads(result.stdout)["error"]["message"].splitlines()) == 2


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (["dream"], "Missing argument 'PHOTO...'.", "artcnn dream --help"),
        (["dream", "photo.png", "--octave", "3"], "No such option: --octave", "artcnn dream --help"),
        (["dream", "photo.png", "--octaves", "many"], "Invalid value for '--octaves'", "artcnn dream --help"),
        (["draem", "photo.png"], "No such command 'draem'", "artcnn --help"),
        (["mnist", "predikt"], "No such command 'predikt'", "artcnn mnist --help"),
        (["dream", ""], "an argument is empty", "artcnn --help"),
    ],
)
def test_wrong_usage_is_json_as_well(artcnn, arguments, message, hint):
    result = artcnn(*arguments, "--json")
    assert result.exit_code == 2
    error = json.loads(result.stdout)["error"]
    assert message in error["message"]
    assert (error["code"], error["hint"]) == ("usage", hint)
    assert result.stderr
    assert artcnn(*arguments).stdout == ""


def error_classes(kind: type[ArtcnnError] = ArtcnnError) -> list[type[ArtcnnError]]:
    """Return the class with all that are derived from it in artcnn."""
    derived = [one for child in kind.__subclasses__() for one in error_classes(child)]
    return [kind, *(one for one in derived if one.__module__.startswith("artcnn."))]


def test_codes_are_of_their_classes_alone():
    codes = [kind.__dict__.get("code") for kind in error_classes()]
    assert None not in codes, "each class has its own"
    assert len(set(codes)) == len(codes)


def test_every_code_is_documented():
    text = (Path(__file__).parents[2] / "docs" / "control.md").read_text().split("## Errors in scripts")[1]
    documented = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    assert sorted(documented) == sorted(["usage", *(kind.code for kind in error_classes())])


def test_an_error_keeps_its_class_and_its_hint():
    error = PictureError("no picture", hint="use another").about("a.png")
    assert isinstance(error, PictureError)
    assert (str(error), error.hint) == ("a.png: no picture: use another", "use another")
