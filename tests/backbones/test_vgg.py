import pytest
import torch
from torchvision import models

from artcnn.backbones.base import check_backbone, load_backbone
from artcnn.backbones.convolution import pool2x2
from artcnn.backbones.layers import convolution_index, layer_channels
from artcnn.backbones.state_dict import load_vgg_state
from artcnn.backbones.vgg import VGGBackbone, load_vgg
from artcnn.errors import ArtcnnError
from artcnn.recipes import BackboneRecipe


@pytest.mark.slow
@pytest.mark.parametrize("architecture", ["vgg16", "vgg19"])
def test_every_layer_of_torchvisions_network_has_its_name(architecture):
    channels = layer_channels(architecture)
    torchvisions = list(getattr(models, architecture)().features)
    kinds = {"Conv2d": "conv", "ReLU": "relu", "MaxPool2d": "pool"}
    assert [kinds[type(layer).__name__] for layer in torchvisions] == [name[:4] for name in channels]
    for name, index in convolution_index(architecture).items():
        assert torchvisions[index].out_channels == channels[name]


@pytest.mark.slow
def test_features_are_those_of_torchvisions_network_with_the_bundled_weights(samples):
    from artcnn.files.read import read_picture

    image = torch.nn.functional.avg_pool2d(read_picture(samples / "castle.jpg").pixels, 4)
    network = models.vgg16().features
    network.load_state_dict({k.removeprefix("features."): v for k, v in load_vgg_state("vgg16").items()})
    expected, x = {}, image * 255 - torch.tensor([123.68, 116.779, 103.939]).view(1, 3, 1, 1)
    with torch.no_grad():
        for name, layer in zip(layer_channels("vgg16"), network, strict=True):
            x = layer(x.clone())  # torchvision's ReLUs would overwrite what came before them
            expected[name] = x.clone()
        found = load_vgg().features(image, list(expected))
    for name, x in expected.items():
        assert (found[name] - x).abs().max() <= 1e-5 * x.abs().max(), name


def test_before_and_after_the_relu_are_two_layers(tiny, photo):
    features = tiny.features(photo, ["conv1_1", "relu1_1"])
    assert features["conv1_1"].min() < 0
    torch.testing.assert_close(features["relu1_1"], features["conv1_1"].clamp_min(0))


def test_features_in_closed_form(tiny, photo):
    x = (photo - torch.tensor([0.5, 0.4, 0.3]).view(1, 3, 1, 1)) / torch.tensor([0.2, 0.25, 0.3]).view(1, 3, 1, 1)
    weight, bias = tiny.get_buffer("conv1_1_weight"), tiny.get_buffer("conv1_1_bias")
    at_5_7 = (x[0, :, 4:7, 6:9] * weight[2]).sum() + bias[2]
    torch.testing.assert_close(tiny.features(photo, ["conv1_1"])["conv1_1"][0, 2, 5, 7], at_5_7)


def test_nothing_deeper_than_asked_for_is_computed(tiny, photo):
    tiny.register_buffer("conv2_1_weight", None)  # anything that touches it fails
    assert tiny.features(photo, ["pool1"])["pool1"].shape == (1, 4, 20, 26)
    with pytest.raises(TypeError):
        tiny.features(photo, ["conv2_1"])


def test_average_pooling_is_the_mean_of_four(make_tiny, photo):
    network = make_tiny(pooling="average")
    features = network.features(photo, ["relu1_1", "pool1"])
    x = features["relu1_1"]
    expected = (x[..., ::2, ::2] + x[..., 1::2, ::2] + x[..., ::2, 1::2] + x[..., 1::2, 1::2]) / 4
    torch.testing.assert_close(features["pool1"], expected)


def test_replicate_padding_sees_no_border_in_a_single_color(make_tiny):
    gray = torch.full((1, 3, 16, 16), 0.5)
    x = make_tiny(padding="replicate").features(gray, ["conv2_1"])["conv2_1"]
    torch.testing.assert_close(x, x[..., :1, :1].expand_as(x), rtol=1e-5, atol=1e-5)
    x = make_tiny(padding="zeros").features(gray, ["conv2_1"])["conv2_1"]
    assert (x - x[..., 4:5, 4:5]).abs().max() > 0.1


def test_a_misspelt_layer_names_the_nearest(tiny, photo):
    with pytest.raises(ArtcnnError, match="tiny has no layer 'relu2_l': did you mean 'relu2_1'"):
        tiny.features(photo, ["relu2_l"])


def test_too_small_a_picture_says_so(tiny):
    with pytest.raises(ArtcnnError, match="too small for layer 'pool2'"):
        tiny.features(torch.zeros(1, 3, 3, 40), ["pool2"])


def test_weights_take_no_gradient_and_follow_the_network(tiny, photo):
    image = photo.clone().requires_grad_(True)
    tiny.features(image, ["relu2_1"])["relu2_1"].sum().backward()
    assert image.grad is not None
    assert not list(tiny.parameters())
    doubled = tiny.to(torch.float64)
    assert isinstance(doubled, VGGBackbone)
    assert doubled.features(photo.double(), ["relu2_1"])["relu2_1"].dtype == torch.float64


@pytest.mark.parametrize("pooling", ["max", "average"])
@pytest.mark.parametrize("size", [(8, 10), (9, 7)])
def test_several_pictures_are_pooled_as_torch_pools_them(pooling, size):
    x = torch.randn(3, 5, *size, generator=torch.Generator().manual_seed(0), dtype=torch.float64, requires_grad=True)
    theirs = (torch.nn.functional.max_pool2d if pooling == "max" else torch.nn.functional.avg_pool2d)(x, 2)
    ours = pool2x2(x, pooling)
    assert torch.equal(ours, theirs)
    weight = torch.randn(theirs.shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    gradients = [torch.autograd.grad((pooled * weight).sum(), x)[0] for pooled in (ours, theirs)]
    assert torch.equal(*gradients)


@pytest.mark.parametrize(
    "setting", [{"padding": "zeros"}, {"pooling": "average"}, {"backbone": "vgg19"}, {"precision": "bfloat16"}]
)
def test_a_network_that_a_recipe_does_not_ask_for_is_refused(tiny, setting):
    ((name, wanted),) = setting.items()
    check_backbone(tiny, BackboneRecipe(backbone="tiny"))
    with pytest.raises(ArtcnnError, match=rf"asks for {name} '{wanted}' and the network has .*load_backbone\(recipe\)"):
        check_backbone(tiny, BackboneRecipe(**{"backbone": "tiny"} | {name: wanted}))


@pytest.mark.slow
@pytest.mark.parametrize("settings", [{}, {"padding": "zeros", "pooling": "average", "precision": "bfloat16"}])
def test_the_network_of_a_recipe_fits_it(settings):
    recipe = BackboneRecipe(**settings)
    network = load_backbone(recipe)
    check_backbone(network, recipe)
    assert (network.name, network.pooling, network.padding) == ("vgg16", recipe.pooling, recipe.padding)
