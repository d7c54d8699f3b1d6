"""What a picture is asked to excite: how it is written, and what it is worth."""

import re

import numpy as np
import pytest
import torch

from artcnn.engines.dream import DreamObjective
from artcnn.errors import ArtcnnError, RecipeError
from artcnn.objectives import (
    ChannelActivation,
    ChannelsActivation,
    LayerActivation,
    RankedChannels,
    channel,
    channels,
    layer,
    strongest,
    weakest,
)
from artcnn.recipes import DreamRecipe
from artcnn.settings import parse

LAYERS = {"relu2_1": 6, "conv2_1": 6}


def parsed(*layers):
    return parse(DreamRecipe, {"layers": list(layers)}, LAYERS).layers


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("relu2_1:3+0+5", ChannelsActivation),
        ("relu2_1:1+2=0.5", ChannelsActivation),
        ("relu2_1:strong4", RankedChannels),
        ("conv2_1:weak1=2", RankedChannels),
    ],
)
def test_channels_are_printed_as_they_are_written(text, kind):
    (objective,) = parsed(text)
    assert isinstance(objective, kind)
    assert str(objective) == text
    assert parsed(str(objective)) == (objective,)
    recipe = DreamRecipe(layers=(objective,))
    assert recipe.model_dump()["layers"] == (text,)
    assert DreamRecipe.model_validate(recipe.model_dump()) == recipe


def test_a_rank_may_have_a_colon_too():
    assert parsed("relu2_1:strong:4") == parsed("relu2_1:strong4")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("relu2_1:0+6", "layer 'relu2_1' has no channel 6: choose from 0 to 5"),
        ("relu2_1:2+3+2", "channel 2 of layer 'relu2_1' is named twice"),
        ("relu2_1:strong0", "'relu2_1:strong0' chooses no channel: the number is 1 or more"),
        ("relu2_1:weak7", "layer 'relu2_1' has 6 channels, not 7"),
        ("relu2_1:strong", "'relu2_1:strong' is not of the form LAYER:strongNUMBER"),
        ("relu2_1:2+", "'relu2_1:2+' is not of the form LAYER:CHANNEL+CHANNEL"),
        ("relu9_9:strong2", "unknown layer 'relu9_9'"),
        ("relu9_9:1+2", "unknown layer 'relu9_9'"),
    ],
)
def test_what_does_not_fit_is_one_clear_line(text, complaint):
    with pytest.raises(RecipeError, match=re.escape(complaint)) as caught:
        parsed(text)
    assert "\n" not in str(caught.value)


def features(seed=0):
    return torch.randn(1, 6, 5, 7, generator=torch.Generator().manual_seed(seed))


def test_all_channels_are_the_layer():
    x = features()
    whole, channels = LayerActivation(layer="relu2_1"), ChannelsActivation(layer="relu2_1", channels=tuple(range(6)))
    torch.testing.assert_close(channels.value(channels.reduce(x)), whole.value(whole.reduce(x)))


def test_some_channels_pull_as_a_whole_layer_does_and_at_nothing_else():
    objective = ChannelsActivation(layer="relu2_1", channels=(1, 4))
    x = features().requires_grad_()
    (gradient,) = torch.autograd.grad(objective.value(objective.reduce(x)), x)
    whole = LayerActivation(layer="relu2_1")
    (of_whole,) = torch.autograd.grad(whole.value(whole.reduce(x)), x)
    torch.testing.assert_close(gradient.norm(), of_whole.norm())
    assert gradient[:, [0, 2, 3, 5]].abs().max() == 0


def test_strong_and_weak_channels_are_those_at_the_ends_of_numpys_order():
    activity = features()[0, :, 0, 0].square()
    order = np.argsort(activity.numpy())
    strong = RankedChannels(layer="relu2_1", rank="strong", count=2, weight=3).select(activity)
    weak = RankedChannels(layer="relu2_1", rank="weak", count=4).select(activity)
    assert set(strong.channels) == set(order[-2:].tolist())
    assert set(weak.channels) == set(order[:4].tolist())
    assert not set(strong.channels) & set(weak.channels)
    assert (strong.layer, strong.weight) == ("relu2_1", 3)


