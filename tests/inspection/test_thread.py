"""What is found without the command line, in a thread that is not the main one, is what the command line writes."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from artcnn.cli import app

pytestmark = pytest.mark.slow

DIGIT = str(Path(__file__).parents[2] / "samples" / "digit.png")
JOBS = {
    "filters": (["filters", {"layer": "conv2:0-3"}, None], "filters conv2:0-3"),
    "activations": (["activations", {"layers": ["conv1", "pool2:3"]}, DIGIT], f"activations {DIGIT} conv1 pool2:3"),
    "saliency": (["saliency", {"method": "integrated"}, DIGIT], f"saliency {DIGIT} --method integrated"),
    "occlusion": (["occlusion", {"target": "8", "stride": 6}, DIGIT], f"occlusion {DIGIT} --class 8 --stride 6"),
    "invert": (["invert", {"layers": ["conv2"], "steps": 3}, DIGIT], f"invert {DIGIT} conv2 --steps 3"),
    "fool": (["fool", {"to": "8", "steps": 30}, DIGIT], f"fool {DIGIT} --to 8 --steps 30"),
    "maximize": (["maximize", {"what": "class", "which": "3", "steps": 2}, None], "maximize class 3 --steps 2"),
    "convolution": (["convolution", {"digits": 0}, None], "convolution --digits 0"),
}


@pytest.fixture(scope="module")
def worked(tmp_path_factory, begin):
    """Return the folders of a worker that imports nothing of the command line."""
    folder = tmp_path_factory.mktemp("worker")
    jobs = json.dumps({name: job for name, (job, _) in JOBS.items()})
    worker = Path(__file__).with_name("worker.py")
    with begin(worker, jobs, folder) as process:
        told = process.communicate()
    assert (process.returncode, *told) == (0, "", "")
    return folder


@pytest.mark.parametrize("name", JOBS)
def test_a_worker_writes_what_the_command_line_writes(worked, tmp_path, name):
    out = tmp_path / name
    made = CliRunner().invoke(app, ["inspect", *JOBS[name][1].split(), "--out", str(out)])
    assert made.exit_code == 0, made.output
    written = {path.relative_to(out) for path in out.rglob("*") if path.is_file()}
    assert written == {path.relative_to(worked / name) for path in (worked / name).rglob("*") if path.is_file()}
    for path in written:
        one, other = worked / name / path, out / path
        if path.suffix != ".npz":
            assert one.read_bytes() == other.read_bytes(), path
            continue
        with np.load(one) as ours, np.load(other) as theirs:
            assert set(ours) == set(theirs)
            assert [key for key in ours if not np.array_equal(ours[key], theirs[key])] == []
