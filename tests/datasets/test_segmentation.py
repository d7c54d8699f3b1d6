"""Digits found on made photos of paper, and ruled lines told from strokes."""

import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from artcnn.datasets.handwriting import find_digit
from artcnn.datasets.ruled_lines import ruled_lines
from artcnn.files.model import read_model

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
from paper_kinds import photo


@pytest.fixture(scope="module")
def network():
    return read_model("mnist-lecture", "mnist").network


def gray(kind: str, number: int) -> tuple[torch.Tensor, str]:
    """Return a made photo in gray, and what is written on it."""
    made = photo(kind, number)
    return torch.from_numpy(np.array(made.image.convert("L"))).float().div(255)[None, None], made.truth


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind",
    ["wooden table", "dark lines", "red margin", "squares, small digit", "tilted", "blackboard", "spiral", "dots"],
)
def test_a_digit_is_found(network, kind):
    picture, truth = gray(kind, 1)
    found = find_digit(picture)
    assert found.doubt is None
    with torch.no_grad():
        labels = network(torch.cat([found.digit, found.again])).argmax(1)
    assert labels.tolist() == [int(truth)] * (1 + len(found.again))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "says"),
    [("empty page", "nothing written"), ("two digits", "more than one"), ("printed text", "other writing")],
)
def test_what_is_no_single_digit_is_doubted(kind, says):
    assert says in find_digit(gray(kind, 2)[0]).doubt


def test_a_digit_that_reaches_the_rim_is_doubted():
    picture = torch.ones(1, 1, 120, 100)
    picture[..., 40:, 46:54] = 0
    assert "cut off" in find_digit(picture).doubt


def test_only_the_line_is_erased_where_a_stroke_crosses_it():
    ink = np.zeros((200, 300), dtype=np.float32)
    ink[100:102] = 0.5
    ink[40:160, 140:152] = 0.6
    erased = ruled_lines(ink, ink > 0.2)
    expected = np.zeros_like(erased)
    expected[100:102] = True
    expected[:, 140:152] = False
    assert (erased == expected).all()


def test_a_short_straight_stroke_is_no_ruled_line():
    ink = np.zeros((200, 300), dtype=np.float32)
    ink[100:103, 90:190] = 0.6
    assert not ruled_lines(ink, ink > 0.2).any()
