"""``artcnn inspect`` on photos, with a classifier that has a thousand answers."""

import csv
import json
import re

import numpy as np
import pytest
from PIL import Image

from artcnn.datasets.mnist import load_mnist

LITE0 = "-m", "efficientnet-lite0"


@pytest.fixture
def coffee(samples):
    return samples / "coffee.png"


@pytest.fixture
def digit(folder):
    Image.fromarray(255 - load_mnist("test").inputs[0, 0].numpy()).resize((140, 140)).save("digit.png")
    return "digit.png"


def looked(folder):
    with np.load(folder / "data.npz") as data, (folder / "values.csv").open() as file:
        return json.loads((folder / "run.json").read_text()), dict(data), list(csv.DictReader(file))


@pytest.mark.slow
def test_it_sees_an_espresso_and_says_why(artcnn, folder, coffee):
    made = artcnn("inspect", "saliency", coffee, *LITE0, "--method", "gradcam", "-o", "found")
    assert made.exit_code == 0, made.output
    assert made.stdout.startswith("espresso, p = 0.9")
    run, data, _ = looked(folder / "found")
    assert (run["model"], run["class"]) == ("efficientnet-lite0", "espresso")
    assert data["image"].shape == (1, 3, 224, 224)
    assert data["saliency"].shape == (7, 7)
    assert data["saliency"].argmax() // 7 < 4  # the cup is above the middle


@pytest.mark.slow
def test_where_the_cup_is_hidden_it_is_less_sure(artcnn, folder, coffee):
    made = artcnn("inspect", "occlusion", coffee, *LITE0, "--window", 112, "--stride", 112, "-o", "found")
    assert made.exit_code == 0, made.output
    run, data, rows = looked(folder / "found")
    assert run["fill"] == "blur"
    assert data["occlusion"].shape == (2, 2, 1000)
    np.testing.assert_allclose(data["occlusion"].sum(2), 1, atol=1e-4)
    assert len(rows) == 4
    assert min(float(row["probability"]) for row in rows) < run["probability"]


@pytest.mark.slow
def test_a_class_by_its_name_or_its_number(artcnn, folder, coffee):
    for name, answer in (("Espresso", "espresso"), ("504", "coffee mug"), ("cardigan", "cardigan")):
        out = f"found-{answer}"
        made = artcnn("inspect", "saliency", coffee, *LITE0, "--method", "gradient", "--class", name, "-o", out)
        assert made.exit_code == 0, made.output
        assert looked(folder / out)[0]["class"] == answer


@pytest.mark.slow
def test_what_a_class_wants_to_see_in_three_ways(artcnn, folder):
    made = artcnn("inspect", "maximize", "class", "espresso", *LITE0, "--steps", 12, "-o", "found")
    assert made.exit_code == 0, made.output
    _, data, rows = looked(folder / "found")
    assert [row["way"] for row in rows] == ["naive", "L1", "best"]
    assert all(float(row["value_after"]) > float(row["value_before"]) for row in rows)
    assert data["image"].shape == (3, 3, 224, 224)
    assert float(rows[1]["ink_after"]) < float(rows[0]["ink_after"])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["maximize", "class", "all", *LITE0], "error: efficientnet-lite0 has too many classes for a sheet: name one"),
        (["maximize", "class", "expresso", *LITE0], "error: efficientnet-lite0 has no class 'expresso': did you mean"),
        (["layers", "-m", "resnet51"], "error: no network and no model file resnet51: did you mean 'resnet50'"),
        (["layers", "-m", "efficientnet-lite"], "did you mean 'efficientnet-lite0'"),
        (["patches", "logits", *LITE0, "--images", "."], "error: every unit of logits sees the whole picture"),
        (["maximize", "conv", "conv_stem:32", *LITE0], "only conv_stem:0 to conv_stem:31"),
    ],
)
def test_mistakes_are_one_line(artcnn, folder, arguments, says):
    made = artcnn("inspect", *arguments)
    assert made.exit_code == 1
    assert says in made.stderr
    assert made.stderr.count("\n") == 1


def test_layers_of_the_classifier(artcnn):
    rows = {row["name"]: row for row in json.loads(artcnn("inspect", "layers", *LITE0, "--json").stdout)}
    assert rows["block1_1"]["kind"] == "block"
    assert (rows["block2_1"]["receptive_field"], rows["block2_1"]["stride"]) == ([11, 11], [4, 4])
    assert rows["relu_head"]["output"] == [1280, 7, 7]
    assert sum(row["parameters"] for row in rows.values()) == 4_652_008


@pytest.mark.slow
def test_an_empty_map_has_passed_nothing(artcnn, folder):
    Image.fromarray(load_mnist("test").inputs[1290, 0].numpy()).save("three.png")
    made = artcnn("inspect", "check", "three.png", "--seed", "7", "--html", "-o", "found")
    assert made.exit_code == 0, made.output
    _, data, rows = looked(folder / "found")
    row = next(row for row in rows if row["map"] == "gradcam")
    assert not data["map_gradcam_conv1"].any(), "with this seed it is black"
    assert (row["correlation_conv1"], row["correlation"], row["empty"]) == ("", "", "True")
    assert re.search(r"^gradcam .* empty *$", made.stdout, re.M), made.stdout
    assert "to conv1: empty" in (folder / "found" / "page.html").read_text()
    assert all(-1 <= float(row["correlation_logits"]) <= 1 for row in rows[:6])


@pytest.mark.slow
def test_maps_are_put_to_the_test(artcnn, folder, digit):
    made = artcnn("inspect", "check", digit, "-o", "found")
    assert made.exit_code == 0, made.output
    _, data, rows = looked(folder / "found")
    for row in rows:
        assert data[f"map_{row['map']}"].shape == (28, 28)
        curve = data[f"deletion_{row['map']}"]
        assert np.trapezoid(curve) / (len(curve) - 1) == pytest.approx(float(row["deletion"]), abs=1e-5)
    assert [row["map"] for row in rows] == [
        "gradient", "smoothgrad", "integrated", "guided", "gradcam", "occlusion", "random", "ink",
    ]  # fmt: skip
    areas = {row["map"]: float(row["deletion"]) for row in rows}
    assert areas["integrated"] < areas["random"]
    assert all(-1 <= float(row["correlation_conv1"]) <= 1 for row in rows[:6])
    assert rows[-1]["correlation_conv1"] == ""
