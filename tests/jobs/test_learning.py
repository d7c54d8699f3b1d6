"""A style is learned from the network that ships, here a tiny one, and can be used at once."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

import artcnn
from artcnn.cli import app
from artcnn.errors import ArtcnnError, CheckpointError, DataError, ModelError
from artcnn.files.instant import load_blend
from artcnn.files.model import read_model
from artcnn.files.write import write_picture
from artcnn.jobs.evaluation import evaluate_model
from artcnn.jobs.learning import learning_recipe, learning_source
from artcnn.jobs.training import Preview, TrainingStarted, train
from artcnn.nets.instant import is_table
from artcnn.training.loop import Epoch

QUICK = {
    "epochs": 2,
    "epoch_size": 4,
    "batch": 2,
    "validation": 2,
    "crop": 64,
    "painting_size": 64,
    "precision": "float32",
}


@pytest.fixture
def desk(tiny_styles: Path, tmp_path: Path, painting: torch.Tensor, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder: a painting, and a folder of photos."""
    monkeypatch.chdir(tmp_path)
    write_picture(Path("own painting.png"), painting)
    Path("photos").mkdir()
    for number in range(10):
        Image.effect_noise((90, 80), 20 + 10 * number).convert("RGB").save(f"photos/{number}.png")
    return tmp_path


def learn(settings: dict, stop: Callable[[object], bool] = lambda _: False, **more) -> Sequence[object]:
    """Return the events of a training until it is told to stop."""
    recipe = learning_recipe(QUICK | settings, thorough=more.pop("thorough", False))
    seen: list[object] = []
    source = learning_source(Path("own painting.png"), Path("photos"))
    for event in train(recipe, source, cancelled=lambda: any(map(stop, seen)), **more):
        seen.append(event)
    return seen


@pytest.mark.slow
def test_a_style_is_a_small_file_that_goes_with_the_network(desk):
    events = learn({})
    result = events[-1].result
    assert [type(event).__name__ for event in events].count("Preview") == 2
    shown = next(event for event in events if isinstance(event, Preview))
    assert shown.to_pil().height == shown.image.shape[2] == 256
    path = result.save(Path("own.safetensors"))
    blend = load_blend("own.safetensors")
    assert [one.title for one in blend.paintings] == ["own painting"]
    assert load_blend(f"{path}=0.5,wave=0.5").weights.tolist() == [[0.5, 0.5]]
    assert path.stat().st_size < read_model("instant").path.stat().st_size
    shipped, own = read_model("instant").network.state_dict(), blend.network.state_dict()
    assert all(torch.equal(own[name], shipped[name]) for name in own if not is_table(name))


@pytest.mark.slow
def test_all_weights_are_learned_thoroughly(desk):
    path = learn({"lr": 0.02}, thorough=True)[-1].result.save(Path("own.safetensors"))
    model = read_model(path)
    assert (model.card.kind, model.card.classes) == ("instant", ("own-painting",))
    assert len(model.card.history) == 2
    shipped = read_model("instant").network.state_dict()
    assert not torch.equal(model.network.state_dict()["to_half.conv.weight"], shipped["to_half.conv.weight"])
    assert load_blend("own.safetensors").weights.tolist() == [[1]]


@pytest.mark.slow
def test_a_training_that_was_stopped_goes_on_to_the_same_bits(desk):
    whole = learn({})[-1].result
    checkpoint = Path("own.checkpoint.safetensors")
    part = learn({}, lambda event: isinstance(event, Epoch), checkpoint=checkpoint)[-1].result
    assert (part.complete, part.best, checkpoint.exists()) == (False, 1, True)
    with pytest.raises(CheckpointError, match="content_weight was 0.6"):
        learn({"content_weight": 3}, checkpoint=checkpoint)
    events = learn({}, checkpoint=checkpoint)
    assert next(len(event.history) for event in events if isinstance(event, TrainingStarted)) == 1
    resumed = events[-1].result
    assert all(torch.equal(resumed.state[name], whole.state[name]) for name in whole.state)
    assert not checkpoint.exists()


@pytest.mark.slow
def test_python_learns_a_style_in_a_line(desk):
    shown: list[object] = []
    style = artcnn.learn_style("own painting.png", "photos", on_event=shown.append, **QUICK)
    assert style.complete
    assert any(isinstance(event, Preview) for event in shown)
    assert load_blend(str(style.save(Path("own.safetensors")))).weights.tolist() == [[1]]
    with pytest.raises(ArtcnnError, match="cancelled before the first epoch"):
        artcnn.learn_style("own painting.png", "photos", cancelled=lambda: True, **QUICK)


def test_a_network_of_styles_has_no_test(desk):
    with pytest.raises(ModelError, match="a network for instant styles, which are not tested"):
        next(evaluate_model("instant", learning_source(Path("own painting.png"))))


def test_a_painting_of_one_color_is_refused_before_photos_are_read(desk, monkeypatch):
    Image.new("RGB", (80, 60), (200, 30, 40)).save("own painting.png")
    monkeypatch.setattr("artcnn.jobs.tasks.instant.read_photos", lambda *_: pytest.fail("too late"))
    with pytest.raises(DataError, match="has only one color"):
        learn({})


@pytest.mark.slow
def test_the_command_line_learns_shows_and_refuses(desk):
    settings = [word for name, value in QUICK.items() for word in ("--set", f"{name}={value}")]
    command = ["instant", "learn", "own painting.png", "-o", "own.safetensors", "--photos"]
    done = CliRunner().invoke(app, [*command, "photos", *settings])
    assert done.exit_code == 0, done.output
    assert done.stdout.strip() == "own.safetensors"
    assert "next: artcnn instant photo.jpg --style own.safetensors" in done.stderr
    with Image.open("own-so-far.jpg") as shown:
        assert shown.height == 256
    assert Path("own-curve.png").exists()
    for name in ("own.safetensors", "own-curve.png"):
        Path(name).unlink()
    kept = CliRunner().invoke(app, [*command, "photos", *settings])
    assert (kept.exit_code, "own-so-far.jpg" in kept.stderr) == (1, True), "nor is it replaced unasked"
    few = Path("three")
    few.mkdir()
    for number in range(3):
        (few / f"{number}.png").write_bytes(Path(f"photos/{number}.png").read_bytes())
    failed = CliRunner().invoke(app, [*command, "three", "--force"])
    assert (failed.exit_code, failed.stderr.count("\n")) == (1, 1)
    assert "three: 3 photos are too few to learn on" in failed.stderr
