"""``artcnn inspect`` as a person runs it."""

import csv
import html
import json
import re
import shutil
import wave

import numpy as np
import pytest
import torch
from PIL import Image

from artcnn.datasets.mnist import load_mnist
from artcnn.files.model import read_model, write_model
from artcnn.hashes import sha256_of


def arrays(path):
    with np.load(path) as data:
        return dict(data)


FILES = {"sheet.png", "data.npz", "values.csv", "run.json"}


def test_layers_of_the_lectures_network(artcnn):
    rows = {row["name"]: row for row in json.loads(artcnn("inspect", "layers", "--json").stdout)}
    assert (rows["conv1"]["parameters"], rows["conv1"]["fully_connected"]) == (250, 785 * 26 * 26 * 25)
    conv2 = rows["conv2"]
    assert (conv2["output"], conv2["receptive_field"], conv2["stride"]) == ([50, 11, 11], [8, 8], [2, 2])
    assert (rows["fc1"]["parameters"], rows["fc1"]["fully_connected"]) == (125_100, 125_100)
    shown = artcnn("inspect", "layers")
    assert "137,660 weights in all" in shown.stdout
    assert shown.stderr.count("artcnn inspect ") == 3


@pytest.mark.slow
def test_layers_of_a_backbone(artcnn):
    rows = {row["name"]: row for row in json.loads(artcnn("inspect", "layers", "--model", "vgg16", "--json").stdout)}
    assert sum(row["parameters"] for row in rows.values()) == 14_714_688
    assert (rows["conv4_3"]["output"], rows["conv4_3"]["receptive_field"]) == ([512, 28, 28], [92, 92])


