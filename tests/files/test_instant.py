"""Instant styles in files: the network that ships, styles of one's own, blends, and what does not go together."""

import json
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file, save

from artcnn.errors import ArtcnnError, ModelError, RecipeError
from artcnn.files.instant import load_blend
from artcnn.files.int8 import from_int8, to_int8
from artcnn.files.model import read_model, write_model
from artcnn.files.painting import describe_painting
from artcnn.files.style import StyleCard, read_style, shared_sha256, style_of, write_style
from artcnn.files.style_names import locate_styles, read_card, shipped_styles
from artcnn.image import resize
from artcnn.nets.instant import InstantNetwork, is_table


def style_card(network: Path, **changes) -> StyleCard:
    card = read_model(network).card
    plain = {
        "version": "0",
        "shared_sha256": shared_sha256(read_model(network).network.state_dict()),
        "painting": card.paintings[0],
        "recipe": card.recipe,
        "data": "photos",
        "data_sha256": "0" * 64,
    }
    return StyleCard(**(plain | changes))


@pytest.fixture
def own(tiny_styles, tmp_path) -> Path:
    """Return the file of a style that is the second of the network, times two."""
    tables = {name: 2 * table for name, table in style_of(read_model(tiny_styles).network.state_dict(), 1).items()}
    return write_style(tmp_path / "own.safetensors", tables, style_card(tiny_styles))


def test_the_weights_of_a_file_are_those_of_its_network(tiny_styles):
    state = load_file(tiny_styles)
    assert {tensor.dtype for tensor in state.values()} == {torch.float16, torch.int8}
    model = read_model("instant", "instant")
    assert isinstance(model.network, InstantNetwork)
    assert model.card.classes == ("wave", "cafe", "night-cafe")
    for name, weights in model.network.state_dict().items():
        scale = state[f"{name}_scale"].float() if weights.ndim == 4 else 1
        assert torch.equal(weights, state[name].float() * scale)


@given(magnitude=st.floats(-2, 2), seed=st.integers(0, 99))
def test_filters_in_8_bits_are_near_and_stay_the_same(magnitude, seed):
    filters = torch.randn(5, 3, 4, 4, generator=torch.Generator().manual_seed(seed)) * 10**magnitude
    filters[2] = 0
    read = from_int8(to_int8({"weight": filters}))["weight"]
    largest = filters.abs().amax((1, 2, 3), keepdim=True)
    assert ((read - filters).abs() <= largest * 0.51 / 127 + 1e-7).all()
    assert torch.equal(from_int8(to_int8({"weight": read}))["weight"], read)


def test_a_blend_has_the_rows_of_its_styles(tiny_styles, own):
    state, made = read_model(tiny_styles).network.state_dict(), load_blend(f"night-cafe=3,{own}=1")
    torch.testing.assert_close(made.weights, torch.tensor([[0.75, 0.25]]))
    tables = made.network.state_dict()["narrow.norm.scales"]
    expected = torch.stack([state["narrow.norm.scales"][2], 2 * state["narrow.norm.scales"][1]])
    assert torch.equal(tables, expected)
    assert not made.network.training


def test_a_blend_paints_as_the_whole_network_does(tiny_styles):
    image = torch.rand(1, 3, 32, 40, generator=torch.Generator().manual_seed(0))
    blend = load_blend("cafe=0.25,wave=0.75")
    with torch.no_grad():
        whole = read_model(tiny_styles).network(image, torch.tensor([[0.75, 0.25, 0.0]]))
        torch.testing.assert_close(blend.network(image, blend.weights), whole)


def test_a_whole_network_of_one_style_is_a_style(tiny_styles, tmp_path):
    card, state = read_model(tiny_styles).card, read_model(tiny_styles).network.state_dict()
    alone = to_int8(state | style_of(state, 2))
    one = card.model_copy(update={"classes": ("mine",), "paintings": card.paintings[2:]})
    path = write_model(tmp_path / "mine.safetensors", alone, one)
    assert load_blend(str(path)).paintings == card.paintings[2:]
    # It has the same shared weights, so it can be blended with the others.
    assert load_blend(f"{path}=1,wave=1").network.styles == 2


def test_what_ships_is_listed_without_reading_the_weights(tiny_styles):
    assert list(shipped_styles()) == ["wave", "cafe", "night-cafe"]
    assert shipped_styles()["wave"]["title"] == "A wave"
    assert read_card(tiny_styles)["kind"] == "instant"


def test_each_style_has_its_file(tiny_styles, own):
    assert locate_styles(f"wave=1,{own}=2") == {"wave": tiny_styles, str(own): own}


def refused(blend: str, error: type[ArtcnnError] = ModelError) -> str:
    with pytest.raises(error) as caught:
        load_blend(blend)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_an_unknown_style_is_one_line_with_the_nearest_name(tiny_styles, own, tmp_path, monkeypatch):
    assert refused("wvae", RecipeError) == "there is no style 'wvae': did you mean 'wave'?"
    assert refused("xyz", RecipeError) == "there is no style 'xyz': choose from wave, cafe, night-cafe"
    monkeypatch.chdir(tmp_path)
    assert refused("own", RecipeError) == "there is no style 'own': did you mean 'own.safetensors'?"
    assert refused("gone.safetensors") == "no such file: gone.safetensors"


