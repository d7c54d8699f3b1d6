"""What an extra installs, and what is said where one is missing."""

import sys
import tomllib
from pathlib import Path

import pytest

from artcnn.errors import MissingExtraError
from artcnn.extras import EXTRAS, importing, install_command, is_installed, require

DECLARED = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]["optional-dependencies"]
COLLECTIONS = "all", "test", "docs", "dev"


@pytest.fixture(params=EXTRAS)
def hidden(request, monkeypatch):
    """Hide the packages of an extra, and return its name."""
    for module in EXTRAS[request.param].modules:
        monkeypatch.setitem(sys.modules, module, None)
    return request.param


def test_pyproject_declares_the_same_extras():
    assert sorted({*DECLARED} - {*COLLECTIONS}) == sorted(EXTRAS)


def test_all_installs_every_extra_and_test_what_tests_need():
    assert DECLARED["all"] == [f"artcnn[{','.join(EXTRAS)}]"]
    assert f"artcnn[{','.join(extra for extra in EXTRAS if extra != 'microphone')}]" in DECLARED["test"]


def test_a_missing_extra_is_named_with_what_to_type(hidden):
    assert not is_installed(hidden)
    with pytest.raises(MissingExtraError) as error:
        require(hidden)
    (line,) = error.value.lines
    assert line.endswith(f"needs the extra {hidden}: pip install 'artcnn[{hidden}]'")


def test_an_import_says_the_same(hidden):
    module = EXTRAS[hidden].modules[0]
    with pytest.raises(MissingExtraError, match=f"needs the extra {hidden}"), importing(hidden):
        __import__(module)


def test_other_imports_that_fail_are_not_hidden():
    with pytest.raises(ImportError, match="no_such_module"), importing("go"):
        __import__("no_such_module")


def test_an_installed_extra_is_not_missing():
    require("report")
    with importing("report"):
        import matplotlib
    assert matplotlib
    assert is_installed("report")


def test_the_old_prompt_of_windows_gets_quotes_that_it_knows(monkeypatch):
    monkeypatch.setattr("artcnn.extras.sys.platform", "win32")
    assert install_command("heic") == 'pip install "artcnn[heic]"'


def test_several_are_installed_by_one_command(monkeypatch):
    assert install_command("go", "speech") == "pip install 'artcnn[go,speech]'"
    for extra in ("go", "speech"):
        monkeypatch.setitem(sys.modules, EXTRAS[extra].modules[0], None)
    with pytest.raises(MissingExtraError, match=r"^Go and speech need the extras go and speech: .*\[go,speech\]"):
        require("go", "report", "speech")


@pytest.mark.parametrize(
    ("file", "command"),
    [("uv-receipt.toml", "uv tool install --force"), ("pipx_metadata.json", "pipx install --force")],
)
def test_where_uv_or_pipx_installed_it_what_is_there_stays(file, command, tmp_path, monkeypatch):
    (tmp_path / file).touch()
    monkeypatch.setattr("artcnn.extras.sys.prefix", str(tmp_path))
    monkeypatch.setattr("artcnn.extras.is_installed", lambda extra: extra in ("heic", "studio"))
    monkeypatch.setattr("artcnn.extras._installed_from", lambda: None)
    assert install_command("go") == f"{command} 'artcnn[heic,studio,go]'"


@pytest.mark.parametrize(
    ("told", "source"),
    [
        (
            '{"url": "file:///home/me/artcnn-1.0.0-py3-none-any.whl", "archive_info": {}}',
            "./artcnn-1.0.0-py3-none-any.whl",
        ),
        ('{"url": "file:///home/me/artcnn", "dir_info": {}}', "artcnn"),
        (None, "artcnn"),
    ],
)
def test_a_wheel_is_named_where_it_may_be_the_only_source(told, source, tmp_path, monkeypatch):
    (tmp_path / "uv-receipt.toml").touch()
    monkeypatch.setattr("artcnn.extras.sys.prefix", str(tmp_path))
    monkeypatch.setattr("importlib.metadata.PathDistribution.read_text", lambda self, name: told)
    monkeypatch.setattr("artcnn.extras.is_installed", lambda extra: False)
    assert install_command("go") == f"uv tool install --force '{source}[go]'"
