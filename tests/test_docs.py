"""What the documents say is there is there."""

import ast
import csv
import hashlib
import re
from pathlib import Path

import pytest

import artcnn
from artcnn.inspection.methods import METHODS
from artcnn.presets import preset_files

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted(ROOT.glob("*.md"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document):
    links = re.findall(r"\]\(([^)#]+)\)", document.read_text())
    local = [link for link in links if not link.startswith("https://")]
    assert [link for link in local if not (ROOT / link).exists()] == []


def test_files_named_in_the_architecture_exist():
    text = (ROOT / "ARCHITECTURE.md").read_text()
    folders = "backbones|cli|datasets|engines|files|inspection|jobs|nets|reports|training"
    named = set(re.findall(rf"`((?:{folders})/[\w/]+\.py)`", text))
    assert len(named) > 8
    assert [name for name in named if not (ROOT / "artcnn" / name).exists()] == []


def test_the_readme_shows_every_preset_with_its_picture():
    text = (ROOT / "README.md").read_text()
    for kind in ("dream", "style"):
        for name in preset_files(kind):
            assert f"docs/pictures/{kind}-{name}.jpg" in text, name
            assert f"`{name}`" in text, name


def test_the_gallery_shows_every_preset_and_every_look():
    text = (ROOT / "docs" / "gallery.md").read_text()
    for kind in ("dream", "style"):
        for name in preset_files(kind):
            assert f"](pictures/{kind}-{name}.jpg) **{name}**." in text, name
    for style in artcnn.instant_styles():
        assert f"`artcnn instant photo.jpg --style {style}`" in text
    for method in METHODS:
        assert f"`artcnn inspect {method} " in text


def test_the_reference_has_every_public_name():
    pages = "".join(path.read_text() for path in (ROOT / "docs").glob("reference*.md"))
    listed = re.findall(r"^::: (artcnn\..+)$", pages, re.MULTILINE)
    assert len(listed) == len(set(listed))
    modules = {"artcnn.inspect", "artcnn.objectives", "artcnn.visualizers"}  # their members are listed
    assert {f"artcnn.{name}" for name in dir(artcnn) if name != "__version__"} <= {*listed} | modules
    assert {f"artcnn.inspect.{name}" for name in METHODS} <= {*listed}


def test_samples_are_what_the_manifest_says():
    folder = ROOT / "samples"
    with (folder / "MANIFEST.csv").open(newline="") as file:
        rows = {row["file"]: row for row in csv.DictReader(file)}
    pictures = {path.name for path in folder.iterdir() if path.suffix in (".jpg", ".png", ".webp", ".wav", ".sgf")}
    assert rows.keys() == {name for name in pictures if "-" not in name}, "a made picture has a - in its name"
    for name, row in rows.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == row["sha256"]
        assert re.match(r"(?i)public domain|CC0", row["licence"])


def test_no_file_and_no_function_is_longer_than_one_thought():
    for path in (ROOT / "artcnn").rglob("*.py"):
        text = path.read_text()
        assert len(text.splitlines()) <= 300, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                assert node.end_lineno - node.lineno < 50, f"{path}: {node.name}"
