"""Without optional packages: dream, style and mnist work; all else says in one line what to type, before any work."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from artcnn.extras import EXTRAS
from artcnn.locations import bundled_samples_dir

ZOOM = "dream", "photo.png", "--zoom", "1.1"
HEIC = b"\0\0\0\x14ftypheic\0\0\0\0mif1"


@pytest.fixture
def hide(monkeypatch):
    """Return what hides the packages of extras."""

    def hide(*extras):
        for module in (module for extra in extras for module in EXTRAS[extra].modules):
            monkeypatch.setitem(sys.modules, module, None)

    return hide


@pytest.mark.parametrize(
    ("extra", "arguments"),
    [
        ("classifier", ["dream", "photo.png", "--class", "pug"]),
        ("classifier", ["inspect", "layers", "-m", "efficientnet-lite0"]),
        ("go", ["go", "suggest", "go-moves", "game.sgf"]),
        ("go", ["go", "train", "games"]),
        ("heic", ["dream", "photo.heic"]),
        ("microphone", ["speech", "predict", "speech-digits", "--microphone"]),
        ("report", ["go", "suggest", "go-moves", "game.sgf", "-o", "board.png"]),
        ("report", ["inspect", "filters", "conv1"]),
        ("report", ["mnist", "compare", "-o", "chart.png"]),
        ("report", ["sheet", "dream", "photo.png"]),
        ("report", ["speech", "predict", "speech-digits", "word.wav", "-o", "word.png"]),
        ("speech", ["speech", "predict", "speech-digits", "word.wav"]),
        ("speech", ["speech", "train", "words"]),
        ("video", [*ZOOM, "-o", "film.mp4"]),
    ],
)
def test_a_missing_extra_is_one_line_that_says_what_to_type(artcnn, folder, hide, extra, arguments):
    (folder / "photo.heic").write_bytes(HEIC)
    for sample in ("game.sgf", "word.wav"):
        shutil.copy(bundled_samples_dir() / sample, folder)
    before = sorted(folder.rglob("*"))
    hide(extra)
    result = artcnn(*arguments)
    assert result.exit_code == 1, result.output
    (line,) = (line for line in result.stderr.splitlines() if line.startswith("error: "))
    assert f"needs the extra {extra}: pip install 'artcnn[{extra}]'" in line
    assert result.stdout == ""
    assert sorted(folder.rglob("*")) == before


def test_for_machines_it_is_json(artcnn, hide):
    hide("go")
    error = json.loads(artcnn("go", "suggest", "go-moves", "game.sgf", "--json").stdout)["error"]
    assert (error["code"], error["hint"]) == ("missing_extra", "pip install 'artcnn[go]'")


@pytest.mark.parametrize("group", ["go", "speech", "inspect", "sheet"])
def test_help_needs_no_extra(artcnn, hide, group):
    hide(*EXTRAS)
    assert artcnn(group, "--help").exit_code == 0


def test_the_list_of_weights_tells_which_are_not_installed(artcnn, hide):
    hide("classifier")
    rows = {row["name"]: row for row in json.loads(artcnn("weights", "--json").stdout)}
    assert rows["efficientnet-lite0"]["status"] == "not installed"
    assert rows["efficientnet-lite0"]["path"] is None
    assert not rows["efficientnet-lite0"]["verified"]
    assert rows["vgg16"]["status"] == "bundled"


NO_CURVE = "note: no learning curve will be drawn: pip install 'artcnn[report]'"
SMALL = "--epochs", "1", "--set", "examples=60", "--set", "validation=60"


@pytest.mark.slow
def test_a_training_draws_no_curve_and_says_so_first(artcnn, folder, hide):
    hide("report")
    trained = artcnn("mnist", "train", *SMALL, "--json")
    assert trained.exit_code == 0, trained.output
    assert trained.stderr.splitlines()[0] == NO_CURVE
    assert json.loads(trained.stdout)["curve"] is None
    assert not list(folder.glob("*curve*"))


@pytest.mark.slow
def test_a_test_draws_no_matrix_and_shows_the_mistakes(artcnn, folder, hide):
    hide("report")
    tested = artcnn("mnist", "test", "mnist-lecture", "--json")
    assert tested.exit_code == 0, tested.output
    assert tested.stderr.startswith("note: no confusion matrix will be drawn: pip install 'artcnn[report]'")
    report = json.loads(tested.stdout)
    assert report["confusion_picture"] is None
    assert [path.name for path in folder.glob("mnist-*")] == ["mnist-lecture-mistakes.png"]


@pytest.mark.slow
def test_suggestions_are_printed_without_the_board(artcnn, folder, hide):
    hide("report")
    shutil.copy(bundled_samples_dir() / "game.sgf", folder)
    asked = artcnn("go", "suggest", "go-moves", "game.sgf", "--json")
    assert asked.exit_code == 0, asked.output
    assert asked.stderr.startswith("note: no board will be drawn: pip install 'artcnn[report]'")
    assert json.loads(asked.stdout)["picture"] is None
    assert not list(folder.glob("*suggest*"))


BASE = """
import sys
from artcnn.extras import EXTRAS
for extra in EXTRAS.values():
    for module in extra.modules:
        sys.modules[module] = None
from artcnn.cli import app
from artcnn.jobs import estimate
estimate._measure_speed = lambda *_: 1e11
for arguments in {commands}:
    app(arguments, standalone_mode=False)
"""


@pytest.mark.slow
def test_dream_style_and_mnist_need_no_extra(folder: Path):
    exact = "--precision", "float32"
    commands = [
        ["dream", "photo.png", "--size", "64", "--octaves", "1", "--steps", "1", *exact],
        ["style", "photo.png", "painting.png", "--size", "64", "--set", "min_size=64", "--set", "fine_steps=1", *exact],
        ["texture", "painting.png", "--size", "64", "--set", "min_size=64", "--set", "fine_steps=1", *exact],
        ["mnist", "predict", "mnist-lecture", str(bundled_samples_dir() / "digit.png")],
    ]
    done = subprocess.run(
        [sys.executable, "-c", BASE.format(commands=commands)], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    made = {path.name for path in folder.iterdir()}
    assert made == {"photo.png", "painting.png", "photo-dream.png", "photo-painting.png", "painting-texture.png"}
