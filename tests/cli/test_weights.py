"""``artcnn weights``: the table, the JSON and the two commands below it."""

import hashlib
import json
import subprocess
import sys
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from artcnn.backbones import weights
from artcnn.cli.weights import app
from artcnn.errors import WeightsError


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    folder = tmp_path / "cache"
    monkeypatch.setattr(weights, "cached_weights_dir", lambda: folder)
    return folder


def run(*arguments, env=None):
    return CliRunner(env=env).invoke(app, arguments)


def test_table_is_whole_when_it_is_piped():
    result = run(env={"COLUMNS": "40"})
    assert result.exit_code == 0
    heading, *rows = result.stdout.splitlines()
    assert heading.split() == ["name", "network", "layers", "MB", "license", "status", "verified"]
    assert [row.split()[0] for row in rows] == list(weights.WEIGHTS)
    assert " ".join(rows[0].split()) == "vgg16 vgg16 13 conv, to pool5 29.4 CC BY 4.0 bundled yes"
    assert " ".join(rows[3].split()).endswith("16 conv, to pool5 574.7 BSD-3-Clause to be downloaded no")
    assert "\x1b" not in result.stdout


def test_json_has_every_weight_file(cache):
    rows = json.loads(run("--json").stdout)
    assert [row["name"] for row in rows] == list(weights.WEIGHTS)
    assert rows[0]["verified"] is True
    assert rows[1]["status"] == "to be downloaded"
    assert rows[1]["path"] == str(cache / "vgg16-397923af.pth")


def test_damaged_cached_file_is_cached_and_not_verified(cache):
    cache.mkdir()
    (cache / "vgg16-397923af.pth").write_bytes(b"damaged")
    row = json.loads(run("--json").stdout)[1]
    assert (row["status"], row["verified"]) == ("cached", False)


def test_fetch_prints_the_path_to_stdout_and_the_rest_to_stderr(monkeypatch, tmp_path, cache):
    origin = tmp_path / "origin.pth"
    origin.write_bytes(b"some weights")
    digits = hashlib.sha256(b"some weights").hexdigest()[:8]
    entry = replace(weights.WEIGHTS["vgg19-torchvision"], sha256=digits)
    monkeypatch.setitem(weights.WEIGHTS, entry.name, entry)
    monkeypatch.setattr(weights, "url", lambda _: origin.as_uri())
    result = run("fetch", entry.name)
    assert result.exit_code == 0
    assert result.stdout == f"{cache / entry.file}\n"
    assert result.stderr.startswith("vgg19-torchvision: 575 MB, ")
    assert (cache / entry.file).read_bytes() == b"some weights"


def test_fetch_of_the_bundled_file_only_prints_its_path():
    result = run("fetch", "vgg16")
    assert result.stdout == f"{weights.location(weights.find('vgg16'))}\n"
    assert result.stderr == ""


def test_layers_are_in_order_with_their_channels():
    lines = [line.split() for line in run("layers", "vgg16").stdout.splitlines()]
    assert len(lines) == 13 + 13 + 5
    assert lines[0] == ["conv1_1", "64"]
    assert ["relu4_2", "512"] in lines
    assert lines[-1] == ["pool5", "512"]


@pytest.mark.slow
@pytest.mark.parametrize("command", ["fetch", "layers"])
def test_unknown_name_is_left_to_the_caller(command):
    result = run(command, "vgg61")
    assert isinstance(result.exception, WeightsError)
    assert "did you mean 'vgg16'?" in str(result.exception)


def test_a_name_is_checked_without_torch():
    lines = [
        "import sys, artcnn.cli.weights",
        "from artcnn.backbones.weights import find",
        "find('vgg16')",
        "sys.exit('torch' in sys.modules)",
    ]
    assert subprocess.run([sys.executable, "-c", "; ".join(lines)], check=False).returncode == 0
