"""What somebody reads and types who has never used artcnn: lists of commands, examples, first mistakes, first files."""

import re
from csv import DictReader
from hashlib import sha256
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("group", ["", "instant", "mnist", "speech", "go", "sheet", "inspect", "presets", "weights"])
def test_a_list_of_commands_has_whole_sentences(artcnn, group):
    rows = artcnn(*group.split(), "--help").stdout.partition("Commands:\n")[2].splitlines()
    told = [row.split(maxsplit=1)[1] for row in rows if re.match(r"  \w", row) and "Start with" not in row]
    assert told
    assert [text for text in told if "..." in text] == []


def test_examples_can_be_copied_line_by_line(artcnn):
    shown = artcnn("dream", "--help").stdout
    assert "\n  artcnn dream photo.jpg --preset animals --size 1024\n" in shown
    assert "Usage: artcnn dream [OPTIONS] PHOTO...\n" in shown


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (["style", "photo.png"], "Missing argument 'PAINTING'."),
        (["style"], "Missing argument 'PHOTO...'."),
        (["sheet", "style", "photo.png"], "Missing argument 'PAINTING...'."),
        (["photo.png"], "No such command 'photo.png', but a file. Did you mean: artcnn dream photo.png"),
        (["help"], "No such command 'help'. Did you mean 'artcnn --help'?"),
        (["version"], "No such command 'version'. Did you mean 'artcnn --version'?"),
        (["foto.png"], "No such command 'foto.png'."),
    ],
)
def test_a_first_mistake_is_called_what_it_is(artcnn, typed, says):
    result = artcnn(*typed)
    assert (result.exit_code, result.stderr.splitlines()[-1]) == (2, f"Error: {says}")


def test_samples_are_copied_as_documents_name_them(artcnn, folder):
    result = artcnn("samples")
    assert (result.exit_code, result.stdout) == (0, "samples: 18 samples\n")
    there = {path.name: sha256(path.read_bytes()).hexdigest() for path in (folder / "samples").iterdir()}
    manifest = ROOT / "samples" / "MANIFEST.csv"  # beside them may lie what a reader of the README has made
    listed = {row["file"]: row["sha256"] for row in DictReader(manifest.read_text().splitlines())}
    assert there == listed | {manifest.name: sha256(manifest.read_bytes()).hexdigest()}
    again = artcnn("samples")
    assert (again.exit_code, again.stderr) == (1, "error: samples already exists: choose another name\n")


def test_lessons_are_copied_in_both_languages(artcnn, folder):
    result = artcnn("lessons", "course")
    assert (result.exit_code, result.stdout) == (0, "course: 20 notebooks; open them by: jupyter lab course\n")
    names = [path.name for path in sorted((ROOT / "docs" / "lessons" / "en").glob("*.ipynb"))]
    for language in ("en", "zh"):
        assert [path.name for path in sorted((folder / "course" / language).iterdir())] == names
    assert "no folder nowhere" in artcnn("lessons", "nowhere/course").stderr
