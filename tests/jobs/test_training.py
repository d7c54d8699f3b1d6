"""Networks are trained and tested without the command line, from a thread that is not the main one."""

import json
from pathlib import Path

import pytest
from PIL import Image
from safetensors import safe_open
from typer.testing import CliRunner

from artcnn.cli import app
from artcnn.datasets.mnist import load_mnist
from artcnn.errors import CheckpointError, DataError, DivergenceError
from artcnn.jobs.comparison import ComparisonFinished, run_comparison
from artcnn.jobs.tasks.mnist import ARMS, load_comparison
from artcnn.jobs.tasks.sources import MnistSource
from artcnn.jobs.tasks.task import LeftOut
from artcnn.jobs.training import TrainingFinished, train
from artcnn.presets import load_recipe

pytestmark = pytest.mark.slow

TRAINER = Path(__file__).with_name("trainer.py")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with 12 pictures of each of three digits in ``own``, black on white."""
    folder, digits = tmp_path_factory.mktemp("trainer"), load_mnist("test")
    for label in (1, 4, 7):
        (folder / "own" / str(label)).mkdir(parents=True)
        for number, index in enumerate((digits.labels == label).nonzero().flatten()[:12].tolist()):
            Image.fromarray(255 - digits.inputs[index, 0].numpy()).save(folder / f"own/{label}/{number:02}.png")
    return folder


@pytest.fixture(scope="module")
def told(folder: Path, begin) -> dict:
    """Return what the worker said of all it did."""
    with begin(TRAINER, cwd=folder) as trainer:
        told, errors = trainer.communicate()
    assert trainer.returncode == 0, errors
    return json.loads(told)


def contents(path: Path) -> tuple[dict, dict[str, bytes]]:
    """Return a model's card, without the seconds that its epochs took, and the bytes of its weights."""
    with safe_open(path, "np") as file:
        card = json.loads(file.metadata()["artcnn"])
        weights = {name: file.get_tensor(name).tobytes() for name in file.keys()}  # noqa: SIM118 - not a dict
    for epoch in card["history"]:
        del epoch["seconds"]
    return card, weights


def test_progress_is_told_step_by_step(told):
    assert told["whole"]["main"] == "worker"
    assert told["whole"]["steps"] == list(range(1, 10)), "three epochs of 24 digits, 8 at a time"
    assert (told["whole"]["epochs"], told["whole"]["complete"]) == ([1, 2, 3], True)
    assert not told["whole"]["checkpoint"], "it is of no use any more"


def test_a_cancelled_training_keeps_the_best_epoch_and_is_resumed(told, folder):
    stopped, resumed = told["stopped"], told["resumed"]
    assert (stopped["steps"][-1], stopped["epochs"], stopped["complete"]) == (5, [1], False)
    assert stopped["checkpoint"]
    assert (resumed["before"], resumed["steps"][0], resumed["complete"]) == (1, 4, True)
    assert contents(folder / "part.safetensors") == contents(folder / "whole.safetensors")


def test_the_command_line_makes_the_same_network_and_tells_the_same(told, folder, monkeypatch):
    monkeypatch.chdir(folder)
    settings = ["--data", "own", "--set", "validation=6", "--epochs", "3", "--batch", "8"]
    trained = CliRunner().invoke(app, ["mnist", "train", *settings, "-q", "-o", "command.safetensors"])
    assert trained.exit_code == 0, trained.output
    assert contents(folder / "command.safetensors") == contents(folder / "whole.safetensors")
    tested = CliRunner().invoke(app, ["mnist", "test", "whole.safetensors", "--data", "own", "--json"])
    report = json.loads(tested.stdout)
    assert {key: report[key] for key in told["evaluation"]["result"]} == told["evaluation"]["result"]


def test_an_evaluation_tells_its_progress_and_a_part_of_one_is_none(told):
    assert told["evaluation"]["progress"] == [[0, 6], [6, 6]]
    assert told["evaluation"]["result"]["count"] == 6
    assert told["cancelled"] == {"progress": [[0, 6]], "result": None}


def test_no_command_line_is_needed(told):
    assert not [name for name in told["modules"] if name.split(".")[0] in ("typer", "rich")]
    assert not [name for name in told["modules"] if name.startswith("artcnn.cli")]


def follow(events, seen: list) -> None:
    for event in events:
        seen.append(event)


def test_files_that_cannot_be_read_are_told_also_where_too_few_are_left(folder, tmp_path):
    for label in ("1", "4"):
        (tmp_path / label).mkdir()
        (tmp_path / label / "bad.png").write_text("no picture")
    (tmp_path / "1" / "good.png").write_bytes((folder / "own/1/00.png").read_bytes())
    seen: list = []
    with pytest.raises(DataError, match="4: none of its pictures can be read"):
        follow(train(load_recipe("mnist"), MnistSource(str(tmp_path))), seen)
    assert [Path(str(e.error).split(":")[0]).parent.name for e in seen if isinstance(e, LeftOut)] == ["1", "4"]


def test_another_recipe_cannot_continue_a_checkpoint(folder, tmp_path):
    recipe, source = load_recipe("mnist", validation=6, epochs=2, batch=8), MnistSource(str(folder / "own"))
    checkpoint, answers = tmp_path / "c.safetensors", iter([False] * 5)
    events = list(train(recipe, source, checkpoint=checkpoint, cancelled=lambda: next(answers, True)))
    assert isinstance(events[-1], TrainingFinished)
    assert not events[-1].result.complete
    other = recipe.model_copy(update={"lr": 0.1})
    with pytest.raises(CheckpointError, match="lr was 0.005"):
        list(train(other, source, checkpoint=checkpoint))


def test_a_training_that_diverges_gives_its_best_epoch_first(folder, tmp_path):
    settings = {"lr": 1, "weight_decay": 10, "validation": 6, "warmup": 0.9, "batch": 4, "epochs": 8}
    checkpoint, seen = tmp_path / "c.safetensors", []
    with pytest.raises(DivergenceError):
        follow(train(load_recipe("mnist", **settings), MnistSource(str(folder / "own")), checkpoint=checkpoint), seen)
    assert isinstance(seen[-1], TrainingFinished)
    assert not seen[-1].result.complete
    assert not checkpoint.exists(), "it would diverge again"


def test_a_comparison_stops_within_a_training(folder, monkeypatch):
    monkeypatch.setattr("artcnn.jobs.tasks.mnist._MIN_STEPS", 10)
    recipes = {arm.name: load_recipe("mnist", arm.preset, epochs=2, **arm.changes) for arm in ARMS}
    source, left_out = MnistSource(str(folder / "own")), []
    comparison = load_comparison(source, [10], recipes, 1, left_out.append)
    answers = iter([False] * 25)  # an arm has ten steps and ten epochs
    *outcomes, last = run_comparison(comparison, 1, [0.01], lambda: next(answers, True))
    assert [(outcome.arm, outcome.condition) for outcome in outcomes] == [("lecture", "10")]
    assert (last, left_out) == (ComparisonFinished(None), [])
