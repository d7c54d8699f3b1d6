"""Classifiers as backbones: features of any size against torchvision's own ways, with weights at random."""

import warnings
from dataclasses import replace
from functools import partial

import pytest
import torch
from torch import nn
from torchvision.models import get_model
from torchvision.models.feature_extraction import create_feature_extractor

from artcnn.backbones import weights
from artcnn.backbones.base import load_pretrained
from artcnn.backbones.classifier import load_classifier, meta_model
from artcnn.backbones.classifier_backbone import ClassifierBackbone, classifier_channels, load_classifier_backbone
from artcnn.backbones.flops import count_forward
from artcnn.backbones.tiled_autograd import reduce_features, value_and_gradient
from artcnn.backbones.tiles import MIN_MEMORY, UNTILED
from artcnn.engines.dream import DreamObjective
from artcnn.errors import ArtcnnError, WeightsError
from artcnn.hashes import sha256_of
from artcnn.recipes import DreamRecipe
from artcnn.settings import parse

PICTURE = torch.rand(1, 3, 83, 120, generator=torch.Generator().manual_seed(5))


def at_random(name):
    """A network of torchvision's, its weights at random, its running means and variances too."""
    torch.manual_seed(1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # two warn that their way to begin is slow
        model = get_model(name, **({"init_weights": False} if name in ("googlenet", "inception_v3") else {}))
    for module in model.modules():
        if hasattr(module, "inplace"):
            module.inplace = False  # a ReLU that overwrites would give theirs as the convolution's output
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 2)
    return model.eval()


@pytest.fixture
def downloaded(monkeypatch, tmp_path):
    """Return a function that puts a model's weights where those of that name would be cached, with the right hash."""
    monkeypatch.setattr(weights, "cached_weights_dir", lambda: tmp_path)

    def put(name, model):
        torch.save(model.state_dict(), tmp_path / f"{name}.pth")
        digits = sha256_of(tmp_path / f"{name}.pth")[:8]
        entry = replace(weights.find(name), file=f"{name}.pth", sha256=digits)
        monkeypatch.setitem(weights.WEIGHTS, name, entry)
        return entry

    return put


LAYERS = {
    "googlenet": {"inception3b": "inception3b", "inception4c": "inception4c", "class": "fc"},
    "inception_v3": {"Mixed_5b": "Mixed_5b", "Mixed_6a": "Mixed_6a"},
    "resnet18": {"bn1": "bn1", "layer2_1": "layer2.1", "class": "fc"},
    "alexnet": {"features_8": "features.8", "features_10": "features.10"},
    "densenet121": {"features_norm5": "features.norm5", "class": "classifier"},
}


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.exhaustive] if name in ("densenet121", "inception_v3") else [])
        for name in LAYERS
    ],
)
def test_features_are_those_that_torchvision_extracts(downloaded, name):
    model = at_random(name)
    entry = downloaded(name, model)
    theirs = create_feature_extractor(
        model, {node: layer for layer, node in LAYERS[name].items()}, suppress_diff_warning=True
    )
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (entry.mean, entry.std))
    network = load_classifier_backbone(name)
    with torch.no_grad():
        # What Google's were trained on is in [-1, 1], whatever the others of torchvision take.
        prepared = 2 * PICTURE - 1 if name in ("googlenet", "inception_v3") else (PICTURE - mean) / std
        expected, found = theirs(prepared), network.features(PICTURE, LAYERS[name])
    assert found.keys() == LAYERS[name].keys()
    for layer, x in found.items():
        want = expected[layer] if layer != "class" else expected[layer][:, :, None, None]
        if name == "densenet121" and layer == "features_norm5":
            with torch.no_grad():  # which its forward overwrites, and so does theirs
                want = model.features(prepared)
        assert x.shape[1] == network.channels[layer]
        assert tuple(x.shape[2:]) == network.size_at(layer, (83, 120))
        torch.testing.assert_close(x, want, atol=1e-5 * float(want.abs().max()), rtol=1e-4)


@pytest.mark.slow
def test_nothing_is_run_beyond_the_deepest_layer(downloaded):
    downloaded("googlenet", at_random("googlenet"))
    network = load_classifier_backbone("googlenet")
    ran = []
    for name in ("inception4c", "inception4d"):
        getattr(network.network, name).register_forward_hook(lambda *_, name=name: ran.append(name))
    network.features(PICTURE, ["inception3a", "inception4c"])
    assert ran == ["inception4c"]
    assert not any(module.training for module in network.modules())
    assert not any(parameter.requires_grad for parameter in network.parameters())
    assert network.network.aux1 is None


