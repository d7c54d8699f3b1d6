"""Saliency and occlusion against captum, closed forms and finite differences."""

import captum.attr
import pytest
import torch
from torch import nn

from artcnn.datasets.mnist import load_mnist
from artcnn.errors import ArtcnnError
from artcnn.files.model import read_model
from artcnn.visualizers import saliency
from artcnn.visualizers.class_activation import resample_maps
from artcnn.visualizers.network import Network, open_backbone, open_sequential
from artcnn.visualizers.occlusion import occlude
from artcnn.visualizers.receptive_field import padded_centers, receptive_fields, resample_centered

CLASSES = tuple("0123456789")


@pytest.fixture(scope="module", params=["mnist-lecture", "mnist-best"])
def chain(request):
    return read_model(request.param).network


@pytest.fixture(scope="module")
def digit():
    return load_mnist("test").batch(torch.tensor([3]))[0]


def opened(chain: nn.Sequential) -> Network:
    return open_sequential("net", chain, (1, 28, 28), CLASSES)


def linear() -> tuple[Network, torch.Tensor]:
    layer = nn.Linear(28 * 28, 10)
    return opened(nn.Sequential(nn.Flatten(), layer)), layer.weight.detach().view(10, 1, 28, 28)


def test_saliency_is_captums(chain, digit):
    expected = captum.attr.Saliency(chain).attribute(digit.clone().requires_grad_(), target=4)
    torch.testing.assert_close(
        saliency.saliency(opened(chain), digit, 4), expected[0, 0].detach(), atol=1e-5, rtol=1e-5
    )


@pytest.mark.slow
def test_integrated_gradients_are_captums_and_complete(chain, digit):
    found = saliency.integrated_gradients(opened(chain), digit, 7, steps=64)
    expected = captum.attr.IntegratedGradients(chain).attribute(digit, target=7, n_steps=64)
    torch.testing.assert_close(found, expected[0, 0].detach().float(), atol=1e-5, rtol=1e-4)
    with torch.no_grad():
        difference = float(chain(digit)[0, 7] - chain(torch.zeros_like(digit))[0, 7])
    whole = saliency.integrated_gradients(opened(chain), digit, 7, steps=1024)
    assert float(whole.sum()) == pytest.approx(difference, abs=0.02 * max(1, abs(difference)))


@pytest.mark.filterwarnings("ignore:Setting backward hooks on ReLU")
def test_guided_backpropagation_is_captums(chain, digit):
    found = saliency.guided_backpropagation(opened(chain), digit, 2)
    expected = captum.attr.GuidedBackprop(chain).attribute(digit.clone().requires_grad_(), target=2)
    torch.testing.assert_close(found, expected[0, 0].detach().abs(), atol=1e-5, rtol=1e-5)


def test_a_map_lies_over_the_picture_by_the_middles_of_what_its_places_see():
    rows = 3.5 + 2 * torch.arange(11.0)
    maps = (rows[:, None] + 100 * rows).view(1, 1, 11, 11)  # each place says where its middle is
    laid = resample_centered(maps, padded_centers((11, 11), (2, 2), (28, 28)), (28, 28), (28, 28))[0, 0]
    pixels = torch.arange(28.0).clamp(3.5, 23.5)
    torch.testing.assert_close(laid, pixels[:, None] + 100 * pixels, atol=1e-3, rtol=1e-5)
    down = rows.view(1, 1, 11, 1).expand(-1, -1, -1, 11)
    nearest = resample_centered(down, [(3.5, 2.0)] * 2, (28, 28), (56, 56), "nearest")[0, 0]
    assert ((nearest - (torch.arange(56.0)[:, None] / 2 - 0.25).clamp(3.5, 23.5)).abs() <= 1).all()


@pytest.mark.parametrize("digit", [1290, 7])
def test_grad_cam_is_brightest_where_its_units_look(digit):
    network = opened(read_model("mnist-lecture").network)
    image = load_mnist("test").batch(torch.tensor([digit]))[0]
    found = saliency.grad_cam(network, image, 3)
    row, column = divmod(int(found.argmax()), found.shape[1])
    top, left, bottom, right = receptive_fields(network)["conv2"].box(row, column)
    at = divmod(int(resample_maps(network, "conv2", found[None, None], (28, 28), (28, 28)).argmax()), 28)
    assert abs(at[0] - (top + bottom - 1) / 2) <= 1
    assert abs(at[1] - (left + right - 1) / 2) <= 1


