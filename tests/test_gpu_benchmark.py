"""``benchmarks/gpu.sh``, rehearsed on the CPU: what it writes is complete and true."""

import json
import os
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest
import torch

from artcnn.errors import MissingExtraError

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks" / "gpu"))

import correctness
import record
from largest import largest
from table import to_markdown

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
CASES = "objective and|^digits|^dream, (default|bfloat16)$|^instant style$|warping|32 px|^Go|^machine|96 x 64"


def begin(*arguments):
    environment = os.environ | {"PYTHON": sys.executable, "OMP_NUM_THREADS": "1"}
    command = ["bash", str(BENCHMARKS / "gpu.sh"), *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600, check=False)


def closed_form(side):
    """Operations of the convolutions up to relu5_1 of VGG-16: two a multiplication, forwards and backwards."""
    blocks = (3, 64, 64), (64, 128, 128), (128, 256, 256, 256), (256, 512, 512, 512), (512, 512)
    return sum(
        4 * 9 * before * after * (side >> number) ** 2
        for number, channels in enumerate(blocks)
        for before, after in pairwise(channels)
    )


@pytest.mark.slow
def test_a_rehearsal_measures_everything_and_finds_no_difference(tmp_path):
    done = begin(tmp_path / "out", "--device", "cpu", "--tiny", "--match", CASES)
    rows = [json.loads(line) for line in (tmp_path / "out" / "results.jsonl").read_text().splitlines()]
    assert done.returncode == 0, done.stdout + done.stderr
    assert {row["status"] for row in rows} == {"ok"}
    assert [*dict.fromkeys(row["section"] for row in rows)] == [
        "machine",
        "correctness",
        "speed",
        "training",
        "painting",
        "largest",
    ]
    compared = [row for row in rows if row["table"] in ("numbers", "pictures")]
    assert len(compared) >= 9
    assert {row["largest"] for row in compared} == {0.0}
    assert all(row["mean"] <= row["mean bound"] for row in compared)
    gradients = [row for row in rows if row["table"] == "gradient"]
    assert {row["name"] for row in gradients} >= {"artcnn", "plain, contiguous", "plain, channels last"}
    assert {row["flops"] for row in gradients} == {closed_form(32)}
    (rate,) = (row["flops_per_second"] for row in rows if row["table"] == "rate" and row["name"] == "float32")
    for row in gradients:
        assert row["share"] == pytest.approx(row["flops"] * row["per_second"] / rate)
    painted = {(row["name"], row["batch"]): row["flops"] for row in rows if row["table"] == "painting"}
    assert painted["network alone, channels last", 4] == 4 * painted["network alone, channels last", 1]
    trained = {row["name"] for row in rows if row["table"] == "training"}
    assert trained == {"digits, lecture", "Go"}
    (found,) = (row for row in rows if row["table"] == "largest")
    assert found["size"] == found["planned size"] == 96
    report = (tmp_path / "out" / "report.md").read_text()
    assert report in done.stdout
    assert "all within their bounds" in report
    assert "| artcnn | 32 | float32 |" in report


@pytest.mark.slow
@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu_it_says_so(tmp_path):
    done = begin(tmp_path / "out")
    assert done.returncode == 1
    assert "finds no CUDA device" in done.stderr
    assert not (tmp_path / "out").exists()


def recorder(tmp_path, seconds=60.0, match=""):
    (tmp_path / "rows").touch()
    setup = record.Setup(torch.device("cpu"), True, time.monotonic() + seconds, match)
    return record.Recorder(tmp_path / "rows", "a section", setup)


@pytest.mark.parametrize(
    ("apart", "off", "status"), [(0.0, 0.0, "ok"), (0.005, 0.0, "ok"), (0.2, 0.0, "exceeded"), (0.0, 0.1, "exceeded")]
)
def test_a_picture_beyond_its_bounds_is_told(tmp_path, apart, off, status):
    expected = torch.full((1, 3, 4, 4), 0.5)
    results = iter([(expected, [2.0]), (expected + apart / 255, [2.0 * (1 + off)])])
    (row,) = correctness._compare_pictures("instant style", lambda *_: next(results), recorder(tmp_path))
    assert row["status"] == status
    assert row["largest"] == pytest.approx(apart, abs=1e-4)
    assert row["value"] == pytest.approx(off)


def test_what_is_not_finite_is_no_picture(tmp_path):
    def make(*_):
        return torch.full((1, 3, 4, 4), torch.nan), [1.0]

    found = recorder(tmp_path)
    found.attempt("pictures", "instant style", lambda: correctness._compare_pictures("instant style", make, found))
    (row,) = record.read_rows(tmp_path / "rows")
    assert row["status"] == "error"
    assert "not finite" in row["error"]


def test_what_goes_wrong_is_recorded_and_the_others_are_measured(tmp_path):
    def fail():
        yield {"value": 1}
        raise RuntimeError("no kernel image\nand more")

    def lack():
        raise MissingExtraError("films need the extra video")

    found = recorder(tmp_path)
    for name, measure in {"fails": fail, "lacks": lack, "works": lambda: [{"value": 2}]}.items():
        found.attempt("a table", name, measure)
    recorder(tmp_path, seconds=1).attempt("a table", "late", lambda: [{"value": 3}], needs=5)
    recorder(tmp_path, match="other").attempt("a table", "not asked for", lambda: [{"value": 4}])
    with (tmp_path / "rows").open("a") as file:
        file.write('{"section": "cut o')
    rows = record.read_rows(tmp_path / "rows")
    assert [row["status"] for row in rows] == ["ok", "error", "lacking", "ok", "timeout", "error"]
    assert "no kernel image" in rows[1]["error"]
    assert "RuntimeError" in rows[1]["traceback"]
    report = to_markdown(rows)
    assert report.startswith("6 measurements; 3 are missing or beyond their bounds.\n- a table, fails: **error**")
    assert "| works | ok | 2 |" in report


@pytest.mark.parametrize("limit", [0, 64, 65, 700, 1024, 1999, 5793, 32_768, 40_000])
def test_the_largest_size_is_found_to_a_32nd(limit):
    tried = []

    def fits(size):
        tried.append(size)
        return size <= limit

    found, ended = largest(fits, 1024, 32_768, lambda: False)
    assert found <= limit
    assert limit - found <= max(8, limit // 32) or found == 32_768
    assert ended == ("most" if limit >= 32_768 else "precision")
    assert len(set(tried)) == len(tried)


def test_a_search_ends_when_the_time_is_over():
    assert largest(lambda size: size <= 5000, 1024, 32_768, lambda: True) == (1024, "time")
