"""The table of networks: each kind builds what its recipe names, for the input that it says."""

import pytest
import torch

from artcnn.files.model import read_model
from artcnn.files.model_registry import bundled_models
from artcnn.jobs.tasks.table import TASKS, find_task
from artcnn.nets.kinds import KINDS, build, input_shape, kind_of
from artcnn.training_recipes import GoRecipe, MnistRecipe


@pytest.mark.parametrize("kind", KINDS)
def test_a_network_takes_the_input_of_its_kind(kind):
    recipe = KINDS[kind].recipe()
    assert kind_of(recipe) is KINDS[kind]
    classes = 362 if kind == "go" else 5
    shape = (3, 32, 32) if kind == "instant" else input_shape(recipe)  # that one takes any size
    inputs = torch.ones(2, *shape)
    styles = (torch.eye(2, classes),) if kind == "instant" else ()
    outputs = build(recipe, classes).eval()(inputs, *styles)
    shapes = {"features": (2, 96, 55, 55), "instant": inputs.shape}
    assert outputs.shape == shapes.get(kind, (2, classes))


def test_every_kind_with_classes_is_a_task():
    assert set(TASKS) == set(KINDS) - {"features"}
    for kind in TASKS:
        assert find_task(kind).describe(KINDS[kind].recipe())


@pytest.mark.parametrize("name", bundled_models())
def test_the_networks_that_ship_have_their_kind_and_its_recipe(name):
    card = read_model(name).card
    assert isinstance(card.train_recipe(), KINDS[card.kind].recipe)
    if card.kind in TASKS:
        wrong = GoRecipe if card.kind != "go" else MnistRecipe
        with pytest.raises(TypeError, match="is no"):
            card.recipe_as(wrong)
