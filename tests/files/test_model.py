"""Model files, whole and hostile."""

import json
import struct
from pathlib import Path

import pytest
import torch
from safetensors.torch import save, save_file

from artcnn.errors import ArtcnnError, ModelError
from artcnn.files.checkpoint import read_checkpoint, write_checkpoint
from artcnn.files.model import ModelCard, read_model, read_tensors, write_model
from artcnn.files.model_registry import bundled_models
from artcnn.nets.mnist import build
from artcnn.training_recipes import MnistRecipe


def card(**changes) -> ModelCard:
    plain = {
        "version": "0",
        "kind": "mnist",
        "recipe": MnistRecipe().model_dump(),
        "classes": tuple("0123456789"),
        "data": "mnist-train",
        "data_sha256": "0" * 64,
    }
    return ModelCard(**(plain | changes))


@pytest.fixture
def state():
    return build("lecture").state_dict()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.safetensors"


def test_a_model_comes_back_as_it_was(path, state):
    write_model(path, state, card())
    model = read_model(path)
    assert not model.network.training
    assert model.card == card()
    for name, tensor in model.network.state_dict().items():
        assert torch.equal(tensor, state[name])


def test_the_same_model_gives_the_same_bytes(path, state):
    write_model(path, state, card())
    first = path.read_bytes()
    write_model(path, state, card())
    assert path.read_bytes() == first


def test_a_network_by_its_name():
    assert set(bundled_models()) == {"alexnet11", "mnist-lecture", "mnist-best", "speech-digits", "go-moves", "instant"}
    for name in ("lecture", "best"):
        assert read_model(f"mnist-{name}", "mnist").card.recipe["arch"] == name
    assert read_model("speech-digits", "speech").card.classes == (*"0123456789", "(other)")
    with pytest.raises(ModelError, match="is a network for speech, and this takes one for digits"):
        read_model("speech-digits", "mnist")
    with pytest.raises(ModelError, match="did you mean 'mnist-lecture'"):
        read_model("mnist-lectur")


def with_header(header: bytes, body: bytes = b"") -> bytes:
    return struct.pack("<Q", len(header)) + header + body


def with_card(state: dict, text: str | None) -> bytes:
    return save(dict(state), None if text is None else {"artcnn": text})


def changed(state: dict, name: str, tensor: torch.Tensor | None) -> bytes:
    others = {key: value for key, value in state.items() if key != name}
    return with_card(others if tensor is None else others | {name: tensor}, card().model_dump_json())


def altered(**changes) -> str:
    return json.dumps(json.loads(card().model_dump_json()) | changes)


HOSTILE = {
    "empty": (lambda s: b"", "is not a model file"),
    "text": (lambda s: b"not a model at all, but long enough to have a header", "is not a model file"),
    "a pickle": (lambda s: b"\x80\x04cos\nsystem\n(S'touch pwned'\ntR.", "is not a model file"),
    "a header longer than the file": (lambda s: struct.pack("<Q", 1 << 62) + b"{}", "is not a model file"),
    "a header that is no JSON": (lambda s: with_header(b"{" * 2000), "is not a model file"),
    "offsets beyond the file": (
        lambda s: with_header(json.dumps({"w": {"dtype": "F32", "shape": [9], "data_offsets": [0, 36]}}).encode()),
        "is not a model file",
    ),
    "cut short": (lambda s: with_card(s, card().model_dump_json())[:-100], "is not a model file"),
    "no card": (lambda s: with_card(s, None), "was not made by artcnn"),
    "a card that is no JSON": (lambda s: with_card(s, "{"), "card of this model file is damaged"),
    "a card with too much": (lambda s: with_card(s, altered(run="rm")), "card of this model file is damaged"),
    "a card with escapes": (lambda s: with_card(s, altered(data="\x1b[2J")), "card of this model file is damaged"),
    "a recipe with a wrong value": (
        lambda s: with_card(s, altered(recipe={"arch": "../../etc"})),
        "card of this model file is damaged",
    ),
    "a history of text": (lambda s: with_card(s, altered(history=[{"index": "x"}])), "card of this model file"),
    "a history with a gap": (lambda s: with_card(s, altered(history=[{"index": 1}])), "card of this model file"),
    "a metric that is no number": (lambda s: with_card(s, altered(metrics={"a": "NaN"})), "card of this model file"),
    "another architecture": (
        lambda s: with_card(s, altered(recipe={"arch": "best"})),
        "does not fit the network that its card names",
    ),
    "no classes": (lambda s: with_card(s, altered(classes=[])), "card of this model file is damaged"),
    "features with classes": (
        lambda s: with_card(s, altered(kind="features", recipe={})),
        "card of this model file is damaged",
    ),
    "other classes": (lambda s: with_card(s, altered(classes=["a", "b"])), "does not fit the network"),
    "a tensor missing": (lambda s: changed(s, "conv1.bias", None), "'conv1.bias' is not as it should be"),
    "a tensor of another shape": (lambda s: changed(s, "conv1.bias", torch.zeros(24)), "'conv1.bias'"),
    "a tensor of another type": (lambda s: changed(s, "conv1.bias", torch.zeros(25).double()), "'conv1.bias'"),
    "a tensor too many": (lambda s: changed(s, "extra", torch.zeros(1)), "it has 'extra', too"),
    "weights that are no numbers": (
        lambda s: changed(s, "conv1.bias", torch.full((25,), torch.nan)),
        "some of its weights are not numbers",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused(path, state, name):
    make, says = HOSTILE[name]
    path.write_bytes(make(state))
    with pytest.raises(ModelError, match=says) as caught:
        read_model(path)
    assert "\n" not in str(caught.value)
    assert "\x1b" not in str(caught.value)


def test_a_checkpoint_is_no_model(path, state):
    write_model(path, {f"network.{name}": tensor for name, tensor in state.items()}, card())
    with pytest.raises(ModelError, match="does not fit"):
        read_model(path)
    assert len(read_tensors(path)[1]) == len(state)


def test_a_model_of_someone_else_is_refused(path):
    save_file({"features.0.weight": torch.zeros(3)}, path)
    with pytest.raises(ModelError, match="was not made by artcnn"):
        read_model(path)


def test_nothing_is_half_written(path, state, monkeypatch):
    write_model(path, state, card())
    before = path.read_bytes()

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(ArtcnnError, match="no space left"):
        write_model(path, build("dense").state_dict(), card())
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_model_of_0_1_whose_kind_had_another_name_is_still_read(path, state):
    text = card().model_dump_json().replace('"kind":"mnist"', '"kind":"digits"')
    assert '"digits"' in text
    path.write_bytes(with_card(state, text))
    assert read_model(path, "mnist").card == card()


@pytest.mark.parametrize("kind", ["model", "checkpoint"])
def test_what_was_read_no_longer_needs_the_file(path, state, kind):
    """Windows replaces no file that is mapped into memory."""
    if kind == "model":
        write_model(path, state, card())
        _, found = read_tensors(path)
    else:
        write_checkpoint(path, state, "a run")
        found = read_checkpoint(path, "a run")
    with path.open("r+b") as file:
        file.write(bytes(path.stat().st_size))
    assert found.keys() == state.keys()
    assert all(torch.equal(found[name], state[name]) for name in state)
