"""Classes by name, and networks other than a VGG, through the command line."""

import json

import pytest
import torch

from artcnn.backbones.class_names import find_class
from artcnn.backbones.classifier_backbone import classifier_channels, load_classifier_backbone
from artcnn.errors import ArtcnnError
from artcnn.files.read import read_picture
from artcnn.image import fit

ANIMALS = (
    "tench",
    "tabby",
    "tiger cat",
    "Persian cat",
    "Cardigan",
    "cardigan",
    "catamaran",
    "espresso",
    "eft",
    "crane",
)
ANIMALS += ("axolotl", "hen")


def test_the_names_are_those_that_torchvision_carries():
    from torchvision.models import VGG16_Weights

    from artcnn.backbones.weights import imagenet_classes

    assert list(imagenet_classes()) == VGG16_Weights.IMAGENET1K_V1.meta["categories"]


FITS = {"tabby": 1, "TABBY": 1, "tabby cat": 1, " tiger cat ": 2, "persian": 3, "Cardigan": 4, "cardigan": 5}
FITS |= {"catam": 6, "7": 7, "11": 11}


@pytest.mark.parametrize(("text", "number"), FITS.items())
def test_a_class_is_found_by_whatever_fits_it_alone(text, number):
    assert find_class(ANIMALS, text, "it") == number


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cat", r"'cat' may be several classes of it: tiger cat \(2\), Persian cat \(3\); name one, or its number"),
        ("CARDIGAN", r"several classes of it: Cardigan \(4\), cardigan \(5\)"),
        ("tanch", "it has no class 'tanch': did you mean 'tench'"),
        ("12", "it has no class '12': choose from tench, "),
        ("", "it has no class ''"),
    ],
)
def test_what_fits_none_or_several_is_answered_with_names(text, message):
    with pytest.raises(ArtcnnError, match=message):
        find_class(ANIMALS, text, "it")


MISTAKES = {
    "an unknown class": (["--class", "taby"], "efficientnet-lite0 has no class 'taby': did you mean tabby, "),
    "near two that differ in a capital": (["--class", "cardgan"], "did you mean Cardigan, cardigan, "),
    "several classes": (["--class", "cat"], r"may be several classes .* tiger cat \(282\)"),
    "no classes": (
        ["--class", "tabby", "--backbone", "vgg16"],
        "vgg16 has no classes: use --backbone efficientnet-lite0",
    ),
    "no such layer": (
        ["--backbone", "googlenet", "--layer", "inception4f"],
        "layers: unknown layer 'inception4f': did you mean 'inception4",
    ),
    "no such class": (["--backbone", "resnet50", "--layer", "class:1000"], "has no channel 1000: choose from 0 to 999"),
    "no layer chosen": (
        ["--backbone", "densenet121"],
        "layers: densenet121 has no default: name some of its layers, 'artcnn weights layers densenet121' lists them",
    ),
    "a single size": (["--backbone", "vit_b_16", "--layer", "class:1"], "vit_b_16 takes pictures of one size only"),
    "a pooling": (["--backbone", "googlenet", "--set", "pooling=average"], "pooling can be changed only for a VGG"),
    "a ring": (["--backbone", "googlenet", "--set", "padding=circular"], "padding can be circular only for a VGG"),
    "a film": (["--class", "tabby", "--zoom", "1.02"], "too few steps to climb along a spectrum: add --set optimizer="),
    "nearly a name": (["--backbone", "googlnet"], "unknown weights 'googlnet': did you mean 'googlenet'"),
    "too small": (["--class", "tabby", "--size", "64", "--max-memory", "1MB"], "needs about .* GB of memory"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_a_line(artcnn, folder, name):
    arguments, message = MISTAKES[name]
    result = artcnn("dream", "photo.png", *arguments)
    refused(result, message)
    assert {path.name for path in folder.iterdir()} == {"photo.png", "painting.png"}


@pytest.mark.slow
def test_a_style_by_a_classifier_needs_its_layers(artcnn, folder):
    lite0 = ["style", "photo.png", "painting.png", "--backbone", "efficientnet-lite0"]
    refused(artcnn(*lite0), "content_layers, style_layers: efficientnet-lite0 has no default: name some of its layers")
    chosen = ["--content-layer", "block3_2", "--style-layer", "block1_1", "--style-layer", "block2_2"]
    short = ["--set", "min_size=48", "--set", "fine_steps=2", "--size", "48", "-o", "x.png"]
    result = artcnn(*lite0, *chosen, *short, "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert report["recipe"]["precision"] == "float32"
    assert all(torch.tensor(value).isfinite() for value in report["loss"].values())


def refused(result, message):
    import re

    assert result.exit_code == 1, result.output
    lines = [line for line in result.stderr.splitlines() if not line.startswith("loading ")]
    assert len(lines) == 1, result.stderr
    assert re.search(message, lines[0]), lines[0]


@pytest.mark.slow
def test_a_dream_of_a_class_raises_its_logit_and_is_made_again_from_its_metadata(artcnn, folder):
    # From one side only, or so few steps on so small a picture would not be seen from straight ahead.
    still = ("--jitter", "0", "--set", "max_rotation=0", "--set", "max_scale_change=0")
    small = ("--size", "96", "--steps", "20", *still)
    result = artcnn("dream", "photo.png", "--class", "castle", *small, "-o", "a.png", "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert (report["recipe"]["backbone"], report["recipe"]["layers"]) == ("efficientnet-lite0", ["class:483"])
    network = load_classifier_backbone("efficientnet-lite0", padding=report["recipe"]["padding"])
    with torch.no_grad():
        before, after = (
            network.features(fit(read_picture(folder / name).pixels, 96), ["class"])["class"][0, 483].item()
            for name in ("photo.png", "a.png")
        )
    assert after > before + 1
    assert report["objective"]["after"] > report["objective"]["before"]
    assert artcnn("again", "a.png", "-o", "b.png", "-q").exit_code == 0
    assert (folder / "a.png").read_bytes() == (folder / "b.png").read_bytes()


@pytest.mark.slow
def test_a_layer_of_a_classifier_is_excited_by_the_name_that_is_listed(artcnn, folder):
    listed = [line.split() for line in artcnn("weights", "layers", "efficientnet-lite0").stdout.splitlines()]
    assert {name: int(channels) for name, channels in listed} == classifier_channels("efficientnet-lite0")
    inspected = json.loads(artcnn("inspect", "layers", "--model", "efficientnet-lite0", "--json").stdout)
    maps = {row["name"]: row["output"][0] for row in inspected if len(row["output"]) == 3}
    assert maps == {name: int(channels) for name, channels in listed if name != "class"}
    name = listed[8][0]
    lite0 = ["dream", "photo.png", "--backbone", "efficientnet-lite0", "--layer", f"{name}:3", "--size", "64"]
    result = artcnn(*lite0, "--octaves", "1", "--steps", "2", "-o", "a.png", "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert report["objective"]["after"] > report["objective"]["before"]


@pytest.mark.slow
def test_a_network_dreams_of_its_own_layers_where_none_is_named(artcnn, folder):
    lite0 = ["dream", "photo.png", "--backbone", "efficientnet-lite0", "--size", "64", "--octaves", "1", "--steps", "1"]
    result = artcnn(*lite0, "-o", "a.png", "--json")
    assert result.exit_code == 0, result.output
    chosen = json.loads(result.stdout)["recipe"]["layers"]
    assert all(layer in classifier_channels("efficientnet-lite0") for layer in chosen)
