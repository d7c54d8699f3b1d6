"""Classifiers of photographs: against the makers' own code, and torchvision's as chains."""

import warnings

import captum.attr
import pytest
import torch
from torch import nn

from artcnn.backbones import weights
from artcnn.backbones.classifier import flatten_modules, load_classifier
from artcnn.backbones.efficientnet import STAGES, efficientnet_lite0
from artcnn.backbones.state_dict import load_state_dict_file, load_vgg_state
from artcnn.backbones.weights import classifiers
from artcnn.errors import WeightsError
from artcnn.inspection.models import open_model
from artcnn.visualizers import saliency
from artcnn.visualizers.network import open_classifier, open_sequential
from artcnn.visualizers.occlusion import occlude
from artcnn.visualizers.receptive_field import receptive_fields


@pytest.fixture(scope="module")
def lite0():
    return load_classifier("efficientnet-lite0")


@pytest.fixture(scope="module")
def photo():
    return torch.nn.functional.interpolate(
        torch.rand(1, 3, 14, 14, generator=torch.Generator().manual_seed(3)), (224, 224), mode="bicubic"
    ).clamp(0, 1)


@pytest.mark.slow
def test_efficientnet_lite0_gives_what_the_published_network_gives(lite0, photo):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from efficientnet_lite_pytorch import EfficientNet

        theirs = EfficientNet.from_name("efficientnet-lite0").eval()
    theirs.load_state_dict(load_state_dict_file(weights.find("efficientnet-lite0")))
    with torch.no_grad():
        assert torch.equal(lite0.network(2 * photo - 1), theirs(2 * photo - 1))
        torch.testing.assert_close(lite0.network(lite0.normalize(photo)), theirs(2 * photo - 1), atol=1e-4, rtol=1e-4)


def test_its_classes_are_imagenets(lite0):
    assert len(lite0.classes) == 1000
    assert (lite0.classes[0], lite0.classes[967]) == ("tench", "espresso")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Setting backward hooks on ReLU")
def test_looks_into_it_are_captums(lite0, photo):
    network = open_classifier(lite0)
    model = nn.Sequential(Normalized(lite0), lite0.network)
    image = photo.clone().requires_grad_()
    expected = captum.attr.Saliency(model).attribute(image, target=967)[0].amax(0).detach()
    close(saliency.saliency(network, photo, 967), expected)
    expected = captum.attr.IntegratedGradients(model).attribute(photo, target=967, n_steps=8, internal_batch_size=8)
    close(saliency.integrated_gradients(network, photo, 967, steps=8), expected[0].sum(0).detach().float())
    expected = captum.attr.LayerGradCam(model, lite0.network.conv_head).attribute(photo, target=967)[0, 0]
    close(saliency.grad_cam(network, photo, 967, "conv_head"), expected.clamp(min=0).detach())
    probability = nn.Sequential(model, nn.Softmax(1))
    with torch.no_grad():
        whole = probability(photo)[0, 967]
        expected = captum.attr.Occlusion(probability).attribute(
            photo, sliding_window_shapes=(3, 56, 56), strides=(3, 56, 56), target=967, baselines=0.5
        )
    *_, found = occlude(network, photo, 56, 56, 0.5)
    close(whole - found[..., 967], expected[0, 0, ::56, ::56].float())


class Normalized(nn.Module):
    def __init__(self, classifier):
        super().__init__()
        self.classifier = classifier

    def forward(self, x):
        return self.classifier.normalize(x)


def close(found, expected):
    """To 1e-5 of the largest value."""
    torch.testing.assert_close(found, expected, atol=1e-5 * float(expected.abs().max()), rtol=1e-4)


@pytest.mark.slow
def test_guided_backpropagation_knows_a_relu6_in_a_block(lite0, photo):
    """By hooks on every ReLU6: only what is positive goes back. Captum knows no ReLU6 and gives the plain gradient."""
    network = open_classifier(lite0)
    plain = saliency.gradient(network, photo, 5).abs().amax(1)[0]
    hooks = []
    for module in lite0.network.modules():
        if isinstance(module, nn.ReLU6):
            hooks.append(module.register_full_backward_hook(lambda _, given, slope: (given[0] * (slope[0] > 0),)))
    expected = saliency.gradient(network, photo, 5).abs().amax(1)[0]
    for hook in hooks:
        hook.remove()
    found = saliency.guided_backpropagation(network, photo, 5)
    close(found, expected)
    assert not torch.allclose(found, plain)