@pytest.mark.slow
@pytest.mark.parametrize(
    "command", ["filters conv1 -m mnist", "filters conv2", "filters -m vgg16", "filters conv3_1 -m vgg16"]
)
def test_filters(artcnn, folder, command):
    made = artcnn("inspect", *command.split(), "--out", "found")
    assert made.exit_code == 0, made.output
    assert {path.name for path in (folder / "found").iterdir()} == FILES
    run = json.loads((folder / "found" / "run.json").read_text())
    kernels = arrays(folder / "found" / "data.npz")["filters"]
    with (folder / "found" / "values.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(kernels)
    assert float(rows[3]["norm"]) == pytest.approx(float(np.linalg.norm(kernels[3])), rel=1e-5)
    assert 0 < run["limit"] <= np.abs(kernels).max()


def assert_diverging(pixels, values, limit):
    """Assert that pixels (..., 3) are blue below 0, nearly white at 0 and red above, the darker the farther off."""
    red, blue, part = pixels[..., 0].astype(int), pixels[..., 2].astype(int), values / limit
    assert (red[part > 0.1] > blue[part > 0.1] + 10).all()
    assert (blue[part < -0.1] > red[part < -0.1] + 10).all()
    assert (pixels[np.abs(part) < 0.01] > 240).all()
    order = np.abs(part).argsort(axis=None)
    brightness = pixels.mean(-1).flatten()[order]
    assert (np.diff(brightness[part.flatten()[order] > 0]) <= 0).all()
    assert (np.diff(brightness[part.flatten()[order] < 0]) <= 0).all()


def test_weights_are_blue_below_zero_and_red_above(artcnn, folder):
    artcnn("inspect", "filters", "conv1", "--out", "found")
    weight = read_model("mnist-lecture").network.conv1.weight.detach().numpy()
    with Image.open(folder / "found" / "sheet.png") as sheet:
        pixels = np.asarray(sheet)
    top, left = 34 + 6 + 30, 6  # below the title and the scale
    tiles = [
        pixels[top + 96 * row :][12:72:24, left + 78 * column :][:, 12:72:24] for row in (0, 1) for column in range(8)
    ]
    assert_diverging(np.stack(tiles), weight[:16, 0], np.abs(weight).max())


@pytest.fixture
def three(folder):
    """Write a three that is nearly a five, MNIST's test digit 1290, to ``three.png``."""
    Image.fromarray(load_mnist("test").inputs[1290, 0].numpy()).save(folder / "three.png")


@pytest.mark.slow
def test_a_map_that_can_be_negative_has_diverging_colors_with_their_scale(artcnn, folder, three):
    made = artcnn("inspect", "activations", "three.png", "conv2", "--html", "--out", "found")
    assert made.exit_code == 0, made.output
    maps = arrays(folder / "found" / "data.npz")["activations_conv2"]
    limit = np.abs(maps).max()
    with Image.open(folder / "found" / "sheet.png") as sheet:
        pixels = np.asarray(sheet)
    heading = 34 + 6 + 84 + 18 + 6
    line = pixels[heading + 2 + 5].astype(int)
    bar = line[np.ptp(line, axis=1) > 30]
    assert bar[0, 2] > bar[0, 0] + 50, "the scale begins blue"
    assert bar[-1, 0] > bar[-1, 2] + 50, "and ends red"
    with (folder / "found" / "values.csv").open() as file:
        first = int(next(csv.DictReader(file))["unit"].removeprefix("conv2:"))
    places = ((np.arange(11) + 0.5) * 84 / 11).astype(int)
    tile = pixels[heading + 30 :, 6:][places][:, places]
    assert_diverging(tile, maps[first], limit)
    page = (folder / "found" / "page.html").read_text()
    (key,) = re.findall(r'<div class="key">.*?</div></div></div>', page)
    assert re.findall("<span>(.*?)</span>", key) == [f"\N{MINUS SIGN}{limit:.3g}", "0", f"+{limit:.3g}"]


def test_some_filters_of_a_layer(artcnn, folder):
    for name, tiles in (("conv1:3", 1), ("conv1:3-5", 3), ("conv2:7", 8)):
        made = artcnn("inspect", "filters", name, "--html", "-o", name.replace(":", "-"))
        assert made.exit_code == 0, made.output
        page = (folder / name.replace(":", "-") / "page.html").read_text()
        assert page.count('<figure class="tile"') == tiles
        assert f'data-unit="{name[:7]}"' in page


@pytest.mark.slow
def test_kernels_of_one_pixel_are_a_matrix(artcnn, folder):
    made = artcnn("inspect", "filters", "conv_head:5-8", "-m", "efficientnet-lite0", "-o", "found")
    assert made.exit_code == 0, made.output
    weight = arrays(folder / "found" / "data.npz")["filters"][5:9, :, 0, 0]
    with Image.open(folder / "found" / "sheet.png") as sheet:
        pixels = np.asarray(sheet.convert("RGB")).astype(int)
    redder = pixels[41:52:3, 7 : 6 + 3 * weight.shape[1] : 3] @ np.array([1, 0, -1])
    strong = np.abs(weight) > 0.2 * np.abs(weight).max()
    assert ((redder > 0) == (weight > 0))[strong].all()


def test_filters_of_alexnets_shape_say_that_they_are_not_its_own(artcnn, folder):
    made = artcnn("inspect", "filters", "-m", "alexnet11", "--html", "-o", "found")
    assert made.exit_code == 0, made.output
    assert arrays(folder / "found" / "data.npz")["filters"].shape == (96, 3, 11, 11)
    says = "96 kernels of AlexNet's shape, but not AlexNet's: learned from vgg16's features"
    assert says in html.unescape((folder / "found" / "page.html").read_text())
    listed = artcnn("inspect", "layers", "-m", "alexnet11", "--size", "227")
    assert "96x55x55" in listed.stdout
    assert "not AlexNet's own" in listed.stderr


@pytest.mark.parametrize(
    "command",
    ["activations photo.png conv1 relu1", "patches relu1:3 --images . --count 2", "maximize conv conv1:3 --steps 3"],
)
def test_looks_at_a_layer_of_alexnets_shape(artcnn, folder, command):
    made = artcnn("inspect", *command.split(), "-m", "alexnet11", "-o", "found")
    assert made.exit_code == 0, made.output
    assert {path.name for path in (folder / "found").iterdir()} == FILES


@pytest.mark.slow
def test_activations_of_a_digit(artcnn, folder):
    picture = Image.new("L", (140, 140), 255)
    for y in range(20, 120):
        for x in range(64, 76):
            picture.putpixel((x, y), 0)
    picture.save("one.png")
    made = artcnn("inspect", "activations", "one.png", "conv1", "logits", "--out", "found")
    assert made.exit_code == 0, made.output
    assert {path.name for path in (folder / "found").iterdir()} == FILES
    data = arrays(folder / "found" / "data.npz")
    assert data["image"].shape == (1, 1, 28, 28)
    assert data["activations_conv1"].shape == (25, 26, 26)
    assert data["activations"].shape == (10, 1, 1)
    assert data["activations"].argmax() == 1
    with (folder / "found" / "values.csv").open() as file:
        rows = {row["unit"]: row for row in csv.DictReader(file)}
    assert len(rows) == 35
    assert float(rows["conv1:7"]["degree"]) == pytest.approx(
        float(data["activations_conv1"][7].clip(min=0).sum()), rel=1e-3, abs=1e-3
    )


def test_the_strongest_map_comes_first_and_silent_ones_are_named(artcnn, folder, three):
    made = artcnn("inspect", "activations", "three.png", "conv2", "--html", "-o", "found")
    assert made.exit_code == 0, made.output
    maps = arrays(folder / "found" / "data.npz")["activations_conv2"]
    maxima = maps.max((1, 2))
    with (folder / "found" / "values.csv").open() as file:
        rows = list(csv.DictReader(file))
    order = [int(row["unit"].removeprefix("conv2:")) for row in rows]
    assert (np.diff(maxima[order]) <= 0).all()
    degree = maps.clip(min=0).sum((1, 2))
    assert float(rows[0]["degree"]) == pytest.approx(degree[order[0]], rel=1e-4)
    assert re.search(rf"conv2 .*{order[0]} \({maxima[order[0]]:.4g}\), {order[1]} \(", made.stdout)
    silent = {row["unit"] for row in rows if row["silent"] == "True"}
    assert silent == {f"conv2:{unit}" for unit in range(50) if maps[unit].max() <= 0}
    page = (folder / "found" / "page.html").read_text()
    tiles = re.findall(r"<figcaption>(conv2:.*?)</figcaption>", page)
    assert tiles[:2] == [f"conv2:{order[0]}", f"conv2:{order[1]}"]
    assert {tile.removesuffix(", silent") for tile in tiles if tile.endswith(", silent")} == silent


def test_activations_of_single_units(artcnn, folder, three):
    made = artcnn("inspect", "activations", "three.png", "conv2:45", "conv2:28-30", "pool1:3", "-o", "found")
    assert made.exit_code == 0, made.output
    with (folder / "found" / "values.csv").open() as file:
        units = [row["unit"] for row in csv.DictReader(file)]
    assert units[0] == "conv2:29"
    assert sorted(units[:4]) == ["conv2:28", "conv2:29", "conv2:30", "conv2:45"]
    assert units[4:] == ["pool1:3"]
    assert re.search(r"^conv2:29 .* 2 of 50$", made.stdout, re.M), made.stdout
    assert arrays(folder / "found" / "data.npz")["activations_conv2"].shape == (50, 11, 11)


@pytest.mark.slow
def test_activations_of_a_photo(artcnn, folder, samples):
    made = artcnn(
        "inspect", "activations", samples / "cat.webp", "relu2_2", "-m", "vgg16", "--size", "96", "-o", "found"
    )
    assert made.exit_code == 0, made.output
    assert arrays(folder / "found" / "data.npz")["activations"].shape[0] == 128


def test_findings_never_overwrite(artcnn, folder):
    for name in ("inspect-filters-mnist-lecture-conv1", "inspect-filters-mnist-lecture-conv1-2"):
        assert artcnn("inspect", "filters").stdout.strip() == f"{name}/sheet.png"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["layers", "--model", "mnist-lectur"], "did you mean 'mnist-lecture'"),
        (["occlusion", "photo.png", "--model", "alexnet11"], "alexnet11 has no output layer, so no classes"),
        (["maximize", "class", "cat", "--model", "alexnet11"], "alexnet11 has no output layer, so no classes"),
        (["layers", "--model", "photo.png"], "is not a model file"),
        (["filters", "conv9"], "mnist-lecture has no layer 'conv9': the nearest are"),
        (["filters", "fc1"], "has no kernels to show"),
        (["filters", "--out", "photo.png"], "already exists"),
        (["filters", "--out", "none/found"], "there is no folder none"),
        (["activations", "none.png"], "no such file"),
        (["activations", "photo.png", "conv7"], "the nearest are"),
        (["activations", "photo.png", "conv2:50"], "has no unit conv2:50, only conv2:0 to conv2:49"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_is_one_line_and_leaves_nothing(artcnn, folder, arguments, says):
    before = sorted(folder.rglob("*"))
    result = artcnn("inspect", *arguments)
    assert result.exit_code == 1, result.output
    assert [line for line in result.stderr.splitlines() if says in line and line.startswith("error: ")]
    assert sorted(folder.rglob("*")) == before


@pytest.fixture
def digit(folder):
    Image.fromarray(255 - load_mnist("test").inputs[0, 0].numpy()).resize((140, 140)).save("digit.png")
    return "digit.png"


def test_saliency_by_every_method(artcnn, folder, digit):
    made = artcnn("inspect", "saliency", digit, "--out", "found")
    assert made.exit_code == 0, made.output
    assert made.stdout.startswith("7, p = ")
    with (folder / "found" / "values.csv").open() as file:
        rows = {row["method"]: row for row in csv.DictReader(file)}
    integrated = rows["integrated"]
    assert float(integrated["sum"]) == pytest.approx(float(integrated["change"]), rel=0.02)
    assert float(integrated["gap"]) == pytest.approx(float(integrated["sum"]) - float(integrated["change"]), abs=1e-6)
    assert {row["gap"] for name, row in rows.items() if name != "integrated"} == {""}
    assert f"from all zeros y changes by {float(integrated['change']):.4g}: gap " in made.stderr
    model, image = read_model("mnist-lecture").network, torch.from_numpy(arrays(folder / "found" / "data.npz")["image"])
    with torch.no_grad():
        outputs = model(torch.cat([image, torch.zeros_like(image)]))[:, 7]
    assert float(integrated["change"]) == pytest.approx(float(outputs[0] - outputs[1]), rel=1e-4)
    data = arrays(folder / "found" / "data.npz")
    assert data["saliency"].shape == (28, 28)
    assert {f"saliency_{name}" for name in ("gradient", "smoothgrad", "integrated", "guided", "gradcam")} < set(data)
    with Image.open(folder / "found" / "sheet.png") as sheet:
        assert sheet.width > 6 * 168


def test_occlusion_of_another_class(artcnn, folder, digit):
    made = artcnn("inspect", "occlusion", digit, "--class", "1", "--window", "8", "--stride", "4", "-o", "found")
    assert made.exit_code == 0, made.output
    found = arrays(folder / "found" / "data.npz")["occlusion"]
    assert found.shape == (6, 6, 10)
    assert found.sum(2) == pytest.approx(1, abs=1e-5)
    with (folder / "found" / "values.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert float(rows[7]["probability"]) == pytest.approx(float(found[1, 1, 1]), rel=1e-4, abs=1e-9)


@pytest.fixture
def four(folder):
    """Return a picture of MNIST's test digit 4, a 4 that is open at the top."""
    Image.fromarray(load_mnist("test").inputs[4, 0].numpy()).save("four.png")
    return "four.png"


@pytest.mark.parametrize(("fill", "shows", "hides_ink"), [([], "black", True), (["--fill", "gray"], "gray", False)])
def test_black_paper_is_hidden_by_black_and_a_gray_square_on_it_would_be_ink(
    artcnn, folder, four, fill, shows, hides_ink
):
    made = artcnn("inspect", "occlusion", four, *fill, "-o", "found")
    assert made.exit_code == 0, made.output
    data = arrays(folder / "found" / "data.npz")
    assert json.loads((folder / "found" / "run.json").read_text())["fill"] == shows
    found = data["occlusion"][..., 4]
    row, column = divmod(int(found.argmin()), found.shape[1])
    assert bool(data["image"][0, 0, row : row + 5, column : column + 5].any()) == hides_ink
    with Image.open(folder / "found" / "sheet.png") as sheet:
        tile = np.asarray(sheet)[34 + 6 :, 6 + 174 :][:168, :168]
    darkest = tile[6 * (row + 2) : 6 * (row + 3), 6 * (column + 2) : 6 * (column + 3)]
    assert (darkest == darkest[0, 0]).all(), "it is drawn where the middle of the square was"
    assert darkest[0, 0].sum() == tile.astype(int).sum(2).min()


@pytest.mark.slow
def test_patches_of_digits(artcnn, folder, few_digits):
    made = artcnn("inspect", "patches", "conv2:4-5", "--count", "3", "-o", "found")
    assert made.exit_code == 0, made.output
    data = arrays(folder / "found" / "data.npz")
    assert data["boxes"].shape == (6, 4)
    assert (data["boxes"][:, 2] - data["boxes"][:, 0] == 8).all()
    assert (np.diff(data["values"][:3]) <= 0).all()


@pytest.mark.slow
def test_patches_of_photos(artcnn, folder, samples):
    arguments = ["patches", "relu1_2:3", "--images", samples, "-m", "vgg16", "--count", "2", "-o", "found"]
    made = artcnn("inspect", *arguments)
    assert made.exit_code == 0, made.output
    with (folder / "found" / "values.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len({row["picture"] for row in rows}) == 2, "one of each picture"


@pytest.mark.slow
def test_only_the_listed_pictures_of_the_collection_count(artcnn, folder, monkeypatch):
    photos = folder / "photos"
    photos.mkdir()
    for name, seed in (("listed.png", 0), ("own-dream.png", 1)):
        pixels = np.random.default_rng(seed).integers(0, 80 + 175 * seed, (32, 32, 3), np.uint8)
        Image.fromarray(pixels).save(photos / name)
    (photos / "MANIFEST.csv").write_text(f"file,sha256\nlisted.png,{sha256_of(photos / 'listed.png')}\n")
    monkeypatch.setattr("artcnn.files.collection.bundled_photos_dir", lambda: photos)
    command = ["inspect", "patches", "conv1_1:3", "-m", "vgg16", "--count", "2", "--html", "-o", "found"]
    made = artcnn(*command)
    assert made.exit_code == 0, made.output
    assert "in 1 pictures (others may hold larger ones)" in (folder / "found" / "page.html").read_text()
    with (folder / "found" / "values.csv").open() as file:
        assert [row["picture"] for row in csv.DictReader(file)] == ["listed.png"]

    (photos / "own-dream.png").replace(photos / "listed.png")
    changed = artcnn(*command, "-o", "again")
    assert changed.exit_code == 1
    assert "listed.png is missing or was changed: reinstall artcnn" in changed.stderr
    assert not (folder / "again").exists()


@pytest.mark.slow
def test_maximize_an_answer_makes_three(artcnn, folder):
    made = artcnn("inspect", "maximize", "class", "8", "--steps", "40", "-o", "found")
    assert made.exit_code == 0, made.output
    with (folder / "found" / "values.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["way"] for row in rows] == ["naive", "L1", "best"]
    for row in rows:
        assert float(row["value_after"]) > float(row["value_before"])
        assert float(row["probability_after"]) > 0.9
    ways = json.loads((folder / "found" / "run.json").read_text())["ways"]
    assert ways["L1"] == ways["naive"] | {"l1": 0.4}, "they differ by the price of ink alone"
    assert arrays(folder / "found" / "data.npz")["image"].shape == (3, 1, 28, 28)


@pytest.mark.parametrize("command", ["conv conv2:0-2", "fc fc1:7", "conv conv1_2:3 -m vgg16", "fc relu1:7"])
def test_maximize_a_unit(artcnn, folder, command):
    made = artcnn("inspect", "maximize", *command.split(), "--steps", "3", "-o", "found")
    assert made.exit_code == 0, made.output
    assert {path.name for path in (folder / "found").iterdir()} == FILES


def test_a_filter_before_which_nothing_is_nonlinear_wants_its_kernel(artcnn, folder):
    """A sum over the map, as before, is largest on white or black paper: it says nothing about the pattern."""
    made = artcnn("inspect", "maximize", "conv", "conv1:0-24", "-o", "found")
    assert made.exit_code == 0, made.output
    conv1 = read_model("mnist-lecture").network.conv1
    weight, bias = conv1.weight.detach().numpy(), conv1.bias.detach().numpy()
    data = arrays(folder / "found" / "data.npz")
    assert data["kernels"] == pytest.approx(weight, abs=1e-6)
    assert (data["image"] == (weight > 0)).all()
    with (folder / "found" / "values.csv").open() as file:
        rows = list(csv.DictReader(file))
    best = bias + np.clip(weight, 0, None).sum((1, 2, 3))
    assert [float(row["best_value"]) for row in rows] == pytest.approx(best, rel=1e-4)
    assert [float(row["black_value"]) for row in rows] == pytest.approx(bias, rel=1e-4)


@pytest.mark.slow
def test_one_place_of_a_filter_behind_a_pooling_beats_every_patch(artcnn, folder):
    made = artcnn("inspect", "maximize", "conv", "conv2:8-11", "-o", "found")
    assert made.exit_code == 0, made.output
    data = arrays(folder / "found" / "data.npz")
    assert data["image_place"].shape == (4, 1, 8, 8)
    assert data["image_map"].shape == (4, 1, 28, 28)
    assert (data["image_place"].std((1, 2, 3)) > 0.2).all(), "no paper, as whole maps of some of these are"
    with (folder / "found" / "values.csv").open() as file:
        found = {row["unit"]: float(row["value_after"]) for row in csv.DictReader(file) if row["way"] == "place"}
    network = read_model("mnist-lecture").network
    with torch.no_grad():
        maps = network.conv2(network.pool1(network.conv1(load_mnist("test").batch(torch.arange(1000))[0])))
    assert all(found[f"conv2:{unit}"] > float(maps[:, unit].max()) for unit in range(8, 12))


@pytest.fixture
def odd(folder):
    """Write a network whose conv2:0 wants black, and whose conv2:1 answers to nothing."""
    model = read_model("mnist-lecture")
    with torch.no_grad():
        model.network.conv1.weight.abs_()
        model.network.conv2.weight[0] = -model.network.conv2.weight[0].abs()
        model.network.conv2.weight[1] = 0
    write_model(folder / "odd.safetensors", model.network.state_dict(), model.card)
    return "odd.safetensors"


@pytest.mark.slow
def test_black_is_said_to_be_the_best_and_a_dead_unit_to_be_dead(artcnn, folder, odd):
    made = artcnn("inspect", "maximize", "conv", "conv2:0-1", "-m", odd, "--steps", "40", "--html", "-o", "found")
    assert made.exit_code == 0, made.output
    with (folder / "found" / "values.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["uniform"], row["best_known"], row["dead"]) for row in rows if row["unit"] == "conv2:0"] == [
        ("black", "True", "False")
    ] * 2
    assert [row["dead"] for row in rows if row["unit"] == "conv2:1"] == ["True"] * 2
    page = (folder / "found" / "page.html").read_text()
    assert page.count("black is its best</figcaption>") == 2
    assert page.count("whatever it sees</figcaption>") == 2


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["saliency", "digit.png", "--class", "ten"], "has no class 'ten'"),
        (["saliency", "digit.png", "--method", "gradients"], "did you mean 'gradient'"),
        (["saliency", "digit.png", "--model", "vgg16", "--class", "1"], "has no output layer"),
        (["saliency", "digit.png", "--model", "vgg16"], "has no output layer"),
        (["occlusion", "digit.png", "--model", "vgg16"], "has no output layer"),
        (["occlusion", "digit.png", "--fill", "green"], "--fill green: choose from background, gray, blur"),
        (["occlusion", "digit.png", "--fill", "1.5"], "or give a level from 0 (black) to 1 (white)"),
        (["patches", "conv2:99"], "has no unit conv2:99, only conv2:0 to conv2:49"),
        (["patches", "conv2:a"], "write a unit as conv2:3"),
        (["patches", "conv2:5-2"], "the first unit of several is the smaller, conv2:2-5"),
        (["patches", "fc1"], "sees the whole picture"),
        (["patches", "conv1", "--images", "none"], "there is no such folder"),
        (
            ["fool", "digit.png", "--to", "7"],
            "is 7 to mnist-lecture already (p = 1.000): choose another --to",
        ),
        (["maximize", "unit", "conv1"], "maximize conv LAYER:UNIT"),
        (["maximize", "fc", "conv1:2"], "use 'inspect maximize conv conv1:2'"),
        (["maximize", "class", "all", "--model", "vgg16"], "has no output layer"),
        (["maximize", "conv2:3"], "did you mean 'maximize conv conv2:3'?"),
        (["fool", "photo.png", "--to", "volcano"], "no class 'volcano': use --model efficientnet-lite0, which has"),
        (["activations", "conv1", "digit.png"], "conv1 is a layer of mnist-lecture: the picture comes first"),
        (["patches", "conv1", "--images", "photo.png"], "--images photo.png: give a folder of pictures, not a file"),
        (["layers", "-m", "photo.png"], "photo.png is not a model file"),
        (["maximize", "fc"], "maximize fc: which? As in 'maximize fc fc1:0-11'"),
        (["filters", "CONV1"], "the nearest are conv1, conv2, fc1"),
        (["filters", "conv1-3"], "has no layer 'conv1-3': write a unit as conv1:3"),
        (["filters", "pool1"], "has no kernels to show: choose from conv1, conv2"),
        (["invert", "digit.png", "conv1:3"], "has no layer 'conv1:3': conv1 is meant here, without a unit"),
        (["activations", "digit.png", "conv1:-1"], "write a unit as conv1:3"),
        (["activations", "digit.png", "--size", "64"], "mnist-lecture takes no photos: leave out --size"),
        (
            ["activations", "photo.png", "--size", "64", "-m", "efficientnet-lite0"],
            "takes photos of one size: leave out",
        ),
        (["saliency", "digit.png", "--class", "-1"], "has no class '-1': choose from 0, 1, 2"),
        (["saliency", "digit.png", "--class", "1000", "-m", "efficientnet-lite0"], "their numbers are 0 to 999"),
        (["saliency", "digit.png", "--class", "cat", "-m", "efficientnet-lite0"], "tiger cat (282), Persian cat (283)"),
        (
            ["saliency", "photo.png", "-m", "speech-digits"],
            "photo.png is a picture, and speech-digits takes a recording",
        ),
        (
            ["saliency", "word.wav"],
            "word.wav is a recording, and mnist-lecture takes a picture: use --model speech-digits",
        ),
        (
            ["occlusion", "digit.png", "--window", "28"],
            "mnist-lecture takes pictures of 28 pixels: choose a smaller one",
        ),
        (["occlusion", "photo.png", "--window", "300", "-m", "efficientnet-lite0"], "takes pictures of 224 pixels"),
        (["layers", "-m", "alexnett"], "no network and no model file alexnett: did you mean 'alexnet' or 'alexnet11'?"),
        (["layers", "-m", "MNIST_Best"], "did you mean 'mnist-best'?"),
        (["layers", "-m", "vgg"], "did you mean 'vgg16'?"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_about_a_unit_or_a_class(artcnn, folder, samples, digit, arguments, says):
    shutil.copy(samples / "word.wav", "word.wav")
    before = sorted(folder.rglob("*"))
    result = artcnn("inspect", *arguments)
    assert result.exit_code == 1, result.output
    assert [line for line in result.stderr.splitlines() if says in line and line.startswith("error: ")], result.stderr
    assert sorted(folder.rglob("*")) == before


@pytest.mark.slow
def test_fool(artcnn, folder, digit):
    made = artcnn("inspect", "fool", digit, "--to", "3", "-o", "found")
    assert made.exit_code == 0, made.output
    assert made.stdout.startswith("p(7) from 1.000 to 0.0"), made.stdout
    assert "p(3) from 0.000 to 0.990: length " in made.stdout
    data = arrays(folder / "found" / "data.npz")
    assert data["result"] == pytest.approx(data["original"] + data["change"])
    with (folder / "found" / "values.csv").open() as file:
        (row,) = csv.DictReader(file)
    network = read_model("mnist-lecture").network
    for when, name in (("before", "original"), ("after", "result")):
        with torch.no_grad():
            p = network(torch.from_numpy(data[name])).softmax(1)[0]
        for column, answer in (("was", 7), ("to", 3)):
            assert float(row[f"p_{column}_{when}"]) == pytest.approx(float(p[answer]), rel=1e-3)
    assert float(row["p_to_after"]) == pytest.approx(0.99, abs=1e-3)


def test_fool_says_when_it_did_not_get_there(artcnn, folder, digit):
    made = artcnn("inspect", "fool", digit, "--to", "1", "--steps", "3", "-o", "found")
    assert made.exit_code == 1
    assert "after 3 steps, not 0.99: allow more --steps, or ask for less --confidence" in made.stderr
    assert {path.name for path in (folder / "found").iterdir()} == FILES


def test_invert(artcnn, folder, digit):
    made = artcnn("inspect", "invert", digit, "conv1", "fc1", "--steps", "40", "-o", "found")
    assert made.exit_code == 0, made.output
    data = arrays(folder / "found" / "data.npz")
    assert {"original", "image_conv1", "image_fc1"} == set(data)
    with (folder / "found" / "values.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["layer"] for row in rows] == ["conv1", "fc1"]
    for row in rows:
        own = np.corrcoef(data["original"].ravel(), data[f"image_{row['layer']}"].ravel())[0, 1]
        assert float(row["likeness"]) == pytest.approx(own, abs=1e-4)
    assert float(rows[0]["likeness"]) > 0.95 > float(rows[1]["likeness"])


def test_invert_a_photo_begins_with_gray(artcnn, folder, samples):
    """From nearly black it stayed dark where few steps do not reach."""
    look = ["invert", samples / "cat.webp", "relu1_1", "relu1_2", "-m", "vgg16", "--size", "48", "--steps", "6"]
    made = artcnn("inspect", *look, "-o", "found")
    assert made.exit_code == 0, made.output
    data = arrays(folder / "found" / "data.npz")
    for name in ("relu1_1", "relu1_2"):
        assert data[f"image_{name}"].mean() == pytest.approx(data["original"].mean(), abs=0.12)
    with Image.open(folder / "found" / "sheet.png") as sheet:
        assert sheet.width > 3 * 144, "the original and two layers, in a row"


LOOKS = [
    "saliency --method gradient",
    "occlusion --window 14 --stride 14",
    "activations conv1",
    "fool --to 8",
    "invert conv1 --steps 1",
    "convolution --digits 0",
    "report --minutes 0",
]


@pytest.mark.slow
@pytest.mark.parametrize("look", LOOKS)
def test_a_photo_that_is_read_as_a_digit_is_doubted(artcnn, folder, samples, look):
    command, *more = look.split()
    layers = [more.pop(0)] if more and not more[0].startswith("-") else []
    made = artcnn("inspect", command, samples / "cat.webp", *layers, *more, "-o", "found")
    assert made.exit_code == 0, made.output
    why = "it looks like none of the digits that the network learned from"
    doubt = f"perhaps not a digit: {why}. For a photo: -m efficientnet-lite0"
    assert f"cat.webp: {doubt}" in made.stderr
    run = json.loads(next((folder / "found").rglob("run.json")).read_text())
    assert run["doubt"] == doubt


@pytest.mark.slow
def test_a_doubt_stands_on_the_sheet_and_on_the_page(artcnn, folder, samples):
    made = artcnn("inspect", "saliency", samples / "cat.webp", "--method", "gradient", "--html", "-q", "-o", "found")
    assert made.exit_code == 0, made.output
    page = (folder / "found" / "page.html").read_text()
    assert '<p class="doubt">perhaps not a digit: it looks like none' in page
    with Image.open(folder / "found" / "sheet.png") as sheet:
        line = np.asarray(sheet)[34 : 34 + 18].astype(int)
    assert (line[..., 0] - line[..., 1] > 100).sum() > 50, "in red, below the title"
    made = artcnn("inspect", "report", samples / "cat.webp", "--minutes", "0", "--lang", "zh", "-o", "chinese")
    assert made.exit_code == 0, made.output
    assert (
        '<p class="doubt">可能不是数字：它不像网络学过的任何一个数字。'
        in (folder / "chinese" / "report.html").read_text()
    )


def test_a_digit_is_not_doubted(artcnn, folder, digit):
    made = artcnn("inspect", "saliency", digit, "--method", "gradient", "-o", "found")
    assert made.stderr == ""
    assert "doubt" not in json.loads((folder / "found" / "run.json").read_text())


def test_a_sound_that_is_no_word_is_doubted(artcnn, folder):
    rate, rng = 8000, np.random.default_rng(0)
    sound = (rng.standard_normal(rate // 2) * 3000).astype("<i2")
    with wave.open("noise.wav", "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(sound.tobytes())
    made = artcnn("inspect", "saliency", "noise.wav", "-m", "speech-digits", "--method", "gradient", "-o", "found")
    assert made.exit_code == 0, made.output
    assert "noise.wav: perhaps none of its words: " in made.stderr


def test_the_sides_of_a_spectrogram_are_seconds_and_hertz(artcnn, folder):
    rate = 8000
    tone = (np.sin(2 * np.pi * 1000 * np.arange(rate // 2) / rate) * 9000).astype("<i2")
    with wave.open("tone.wav", "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(tone.tobytes())
    made = artcnn(
        "inspect", "saliency", "tone.wav", "-m", "speech-digits", "--method", "gradient", "--html", "-o", "found"
    )
    assert made.exit_code == 0, made.output
    brightest = arrays(folder / "found" / "data.npz")["image"][0, 0].mean(1).argmax()
    with Image.open(folder / "found" / "sheet.png") as sheet:
        pixels = np.asarray(sheet.convert("L"))
    top, left = 34 + 20 + 6, 6 + 40  # below title and doubt, behind the marks
    marks = (pixels[top : top + 105, left - 3] < 100).nonzero()[0]
    assert len(marks) == 5, "3 kHz at the top to 250 Hz at the bottom"
    assert int((marks[2] + 0.5) / 105 * 40) == brightest, "the one in the middle is 1 kHz"
    page = (folder / "found" / "page.html").read_text()
    assert re.findall(r">(\d+ k?Hz)<", page)[:5] == ["250 Hz", "500 Hz", "1 kHz", "2 kHz", "3 kHz"]
    assert ">1 s<" in page


@pytest.mark.slow
def test_what_is_no_spectrogram_has_no_hertz_at_its_sides(artcnn, folder, samples):
    made = artcnn("inspect", "convolution", samples / "word.wav", "-m", "speech-digits", "--html", "-o", "found")
    assert made.exit_code == 0, made.output
    assert ">1 kHz<" not in (folder / "found" / "page.html").read_text(), "the lecture's example is six pixels wide"


@pytest.mark.slow
def test_units_that_hear_search_the_words_that_ship(artcnn, folder):
    made = artcnn("inspect", "patches", "conv3:11", "-m", "speech-digits", "--count", "3", "-o", "found")
    assert made.exit_code == 0, made.output
    with (folder / "found" / "values.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["picture"].split(", ")[0] for row in rows[:2]] == ["9", "9"], "it answers to the nine's vowel"
    assert json.loads((folder / "found" / "run.json").read_text())["images"] == "digits of a synthesizer"
