"""Commands that documents, help and hints show: they are there, with these options, and looks get to work by them."""

import ast
import re
import shlex
from functools import cache
from importlib import import_module
from itertools import takewhile
from pathlib import Path

import pytest
import torch
import typer
from PIL import Image
from safetensors.torch import save_file
from torchvision.models import resnet18
from typer.core import TyperCommand
from typer.testing import CliRunner

from artcnn.cli import app
from artcnn.cli.inspect.layers import _next
from artcnn.inspection import models
from artcnn.inspection.models import open_model
from artcnn.presets import preset_files

ROOT = Path(__file__).parents[2]
OWN = "from torchvision.models import resnet18\n\n\ndef make():\n    return resnet18(num_classes=3)\n"
PLACEHOLDERS = {"NAME": "default", "MODEL": "mnist-best", "FOLDER": "folder", "PICTURE": "photo.jpg"}


class ReachedError(Exception):
    """A command was understood, and is about to work."""


def commands_of(text: str) -> list[str]:
    """Return what stands in code, in line or in a block, and begins with artcnn."""
    blocks = re.findall(r"```sh?\n(.*?)```", text, re.DOTALL)
    blocks = [block.replace("\\\n", " ").replace(".venv/bin/", "") for block in blocks]
    lines = [line for block in blocks for line in block.splitlines()]
    inline = re.findall(r"(?<!`)`(artcnn [^`]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    return [line.strip().removeprefix("$ ") for line in [*lines, *inline] if line.strip().startswith("artcnn ")]


@cache
def shown() -> dict[str, list[str]]:
    """Return the commands of the documents, of the examples in help, and of what messages say is to be typed."""
    found = {path.name: commands_of(path.read_text()) for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]}
    for path in sorted([*(ROOT / "artcnn" / "cli").rglob("*.py"), *(ROOT / "artcnn" / "inspection").glob("*.py")]):
        texts = [
            node.value
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        examples = [re.sub(r"\s+", " ", text.split("Examples: ")[1]) for text in texts if "Examples: " in text]
        typed = [re.sub(r"^torchrun .* -m ", "", line.strip()) for example in examples for line in example.split("·")]
        typed = [line for line in typed if not line.startswith("jupyter ")]
        typed += [hint for text in texts for hint in re.findall(r"'(artcnn [a-z][^']*)'", text)]
        if typed:
            found[str(path.relative_to(ROOT))] = typed
    return found


def words_of(command: str) -> list[str]:
    words = takewhile(lambda word: word != ">", shlex.split(command, comments=True)[1:])
    return [PLACEHOLDERS.get(word, word) for word in words if word not in ("...", "…", "|")]


@pytest.fixture
def parse(monkeypatch):
    """Return what parses a command, without running it, and returns its output where it is wrong."""

    def reached(self: TyperCommand, context: typer.Context) -> None:
        raise ReachedError

    monkeypatch.setattr(TyperCommand, "invoke", reached)

    def run(command: str) -> str:
        result = CliRunner().invoke(app, words_of(command), prog_name="artcnn")
        # The name of a group, or of a command without what it needs, is a name.
        named = "Missing " in result.output or (len(words_of(command)) < 3 and "Commands:" in result.output)
        if isinstance(result.exception, ReachedError) or result.exit_code == 0 or named:
            return ""
        return f"{command}: {result.output or result.exception!r}"

    return run


@pytest.mark.slow
def test_every_command_that_is_shown_can_be_typed(parse):
    every = {source: commands for source, commands in shown().items() if commands}
    assert {"README.md", "inspect.md", "artcnn/cli/dream.py"} < every.keys()
    assert sum(map(len, every.values())) > 100
    wrong = [(source, error) for source, commands in every.items() for error in map(parse, commands) if error]
    assert wrong == []


@pytest.mark.parametrize(
    "command", ["artcnn draem photo.jpg", "artcnn inspect filter", "artcnn dream a.jpg --layerz x"]
)
def test_a_command_that_is_no_more_is_found(parse, command):
    assert "No such" in parse(command)


@pytest.mark.slow
def test_presets_and_samples_that_are_shown_exist():
    presets = {name for kind in ("dream", "style") for name in preset_files(kind)}
    for commands in shown().values():
        for words in map(words_of, commands):
            named = [words[at + 1] for at, word in enumerate(words[:-1]) if word == "--preset"]
            assert set(named) <= presets, words
            assert [word for word in words if word.startswith("samples/") and not (ROOT / word).exists()] == [], words


def stop_functions(monkeypatch, module, stop):
    """Replace the functions of a module of inspection that do its work."""
    found = import_module(f"artcnn.inspection.{module}")
    for name in vars(found):
        if name.startswith(("find_", "make_report")) and name != "predict":
            monkeypatch.setattr(found, name, stop)


@pytest.fixture
def beginner(tmp_path, monkeypatch):
    """Be in a folder with the samples and the files that documents name, where looks stop before their work."""
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    Image.open(ROOT / "samples" / "coffee.png").convert("RGB").resize((96, 64)).save(tmp_path / "photo.jpg")
    (tmp_path / "mynet.py").write_text(OWN)
    with torch.random.fork_rng([]):
        save_file(resnet18(num_classes=3).state_dict(), tmp_path / "mynet.safetensors")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(models, "open_model", cache(open_model))

    def stop(*_: object, **__: object) -> None:
        raise ReachedError

    for name in ("activations", "adversarial", "convolution", "feature_inversion", "filters", "kernels", "layers"):
        stop_functions(monkeypatch, name, stop)
    for name in ("maximize", "combination", "caricature", "grid"):
        stop_functions(monkeypatch, name, stop)
    for name in ("occlusion", "patches", "saliency", "sanity_checks", "report"):
        stop_functions(monkeypatch, name, stop)


@pytest.mark.slow
def test_every_look_that_is_shown_gets_to_work(beginner):
    """Its network, its layers, units and classes, and its files are there."""
    looks = [command for commands in shown().values() for command in commands if command.startswith("artcnn inspect ")]
    for name in (
        "mnist-lecture",
        "mnist-best",
        "speech-digits",
        "go-moves",
        "vgg16",
        "alexnet11",
        "efficientnet-lite0",
    ):
        hints = _next(open_model(name), name)
        assert len(hints) == 3
        looks += hints
    tried = 0
    for words in map(words_of, dict.fromkeys(looks)):
        if len(words) == 2 and words[1] not in ("layers", "report", "filters"):
            continue  # the name of a look
        result = CliRunner().invoke(app, words, prog_name="artcnn")
        assert isinstance(result.exception, ReachedError) or words[1] == "layers", (words, result.output)
        assert result.exit_code in (0, 1), words
        tried += 1
    assert tried > 30
