"""``artcnn inspect convolution`` as a person runs it."""

import csv
import json

import numpy as np
import pytest
from typer.testing import CliRunner

from artcnn.cli import app

PARTS = {"example", "picture", "matrix", "moved", "shrunken", "pooling", "shapes"}
FILES = {"sheet.png", "values.csv", "run.json"}


def rows(path):
    with path.open() as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return what the look says of a digit of the package, and the folder."""
    found = tmp_path_factory.mktemp("look") / "found"
    result = CliRunner().invoke(app, ["inspect", "convolution", "--digits", "20", "--html", "-o", str(found)])
    assert result.exit_code == 0, result.output
    return result.stdout, found


@pytest.mark.slow
def test_every_part_of_the_lecture(made):
    says, found = made
    assert {path.name for path in found.iterdir()} == PARTS | {"page.html"}
    assert all({path.name for path in (found / part).iterdir()} >= FILES for part in PARTS)
    assert says.count("sheet.png: ") == 7
    example = [row for row in rows(found / "example" / "values.csv") if row["stride"] == "1"]
    assert [float(row["sum"]) for row in example[:4]] == [3, -1, -3, -1]
    assert len(example) == 32
    whole = rows(found / "matrix" / "values.csv")[-1]
    assert (whole["layer"], whole["entries"], whole["not_zero"], whole["different"], whole["biases"]) == (
        "conv1", "13249600", "152100", "225", "25",
    )  # fmt: skip
    shapes = rows(found / "shapes" / "values.csv")
    assert [row["output"] for row in shapes] == [
        "25x26x26", "25x13x13", "50x11x11", "50x5x5", "1250", "100", "100", "10",
    ]  # fmt: skip
    assert [row["weights_of_a_filter"] for row in shapes if row["weights_of_a_filter"]] == ["9", "225"]


def test_the_sum_is_the_networks_own_number(made):
    _, found = made
    with np.load(found / "picture" / "data.npz") as data:
        patch, kernel, numbers = data["patch"], data["kernel"], data["map"]
    (row,) = rows(found / "picture" / "values.csv")
    assert (patch * kernel).sum() + float(row["bias"]) == pytest.approx(numbers.max(), abs=1e-5)
    assert float(row["value"]) == pytest.approx(numbers.max(), abs=1e-6)
    assert numbers[int(row["row"]), int(row["column"])] == numbers.max()
    assert json.loads((found / "picture" / "run.json").read_text())["unit"] == row["unit"]


def test_what_moves_along_and_how_far_a_digit_shrinks(made):
    _, found = made
    moved = rows(found / "moved" / "values.csv")
    assert len(moved) >= 3
    for row in moved:
        assert float(row["apart_conv1"]) < 1e-5
        assert (float(row["apart_pool1"]) < 1e-5) == (int(row["down"]) % 2 == 0), row
    shrunken = {(row["way"], row["pixels"]): row for row in rows(found / "shrunken" / "values.csv")}
    assert len(shrunken) == 50
    assert shrunken["coarse", "16x16"]["label"] == shrunken["coarse", "28x28"]["label"] == "3"
    assert shrunken["small", "28x28"]["keep"] == "1.0"
    assert float(shrunken["small", "7x7"]["keep"]) < 0.5 < float(shrunken["coarse", "16x16"]["keep"])
    assert shrunken["small", "8x8"]["keep"] == "", "only the sizes that are shown"


@pytest.mark.slow
def test_a_unit_of_ones_own_choice(artcnn, folder, noise):
    noise.save("digit.png")
    for number, text in enumerate(("7", "conv1:7")):
        result = artcnn("inspect", "convolution", "digit.png", "--unit", text, "--digits", "0", "-o", f"found{number}")
        assert result.exit_code == 0, result.output
        (row,) = rows(folder / f"found{number}" / "picture" / "values.csv")
        assert row["unit"] == "conv1:7"
        assert "keep" not in rows(folder / f"found{number}" / "shrunken" / "values.csv")[0]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["none.png"], "no such file"),
        (["--unit", "25"], "has no unit conv1:25, only conv1:0 to conv1:24"),
        (["--unit", "conv2:3"], "choose one unit of the first layer, such as conv1:3"),
        (["--unit", "0-3"], "choose one unit of the first layer, such as conv1:0"),
        (["none.wav", "-m", "speech-digits"], "no such file"),
        (["-m", "go-moves"], "plays Go, and 'convolution' is for pictures"),
        (["--out", "photo.png"], "already exists"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_is_one_line_and_leaves_nothing(refused, arguments, says):
    refused(says, "inspect", "convolution", *arguments)
