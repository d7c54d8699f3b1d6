"""``artcnn inspect`` on networks of the user's own: torchvision's with random weights, made by a function in a file."""

import csv
import json
import sys
from importlib import import_module

import captum.attr
import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

SOURCE = """
import torch
from torch import nn
from torchvision.models import DenseNet, VisionTransformer
from torchvision.models.resnet import BasicBlock, ResNet

from artcnn.inspect import open_module

answers = "cat", "dog", "cow"

def seeded(make, *arguments, **named):
    with torch.random.fork_rng([]):
        torch.manual_seed(0)
        return make(*arguments, **named)

def resnet():
    return seeded(ResNet, BasicBlock, [1, 1, 1, 1], num_classes=3)

def densenet():
    return seeded(DenseNet, 4, (2, 2), 8, num_classes=3)

def transformer():
    network = seeded(VisionTransformer, 32, 8, 2, 2, 16, 32, num_classes=3)
    nn.init.eye_(network.heads.head.weight)  # zeros before any training
    return network

def opened():
    return open_module(densenet(), 32, mean=(0.5,), std=(0.25,), classes=answers, name="mine")

class Two(nn.Module):
    def forward(self, picture, words):
        return picture + words

def wide(channels):
    return nn.Conv2d(3, channels, 3)

def broken():
    return torch.zeros(2, 3) @ torch.zeros(2, 3)
"""
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
NORMALIZED = "--mean", "0.485,0.456,0.406", "--std", "0.229,0.224,0.225"
OWN = "--input", "32", "--classes", "cat,dog,cow", *NORMALIZED


@pytest.fixture
def own(folder, samples):
    (folder / "nets.py").write_text(SOURCE)
    (folder / "cat.webp").write_bytes((samples / "cat.webp").read_bytes())
    yield folder
    sys.modules.pop("own_nets", None)
    sys.path[:] = [entry for entry in sys.path if entry != str(folder.resolve())]


def made(name):
    return getattr(sys.modules["own_nets"], name)()


def looked(folder):
    with np.load(folder / "data.npz") as data, (folder / "values.csv").open() as file:
        arrays = {key: torch.from_numpy(value) for key, value in data.items()}
        return json.loads((folder / "run.json").read_text()), arrays, list(csv.DictReader(file))


@pytest.fixture
def inspect(artcnn, own):
    """Return what runs a command on one of the networks and returns what it wrote."""

    def run(method, *arguments, model="resnet", told=OWN):
        result = artcnn("inspect", method, *arguments, "-m", f"nets.py:{model}", *told, "-q", "-o", method)
        assert result.exit_code == 0, result.output
        return looked(own / method)

    return run


def test_layers_have_the_modules_names(artcnn, own):
    for name, layer, kind in (
        ("resnet", "layer2.0.downsample.0", "convolution"),
        ("densenet", "features.denseblock1.denselayer2.conv2", "convolution"),
        ("transformer", "encoder.layers.encoder_layer_1.mlp.0", "fully connected"),
    ):
        result = artcnn("inspect", "layers", "-m", f"nets.py:{name}", "--input", "32")
        assert result.exit_code == 0, result.output
        assert any(line.startswith(f"{layer} ") and kind in line for line in result.stdout.splitlines())
        total = sum(weights.numel() for weights in made(name).parameters())
        assert f"\n{total:,} weights in all.\n" in result.stdout, "of the attention, too"
        assert f"--model nets.py:{name} --input 3x32x32\n" in result.stderr


