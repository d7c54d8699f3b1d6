"""``artcnn doctor``: what it prints, and its exit code."""

import getpass
import json
from pathlib import Path

import pytest

from artcnn.extras import EXTRAS
from artcnn.jobs import doctor, self_test
from artcnn.jobs.installation import Shipped
from artcnn.jobs.self_test import SelfTest
from artcnn.machine.processor import Processor


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Compute nothing slow: the processor, the files and the test are made up."""
    processor = Processor("x86_64", 2, 2, "AVX2", "Intel AVX2", (), {"OMP_NUM_THREADS": "2"})
    monkeypatch.setattr(doctor, "examine_processor", lambda: processor)
    monkeypatch.setattr(doctor, "check_shipped", lambda: Shipped("3 files by sha256", ()))
    monkeypatch.setattr(doctor, "fastest", lambda device: "float32")
    monkeypatch.setattr(doctor, "load_median", lambda key: 1.25)
    test = SelfTest("cpu", "float32", self_test.EXPECTED, 2e-6, 0.01, 1.0)
    monkeypatch.setattr(doctor, "run_self_test", lambda device, precision: test)


def test_it_says_what_there_is_and_nothing_private(artcnn):
    result = artcnn("doctor")
    assert result.exit_code == 0, result.output
    rows = [line.split(maxsplit=1) for line in result.stdout.splitlines() if line]
    assert ["self-test", "cpu, float32: passed, 2e-06 from the expected values (0.01 allowed), 1.0 s"] in rows
    assert ["files", "3 files by sha256, none damaged"] in rows
    assert result.stdout.endswith("\nNothing is wrong.\n")
    assert "--precision auto takes float32: bfloat16 takes 1.2 times as long as float32" in result.stdout
    extras = [row[1].partition(":")[0] for row in rows if row[0] == "extra"]
    assert extras == list(EXTRAS)
    assert str(Path.home()) + "/" not in result.stdout
    assert f"/{getpass.getuser()}/" not in result.stdout


def test_a_failed_test_or_a_damaged_file_is_an_error(artcnn, monkeypatch):
    failed = SelfTest("cpu", "float32", (1.0,), 0.31, 0.01, 1.0)
    monkeypatch.setattr(doctor, "run_self_test", lambda device, precision: failed)
    monkeypatch.setattr(doctor, "check_shipped", lambda: Shipped("3 files by sha256", ("artcnn/x.py",)))
    result = artcnn("doctor")
    assert result.exit_code == 1
    assert "wrong: artcnn/x.py is damaged or missing: reinstall artcnn\n" in result.stdout
    assert "wrong: self-test on cpu in float32: 31.00% from what is expected, and 1% is allowed\n" in result.stdout
    assert "Nothing is wrong" not in result.stdout


def test_json_has_all_of_it(artcnn, monkeypatch):
    told = json.loads(artcnn("doctor", "--json").stdout)
    assert told["problems"] == []
    assert told["self_tests"][0]["passed"] is True
    assert told["devices"][-1]["name"] == "cpu"
    assert {row["name"] for row in told["extras"]} == set(EXTRAS)
    assert all("path" not in row for row in told["weights"])
