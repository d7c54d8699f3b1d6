"""A picture whose opposite borders meet, and textures."""

import pytest
import torch

from artcnn.engines.style import scale_sizes, style
from artcnn.engines.style_loss import StyleLoss
from artcnn.image import resample_circular, size_of
from artcnn.losses import total_variation
from artcnn.recipes import TextureRecipe
from artcnn.settings import parse


def recipe(**settings):
    small = {
        "backbone": "tiny",
        "content_layers": ["relu1_1"],
        "style_layers": ["relu1_1", "relu2_1"],
        "padding": "circular",
        "size": 64,
        "min_size": 32,
        "coarse_steps": 12,
        "fine_steps": 8,
    }
    return parse(TextureRecipe, small | settings)


def canvas(side=64):
    return torch.full((1, 3, side, side), 0.5)


def noise(side=64):
    return torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(0))


def test_a_ring_has_no_place_where_it_begins(make_tiny, painting):
    """However a picture is rolled, its loss is the same, and its gradient rolls with it."""
    network = make_tiny(padding="circular").double()
    objective = StyleLoss(canvas().double(), painting.double(), network, recipe(tv_weight=0.5), 64)
    image = noise().double()
    loss, gradient = objective.value_and_gradient(image)
    rolled = objective.value_and_gradient(image.roll((8, 20), (2, 3)))
    torch.testing.assert_close(rolled[0], loss, rtol=1e-12, atol=0)
    torch.testing.assert_close(rolled[1], gradient.roll((8, 20), (2, 3)), rtol=1e-9, atol=1e-15)


def test_opposite_borders_meet_and_without_a_ring_they_do_not(make_tiny, painting):
    def seam(padding):
        chosen = recipe(padding=padding)
        *_, last = style(canvas(), painting, make_tiny(padding=padding), chosen)
        x = last.image
        inside = (x.diff(dim=2).abs().mean() + x.diff(dim=3).abs().mean()) / 2
        across = ((x[..., 0, :] - x[..., -1, :]).abs().mean() + (x[..., 0] - x[..., -1]).abs().mean()) / 2
        return (across / inside).item()

    assert seam("circular") < 1.15
    assert seam("replicate") > 1.3


def test_resampling_a_ring_commutes_with_rolling_it():
    image = noise()
    torch.testing.assert_close(
        resample_circular(image.roll((16, 32), (2, 3)), (96, 96)),
        resample_circular(image, (96, 96)).roll((24, 48), (2, 3)),
    )
    assert size_of(resample_circular(image, (128, 96))) == (128, 96)
    torch.testing.assert_close(resample_circular(image, (64, 64)), image)


def test_the_scales_of_a_ring_can_be_halved_five_times():
    sizes = scale_sizes((512, 512), [(300, 400)], recipe(size=512, min_size=128, scale_factor=2**0.5))
    assert sizes[-1] == 512
    assert all(size % 32 == 0 for size in sizes)
    assert sizes == sorted(set(sizes))


def test_total_variation_around_the_ring():
    step = torch.zeros(1, 1, 4, 4)
    step[..., 2:] = 1
    assert total_variation(step).item() == pytest.approx(1 / 3)
    assert total_variation(step, circular=True).item() == 0.5


@pytest.mark.slow
def test_a_texture_comes_to_the_paintings_statistics_from_noise(make_tiny, painting):
    network = make_tiny(padding="circular")
    objective = StyleLoss(canvas(), painting, network, recipe(), 64)
    *_, last = style(canvas(), painting, network, recipe(fine_steps=30))
    assert objective.terms(last.image).style.item() < 0.05 * objective.terms(noise()).style.item()
