"""What ``benchmarks/check_licenses.py`` finds in what is installed."""

from email.message import Message
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from types import SimpleNamespace

import pytest
from programs import load_program

ROOT = Path(__file__).parents[1]


@pytest.fixture
def check_licenses():
    return load_program("benchmarks/check_licenses.py")


@pytest.fixture
def install(check_licenses, monkeypatch):
    """Return what pretends that a package is installed: with what it needs, and lines of its metadata."""
    installed = {}

    def find(name):
        if name not in installed:
            raise PackageNotFoundError(name)
        return installed[name]

    def add(name, *requires, **lines):
        metadata = Message()
        for field, value in lines.items():
            metadata[field.replace("_", "-")] = value
        installed[name] = SimpleNamespace(requires=list(requires), metadata=metadata)

    monkeypatch.setattr(check_licenses, "distribution", find)
    return add


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ({"License_Expression": "MIT AND (Apache-2.0 OR GPL-3.0-only)"}, "other is under GPL-3.0-only"),
        ({"License_Expression": "Apache-2.0 WITH LLVM-exception", "License": "GPL"}, ""),
        ({"License": "a text", "Classifier": "License :: OSI Approved :: BSD License"}, ""),
        ({"License": "AGPL"}, "other is under AGPL"),
        ({"License_Expression": "CC-BY-SA-4.0"}, "other is under CC-BY-SA-4.0"),
        ({"License": "UNKNOWN"}, "other names no license"),
        ({}, "other names no license"),
    ],
)
def test_a_package_is_under_licenses_that_are_known(check_licenses, install, capsys, lines, problem):
    install("artcnn", "other>=1; extra == 'all'", License_Expression="MIT AND CC-BY-SA-4.0")
    install("other", **lines)
    assert check_licenses.main() == bool(problem)
    assert capsys.readouterr().out.strip() == (problem or "2 packages, all under licenses that are known")


def test_what_is_needed_is_found_with_its_extras_and_without_that_of_other_systems(check_licenses, install):
    install("artcnn", "artcnn[more]; extra == 'all'", "One.Two; extra == 'more'", "gone; sys_platform == 'none'")
    install("one-two", "three[fast]")
    install("three", "four; extra == 'fast'", "artcnn", "gone; extra == 'slow'")
    install("four")
    assert set(check_licenses.needed_by("artcnn", {"all"}, {})) == {"artcnn", "one-two", "three", "four"}


def test_what_is_not_installed_cannot_be_checked(check_licenses, install, capsys):
    install("artcnn", "other", License_Expression="MIT")
    assert check_licenses.main() == 1
    assert capsys.readouterr().out == "other is not installed: pip install 'artcnn[all]'\n"


def test_what_is_under_conditions_is_told(check_licenses):
    told = (ROOT / "docs" / "install.md").read_text(encoding="utf-8").partition("## Licenses")[2]
    assert all(f"`{name}" in told for name in check_licenses.TOLD)
