"""What versions promise to keep is there: commands, options, settings, presets, codes of errors and Python's names."""

import re
import tomllib

import pytest
from public_api import HEAD, LIST, ROOT, public_names, read, write

import artcnn


def flat(names):
    return {f"{thing}: {name}" for thing, inner in names.items() for name in ["it", *inner]}


@pytest.mark.slow
def test_the_list_of_promised_names_is_that_of_the_program():
    promised, found = flat(read(LIST.read_text(encoding="utf-8"))), flat(public_names())
    assert sorted(promised - found) == [], "gone or renamed: users' scripts break (docs/versions.md)"
    assert sorted(found - promised) == [], "new, and a promise from now on: python tests/support/public_api.py"


def test_a_list_is_read_as_it_was_written():
    names = {"artcnn dream": ["PHOTO..."] + [f"--option-{number}" for number in range(40)], "artcnn.layer": []}
    text = write(names)
    assert text.startswith(HEAD)
    assert max(map(len, text.splitlines())) <= 120
    assert read(text) == names


def test_every_place_that_names_the_version_names_the_same_one():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert artcnn.__version__ == version, "of an earlier installation: pip install -e ."
    history, citation, install = (
        (ROOT / name).read_text(encoding="utf-8") for name in ("CHANGELOG.md", "CITATION.cff", "docs/install.md")
    )
    newest, released = re.search(r"^## (\S+) \((.+)\)$", history, re.MULTILINE).groups()
    assert newest == version
    assert re.search(r"^version: (.+)$", citation, re.MULTILINE)[1] == version
    assert re.search(r'^date-released: "(.+)"$', citation, re.MULTILINE)[1] == released
    assert set(re.findall(r"artcnn-(\d[\w.]*)-py3", install)) == {version}