def test_files_of_another_kind_are_one_line(tiny_styles, own, tmp_path):
    from artcnn.nets.mnist import build
    from tests.files.test_model import card

    path = write_model(tmp_path / "digits.safetensors", build("lecture").state_dict(), card())
    assert refused(str(path)) == f"{path} is a network for digits, and this takes one for instant styles"
    with pytest.raises(ModelError, match=r"is a style, not a whole network: artcnn instant --style takes it"):
        read_model(own)
    copy = tmp_path / "three.safetensors"
    copy.write_bytes(tiny_styles.read_bytes())
    assert refused(str(copy)) == f"{copy} is a network of 3 styles, and a style is a network of one"
    (tmp_path / "text.safetensors").write_text("not a model at all")
    assert "is not a model file" in refused(str(tmp_path / "text.safetensors"))


def test_styles_of_different_networks_are_not_blended(tiny_styles, own, tmp_path):
    tables = read_style(own).tables
    other = write_style(tmp_path / "b.safetensors", tables, style_card(tiny_styles, shared_sha256="1" * 64))
    assert refused(f"wave,{other}") == f"{other} was learned for another version of the network: learn it again"
    card, state = read_model(tiny_styles).card, read_model(tiny_styles).network.state_dict()
    changed = to_int8({name: (x[:1] if is_table(name) else x + 1) for name, x in state.items()})
    one = card.model_copy(update={"classes": ("mine",), "paintings": card.paintings[:1]})
    whole = write_model(tmp_path / "whole.safetensors", changed, one)
    assert refused(f"wave,{whole}") == f"wave and {whole} are of different networks: blend styles of one network"


@pytest.mark.parametrize(
    "change",
    [
        lambda state: state | {"narrow.conv.weight_scale": torch.ones(3, 1, 1, 1).half()},
        lambda state: {name: x for name, x in state.items() if name != "narrow.conv.weight_scale"},
        lambda state: state | {"more_scale": torch.ones(1)},
        lambda state: state | {"narrow.conv.weight": state["narrow.conv.weight"].int()[:, :1].clone()},
    ],
    ids=["scales of another number", "no scales", "scales of nothing", "filters of another shape"],
)
def test_filters_that_do_not_fit_are_refused(tiny_styles, tmp_path, change):
    path = as_file(tmp_path / "bad.safetensors", change(load_file(tiny_styles)), json.dumps(read_card(tiny_styles)))
    with pytest.raises(ModelError, match="does not fit the network"):
        read_model(path)


def as_file(path: Path, tables: dict, text: str) -> Path:
    path.write_bytes(save(tables, {"artcnn": text}))
    return path


HOSTILE = {
    "a table missing": (lambda t, c: (dict(list(t.items())[1:]), c), "does not fit the network"),
    "a table of another width": (lambda t, c: (t | {"narrow.norm.scales": torch.ones(1, 3)}, c), "does not fit"),
    "a table of two styles": (lambda t, c: (t | {"narrow.norm.scales": torch.ones(2, 4)}, c), "is no style"),
    "a table too many": (lambda t, c: (t | {"more.scales": torch.ones(1, 3)}, c), "does not fit the network"),
    "shared weights": (lambda t, c: (t | {"narrow.conv.weight": torch.ones(1, 3)}, c), "is no style"),
    "integers": (lambda t, c: (t | {"narrow.norm.scales": torch.ones(1, 4).int()}, c), "is no style"),
    "numbers that are none": (
        lambda t, c: (t | {"narrow.norm.scales": torch.full((1, 4), torch.inf)}, c),
        "some of its weights are not numbers",
    ),
    "a title with escapes": (
        lambda t, c: (t, c | {"painting": c["painting"] | {"title": "\x1b[2J"}}),
        "card of this style file is damaged",
    ),
    "a thumbnail cut short": (
        lambda t, c: (t, c | {"painting": c["painting"] | {"thumbnail": "00"}}),
        "card of this style file is damaged",
    ),
    "a card with too much": (lambda t, c: (t, c | {"run": "rm"}), "card of this style file is damaged"),
    "a recipe that is none": (lambda t, c: (t, c | {"recipe": {"widths": 3}}), "card of this style file is damaged"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_style_is_refused(tiny_styles, own, tmp_path, name):
    change, says = HOSTILE[name]
    tables, card = change(load_file(own), read_card(own))
    line = refused(str(as_file(tmp_path / "bad.safetensors", tables, json.dumps(card))))
    assert says in line
    assert "\x1b" not in line


@pytest.mark.parametrize(
    "changes",
    [
        {"classes": ["a", "a", "b"]},
        {"classes": ["a,b", "c", "d"]},
        {"paintings": []},
        {"recipe": {"widths": [4, 6, 10**9]}},
    ],
)
def test_a_hostile_network_is_refused(tiny_styles, tmp_path, changes):
    card = read_card(tiny_styles) | changes
    with pytest.raises(ModelError, match="card of this model file is damaged"):
        read_model(as_file(tmp_path / "bad.safetensors", load_file(tiny_styles), json.dumps(card)))


def test_a_painting_is_recognized_in_another_file(photo, painting):
    known = describe_painting(painting, "0" * 64, "A painting", artist="Somebody")
    assert known.is_of(painting)
    assert known.is_of(resize(painting, (26, 20)))
    assert known.is_of((painting * 1.03).clamp(0, 1))
    assert not known.is_of(photo)
    assert not known.is_of(painting[:, :, :30])
    assert not known.is_of(1 - painting)
    assert not known.is_of(painting.flip(3))


def test_a_thumbnail_has_the_mean_colors_of_its_parts():
    picture = torch.zeros(1, 3, 16, 24)
    picture[:, 0, :2, :3] = 1.0
    picture[:, 1, -2:, -3:] = 0.5
    thumbnail = bytes.fromhex(describe_painting(picture, "0" * 64, "x").thumbnail)
    assert thumbnail[:4] == bytes([255, 0, 0, 0])
    assert thumbnail[-3:] == bytes([0, 128, 0])
