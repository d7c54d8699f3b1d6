"""Pictures run in tiles: the value and the gradient of the whole picture, to rounding."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from artcnn.backbones.tiled_autograd import features, reduce_features, value_and_gradient
from artcnn.backbones.tiles import TilePlan
from artcnn.backbones.vgg import load_vgg
from artcnn.losses import gram_matrix
from artcnn.spatial import mean_square


class Everything:
    """A value that every place of some layers has part in: their Gram matrices, and distances from a target."""

    def __init__(self, layers):
        self.layers = layers

    def reduce(self, _, features, at):
        rows, columns = (
            torch.arange(first, first + length, dtype=features.dtype)
            for first, length in zip(at, features.shape[2:], strict=True)
        )
        return gram_matrix(features), (features - rows.sin()[:, None] - columns.cos()).square().mean()

    def value(self, measured):
        return sum(gram.square().sum().sqrt() + distance for gram, distance in measured.values())


def plainly(image, backbone, objective):
    """Return the value and the gradient by torch's own operations, layer by layer."""
    image = image.clone().requires_grad_()
    x, found = (image - backbone.mean) / backbone.std, {}
    for layer in backbone.channels:
        if layer.startswith("conv"):
            weight, bias = backbone.get_buffer(f"{layer}_weight"), backbone.get_buffer(f"{layer}_bias")
            mode = "constant" if backbone.padding == "zeros" else backbone.padding
            x = torch.conv2d(torch.nn.functional.pad(x, (1, 1, 1, 1), mode=mode), weight, bias)
        elif layer.startswith("relu"):
            x = torch.relu(x)
        else:
            pool = torch.nn.functional.max_pool2d if backbone.pooling == "max" else torch.nn.functional.avg_pool2d
            x = pool(x, 2)
        if layer in objective.layers:
            found[layer] = objective.reduce(layer, x, (0, 0))
        if len(found) == len(objective.layers):
            break
    value = objective.value(found)
    return value.detach(), torch.autograd.grad(value, image)[0]


LAYERS = [
    ["relu5_1"],
    ["relu1_1", "relu2_1", "relu3_1", "relu4_2"],
    ["conv3_2", "relu3_2", "pool3"],
    ["relu1_2", "pool1"],
]


@pytest.fixture(
    scope="module", params=[("max", "zeros"), ("max", "replicate"), ("average", "replicate"), ("max", "circular")]
)
def vgg(request):
    pooling, padding = request.param
    network = load_vgg(pooling=pooling, padding=padding)
    for name, buffer in network.named_buffers():
        network.register_buffer(name, buffer[:8, :8].double() if "weight" in name else buffer[:8].double())
    network.register_buffer("mean", torch.zeros(1, 3, 1, 1).double())
    network.register_buffer("std", torch.ones(1, 3, 1, 1).double())
    network.register_buffer("conv1_1_weight", load_vgg().get_buffer("conv1_1_weight")[:8].double())
    network.channels = dict.fromkeys(network.channels, 8)
    return network


@pytest.mark.parametrize("layers", LAYERS)
@pytest.mark.parametrize("stages", [0, 1, 3, 5])
def test_the_gradient_is_that_of_the_whole_picture(vgg, layers, stages):
    image = torch.rand(1, 3, 77, 50, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    objective = Everything(layers)
    value, gradient = value_and_gradient(image, vgg, objective, TilePlan(stages, values=8 * 50 * 6))
    expected, expected_gradient = plainly(image, vgg, objective)
    torch.testing.assert_close(value, expected, rtol=1e-12, atol=0)
    largest = expected_gradient.abs().max().item()
    torch.testing.assert_close(gradient, expected_gradient, rtol=1e-9, atol=1e-12 * largest)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(
    height=st.integers(4, 70),
    width=st.integers(4, 40),
    places=st.integers(1, 1000),
    stages=st.integers(1, 2),
    padding=st.sampled_from(["replicate", "circular"]),
)
def test_any_size_and_any_tiles(make_tiny_once, height, width, places, stages, padding):
    image = torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    objective = Everything(["relu1_1", "conv2_1"])
    network = make_tiny_once.padded(padding)
    value, gradient = value_and_gradient(image, network, objective, TilePlan(stages, values=6 * places))
    expected, expected_gradient = plainly(image, network, objective)
    torch.testing.assert_close(value, expected, rtol=1e-12, atol=0)
    torch.testing.assert_close(gradient, expected_gradient, rtol=1e-9, atol=1e-12)


@pytest.fixture(scope="module")
def make_tiny_once():
    with pytest.MonkeyPatch.context() as patch:
        from artcnn.backbones import layers
        from artcnn.backbones.vgg import VGGBackbone

        patch.setitem(layers.BLOCKS, "tiny", ((4,), (6,)))
        random = torch.Generator().manual_seed(2)
        state = {
            "features.0.weight": torch.randn(4, 3, 3, 3, generator=random),
            "features.0.bias": torch.randn(4, generator=random),
            "features.3.weight": torch.randn(6, 4, 3, 3, generator=random),
            "features.3.bias": torch.randn(6, generator=random),
        }
        mean, std = (0.5, 0.4, 0.3), (0.2, 0.25, 0.3)
        return VGGBackbone("tiny", "tiny", state, mean=mean, std=std, padding="replicate").double()


def test_features_and_means_put_together_of_tiles_are_those_of_the_whole(vgg):
    image = torch.rand(1, 3, 64, 51, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    names = ["relu1_1", "conv2_2", "pool2", "relu3_1"]
    whole = vgg.features(image, names)
    tiles = TilePlan(3, values=8 * 51 * 4)
    for layer, found in features(image, vgg, names, tiles).items():
        torch.testing.assert_close(found, whole[layer], rtol=1e-10, atol=1e-12)
    for layer, (square,) in reduce_features(image, vgg, names, lambda _, x, __: (mean_square(x),), tiles).items():
        torch.testing.assert_close(square, whole[layer].square().mean(), rtol=1e-12, atol=0)


def test_nothing_is_left_of_a_gradient(tiny, photo):
    before = photo.clone()
    value_and_gradient(photo, tiny, Everything(["relu2_1"]), TilePlan(2, values=400))
    assert photo.grad is None
    assert torch.equal(photo, before)
    assert not any(buffer.requires_grad for buffer in tiny.buffers())
