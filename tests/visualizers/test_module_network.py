"""Modules that people bring: captum, closed forms and gradients say what is found in them."""

from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import captum.attr
import pytest
import torch
import torchvision
from torch import nn
from torch.nn import functional as F

from artcnn.errors import ArtcnnError
from artcnn.visualizers import saliency
from artcnn.visualizers.activations import compute_activations
from artcnn.visualizers.convolution import run_first_convolution
from artcnn.visualizers.filters import read_filters
from artcnn.visualizers.linear_units import is_linear
from artcnn.visualizers.module_network import ModuleNetwork, open_module
from artcnn.visualizers.occlusion import occlude
from artcnn.visualizers.patches import find_top_patches
from artcnn.visualizers.receptive_field import receptive_fields
from artcnn.visualizers.sanity_checks import randomize_cascading

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
SIDE = 64


@pytest.fixture(scope="module")
def resnet() -> nn.Module:
    """Return ResNet-18 with weights that nothing has learned."""
    with torch.random.fork_rng([]):
        torch.manual_seed(0)
        return torchvision.models.resnet18().eval()


@pytest.fixture(scope="module")
def network(resnet) -> ModuleNetwork:
    return open_module(resnet, SIDE, mean=MEAN, std=STD)


@pytest.fixture(scope="module")
def picture() -> torch.Tensor:
    return torch.rand(1, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope="module")
