"""The network of instant styles, against torch's own layers, finite differences and what must not change it."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from artcnn.nets.instant import EPSILON, InstantNetwork, ReflectConv, StyleNorm, upsample


def random(*shape, dtype=torch.float64):
    return torch.randn(*shape, dtype=dtype, generator=torch.Generator().manual_seed(sum(shape)))


def small(styles=2, dtype=torch.float64):
    """Return a small network whose tables differ from style to style."""
    torch.manual_seed(0)
    network = InstantNetwork(styles, (4, 6, 8), (1, 1, 1), 4).to(dtype)
    with torch.no_grad():
        for name, table in network.named_parameters():
            if name.endswith(("scales", "shifts")):
                table += 0.3 * torch.randn(table.shape, dtype=dtype)
    return network


def norm(styles, channels, **options):
    made = StyleNorm(styles, channels, **options).double()
    with torch.no_grad():
        made.scales.copy_(random(styles, channels))
        made.shifts.copy_(random(channels, styles).T)
    return made


def test_a_style_norm_is_instance_normalization():
    layer, x = norm(3, 4), 5 + 2 * random(2, 4, 7, 6)
    made = layer(x, torch.eye(3, dtype=torch.float64)[[2, 0]])
    for picture, style in ((0, 2), (1, 0)):
        own = F.instance_norm(
            x[picture : picture + 1], weight=layer.scales[style], bias=layer.shifts[style], eps=EPSILON
        )
        torch.testing.assert_close(made[picture : picture + 1], own)


def test_its_gradients_are_those_of_finite_differences():
    layer, x = norm(2, 3), random(2, 3, 4, 3).requires_grad_()
    styles = torch.tensor([[0.3, 0.7], [1.0, 0.0]], dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda x, *_: layer(x, styles), (x, layer.scales, layer.shifts))


def test_its_gradients_are_those_of_torch():
    layer, x, wanted = norm(1, 4), random(1, 4, 5, 6).requires_grad_(), random(1, 4, 6, 5).transpose(2, 3)
    inputs = (x, layer.scales, layer.shifts)
    styles = torch.ones(1, 1, dtype=torch.float64)
    ours = torch.autograd.grad((layer(x, styles) * wanted).sum(), inputs)
    torchs = F.instance_norm(x, weight=layer.scales[0], bias=layer.shifts[0], eps=EPSILON)
    for mine, theirs in zip(ours, torch.autograd.grad((torchs * wanted).sum(), inputs), strict=True):
        torch.testing.assert_close(mine, theirs)


def test_without_normalization_it_scales_and_shifts():
    layer, x = norm(2, 3, normalize=False), random(1, 3, 4, 5)
    made = layer(x, torch.tensor([[0.25, 0.75]], dtype=torch.float64))
    scale = 0.25 * layer.scales[0] + 0.75 * layer.scales[1]
    shift = 0.25 * layer.shifts[0] + 0.75 * layer.shifts[1]
    torch.testing.assert_close(made, x * scale[:, None, None] + shift[:, None, None])


def test_a_channel_of_one_value_is_normalized_to_the_shift():
    layer, x = norm(1, 2), torch.full((1, 2, 4, 4), 7.0, dtype=torch.float64, requires_grad=True)
    made = layer(x, torch.ones(1, 1, dtype=torch.float64))
    torch.testing.assert_close(made, layer.shifts[0][:, None, None].expand(1, 2, 4, 4))
    (gradient,) = torch.autograd.grad(made.sum(), x)
    assert gradient.isfinite().all()


@pytest.mark.parametrize(("kernel", "stride"), [(6, 2), (4, 2), (3, 1)])
def test_a_convolution_mirrors_its_input(kernel, stride):
    layer = ReflectConv(2, 3, kernel, stride, bias=False).double()
    x = random(1, 2, 8, 10)
    margin = (kernel - stride) // 2, kernel - stride - (kernel - stride) // 2
    padded = torch.from_numpy(np.pad(x.numpy(), ((0, 0), (0, 0), margin, margin), "reflect"))
    torch.testing.assert_close(layer(x), F.conv2d(padded, layer.weight, stride=stride))
    assert layer(x).shape == (1, 3, 8 // stride, 10 // stride)


def test_upsampling_keeps_a_slope():
    slope = torch.arange(8.0).expand(1, 1, 8, 8)
    enlarged = upsample(slope)[0, 0, 5]
    torch.testing.assert_close(enlarged[1:-1], torch.arange(0.25, 7, 0.5))


def test_a_batch_gives_each_picture_its_style():
    network, images = small(), random(2, 3, 32, 24).sigmoid()
    both = network(images, torch.eye(2, dtype=torch.float64))
    for number in range(2):
        alone = network(images[number : number + 1], torch.eye(2, dtype=torch.float64)[number : number + 1])
        torch.testing.assert_close(both[number : number + 1], alone)
    assert both.min() >= 0
    assert both.max() <= 1


def test_half_and_half_of_one_style_is_that_style():
    network, image = small(), random(1, 3, 16, 16).sigmoid()
    with torch.no_grad():
        for name, table in network.named_parameters():
            if name.endswith(("scales", "shifts")):
                table[1] = table[0]
    blend, alone = (network(image, torch.tensor([row], dtype=torch.float64)) for row in ([0.5, 0.5], [1.0, 0.0]))
    torch.testing.assert_close(blend, alone)


def test_the_layers_compute_in_the_format_that_is_asked_for():
    network, image = small(dtype=torch.float32), random(1, 3, 32, 32).sigmoid().float()
    styles = torch.tensor([[1.0, 0.0]])
    seen = []
    network.narrow.register_forward_hook(lambda module, inputs, output: seen.append(output.dtype))
    rounded, exact = network(image, styles, torch.bfloat16), network(image, styles)
    assert seen == [torch.bfloat16, torch.float32]
    assert rounded.dtype == exact.dtype == torch.float32
    torch.testing.assert_close(rounded, exact, atol=0.05, rtol=0)
