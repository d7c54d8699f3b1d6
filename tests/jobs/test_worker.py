"""What the command line makes can be made without it: in a thread, with progress, cancelled, killed and resumed."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from fork_server import Process
from typer.testing import CliRunner

from artcnn.cli import app
from artcnn.jobs.inputs import DreamInputs, StyleInputs, StyleSource
from artcnn.jobs.job import Job
from artcnn.jobs.provenance import read_provenance
from artcnn.presets import load_recipe

WORKER = Path(__file__).parent / "worker.py"
DREAM = Job(load_recipe("dream", size=48, octaves=1, steps=6, precision="float32"), DreamInputs(Path("photo.png")))
STYLE = Job(
    load_recipe("style", size=48, min_size=48, fine_steps=9, precision="float32"),
    StyleInputs(Path("photo.png"), (StyleSource(Path("painting.png")),)),
)
COMMANDS = {
    "dream": ["dream", "photo.png", "--size", "48", "--octaves", "1", "--steps", "6"],
    "style": ["style", "photo.png", "painting.png", "--size", "48", "--set", "min_size=48", "--set", "fine_steps=9"],
}


@pytest.fixture
def start(folder, begin) -> Callable[..., Process]:
    """Return what begins a worker with its orders."""
    return lambda *orders: begin(WORKER, input="".join(json.dumps(order) + "\n" for order in orders).encode())


@pytest.fixture
def typed(folder):
    """Return what the command line makes of a command: the file's bytes."""

    def run(kind: str) -> bytes:
        result = CliRunner().invoke(app, [*COMMANDS[kind], "--precision", "float32", "-q", "-o", f"{kind}-typed.png"])
        assert result.exit_code == 0, result.output
        return (folder / f"{kind}-typed.png").read_bytes()

    return run


def finish(worker: Process) -> list[dict]:
    """Return what a worker tells until it ends."""
    with worker:
        told = [json.loads(line) for line in worker.stdout]
    assert worker.returncode == 0
    return told


@pytest.mark.slow
def test_a_worker_makes_a_picture_and_cancels_another(folder, start, typed):
    made = finish(
        start(
            {"job": DREAM.to_json(), "out": "made.png"},
            {"job": DREAM.to_json(), "out": "cancelled.png", "cancel_at": 4},
        )
    )
    assert [line["started"] for line in made if "started" in line] == [DREAM.fingerprint()] * 2
    assert [(line["step"], line["of"]) for line in made if "step" in line] == [
        *((step, 6) for step in range(1, 7)),
        *((step, 6) for step in range(1, 5)),
    ]
    assert [line for line in made if "saved" in line] == [
        {"saved": "made.png", "complete": True},
        {"saved": "cancelled.png", "complete": False},
    ]
    assert made[-1] == {"thread": "worker", "unwanted": []}
    assert (folder / "made.png").read_bytes() == typed("dream")
    assert read_provenance(folder / "cancelled.png").stopped_after == 4
    assert not list(folder.glob(".*"))


@pytest.mark.slow
def test_a_worker_that_is_killed_is_resumed_by_another(folder, start, typed):
    order = {"job": STYLE.to_json(), "out": "resumed.png"}
    with start(order) as worker:
        next(line for line in worker.stdout if json.loads(line).get("checkpoint", 0) >= 3)
        worker.kill()
    assert not (folder / "resumed.png").exists()
    told = finish(start(order))
    (begun,) = (line["resumed_at"] for line in told if "started" in line)
    assert 3 <= begun < 9
    assert [line["step"] for line in told if "step" in line] == list(range(begun + 1, 10))
    assert (folder / "resumed.png").read_bytes() == typed("style")
    assert not list(folder.glob(".*"))
