"""Tests of what a report looks at."""

import re
from collections import OrderedDict

import pytest
import torch
from torch import nn

from artcnn.datasets.mnist import load_mnist
from artcnn.inspection import plans as planning
from artcnn.inspection.caricature import find_caricature
from artcnn.inspection.feature_inversion import find_inverse
from artcnn.inspection.grid import find_grid
from artcnn.inspection.maximize import find_maximum
from artcnn.inspection.methods import SECTIONS
from artcnn.inspection.models import open_model
from artcnn.inspection.plans import plan_report
from artcnn.inspection.subject import Subject
from artcnn.nets.mnist import build
from artcnn.reports.html_report import Page, render
from artcnn.reports.i18n import load_catalog
from artcnn.reports.messages import Message, message
from artcnn.visualizers.network import open_sequential


def test_the_words_of_a_report_stand_in_the_order_of_the_methods():
    assert [*load_catalog("en").looks] == [*SECTIONS]


@pytest.mark.slow
def test_units_are_those_that_answer_most_to_the_picture():
    network, image = open_model("mnist-lecture"), load_mnist("test").batch(torch.tensor([1290]))[0]
    with torch.no_grad():
        maximum = network.run(image, ["conv2"])["conv2"][0].amax((1, 2))
    strongest = maximum.argsort(descending=True)[:8].tolist()
    plans = [
        plan for plan in plan_report(Subject(network, "mnist-lecture", image, "three")) if plan.layers == ("conv2",)
    ]
    taken = {plan.section: plan.find for plan in plans}
    assert taken["patches"].args[2] == strongest
    assert taken["maximize-conv"].args[1].names == [f"conv2:{unit}" for unit in strongest]
    rows = {tile.unit for tile in taken["filters"]().tiles}
    assert rows == {f"conv2:{unit}" for unit in strongest}


@pytest.mark.slow
def test_a_network_without_convolutions(monkeypatch):
    torch.manual_seed(0)
    network = open_sequential("dense", build("dense").eval(), (1, 28, 28), tuple("0123456789"))
    monkeypatch.setattr(planning, "find_maximum", lambda *given, **more: find_maximum(*given, **more | {"steps": 2}))
    picture = load_mnist("test").batch(torch.tensor([1290]))[0]
    every = list(plan_report(Subject(network, "dense", picture, "a digit")))
    missing = [plan.section for plan in every if isinstance(plan.find, Message)]
    assert {"convolution", "activations"} <= set(missing)
    found = {
        plan.section: plan.find() for plan in every if not isinstance(plan.find, Message) and plan.section != "invert"
    }
    assert {"saliency", "check"} <= found.keys()
    assert "gradcam" not in {row["method"] for row in found["saliency"].rows}


@pytest.mark.slow
def test_a_network_that_names_a_thousand_things(monkeypatch):
    torch.manual_seed(0)
    network = nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(3, 6, 5),
            relu1=nn.ReLU(),
            pool1=nn.MaxPool2d(2, 2),
            conv2=nn.Conv2d(6, 8, 3),
            relu2=nn.ReLU(),
            flatten=nn.Flatten(),
            logits=nn.Linear(8 * 20 * 20, 1000),
        )
    )
    classes = tuple(f"thing {number}" for number in range(1000))
    opened = open_sequential("things", network, (3, 48, 48), classes)
    monkeypatch.setattr(planning, "open_model", lambda model, side: opened)
    monkeypatch.setattr(planning, "find_maximum", lambda *given, **more: find_maximum(*given, **more | {"steps": 2}))
    monkeypatch.setattr(planning, "find_inverse", lambda *given, **more: find_inverse(*given[:3], 2, **more))
    monkeypatch.setattr(planning, "find_caricature", lambda *given: find_caricature(*given, steps=2))
    monkeypatch.setattr(planning, "find_grid", lambda *given: find_grid(*given, steps=2))
    picture = torch.rand(1, 3, 48, 48)
    every = list(plan_report(Subject(opened, "things", picture, "noise.png")))
    missing = [plan.section for plan in every if isinstance(plan.find, Message)]
    assert missing == ["maximize-fc"]
    found = [plan.find() for plan in every if plan.section != "patches" and not isinstance(plan.find, Message)]
    for lang in ("en", "zh"):
        page = render(
            Page(message("What {network} has learned", network="things"), found, {}, "things"), load_catalog(lang)
        )
        assert len(set(re.findall(r"thing \d+", page))) < 40, "never the whole list"
