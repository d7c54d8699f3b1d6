import tomllib

import pytest
import tomli_w
import torch
from hypothesis import given
from hypothesis import strategies as st

from artcnn.backbones.layers import layer_channels
from artcnn.errors import RecipeError
from artcnn.objectives import ChannelActivation, LayerActivation, WeightedLayer
from artcnn.recipes import DreamRecipe, FilmRecipe, StyleRecipe
from artcnn.settings import parse

VGG16 = layer_channels("vgg16")

weights = st.floats(min_value=0, exclude_min=True, allow_infinity=False, allow_nan=False)
layers = st.sampled_from(list(VGG16))
objectives = st.one_of(
    st.builds(LayerActivation, layer=layers, weight=weights),
    layers.flatmap(
        lambda n: st.builds(ChannelActivation, layer=st.just(n), channel=st.integers(0, VGG16[n] - 1), weight=weights)
    ),
)
dreams = st.builds(
    DreamRecipe,
    layers=st.lists(objectives, min_size=1, max_size=4).map(tuple),
    octave_scale=st.floats(1, 4, exclude_min=True),
    step_size=st.floats(0, 1, exclude_min=True),
    seed=st.integers(0, 2**63 - 1),
)


@pytest.mark.slow
@given(dreams)
def test_a_recipe_goes_to_toml_and_back_exactly(recipe):
    text = tomli_w.dumps(recipe.model_dump())
    assert parse(DreamRecipe, tomllib.loads(text), VGG16) == recipe


@given(objectives)
def test_an_objective_prints_as_it_is_written(objective):
    kind = type(objective)
    assert kind.model_validate(str(objective)) == objective
    assert hash(kind.model_validate(str(objective))) == hash(objective)


def test_spellings():
    assert str(LayerActivation.model_validate("relu4_3")) == "relu4_3"
    assert str(ChannelActivation.model_validate(" conv5_3:200=0.50 ")) == "conv5_3:200=0.5"
    assert str(WeightedLayer.model_validate("relu1_1=256")) == "relu1_1=256"
    assert parse(DreamRecipe, {"layers": "relu2_1, conv5_3:7=2"}).layers == (
        LayerActivation(layer="relu2_1"),
        ChannelActivation(layer="conv5_3", channel=7, weight=2),
    )


def worth(objective, features):
    return objective.value(objective.reduce(features))


def test_values_of_objectives_in_closed_form():
    x = torch.tensor([[[[3.0, 4.0]], [[-2.0, 6.0]]]])
    assert worth(LayerActivation(layer="a"), x).item() == pytest.approx((65 / 4) ** 0.5)
    assert worth(ChannelActivation(layer="a", channel=1), x).item() == pytest.approx(2 / 2**0.5)


def test_a_channel_and_a_layer_of_the_same_weight_pull_alike():
    x = torch.randn(1, 16, 9, 7, generator=torch.Generator().manual_seed(0), requires_grad=True)
    lengths = []
    for objective in (LayerActivation(layer="a"), ChannelActivation(layer="a", channel=3)):
        (gradient,) = torch.autograd.grad(worth(objective, x), x)
        lengths.append(gradient.norm().item())
    assert lengths[0] == pytest.approx(lengths[1], rel=1e-4)


def test_the_root_mean_square_has_a_gradient_at_zero():
    x = torch.zeros(1, 3, 2, 2, requires_grad=True)
    worth(LayerActivation(layer="a"), x).backward()
    assert x.grad.isfinite().all()


def test_all_mistakes_at_once_with_the_nearest_name():
    wrong = {"layers": ["relu4_33", "conv5_3:512"], "steps": 0, "octavs": 3, "palette": "x", "pooling": "mean"}
    with pytest.raises(RecipeError) as raised:
        parse(DreamRecipe, wrong, VGG16)
    assert sorted(str(raised.value).splitlines()) == [
        "layers: layer 'conv5_3' has no channel 512: choose from 0 to 511",
        "layers: unknown layer 'relu4_33': did you mean 'relu4_3'?",
        "palette: should be a valid number, unable to parse string as a number, not 'x'",
        "pooling: should be 'max' or 'average', not 'mean'",
        "steps: should be greater than or equal to 1, not 0",
        "unknown setting 'octavs': did you mean 'octaves'?",
    ]


def test_recipes_are_frozen_and_every_setting_is_explained():
    with pytest.raises(ValueError, match="frozen"):
        DreamRecipe().size = 3
    for model in (DreamRecipe, StyleRecipe):
        assert all(field.description for field in model.model_fields.values())


def test_a_film_that_ends_before_it_begins_is_an_error():
    assert parse(FilmRecipe, {"start": 3, "end": 4.5}).end == 4.5
    with pytest.raises(RecipeError, match=r"the film would end, at 4\.5 s, before it begins, at 5 s"):
        parse(FilmRecipe, {"start": 5, "end": 4.5})
