import json
import signal
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw
from public_json import check_json
from typer.testing import CliRunner

from artcnn.cli import app
from artcnn.datasets import mnist
from artcnn.datasets.examples import Examples
from artcnn.inspection import collection
from artcnn.jobs.tasks import mnist as mnist_task

QUICK = {"dream": ["--octaves", "1", "--steps", "2"], "style": ["--set", "min_size=48", "--set", "fine_steps=2"]}
"""Options that make a run of a second with the real network."""


@pytest.fixture(autouse=True, scope="session")
def interruptible() -> None:
    """Let commands be interrupted where the tests run in the background or by nohup, which ignore Ctrl-C and SIGHUP."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture
def noise() -> Image.Image:
    """Return 20 x 20 pixels of noise, always the same, which mnist-lecture takes for a two."""
    values = np.random.default_rng(0).normal(128, 90, (20, 20))
    return Image.fromarray(values.clip(0, 255).astype(np.uint8))


@pytest.fixture
def few_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let MNIST have 3,000 digits to learn from and 1,500 to test on, of the 60,000 and 10,000 that ship."""

    def load(part: mnist.Part) -> Examples:
        return load_mnist(part).take(torch.arange({"train": 3_000, "test": 1_500}[part]))

    load_mnist = mnist.load_mnist
    for module in (mnist_task, collection):  # which have the function's name already, in whatever order tests run
        monkeypatch.setattr(module, "load_mnist", load)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of the test's own, with a photo and a painting in it, and be there."""
    photo = Image.new("RGB", (72, 48), (90, 140, 210))
    ImageDraw.Draw(photo).polygon([(10, 44), (36, 8), (62, 44)], fill=(200, 120, 60))
    photo.save(tmp_path / "photo.png")
    painting = Image.new("RGB", (40, 60), (20, 30, 90))
    for y in range(0, 60, 6):
        ImageDraw.Draw(painting).line([(0, y), (40, (y * 7) % 60)], fill=(240, 200, 40), width=2)
    painting.save(tmp_path / "painting.png")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def artcnn(folder: Path):
    """Return what runs the command line in ``folder``: arguments in, exit code and outputs back.

    What ``--json`` prints is compared with what is promised.
    """

    def run(*arguments: str | Path):
        texts = [str(argument) for argument in arguments]
        result = CliRunner().invoke(app, texts, prog_name="artcnn")
        if "--json" in texts:
            check_json(texts, result.stdout)
        return result

    return run


@pytest.fixture
def refused(artcnn, folder: Path):
    """Return what runs a command that is to be refused in one line that says so, and to leave nothing behind."""

    def run(says: str, *arguments: str | Path) -> None:
        before = sorted(folder.rglob("*"))
        result = artcnn(*arguments)
        assert result.exit_code == 1, result.output
        errors = [line for line in result.stderr.splitlines() if says in line and line.startswith("error: ")]
        assert errors, result.stderr
        assert sorted(folder.rglob("*")) == before

    return run


@pytest.fixture
def quick(artcnn):
    """Return what makes a small picture and returns the object that ``--json`` prints."""

    def run(command: str, *arguments: str | Path) -> dict:
        inputs = ["photo.png"] if command == "dream" else ["photo.png", "painting.png"]
        result = artcnn(command, *inputs, "--size", "48", *QUICK[command], "--json", *arguments)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    return run


@pytest.fixture
def make_style(tiny_styles, folder: Path):
    """Return what writes a style file: one of the tiny network's styles, its tables times a factor, of any painting."""
    from artcnn.files.model import read_model
    from artcnn.files.painting import describe_painting
    from artcnn.files.style import StyleCard, shared_sha256, style_of, write_style

    def write(name: str, number: int, factor: float = 1.0, painting=None) -> Path:
        model = read_model(tiny_styles)
        state, card = model.network.state_dict(), model.card
        described = StyleCard(
            version="0",
            shared_sha256=shared_sha256(state),
            painting=card.paintings[number]
            if painting is None
            else describe_painting(painting.pixels, painting.sha256, name),
            recipe=card.recipe,
            data="photos",
            data_sha256="0" * 64,
        )
        tables = {key: factor * table for key, table in style_of(state, number).items()}
        return write_style(folder / name, tables, described)

    return write
