"""What a picture is asked to excite: how it is written, and what it is worth."""

import re

import numpy as np
import pytest
import torch

from artcnn.errors import RecipeError
from artcnn.objectives import ChannelsActivation, LayerActivation, RankedChannels
from artcnn.recipes import DreamRecipe, parse

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
    excitement = features()[0, :, 0, 0].square()
    order = np.argsort(excitement.numpy())
    strong = RankedChannels(layer="relu2_1", rank="strong", count=2, weight=3).chosen(excitement)
    weak = RankedChannels(layer="relu2_1", rank="weak", count=4).chosen(excitement)
    assert set(strong.channels) == set(order[-2:].tolist())
    assert set(weak.channels) == set(order[:4].tolist())
    assert not set(strong.channels) & set(weak.channels)
    assert (strong.layer, strong.weight) == ("relu2_1", 3)


def test_what_the_photo_does_not_excite_at_all_is_not_weak_but_silent():
    excitement = torch.tensor([0.0, 3.0, 0.0, 1.0, 2.0, 0.0])
    for count, channels in ((2, (3, 4)), (3, (1, 3, 4)), (6, (0, 1, 2, 3, 4, 5))):
        assert RankedChannels(layer="relu2_1", rank="weak", count=count).chosen(excitement).channels == channels
