"""Tests of the table of methods."""

from dataclasses import FrozenInstanceError, fields
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from artcnn.cli.inspect import app
from artcnn.errors import ArtcnnError
from artcnn.inspection.answer_methods import Check, Occlusion, Saliency
from artcnn.inspection.input_methods import Caricature, Grid
from artcnn.inspection.layer_methods import Filters
from artcnn.inspection.maximize_method import Maximize
from artcnn.inspection.method import Option
from artcnn.inspection.methods import METHODS, SECTIONS
from artcnn.inspection.outline import read_outline

DIGIT = Path(__file__).parents[2] / "samples" / "digit.png"


def test_each_method_is_a_command_with_its_help_and_options():
    commands = {command.name: command.callback for command in app.registered_commands}
    assert list(commands) == [*METHODS, "report"]
    for name, method in METHODS.items():
        assert commands[name].__doc__.split("\n")[0] == method.__doc__.split("\n")[0]
        hints = get_type_hints(method, include_extras=True)
        for field in fields(method):
            option = get_args(hints[field.name])[1]
            assert isinstance(option, Option)
            assert option.help.endswith((".", "]."))


def test_no_section_belongs_to_two_methods():
    assert len(set(SECTIONS)) == len(SECTIONS)
    assert all(method.sections for method in METHODS.values())


def test_a_method_stays_as_it_is():
    with pytest.raises(FrozenInstanceError):
        Saliency().method = "gradient"


@pytest.mark.parametrize(
    ("method", "image", "says"),
    [
        (Saliency(method="gradcm"), DIGIT, "gradcm: did you mean 'gradcam'"),
        (Saliency(target="eleven"), DIGIT, "no class 'eleven'"),
        (Saliency(method="rise,lrp"), DIGIT, "invalid --method lrp: choose from backward"),
        (Saliency(layer="conv3"), DIGIT, "no layer 'conv3'"),
        (Check(method="lrp"), DIGIT, "invalid --method lrp"),
        (Maximize("conv", "conv2:3+conv2:99"), None, "no unit conv2:99"),
        (Maximize("conv", "conv2:3+conv2:4=much"), None, "write a sum as conv2:7+conv2:9"),
        (Maximize("class", "3+eleven"), None, "no class 'eleven'"),
        (Maximize("class", "3+8", diversity=3), None, "a sum has one picture"),
        (Caricature(["conv1", "conv3"]), DIGIT, "no layer 'conv3'"),
        (Grid("conv3"), DIGIT, "no layer 'conv3'"),
        (Saliency(), Path("word.wav"), "word.wav is a recording, and mnist-lecture takes a picture"),
        (Occlusion(window=28), DIGIT, "choose a smaller one"),
        (Occlusion(fill="1.5"), DIGIT, "a level from 0"),
        (Filters("conv1:25"), None, "no unit conv1:25"),
        (Maximize("conv2:3"), None, "did you mean 'maximize conv conv2:3'"),
        (Maximize("class"), None, "which?"),
    ],
)
def test_a_mistake_is_found_before_the_network_is_opened(method, image, says, monkeypatch):
    monkeypatch.setattr("artcnn.inspection.models.open_model", None)
    with pytest.raises(ArtcnnError) as raised:
        method.check(read_outline("mnist-lecture"), image)
    assert says in str(raised.value)
