"""Chains of layers, and the receptive fields of their units against gradients."""

import pytest
import torch
from torch import nn

from artcnn.backbones.layers import layer_channels
from artcnn.backbones.vgg import VGGBackbone, load_vgg
from artcnn.errors import ArtcnnError
from artcnn.nets import mnist
from artcnn.visualizers.activations import compute_activations
from artcnn.visualizers.filters import read_filters
from artcnn.visualizers.network import Network, open_backbone, open_sequential
from artcnn.visualizers.receptive_field import receptive_fields

# Receptive field and stride, as the papers on VGG have them.
KNOWN = {
    "conv1_2": (5, 1), "pool1": (6, 2), "conv2_2": (14, 2), "pool2": (16, 4), "conv3_3": (40, 4), "pool3": (44, 8),
    "conv4_3": (92, 8), "pool4": (100, 16), "conv5_3": (196, 16), "pool5": (212, 32),
}  # fmt: skip


def open_net(arch: str) -> Network:
    return open_sequential(arch, mnist.build(arch).eval(), (1, 28, 28), tuple("0123456789"))


@pytest.fixture(scope="module")
def positive_vgg() -> Network:
    """Return VGG-16 a channel wide, all weights positive and average pooling: whatever a unit sees has a gradient."""
    state = {}
    for index, name in enumerate(layer_channels("vgg16")):
        if name.startswith("conv"):
            inputs = 3 if name == "conv1_1" else 1
            state[f"features.{index}.weight"] = torch.full((1, inputs, 3, 3), 0.1, dtype=torch.float64)
            state[f"features.{index}.bias"] = torch.ones(1, dtype=torch.float64)
    backbone = VGGBackbone("vgg16", "vgg16", state, mean=(0, 0, 0), std=(1, 1, 1), pooling="average").double()
    return open_backbone(backbone, 224)


def seen(network: Network, layer: str, image: torch.Tensor, row: int, column: int) -> tuple[int, int, int, int]:
    image = image.clone().requires_grad_()
    output = network.run(image, [layer])[layer]
    (gradient,) = torch.autograd.grad(output[0, 0, row, column], image)
    touched = gradient.abs().sum((0, 1)) > 0
    rows, columns = touched.any(1).nonzero().flatten(), touched.any(0).nonzero().flatten()
    return int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1


def clipped(box: tuple[int, ...], height: int, width: int) -> tuple[int, int, int, int]:
    top, left, bottom, right = box
    return max(top, 0), max(left, 0), min(bottom, height), min(right, width)