def test_grad_cam_is_captums(chain, digit):
    last = [module for module in chain if isinstance(module, nn.Conv2d)][-1]
    expected = captum.attr.LayerGradCam(chain, last).attribute(digit, target=0, relu_attributions=True)
    torch.testing.assert_close(
        saliency.grad_cam(opened(chain), digit, 0), expected[0, 0].detach(), atol=1e-5, rtol=1e-5
    )


def test_occlusion_is_captums(chain, digit):
    """Captum gives what an output loses, averaged over the windows on each pixel: here there is one."""
    probability = nn.Sequential(chain, nn.Softmax(1))
    attribute = captum.attr.Occlusion(probability).attribute
    with torch.no_grad():
        whole = float(probability(digit)[0, 0])
        expected = attribute(digit, sliding_window_shapes=(1, 6, 6), strides=(1, 6, 6), target=0, baselines=0.5)[0, 0]
    *_, found = occlude(opened(chain), digit, window=6, stride=6, fill=0.5)
    assert found.shape == (5, 5, 10)
    torch.testing.assert_close(whole - found[..., 0], expected[::6, ::6].float(), atol=1e-5, rtol=0)


def test_a_linear_network_has_closed_forms(digit):
    network, weight = linear()
    torch.testing.assert_close(saliency.saliency(network, digit, 3), weight[3, 0].abs())
    torch.testing.assert_close(saliency.smoothgrad(network, digit, 3, samples=4), weight[3, 0].abs())
    torch.testing.assert_close(saliency.integrated_gradients(network, digit, 3), (weight[3] * digit[0])[0])


def test_saliency_is_a_finite_difference(digit):
    chain = read_model("mnist-lecture").network.double()
    image = digit.double() * 0.8 + 0.1
    found = saliency.saliency(opened(chain), image, 6)
    for row, column in ((7, 12), (14, 9), (20, 16)):
        ends = []
        for sign in (1, -1):
            moved = image.clone()
            moved[0, 0, row, column] += sign * 1e-6
            ends.append(chain(moved)[0, 6].item())
        assert float(found[row, column]) == pytest.approx(abs(ends[0] - ends[1]) / 2e-6, rel=1e-4, abs=1e-6)


def test_smoothgrad_is_the_seeds(digit):
    network = opened(read_model("mnist-lecture").network)
    before = torch.random.get_rng_state()
    first = saliency.smoothgrad(network, digit, 1, samples=3)
    assert torch.equal(first, saliency.smoothgrad(network, digit, 1, samples=3))
    assert not torch.equal(first, saliency.smoothgrad(network, digit, 1, samples=3, seed=1))
    assert torch.equal(before, torch.random.get_rng_state())


@pytest.mark.parametrize("method", [name for name in saliency.METHODS if name != "rise"])
def test_the_input_is_left_alone_and_no_gradient_stays(chain, digit, method):
    copy = digit.clone()
    saliency.METHODS[method](opened(chain), digit, 5)
    assert torch.equal(copy, digit)
    assert not digit.requires_grad
    assert all(parameter.grad is None for parameter in chain.parameters())
    assert not any(module._forward_hooks or module._backward_hooks for module in chain.modules())


def test_after_an_error_inside_it_a_relu_is_a_relu_again(digit):
    chain = read_model("mnist-lecture").network
    network = opened(chain)
    plain = saliency.gradient(network, digit, 3)
    broken = opened(nn.Sequential(nn.Flatten(), nn.ReLU(), nn.Linear(3, 10)))
    with pytest.raises(RuntimeError):
        saliency.guided_backpropagation(broken, digit, 3)
    assert torch.equal(saliency.gradient(network, digit, 3), plain)


def test_a_network_without_classes_says_which_has(tiny):
    network = open_backbone(tiny.padded("zeros"), 32)
    for look in (
        lambda: saliency.saliency(network, torch.rand(1, 3, 32, 32), 0),
        lambda: network.logits(torch.rand(1, 3, 32, 32)),
    ):
        with pytest.raises(ArtcnnError, match="no output layer.*use --model efficientnet-lite0"):
            look()
