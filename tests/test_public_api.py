"""What versions promise to keep is there: commands, options, settings, presets, codes of errors and Python's names."""

import json
import re
import tomllib

import pytest
from name_lists import read_names, write_names
from public_api import HEAD, LIST, ROOT, public_names
from public_json import check_json

import artcnn


def flat(names):
    """Return each name by itself, and so each word that an option or a setting takes."""
    found = set()
    for thing, inner in names.items():
        found.add(thing)
        for name, _, words in (entry.partition("=") for entry in inner):
            found |= {f"{thing}: {name}", *(f"{thing}: {name}={word}" for word in words.split("|"))}
    return found


@pytest.mark.slow
def test_the_list_of_promised_names_is_that_of_the_program():
    promised, found = flat(read_names(LIST.read_text(encoding="utf-8"))), flat(public_names())
    assert sorted(promised - found) == [], "gone or renamed: users' scripts break (docs/versions.md)"
    assert sorted(found - promised) == [], "new, and a promise from now on: python tests/support/public_api.py"


def test_a_word_that_goes_away_is_missed():
    before, after = flat({"artcnn": ["--colors=style|content", "-q"]}), flat({"artcnn": ["--colors=style", "-q"]})
    assert before - after == {"artcnn: --colors=content"}


def test_a_list_is_read_as_it_was_written():
    names = {"artcnn dream": ["PHOTO..."] + [f"--option-{number}" for number in range(40)], "artcnn.layer": []}
    text = write_names(HEAD, names)
    assert text.startswith(HEAD)
    assert max(map(len, text.splitlines())) <= 120
    assert read_names(text) == names


def test_keys_of_json_are_compared():
    row = {"kind": "dream", "name": "eyes", "description": "", "path": ""}
    check_json(["presets", "--json"], json.dumps([row, row]))
    check_json(["presets", "--json"], '{"error": {"code": "usage", "message": "", "hint": ""}}')
    with pytest.raises(AssertionError, match=r"not promised: \['title'\]"):
        check_json(["presets", "--json"], json.dumps(row | {"title": ""}))
    with pytest.raises(AssertionError, match=r"not there: \['name'\]"):
        check_json(["presets", "--json"], json.dumps({key: row[key] for key in row.keys() - {"name"}}))


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
