"""The self-test against double precision, and what ``artcnn doctor`` finds on machines that are made up."""

import base64
import hashlib
import os
import subprocess
import sys
from importlib.metadata import Distribution
from pathlib import Path

import pytest
import torch

from artcnn.jobs import doctor, installation, self_test
from artcnn.jobs.self_test import EXPECTED, TOLERANCE, run_self_test, self_test_picture, self_test_recipe

CODE = """
import torch
from artcnn.jobs.self_test import run_self_test
found = run_self_test(torch.device("cpu"), "float32")
print(torch.backends.cpu.get_cpu_capability(), torch.get_num_threads(), found.passed, found.deviation)
"""


@pytest.mark.slow
def test_the_expected_values_are_those_of_double_precision(monkeypatch):
    recipe = self_test_recipe("float32")
    backbone = self_test.load_backbone(recipe, torch.device("cpu")).double()
    monkeypatch.setattr("artcnn.engines.dream.check_backbone", lambda *_: None)
    torch.set_default_dtype(torch.float64)
    try:
        values = self_test.self_test_values(self_test_picture().double(), backbone, recipe)
    finally:
        torch.set_default_dtype(torch.float32)
    assert values == pytest.approx(EXPECTED, rel=1e-5)


def test_the_tolerance_is_the_worst_that_ten_roundings_can_do():
    assert TOLERANCE["bfloat16"] > (1 + torch.finfo(torch.bfloat16).eps / 2) ** 20 - 1 > TOLERANCE["bfloat16"] / 2
    assert TOLERANCE["float32"] > (1 + 2**-11) ** 20 - 1 > TOLERANCE["float32"] / 2


@pytest.mark.slow
def test_it_passes_without_wide_instructions_on_one_thread():
    limits = {"ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2", "OMP_NUM_THREADS": "1"}
    told = subprocess.run(
        [sys.executable, "-c", CODE], env=os.environ | limits, capture_output=True, text=True, check=True
    )
    capability, threads, passed, deviation = told.stdout.split()
    assert (capability, threads, passed) == ("AVX2", "1", "True")
    assert float(deviation) < TOLERANCE["float32"] / 100


@pytest.mark.slow
def test_it_fails_where_a_convolution_is_wrong(monkeypatch):
    load = self_test.load_backbone

    def load_wrong(*arguments):
        backbone = load(*arguments)
        backbone.get_buffer("conv3_2_weight").mul_(1.02)
        return backbone

    monkeypatch.setattr(self_test, "load_backbone", load_wrong)
    found = run_self_test(torch.device("cpu"), "float32")
    assert not found.passed
    assert found.error is None


def test_an_error_has_no_home_folder_and_no_name(monkeypatch):
    monkeypatch.setattr(doctor.getpass, "getuser", lambda: "anna")
    told = doctor.without_names(f"{Path.home()}/x is damaged, and /scratch/anna/y; anna stays elsewhere")
    assert told == "~/x is damaged, and /scratch/USER/y; anna stays elsewhere"


def test_a_device_that_does_not_work_is_told_and_not_tested(monkeypatch):
    def fail(device):
        raise RuntimeError(f"no kernel image\n{Path.home()}")

    monkeypatch.setattr(doctor, "fastest", fail)
    found = doctor._examine_device("cpu")
    assert (found.error, found.precision) == ("no kernel image", None)


@pytest.fixture
def wheel(tmp_path, monkeypatch):
    """Return the folder of a package that a wheel installed, and be that package."""
    files = {"artcnn/__init__.py": b"", "artcnn/data/photo.webp": b"pixels", "../bin/artcnn": b"script"}
    lines = ["artcnn/__pycache__/x.pyc,,", "artcnn-1.dist-info/METADATA,,"]
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        lines.append(f"{name},sha256={digest},{len(content)}")
    (tmp_path / "artcnn-1.dist-info").mkdir()
    (tmp_path / "artcnn-1.dist-info" / "METADATA").write_text("Name: artcnn\nVersion: 1\n")
    (tmp_path / "artcnn-1.dist-info" / "RECORD").write_text("\n".join(lines) + "\n")
    found = Distribution.at(tmp_path / "artcnn-1.dist-info")
    monkeypatch.setattr(installation, "distribution", lambda _: found)
    monkeypatch.setattr(installation.artcnn, "__file__", str(tmp_path / "artcnn" / "__init__.py"))
    return tmp_path


def test_every_file_of_a_wheel_is_compared_with_its_list(wheel):
    found = installation.check_shipped()
    assert found.checked == "2 files by sha256"
    assert found.damaged == ()
    (wheel / "artcnn/data/photo.webp").write_bytes(b"pixelz")
    assert installation.check_shipped().damaged == ("artcnn/data/photo.webp",)
    (wheel / "artcnn/data/photo.webp").unlink()
    assert installation.check_shipped().damaged == ("artcnn/data/photo.webp",)


def test_a_measurement_is_not_taken_for_that_of_fewer_instructions(monkeypatch):
    keys = []
    for limit in ("AVX2", "AVX512_CORE"):
        monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", limit)
        keys.append(doctor.device_key(torch.device("cpu")))
    assert keys[0] != keys[1]
