"""Each picture of the documents can be made anew, is what its recipe makes today, and stands beside what was typed."""

import hashlib
import re
import shlex
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])

sys.path.insert(0, str(ROOT / "docs"))
from making import manifest  # noqa: E402
from making.catalog import all_pictures  # noqa: E402
from making.picture import MissingError, words_of  # noqa: E402

PICTURES, ROWS = all_pictures(), manifest.read_manifest()


def test_every_picture_has_a_recipe_and_a_row():
    assert manifest.files() == PICTURES.keys() == ROWS.keys()


@pytest.mark.parametrize("file", sorted(PICTURES))
def test_a_picture_is_the_one_that_was_made(file):
    assert hashlib.sha256((ROOT / file).read_bytes()).hexdigest() == ROWS[file].sha256


def test_every_picture_is_shown():
    shown = {name for page in PAGES for name in re.findall(r"pictures/([\w.-]+)", page.read_text())}
    assert {Path(file).name for file in PICTURES if file.startswith("docs/")} <= shown


def test_what_commands_name_is_there():
    known = {"sky": "", "face": "", "clip": "", "peer": ""}
    words = {word for one in PICTURES.values() for command in one.commands for word in words_of(command, known)}
    assert [
        word for word in words if word.startswith(("samples/", "docs/", "artcnn/")) and not (ROOT / word).exists()
    ] == []
    with pytest.raises(MissingError, match="clip"):
        words_of("artcnn instant {clip}", {})


@pytest.mark.slow
def test_no_picture_is_older_than_its_settings_and_inputs(monkeypatch):
    from making.fingerprints import fingerprint

    monkeypatch.chdir(ROOT)
    old = [file for file, one in PICTURES.items() if fingerprint(one) != ROWS[file].fingerprint]
    assert old == [], "python docs/make_pictures.py --old makes them anew"


@pytest.mark.slow
def test_a_fingerprint_knows_settings_inputs_and_what_is_kept(monkeypatch):
    from dataclasses import replace
    from functools import partial

    from making.fingerprints import fingerprint

    monkeypatch.chdir(ROOT)
    one = PICTURES["docs/pictures/dream-eyes.jpg"]
    others = [
        replace(one, commands=("artcnn dream samples/cat.webp --preset eyes --seed 1",)),
        replace(one, commands=("artcnn dream samples/castle.jpg --preset eyes",)),
        replace(one, keep=partial(one.keep.func, width=321)),
    ]
    assert len({fingerprint(picture) for picture in (one, *others)}) == 4
    same = replace(one, commands=("artcnn dream --preset eyes --seed 0 samples/cat.webp",))
    assert fingerprint(same) == fingerprint(one)


@pytest.mark.slow
def test_a_picture_that_is_made_anew_is_the_same(tmp_path):
    file = "docs/pictures/inspect-filters.png"
    PICTURES[file].make(tmp_path / "new.png", {})
    assert manifest.compare(ROOT / file, tmp_path / "new.png") < 1


def plain(command: str) -> list[str]:
    """Return the words of a command, sorted: a file is any file, an option has its long name."""
    words = [{"-m": "--model", "-p": "--preset"}.get(word, word) for word in shlex.split(command)]
    words = [re.sub(r"(?<![\w.])[{]?[\w./-]+\.(jpg|png|webp|mp4|sgf)|[{]\w+[}]", "FILE", word) for word in words]
    return sorted(words)


def test_files_are_any_file():
    assert plain("artcnn style a/b.jpg c.png --mask painting2={sky}") == plain(
        "artcnn style x.jpg y.jpg --mask painting2=z.png"
    )
    assert plain("artcnn dream a.jpg --style-crop 0,0,1,0.4") != plain("artcnn dream a.jpg --style-crop 0,0,1,0.5")


def beside(page: str) -> list[tuple[str, str]]:
    """Return the pictures of a page and the command in the same cell, or in the paragraph below."""
    text = (ROOT / "docs" / page).read_text()
    found = re.findall(r"\]\(pictures/([\w.-]+)\)\n?\n?(?:(?!\n\n)[^|`])*`(artcnn [^`]+)`", text)
    return [(f"docs/pictures/{name}", command) for name, command in found]


@pytest.mark.parametrize(("page", "least"), [("gallery.md", 39), ("inspect.md", 17), ("go.md", 1)])
def test_a_picture_stands_beside_the_command_that_made_it(page, least):
    pairs = [
        (PICTURES[file].commands, command)
        for file, command in beside(page)
        if "screens.py" not in PICTURES[file].commands[0]
    ]
    assert len(pairs) >= least
    wrong = [(made, shown) for made, shown in pairs if [plain(one) for one in made] != [plain(shown)]]
    assert wrong == []


def columns(page: str) -> list[tuple[str, list[str]]]:
    """Return the pictures in a page's tables, and what of a command stands above or below each."""
    found = []
    for table in re.findall(r"(?:^\|.*\n)+", (ROOT / "docs" / page).read_text(), re.MULTILINE):
        rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|\n"))] for line in table.splitlines()]
        for column in zip(*rows, strict=False):
            named = re.findall(r"pictures/([\w.-]+)", " ".join(column))
            typed = re.findall(r"`((?:--|artcnn )[^`]+)`", " ".join(column))
            found += [(f"docs/pictures/{name}", typed) for name in named if typed]
    return found


@pytest.mark.parametrize(
    ("page", "least", "more"), [("control.md", 17, ""), ("video.md", 3, "--to 3 --fps 12 --size 384")]
)
def test_options_in_a_column_of_a_table_are_those_of_its_picture(page, least, more):
    assert more in (ROOT / "docs" / page).read_text()
    found = columns(page)
    assert len(found) >= least
    for file, typed in found:
        (made,) = PICTURES[file].commands or ("artcnn dream photo.jpg --mask mask.png",)
        for words in typed:
            assert {*plain(f"{words} {more}")} <= {*plain(made)}, file