def test_what_the_photo_does_not_excite_at_all_is_not_weak_but_silent():
    activity = torch.tensor([0.0, 3.0, 0.0, 1.0, 2.0, 0.0])
    for count, wanted in ((2, (3, 4)), (3, (1, 3, 4)), (6, (0, 1, 2, 3, 4, 5))):
        assert RankedChannels(layer="relu2_1", rank="weak", count=count).select(activity).channels == wanted


def test_objectives_add_and_multiply_to_a_recipes_layers():
    total = 0.5 * channel("conv2_1", 3) + layer("relu2_1")
    assert str(total) == "conv2_1:3=0.5,relu2_1"
    recipe = DreamRecipe(layers=total)
    assert recipe.layers == (
        ChannelActivation(layer="conv2_1", channel=3, weight=0.5),
        LayerActivation(layer="relu2_1"),
    )
    assert recipe.model_dump()["layers"] == ("conv2_1:3=0.5", "relu2_1")
    assert (
        parse(DreamRecipe, {"layers": str(total)}, LAYERS) == DreamRecipe.model_validate(recipe.model_dump()) == recipe
    )
    assert DreamRecipe(layers=layer("relu2_1") * 2).layers == (LayerActivation(layer="relu2_1", weight=2),)
    with pytest.raises(RecipeError, match="unknown layer 'relu9_1'"):
        parse(DreamRecipe, {"layers": total + layer("relu9_1")}, LAYERS)


@pytest.mark.parametrize(
    ("objective", "text"),
    [
        (layer("relu2_1"), "relu2_1"),
        (channel("conv2_1", 3), "conv2_1:3"),
        (channels("conv2_1", 3, 0), "conv2_1:3+0"),
        (strongest("relu2_1", 2), "relu2_1:strong2"),
        (weakest("relu2_1", 2), "relu2_1:weak2"),
    ],
)
def test_each_kind_of_objective_has_a_function(objective, text):
    assert str(objective) == text
    assert (objective,) == parsed(text)
    assert str(0.25 * objective) == f"{text}=0.25"


def test_sums_and_products_follow_the_rules_of_numbers():
    a, b, c = layer("relu2_1"), channel("conv2_1", 1), weakest("relu2_1", 2)
    assert 2 * (a + b) == 2 * a + 2 * b == (a + b) * 2
    assert (a + b) + c == a + (b + c)
    assert 0.5 * (4 * a) == 2 * a == a * 2
    assert list(a + 3 * b) == [a, 3 * b]
    assert a == layer("relu2_1"), "nothing is changed in place"


@pytest.mark.parametrize("factor", [0, -1, float("nan"), float("inf")])
def test_a_weight_is_above_zero(factor):
    with pytest.raises(ArtcnnError, match="has to be above 0"):
        factor * layer("relu2_1")


def test_only_numbers_and_objectives_go_together():
    for wrong in (lambda: layer("a") + 1, lambda: layer("a") * layer("b"), lambda: "2" * layer("a")):
        with pytest.raises(TypeError):
            wrong()


def test_a_sum_is_worth_the_weighted_mean_of_its_terms(tiny, photo):
    """In closed form, in the unit of the photo's root mean square."""
    recipe = DreamRecipe(backbone="tiny", layers=0.5 * channel("conv2_1", 3) + 2 * layer("relu2_1"))
    image = photo.flip(2) * 0.7
    objective = DreamObjective(photo, tiny, recipe)
    names = ["conv2_1", "relu2_1"]
    units = {name: x.square().mean().sqrt() for name, x in tiny.features(photo, names).items()}
    x = tiny.features(image, names)
    of_channel = x["conv2_1"][0, 3].mean() / 6**0.5 / units["conv2_1"]
    of_layer = x["relu2_1"].square().mean().sqrt() / units["relu2_1"]
    torch.testing.assert_close(objective(image), (0.5 * of_channel + 2 * of_layer) / 2.5)
    once = DreamObjective(
        photo, tiny, DreamRecipe(backbone="tiny", layers=channel("conv2_1", 3) + 4 * layer("relu2_1"))
    )
    torch.testing.assert_close(once(image), objective(image))