class OnPixels(nn.Module):
    """A module for pixels in [0, 1], for captum."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner.eval().requires_grad_(False)
        for part in inner.modules():
            if hasattr(part, "inplace"):
                part.inplace = False

    def forward(self, x):
        mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (MEAN, STD))
        return self.inner((x - mean) / std)


@pytest.mark.slow
def test_values_of_a_resnet_are_captums(inspect):
    run, arrays, rows = inspect("saliency", "cat.webp", "--class", "dog")
    assert (run["class"], run["model"], run["input"]) == ("dog", "nets.resnet", "3x32x32")
    assert run["mean"] == list(MEAN)
    assert len(run["model_sha256"]) == 64
    on_pixels, picture = OnPixels(made("resnet")), arrays["image"]
    gradient = captum.attr.Saliency(on_pixels).attribute(picture.clone().requires_grad_(), target=1)
    torch.testing.assert_close(arrays["saliency_gradient"], gradient.amax(1)[0])
    path = captum.attr.IntegratedGradients(on_pixels)
    parts = path.attribute(picture, torch.zeros_like(picture), 1, n_steps=64, method="gausslegendre").sum(1)[0]
    torch.testing.assert_close(arrays["saliency_integrated"], parts.float(), atol=1e-5, rtol=1e-3)
    # Of a picture this small layer4 has a single place.
    cam = captum.attr.LayerGradCam(on_pixels, on_pixels.inner.layer3).attribute(
        picture.clone().requires_grad_(), 1, relu_attributions=True
    )
    torch.testing.assert_close(arrays["saliency_gradcam"], cam[0, 0].detach())
    run, arrays, rows = inspect("occlusion", "cat.webp", "--class", "dog", "--window", 16, "--stride", 16, "--fill", 0)
    assert len(rows) == 4
    hidden = captum.attr.Occlusion(lambda x: on_pixels(x).softmax(1)).attribute(
        picture, (3, 16, 16), strides=(3, 16, 16), baselines=0.0, target=1
    )
    lost = run["probability"] - arrays["occlusion"][..., 1]
    torch.testing.assert_close(lost, hidden[0, 0, ::16, ::16].float(), atol=1e-6, rtol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "layer"), [("resnet", "layer2"), ("densenet", "features.denseblock1"), ("transformer", "conv_proj")]
)
def test_every_look_has_something_to_show(inspect, own, model, layer):
    """A layer within a block, or a block; what is shown is what hooks see."""
    photos = own / "photos"
    photos.mkdir()
    (photos / "cat.webp").write_bytes((own / "cat.webp").read_bytes())
    _, arrays, _ = inspect("activations", "cat.webp", layer, model=model)
    network, seen = OnPixels(made(model)), []
    network.inner.get_submodule(layer).register_forward_hook(lambda *found: seen.append(found[2].clone()))
    network(arrays["image"])
    torch.testing.assert_close(arrays[f"activations_{layer}"], seen[0][0])
    _, arrays, rows = inspect("patches", f"{layer}:1", "--images", "photos", "--count", 1, model=model)
    assert float(rows[0]["value"]) == pytest.approx(float(seen[0][0, 1].max()), abs=1e-5)
    _, arrays, _ = inspect("filters", model=model)
    weights = {"resnet": "conv1", "densenet": "features.conv0"}.get(model, "conv_proj")
    torch.testing.assert_close(arrays["filters"], made(model).get_submodule(weights).weight.detach())
    _, _, rows = inspect("maximize", "conv", f"{layer}:1", "--steps", 4, model=model)
    assert float(rows[0]["value_after"]) > float(rows[0]["value_before"])
    _, _, rows = inspect("invert", "cat.webp", layer, "--steps", 2, model=model)
    assert rows[0]["layer"] == layer
    run, _, _ = inspect("saliency", "cat.webp", "--method", "gradient", model=model)
    other = next(name for name in ("cat", "dog", "cow") if name != run["class"])
    _, _, rows = inspect("fool", "cat.webp", "--to", other, "--confidence", "0.5", model=model)
    assert (rows[0]["to"], rows[0]["fooled"]) == (other, "True")


@pytest.mark.slow
def test_a_report_and_a_check_of_a_transformer(artcnn, own):
    result = artcnn("inspect", "report", "cat.webp", "-m", "nets.py:transformer", *OWN, "--minutes", "0.2", "-o", "all")
    assert result.exit_code == 0, result.output
    page = (own / "all" / "report.html").read_text()
    assert "What nets.transformer has learned" in page
    assert "nets.py:transformer" in page
    result = artcnn("inspect", "check", "cat.webp", "-m", "nets.py:transformer", *OWN, "-q", "-o", "check")
    assert result.exit_code == 0, result.output
    assert {row["map"] for row in looked(own / "check")[2]} >= {"gradient", "occlusion", "random"}


def test_a_function_may_open_it_itself(inspect):
    _, arrays, _ = inspect("activations", "cat.webp", "features.conv0:0", model="opened", told=())
    with torch.no_grad():
        expected = made("densenet").eval().features.conv0((arrays["image"] - 0.5) / 0.25)
    torch.testing.assert_close(arrays["activations_features.conv0"], expected[0])


def test_weights_from_a_file(inspect, own, artcnn):
    artcnn("inspect", "layers", "-m", "nets.py:densenet", "--input", "32")  # which imports the file
    state = made("densenet").state_dict()
    state["features.conv0.weight"] = torch.full_like(state["features.conv0.weight"], 0.25)
    save_file(state, own / "w.safetensors")
    run, arrays, _ = inspect("filters", model="densenet", told=(*OWN, "--weights", "w.safetensors"))
    assert set(arrays["filters"].flatten().tolist()) == {0.25}
    assert len(run["weights_sha256"]) == 64
    state["fc.weight"] = state.pop("classifier.weight")
    state["features.conv0.weight"] = torch.zeros(1)
    save_file(state, own / "w.safetensors")
    result = artcnn("inspect", "filters", "-m", "nets.py:densenet", *OWN, "--weights", "w.safetensors")
    assert result.stderr == (
        "error: w.safetensors does not fit nets.py:densenet: of its tensors 1 missing (classifier.weight), "
        "1 unknown (fc.weight), 1 of another shape (features.conv0.weight)\n"
    )


def test_a_package_that_is_installed(artcnn, folder):
    result = artcnn("inspect", "layers", "-m", "torchvision.models:squeezenet1_1", "--input", "64", "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)[-1]["output"] == [1000]
    assert import_module("torchvision.models")


@pytest.mark.slow
def test_a_file_of_torch_export(artcnn, own, inspect):
    run, arrays, _ = inspect("saliency", "cat.webp", "--class", "dog")
    exported = torch.export.export(made("resnet").eval(), (torch.rand(1, 3, 32, 32),))
    torch.export.save(exported, own / "net.pt2")
    result = artcnn("inspect", "saliency", "cat.webp", "-m", "net.pt2", *OWN[2:], "--class", "dog", "-o", "exported")
    assert result.exit_code == 0, result.output
    same, found, _ = looked(own / "exported")
    assert (same["model"], same["model_from"], same["input"]) == ("net", "net.pt2", "3x32x32")
    assert same["probability"] == pytest.approx(run["probability"], abs=1e-6)
    for name, values in arrays.items():
        torch.testing.assert_close(found[name], values)
    result = artcnn("inspect", "layers", "-m", "net.pt2", "--weights", "w.safetensors")
    assert result.stderr == "error: --weights: net.pt2 has its own\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["-m", "nets.py"], "nets.py: say which function of it: write nets.py:make"),
        (["-m", "net.pt2"], "no such file: net.pt2"),
        (["-m", "nets.py:Two", "--input", "32"], "nets.Two takes 2 inputs (picture, words), and is shown one picture"),
        (["-m", "nets.py:resnet18"], "nets.py has no function resnet18: did you mean 'resnet'?"),
        (["-m", "nets.py:answers"], "nets.py:answers is no function, but of type tuple"),
        (["-m", "nets.py:wide"], "nets.py:wide needs channels: name a function without arguments"),
        (["-m", "nets.py:broken"], "nets.py:broken: nets.py, line 38: RuntimeError: "),
        (["-m", "net.py:resnet"], "no such file: net.py"),
        (["-m", "no_such_package:resnet"], "no_such_package:resnet: there is no package no_such_package: write FILE"),
        (
            ["-m", "nets.py:opened", "--mean", "0"],
            "--mean is for a network of your own, and nets.py:opened, which opens",
        ),
        (["-m", "mnist-best", "--input", "32"], "--input is for a network of your own, and mnist-best is none: use "),
        (
            ["-m", "nets.py:resnet", "--input", "5x32x32"],
            "nets.resnet does not take a picture of 5 x 32 x 32 numbers: ",
        ),
        (["-m", "nets.py:resnet", "--input", "32x"], "invalid --input 32x: write channels, height and width"),
        (["-m", "nets.py:resnet", "--std", "1,b"], "invalid --std 1,b: write a number for each channel"),
        (["-m", "nets.py:resnet", "--classes", "cat,dog"], "classes: nets.resnet has 3 outputs, and there are 2 names"),
        (["-m", "nets.py:resnet", "--size", "64"], "nets.py:resnet takes photos of one size: leave out --size"),
        (["-m", "nets.py:resnet", "--weights", "w.safetensors"], "--weights: no such file: w.safetensors"),
        (["-m", "nets.py:resnet", "--weights", "nets.py"], "--weights nets.py: such a file can carry code that runs"),
    ],
)
def test_mistakes_are_one_line(artcnn, own, arguments, says):
    result = artcnn("inspect", "layers", *arguments)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"error: {says}")
    assert result.stderr.count("\n") == 1


def test_what_does_not_apply_is_one_line(artcnn, own):
    for arguments, says in (
        (
            ("activations", "cat.webp", "encoder.ln", "-m", "nets.py:transformer"),
            "encoder.ln of nets.transformer gives",
        ),
        (("activations", "cat.webp", "layer9", "-m", "nets.py:resnet"), "nets.resnet has no layer 'layer9': the near"),
        (("saliency", "cat.webp", "--class", "horse", "-m", "nets.py:resnet"), "nets.py:resnet has no class 'horse'"),
        (("occlusion", "cat.webp", "--window", 32, "-m", "nets.py:resnet"), "--window 32: nets.resnet takes pictures"),
    ):
        result = artcnn("inspect", *arguments, *OWN)
        assert result.exit_code == 1, result.output
        assert result.stderr.startswith(f"error: {says}"), result.stderr
        assert result.stderr.count("\n") == 1


def test_pixels_as_they_are_are_told(artcnn, own):
    command = "inspect", "saliency", "cat.webp", "-m", "nets.py:densenet", "--input", "32", "--method", "gradient", "-o"
    plain = "note: cat.webp: its pixels go in from 0 to 1 as they are: say --mean and --std"
    assert plain in artcnn(*command, "one").stderr
    assert plain not in artcnn(*command, "two", "--mean", "0").stderr
    assert plain not in artcnn(*command, "three", *NORMALIZED).stderr