@pytest.mark.parametrize("layer", layer_channels("vgg16"))
def test_a_receptive_field_of_vgg_is_where_the_gradient_is(positive_vgg, layer):
    image = torch.rand(1, 3, 224, 256, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    field = receptive_fields(positive_vgg)[layer]
    height, width = positive_vgg.run(image, [layer])[layer].shape[2:]
    for row, column in {(0, 0), (height // 2, width // 2), (height - 1, 0), (1, width - 1)}:
        assert seen(positive_vgg, layer, image, row, column) == clipped(field.box(row, column), 224, 256)
    if layer in KNOWN:
        size, stride = KNOWN[layer]
        assert (field.size, field.stride) == ((size, size), (stride, stride))


@pytest.mark.parametrize("arch", ["lecture", "best"])
def test_a_receptive_field_of_a_digits_network_is_where_the_gradient_is(arch):
    chain = mnist.build(arch, "average").double().eval()
    for parameter in chain.parameters():
        nn.init.constant_(parameter, 0.1)
    network = open_sequential(arch, chain, (1, 28, 28), ())
    image = torch.rand(1, 1, 28, 28, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    for name, field in receptive_fields(network).items():
        if field is None:
            continue
        height, width = network.run(image, [name])[name].shape[2:]
        for row, column in {(0, 0), (height // 2, width // 2), (height - 1, width - 1)}:
            assert seen(network, name, image, row, column) == clipped(field.box(row, column), 28, 28), name


def test_the_lectures_receptive_fields():
    fields = receptive_fields(open_net("lecture"))
    assert [(fields[name].size, fields[name].stride) for name in ("conv1", "pool1", "conv2", "pool2")] == [
        ((3, 3), (1, 1)),
        ((4, 4), (2, 2)),
        ((8, 8), (2, 2)),
        ((10, 10), (4, 4)),
    ]
    assert fields["fc1"] is None
    assert fields["logits"] is None


@pytest.mark.slow
def test_outside_its_box_nothing_changes_a_unit():
    """Zeroing all that a unit does not see changes it by exactly nothing; one row more that it sees, by something."""
    network = open_backbone(load_vgg("vgg16"), 160)
    image = torch.rand(1, 3, 160, 160, generator=torch.Generator().manual_seed(2))
    field = receptive_fields(network)["conv3_3"]
    for row, column in ((20, 20), (0, 0), (39, 11)):
        top, left, bottom, right = clipped(field.box(row, column), 160, 160)
        with torch.no_grad():
            whole = network.run(image, ["conv3_3"])["conv3_3"][0, :, row, column]
            masked = torch.zeros_like(image)
            masked[..., top:bottom, left:right] = image[..., top:bottom, left:right]
            assert torch.equal(network.run(masked, ["conv3_3"])["conv3_3"][0, :, row, column], whole)
            masked[..., bottom - 1, :] = 0
            assert not torch.equal(network.run(masked, ["conv3_3"])["conv3_3"][0, :, row, column], whole)


def test_before_and_after_a_relu_are_not_the_same():
    network = open_backbone(load_vgg("vgg16"), 64)
    image = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    found = network.run(image, ["conv4_3", "relu4_3"])
    assert found["conv4_3"].min() < 0
    assert torch.equal(found["relu4_3"], found["conv4_3"].clamp(min=0))


def test_a_chain_runs_no_further_than_it_is_asked_to(monkeypatch):
    chain = mnist.lecture()
    network = open_sequential("lecture", chain, (1, 28, 28), ())

    def fail(*arguments):
        raise AssertionError

    monkeypatch.setattr(chain.fc1, "forward", fail)
    assert network.run(torch.zeros(1, 1, 28, 28), ["conv2"]).keys() == {"conv2"}


def test_shapes_are_those_of_the_outputs():
    shapes = open_net("lecture").shapes()
    assert shapes["conv2"] == (50, 11, 11)
    assert shapes["logits"] == (10,)


def test_a_wrong_layer_names_the_nearest_three():
    with pytest.raises(ArtcnnError, match=r"no layer 'conv3': the nearest are conv\d, conv\d, "):
        open_net("lecture").layer("conv3")


def test_filters_of_the_first_layer_are_its_weights():
    chain = mnist.lecture()
    found = read_filters(open_sequential("x", chain, (1, 28, 28), ()), "conv1")
    assert torch.equal(found.kernels, chain.conv1.weight)
    assert found.limit == float(chain.conv1.weight.detach().abs().max())
    assert found.slices is None


def test_filters_of_a_deeper_layer_are_their_strongest_slices():
    chain = mnist.lecture()
    found = read_filters(open_sequential("x", chain, (1, 28, 28), ()), "conv2", strongest=3)
    weight = chain.conv2.weight.detach()
    for unit in (0, 17, 49):
        order = sorted(range(25), key=lambda source: -float(weight[unit, source].norm()))[:3]
        assert found.slices[unit].tolist() == order
        torch.testing.assert_close(found.kernels[unit], weight[unit, order])
    torch.testing.assert_close(found.norms, weight.flatten(1).norm(dim=1))


def test_what_has_no_kernels_says_so():
    for name in ("fc1", "pool1"):
        with pytest.raises(ArtcnnError, match=f"{name} has no kernels to show: choose from conv1, conv2"):
            read_filters(open_net("lecture"), name)


def test_activations_are_measured_by_map():
    network = open_net("lecture")
    image = torch.rand(1, 1, 28, 28, generator=torch.Generator().manual_seed(3))
    found = compute_activations(network, image, ["conv1", "logits"])
    maps = network.run(image, ["conv1"])["conv1"].detach()[0]
    assert torch.equal(found["conv1"].maps, maps)
    for unit in (0, 24):
        assert float(found["conv1"].maximum[unit]) == float(maps[unit].max())
        assert float(found["conv1"].degree[unit]) == pytest.approx(
            float(maps[unit].double().clamp(min=0).sum()), rel=1e-4, abs=1e-4
        )
        assert float(found["conv1"].mean[unit]) == pytest.approx(float(maps[unit].double().mean()), rel=1e-4, abs=1e-5)
    assert found["logits"].maps.shape == (10, 1, 1)