@pytest.mark.slow
def test_a_receptive_field_of_a_block_is_where_the_gradient_is():
    chain = efficientnet_lite0().double().eval()
    for module in chain.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.constant_(module.weight, 1 / module.weight[0].numel())  # so that no ReLU6 is at its end
    chain = chain[:9]  # to the 5 x 5 of stride 2 and the block behind it
    network = open_sequential("lite0", chain, (3, 224, 224), ())
    image = torch.rand(1, 3, 224, 224, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    for name, field in receptive_fields(network).items():
        inputs = image.clone().requires_grad_()
        output = network.run(inputs, [name])[name]
        row, column = output.shape[2] // 2, 1
        (gradient,) = torch.autograd.grad(output[0, :, row, column].sum(), inputs)
        seen = gradient.abs().sum((0, 1)) > 0
        rows, columns = seen.any(1).nonzero().flatten(), seen.any(0).nonzero().flatten()
        top, left, bottom, right = field.box(row, column)
        assert (int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1) == (
            max(0, top), min(224, bottom), max(0, left), min(224, right)
        ), name  # fmt: skip


def test_its_strides_are_the_papers():
    fields = receptive_fields(open_sequential("lite0", efficientnet_lite0().eval(), (3, 224, 224), ()))
    assert fields["relu_head"].stride == (32, 32)
    assert fields["logits"] is None
    assert sum(count for *_, count in STAGES) == 16


@pytest.mark.slow
@pytest.mark.parametrize("name", ["resnet18", "alexnet", "squeezenet1_1", "mobilenet_v2", "convnext_tiny"])
def test_a_classifier_of_torchvision_is_a_chain(name):
    from torchvision.models import get_model

    model = get_model(name, weights=None).eval()
    inputs = torch.rand(1, 3, 96, 96)
    with torch.no_grad():
        close(flatten_modules(model, pooled=name == "mobilenet_v2")(inputs), model(inputs))


def test_receptive_fields_of_a_residual_network_are_the_known_ones():
    from torchvision.models import resnet18

    network = open_sequential("resnet18", flatten_modules(resnet18(weights=None).eval()), (3, 224, 224), ())
    fields = receptive_fields(network)
    known = {"conv1": (7, 2), "maxpool": (11, 4), "layer1_1": (43, 4), "layer2_1": (99, 8), "layer4_1": (435, 32)}
    assert {name: (fields[name].size[0], fields[name].stride[0]) for name in known} == known
    assert fields["avgpool"] is None


def test_what_torchvision_says_of_its_weights_is_taken(monkeypatch, tmp_path):
    found = weights.find("resnet50")
    assert (found.file, found.sha256, found.side) == ("resnet50-11ad3fa6.pth", "11ad3fa6", 224)
    assert found.megabytes == pytest.approx(97.8, abs=0.1)
    assert weights.url(found).endswith("/resnet50-11ad3fa6.pth")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["resnet18", "googlenet"])
def test_a_downloaded_classifier_is_opened_or_says_why_not(monkeypatch, tmp_path, name):
    """With a file that this test writes in place of the download."""
    from dataclasses import replace

    from torchvision.models import get_model

    from artcnn.hashes import sha256_of

    torch.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = get_model(name, weights=None, **({"init_weights": True} if name == "googlenet" else {})).eval()
    torch.save(model.state_dict(), tmp_path / "x.pth")
    entry = replace(weights.find(name), file="x.pth", sha256=sha256_of(tmp_path / "x.pth")[:8])
    monkeypatch.setitem(weights.WEIGHTS, name, entry)
    monkeypatch.setattr(weights, "cached_weights_dir", lambda: tmp_path)
    if name == "googlenet":
        with pytest.raises(WeightsError, match="googlenet is not a sequence of layers: use resnet50"):
            load_classifier(name)
        photo = torch.rand(1, 3, 224, 224)
        opened = open_model(name)  # to look into it needs no sequence
        mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (entry.mean, entry.std))
        model.transform_input = True
        with torch.no_grad():
            torch.testing.assert_close(opened.logits(photo), model((photo - mean) / std))
        assert opened.layer("inception3a.branch2").kind == "block"
        assert opened.classes[504] == "coffee mug"
        return
    found = load_classifier(name)
    inputs = torch.rand(1, 3, 224, 224)
    with torch.no_grad():
        torch.testing.assert_close(found.network(inputs), model(inputs))
    assert not any(getattr(module, "inplace", False) for module in found.network.modules())


def test_a_file_that_does_not_fit_is_one_line(monkeypatch, tmp_path):
    from dataclasses import replace

    from artcnn.hashes import sha256_of

    torch.save({"fc.weight": torch.zeros(3)}, tmp_path / "x.pth")
    entry = replace(weights.find("resnet18"), file="x.pth", sha256=sha256_of(tmp_path / "x.pth")[:8])
    monkeypatch.setitem(weights.WEIGHTS, "resnet18", entry)
    monkeypatch.setattr(weights, "cached_weights_dir", lambda: tmp_path)
    with pytest.raises(WeightsError, match="weights of resnet18 do not fit") as caught:
        load_classifier("resnet18")
    assert "\n" not in str(caught.value)


def test_a_classifier_is_no_backbone():
    with pytest.raises(WeightsError, match="efficientnet-lite0 is a classifier, not a VGG: use vgg16, "):
        load_vgg_state("efficientnet-lite0")


def test_torchvisions_names_are_read_without_it():
    from torchvision import models

    assert sorted(classifiers()) == sorted(models.list_models(module=models))