def on_pixels(resnet):
    """Return what makes of pixels in [0, 1] the module's outputs, for captum."""
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (MEAN, STD))

    class OnPixels(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = resnet

        def forward(self, x):
            return self.inner((x - mean) / std)

    return OnPixels().eval()


class Branches(nn.Module):
    """Two ways that meet, with things that no module does: a ReLU, a sum, a concatenation."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(1, 2, 3, stride=2, padding=1)
        self.wide = nn.Conv2d(2, 2, (3, 5), padding=(2, 2), dilation=(2, 1))
        self.narrow = nn.Sequential(nn.Conv2d(2, 2, 1), nn.BatchNorm2d(2))
        self.pool = nn.AvgPool2d(2, 2)
        self.head = nn.Linear(4, 3)
        for parameter in self.parameters():
            nn.init.constant_(parameter, 0.1)

    def forward(self, x):
        x = F.relu(self.stem(x))
        x = self.pool(torch.cat([self.wide(x) + x, F.relu_(self.narrow(x))], 1))
        return self.head(x.mean((2, 3)))


def test_layers_have_their_own_names_in_the_order_of_their_answers(network, resnet):
    names = [layer.name for layer in network.layers]
    assert names[:4] == ["conv1", "bn1", "relu", "maxpool"]
    assert names[-2:] == ["avgpool", "fc"]
    assert set(network.outputs) <= {name for name, _ in resnet.named_modules()}
    assert network.layer("layer2.0.conv1").stride == (2, 2)
    assert network.layer("layer1").kind == "block"
    assert network.shapes()["layer4.1.bn2"] == (512, SIDE // 32, SIDE // 32)
    assert network.classes == tuple(map(str, range(1000)))


def test_a_layer_gives_what_a_hook_sees(network, on_pixels, resnet, picture):
    seen = {}
    for name in ("layer1.0.bn1", "layer2", "fc"):
        hook = resnet.get_submodule(name).register_forward_hook(
            lambda _, __, out, name=name: seen.update({name: out.clone()})
        )
        with torch.no_grad():
            on_pixels(picture)
            found = network.run(picture, [name])
        hook.remove()
        torch.testing.assert_close(found[name], seen[name])
    both = network.run(picture, ["layer2", "fc"])
    torch.testing.assert_close(both["layer2"], seen["layer2"])


def test_nothing_beyond_the_last_wanted_layer_is_computed(network, picture, monkeypatch):
    def fail(*arguments):
        raise AssertionError

    monkeypatch.setattr(network.module.fc, "forward", fail)
    assert network.run(picture, ["layer1.1.conv2", "relu"]).keys() == {"layer1.1.conv2", "relu"}


def test_the_module_stays_as_it_is():
    module = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(inplace=True), nn.Dropout(0.5), nn.Flatten(), nn.LazyLinear(3))
    module(torch.zeros(1, 1, 8, 8))
    network = open_module(module.train(), (8, 8), channels=1)
    assert module.training
    assert module[1].inplace
    assert all(parameter.requires_grad for parameter in module.parameters())
    picture = torch.rand(1, 1, 8, 8)
    assert float(network.run(picture, ["0", "1"])["0"].detach().min()) < 0, "before the ReLU"
    assert torch.equal(network.logits(picture), network.logits(picture)), "without dropout"


def test_receptive_fields_follow_every_operation():
    network = open_module(Branches().double(), (32, 40), channels=1)
    fields = receptive_fields(network)
    image = torch.rand(1, 1, 32, 40, generator=torch.Generator().manual_seed(0))
    for name in ("stem", "wide", "narrow", "narrow.1", "pool"):
        height, width = network.shapes()[name][1:]
        for row, column in ((0, 0), (height // 2, width // 2), (height - 1, width - 1)):
            inputs = image.clone().requires_grad_()
            output = network.run(inputs, [name])[name]
            (gradient,) = torch.autograd.grad(output[0, :, row, column].sum(), inputs)
            touched = gradient[0, 0].abs() > 0
            rows, columns = touched.any(1).nonzero().flatten(), touched.any(0).nonzero().flatten()
            seen = int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1
            top, left, bottom, right = fields[name].box(row, column)
            assert seen == (max(0, top), max(0, left), min(32, bottom), min(40, right)), (name, row, column)
    assert fields["head"] is None


@pytest.mark.slow
def test_receptive_fields_are_those_of_the_papers():
    """As in Araujo, Norris and Sim 2019, table 1."""
    known = {
        "resnet18": ("layer4.1.bn2", 435),
        "alexnet": ("features.12", 195),
        "densenet121": ("features.norm5", 2071),
    }
    for architecture, (layer, size) in known.items():
        with torch.device("meta"):
            module = torchvision.models.get_model(architecture)
        module = module.to_empty(device="cpu")
        assert receptive_fields(open_module(module, 64))[layer].size == (size, size)


def test_what_mixes_places_sees_everything():
    for mixes in (nn.AdaptiveAvgPool2d(1), nn.Softmax(3), nn.InstanceNorm2d(2), nn.Upsample(scale_factor=2)):
        module = nn.Sequential(nn.Conv2d(1, 2, 3), mixes, nn.Conv2d(2, 2, 1))
        fields = receptive_fields(open_module(module, (8, 8), channels=1))
        assert fields["0"].size == (3, 3)
        assert fields["2"] is None, mixes


@pytest.mark.slow
def test_gradients_are_captums(network, on_pixels, picture):
    target = 3
    expected = captum.attr.Saliency(on_pixels).attribute(picture.clone().requires_grad_(), target=target)
    torch.testing.assert_close(saliency.saliency(network, picture, target), expected.amax(1)[0])
    path = captum.attr.IntegratedGradients(on_pixels)
    expected = path.attribute(picture.clone(), torch.zeros_like(picture), target, n_steps=8, method="gausslegendre")
    found = saliency.integrated_gradients(network, picture, target, steps=8)
    torch.testing.assert_close(found, expected.sum(1)[0].to(found.dtype), atol=1e-4, rtol=1e-3)


def test_grad_cam_is_captums(network, on_pixels, resnet, picture):
    for layer in (None, "layer3", "layer2.1.conv1"):
        module = resnet.get_submodule(layer or "layer4")
        expected = captum.attr.LayerGradCam(on_pixels, module).attribute(picture, 3, relu_attributions=True)
        found = saliency.grad_cam(network, picture, 3, layer)
        torch.testing.assert_close(found, expected[0, 0].detach())


def test_occlusion_is_captums(network, on_pixels, picture):
    attribution = captum.attr.Occlusion(lambda x: on_pixels(x).softmax(1))
    with torch.no_grad():
        lost = attribution.attribute(
            picture, (3, 32, 32), strides=(3, 16, 16), baselines=0.5, target=3, perturbations_per_eval=4
        )
        whole = on_pixels(picture).softmax(1)[0, 3]
    *_, found = occlude(network, picture, 32, 16, 0.5)
    # captum gives each pixel the mean over all squares that hide it.
    squares = torch.zeros(SIDE, SIDE), torch.zeros(SIDE, SIDE)
    for row in range(3):
        for column in range(3):
            where = slice(16 * row, 16 * row + 32), slice(16 * column, 16 * column + 32)
            squares[0][where] += whole - found[row, column, 3]
            squares[1][where] += 1
    torch.testing.assert_close(squares[0] / squares[1], lost[0, 0].float(), atol=1e-7, rtol=1e-3)


def test_a_linear_module_by_closed_form():
    module = nn.Sequential(nn.Flatten(), nn.Linear(3 * 4 * 5, 2))
    network = open_module(module, (4, 5), mean=MEAN, std=STD, classes=["cat", "dog"])
    weight = module[1].weight.detach()[1].view(3, 4, 5) / torch.tensor(STD)[:, None, None]
    image = torch.rand(1, 3, 4, 5, generator=torch.Generator().manual_seed(2))
    torch.testing.assert_close(saliency.saliency(network, image, 1), weight.abs().amax(0))
    found = saliency.integrated_gradients(network, image, 1)
    torch.testing.assert_close(found, (weight * image[0]).sum(0), atol=1e-5, rtol=1e-4)
    normalized = (image - torch.tensor(MEAN).view(1, 3, 1, 1)) / torch.tensor(STD).view(1, 3, 1, 1)
    torch.testing.assert_close(network.logits(image), module(normalized).detach())
    assert network.classes == ("cat", "dog")


def test_patches_and_maps_and_kernels(network, resnet, picture):
    pictures = [picture, picture.flip(3)]
    best = find_top_patches(network, "layer2", [5], pictures, count=1)[5][0]
    with torch.no_grad():
        maps = network.run(torch.cat(pictures), ["layer2"])["layer2"][:, 5]
    number, row, column = (int(part) for part in torch.unravel_index(maps.argmax(), maps.shape))
    assert best.value == pytest.approx(float(maps.max()))
    assert (best.picture, best.box) == (number, receptive_fields(network)["layer2"].box(row, column))
    assert compute_activations(network, picture, ["avgpool", "fc"])["avgpool"].maps.shape == (512, 1, 1)
    assert torch.equal(read_filters(network, "conv1").kernels, resnet.conv1.weight.detach())
    first = run_first_convolution(network, picture)
    assert first.terms(3, 4, 5).value == pytest.approx(float(first.maps[3, 4, 5]), abs=1e-5)
    with pytest.raises(ArtcnnError, match="does not begin with a convolution"):
        run_first_convolution(
            open_module(nn.Sequential(nn.ReLU(), nn.Conv2d(1, 1, 3)), (8, 8), channels=1), torch.rand(1, 1, 8, 8)
        )


def test_a_relu_that_only_the_forward_knows_is_not_taken_for_linear():
    assert not is_linear(open_module(Branches(), (16, 16), channels=1), "wide")


def test_layers_are_drawn_anew_one_after_the_other(network, resnet, picture):
    drawn_anew = list(islice(randomize_cascading(network), 3))
    assert [name for name, _ in drawn_anew] == ["fc", "layer4.1.bn2", "layer4.1.conv2"]
    drawn = drawn_anew[-1][1]
    assert not torch.equal(drawn.module.layer4[1].conv2.weight, resnet.layer4[1].conv2.weight)
    assert torch.equal(drawn.module.layer4[1].conv1.weight, resnet.layer4[1].conv1.weight)
    assert not torch.equal(drawn.logits(picture), network.logits(picture))


class Odd(nn.Module):
    """Gives tokens on the way, and the output by no module of its own."""

    def __init__(self):
        super().__init__()
        self.tokens = nn.Linear(8, 8)
        self.forward_2 = nn.Conv2d(1, 4, 8)

    def forward(self, x):
        self.tokens(x[:, 0, :2])
        return self.forward_2(x).flatten(1) * 2


def test_layers_that_networks_of_ours_lack_have_a_kind():
    layers = nn.Sequential(nn.Conv2d(1, 2, 3, padding="same"), nn.GELU(), nn.Dropout2d(), nn.Tanh(), nn.GroupNorm(1, 2))
    network = open_module(layers, 8, channels=1)
    assert [layer.kind for layer in network.layers] == ["convolution", "activation", "dropout", "activation", "block"]
    assert network.layers[0].padding == (1, 1)
    assert repr(network) == "<Sequential: 5 layers, takes 1 x 8 x 8, no classes>"


def test_what_no_module_gives_is_called_forward():
    network = open_module(Odd(), (8, 8), channels=1)
    assert network.layers[-1].name == "forward"
    image = torch.rand(1, 1, 8, 8)
    torch.testing.assert_close(network.logits(image), 2 * network.run(image, ["forward_2"])["forward_2"].flatten(1))
    with pytest.raises(ArtcnnError, match=r"^tokens of Odd gives 2 x 8 numbers: neither maps nor"):
        network.layer("tokens")


@pytest.mark.slow
def test_maps_whose_channels_are_last_are_maps(picture):
    """As in Swin: units are channels, and captum's Grad-CAM of the same maps agrees."""
    with torch.random.fork_rng([]):
        torch.manual_seed(0)
        swin = torchvision.models.SwinTransformer([4, 4], 8, [1, 1], [2, 2], [4, 4], num_classes=3).eval()
    network = open_module(swin, SIDE)
    assert network.shapes()["features.1"] == (8, 16, 16)
    assert network.shapes()["features.3.0.mlp.0"] == (64, 8, 8)
    assert network.shapes()["features.0.0"] == (8, 16, 16), "a convolution, whose channels are first"
    assert network.shapes()["permute"] == (16, 8, 8)
    seen = []
    hook = swin.features[1].register_forward_hook(lambda *found: seen.append(found[2]))
    with torch.no_grad():
        logits = swin(picture)
    hook.remove()
    torch.testing.assert_close(network.run(picture, ["features.1"])["features.1"][0, 3], seen[0][0, ..., 3])
    torch.testing.assert_close(network.logits(picture), logits)
    expected = captum.attr.LayerGradCam(swin, swin.permute).attribute(picture, 1, relu_attributions=True)
    for layer in ("norm", "permute"):
        torch.testing.assert_close(saliency.grad_cam(network, picture, 1, layer), expected[0, 0].detach())
    convnext = torchvision.models.ConvNeXt([torchvision.models.convnext.CNBlockConfig(4, None, 2)], num_classes=3)
    shapes = open_module(convnext, SIDE).shapes()
    assert shapes["features.1.0"] == (4, 16, 16)
    assert shapes["features.1.0.block.3"] == (16, 16, 16)


def test_mistakes_are_one_line(network, resnet):
    with pytest.raises(ArtcnnError, match=r"^ResNet has no layer 'layer4.1.conv9': the nearest are layer4.1.conv\d"):
        network.layer("layer4.1.conv9")
    with pytest.raises(
        ArtcnnError, match=r"^ResNet does not take a picture of 1 x 64 x 64 numbers: .*channels"
    ) as caught:
        open_module(resnet, (64, 64), channels=1)
    assert "\n" not in str(caught.value)
    with pytest.raises(ArtcnnError, match=r"^classes: ResNet has 1000 outputs, and there are 2 names$"):
        open_module(resnet, 64, classes=["cat", "dog"])
    with pytest.raises(ArtcnnError, match=r"^mean: mine takes 3 channels, and there are 2 numbers$"):
        open_module(resnet, 64, mean=(0.5, 0.5), name="mine")
    with pytest.raises(ArtcnnError, match=r"^std: every number must be above 0$"):
        open_module(resnet, 64, std=(0.0,))
    for outputs in (nn.Conv2d(3, 2, 1), nn.Sequential(nn.Flatten(), nn.Linear(3 * 64 * 64, 1))):
        with pytest.raises(ArtcnnError, match="gives no answers"):
            open_module(outputs, 64).check_classes()


def test_two_threads_may_look_at_once(network, picture):
    others = [picture.flip(3), picture.flip(2), 1 - picture, picture / 2]
    expected = [network.run(other, ["layer2"])["layer2"] for other in others]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(5):
            found = pool.map(lambda other: network.run(other, ["layer2"])["layer2"], others)
            assert all(torch.equal(*pair) for pair in zip(found, expected, strict=True))