@pytest.mark.slow
def test_the_gradient_is_autograds_and_tiles_change_nothing(downloaded):
    model = at_random("resnet18")
    entry = downloaded("resnet18", model)
    network = load_classifier_backbone("resnet18")
    objective = DreamObjective(
        PICTURE, network, parse(DreamRecipe, {"layers": ["layer2_0", "layer3_1:5=0.5"]}, network.channels)
    )
    value, gradient = value_and_gradient(PICTURE, network, objective, UNTILED)
    image = PICTURE.clone().requires_grad_()
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (entry.mean, entry.std))
    nodes = create_feature_extractor(model, {"layer2.0": "layer2_0", "layer3.1": "layer3_1"})((image - mean) / std)
    deep, chosen = nodes["layer2_0"], nodes["layer3_1"]
    unit = chosen.detach().square().mean().sqrt()
    expected = deep.square().mean().sqrt() / deep.detach().square().mean().sqrt()
    expected = (expected + 0.5 * chosen[:, 5].mean() / 256**0.5 / unit) / 1.5
    torch.testing.assert_close(value, expected.detach(), atol=1e-5, rtol=1e-4)
    (by_hand,) = torch.autograd.grad(expected, image)
    torch.testing.assert_close(gradient, by_hand, atol=1e-4 * float(by_hand.abs().max()), rtol=1e-3)
    for tiles in (UNTILED, MIN_MEMORY):
        (mean_of,) = reduce_features(PICTURE, network, ["layer2_0"], lambda _, x, __: (x.mean(),), tiles)["layer2_0"]
        torch.testing.assert_close(mean_of, deep.detach().mean(), atol=1e-6, rtol=1e-4)


@pytest.mark.slow
def test_a_class_is_the_classifiers_own_logit_and_of_any_size_the_mean_over_places():
    lite0, network = load_classifier("efficientnet-lite0"), load_classifier_backbone("efficientnet-lite0")
    with torch.no_grad():
        for size in ((224, 224), (96, 160)):
            photo = torch.nn.functional.interpolate(PICTURE, size, mode="bicubic").clamp(0, 1)
            found = network.features(photo, ["class", "relu_head"])
            logits = lite0.network(lite0.normalize(photo))
            torch.testing.assert_close(found["class"][..., 0, 0], logits, atol=1e-4, rtol=1e-4)
            places = torch.einsum("oc,nchw->nohw", lite0.network.logits.weight, found["relu_head"])
            at_places = places.mean((2, 3)) + lite0.network.logits.bias
            torch.testing.assert_close(at_places, logits, atol=1e-4, rtol=1e-4)


def test_padding_with_the_edge_makes_a_blank_picture_blank_all_over():
    blank = torch.full((1, 3, 96, 128), 0.3)
    load = partial(load_classifier_backbone, "efficientnet-lite0")
    zeros, edge = load(padding="zeros"), load(padding="replicate")
    for network, even in ((zeros, False), (edge, True)):
        x = network.features(blank, ["block3_2"])["block3_2"]
        assert ((x - x.mean((2, 3), keepdim=True)).abs().max() < 1e-4) == even


@pytest.mark.slow
def test_a_picture_too_small_and_a_layer_there_is_not_are_said_in_a_line(downloaded):
    downloaded("alexnet", at_random("alexnet"))
    network = load_classifier_backbone("alexnet")
    with pytest.raises(ArtcnnError, match="a picture of 40 x 32 pixels is too small for alexnet"):
        network.features(PICTURE[..., :32, :40], ["class"])
    with pytest.raises(ArtcnnError, match="alexnet has no layer 'features_81': did you mean 'features_8'"):
        network.features(PICTURE, ["features_81"])


@pytest.mark.slow
def test_channels_need_no_weights_and_are_those_of_maps():
    channels = list(classifier_channels("googlenet").items())
    assert channels[-3:] == [("inception5b", 1024), ("avgpool", 1024), ("class", 1000)]
    assert classifier_channels("resnet50")["layer3_5"] == 1024
    assert "features_1_0" not in classifier_channels("swin_t")  # its channels are last
    assert classifier_channels("regnet_y_400mf")["trunk_output_block1_block1_0"] == 48
    with pytest.raises(WeightsError, match="vit_b_16 takes pictures of one size only"):
        classifier_channels("vit_b_16")


def test_a_network_that_is_no_vgg_keeps_its_poolings():
    with pytest.raises(ArtcnnError, match="pooling can be changed only for a VGG, and efficientnet-lite0 is none"):
        load_pretrained("efficientnet-lite0", pooling="average")
    assert isinstance(load_pretrained("efficientnet-lite0"), ClassifierBackbone)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "layer", "published"), [("resnet50", "class", 4.09e9), ("googlenet", "class", 1.50e9)]
)
def test_multiplications_are_those_that_the_papers_and_torchvision_count(name, layer, published):
    counted = count_forward(name, frozenset([layer]), "zeros")
    assert counted.macs * 224**2 == pytest.approx(published, rel=0.02)


def test_what_is_kept_is_what_autograd_keeps():
    """Of two convolutions of alexnet their inputs, of each ReLU its output, of a pooling also where the largest was."""
    counted = count_forward("alexnet", frozenset(["features_3"]), "zeros")
    # By hand at 448: picture 3 x 448^2, conv1 and its ReLU 64 x 111^2, pool 64 x 55^2 with int64 places.
    first, halved = 64 * 111**2, 64 * 55**2
    by_hand = 4 * (3 * 448**2 + first + halved) + 8 * halved
    assert counted.saved_bytes * 448**2 == pytest.approx(by_hand, rel=0.01)
    assert counted.values["features_3"] * 448**2 == 192 * 55**2


def test_a_blueprint_has_no_numbers_and_no_layer_that_overwrites():
    network = meta_model("alexnet")
    assert all(parameter.is_meta for parameter in network.parameters())
    assert not any(getattr(module, "inplace", False) for module in network.modules())
