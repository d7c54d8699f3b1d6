"""Paintings blended, masked and protected; colors, strength, moments: what must hold whatever the network."""

import pytest
import torch

from artcnn.backbones.tiles import TilePlan
from artcnn.colors import color_stats, to_oklab
from artcnn.engines.guidance import Masks, Region
from artcnn.engines.painting_scale import scale_painting
from artcnn.engines.statistics import RegionStatistics, compute_statistics
from artcnn.engines.style import style
from artcnn.engines.style_loss import StyleLoss
from artcnn.image import fit
from artcnn.losses import channel_means, covariance, gram_matrix
from artcnn.recipes import StyleRecipe
from artcnn.settings import parse

SMALL = {
    "backbone": "tiny",
    "content_layers": ["relu2_1"],
    "style_layers": ["relu1_1", "relu2_1=0.5"],
    "size": 64,
    "min_size": 45,
    "coarse_steps": 4,
    "fine_steps": 6,
}


def recipe(**settings):
    return parse(StyleRecipe, SMALL | settings)


def made(photo, paintings, network, chosen, **options):
    return list(style(photo, paintings, network, chosen, **options))[-1].image


@pytest.fixture
def other(painting):
    return 1 - painting.flip(2).roll(1, 1)


def white_left():
    mask = torch.zeros(1, 1, 40, 52)
    mask[..., :26] = 1
    return mask


@pytest.mark.slow
def test_a_blend_of_1_and_0_is_the_first_painting_alone_bit_for_bit(tiny, photo, painting, other):
    alone = made(photo, painting, tiny, recipe())
    assert torch.equal(made(photo, [painting, other], tiny, recipe(blend=[1, 0])), alone)
    assert torch.equal(made(photo, [other, painting], tiny, recipe(blend=[0, 2])), alone)
    assert not torch.equal(made(photo, [painting, other], tiny, recipe(blend=[1, 1])), alone)


def test_a_blend_comes_to_the_blended_statistics(tiny, photo, painting, other):
    chosen = recipe(method="gram", blend=[3, 1], content_weight=0, tv_weight=0, normalize_terms=False)
    found = StyleLoss(photo, [painting, other], tiny, chosen, 64)
    image = fit(photo, 64)
    of = [
        compute_statistics(x, tiny, ["relu1_1"], "gram")["relu1_1"][0]
        for x in (image, fit(painting, 64), fit(other, 64))
    ]
    wanted = (of[0] - 0.75 * of[1] - 0.25 * of[2]).square().mean()
    only = chosen.model_copy(update={"style_layers": chosen.style_layers[:1]})
    assert StyleLoss(photo, [painting, other], tiny, only, 64).terms(image).style.item() == pytest.approx(wanted.item())
    assert found.terms(image).style > 0


def test_a_regions_statistics_are_those_of_its_places_alone(tiny, photo):
    """Left of a hard edge, the weighted Gram matrix is that of the cut out features."""
    share = white_left()
    x = tiny.features(photo, ["relu1_1"])["relu1_1"]
    for method in ("gram", "moments"):
        regions = [Region((1.0,), share), Region((1.0,), 1 - share)]
        left, right = RegionStatistics(regions, tiny, ["relu1_1"], (40, 52), method).measure(photo)["relu1_1"]
        for found, part in ((left, x[..., :26]), (right, x[..., 26:])):
            gram, means = gram_matrix(part), channel_means(part)
            torch.testing.assert_close(found[0], gram if method == "gram" else covariance(gram, means))
            if method == "moments":
                torch.testing.assert_close(found[1], means)
                torch.testing.assert_close(found[0], torch.cov(part.flatten(2)[0], correction=0), rtol=1e-4, atol=1e-6)


def test_a_mask_that_is_white_everywhere_is_no_mask(tiny, photo, painting, other):
    white = Masks((torch.ones(1, 1, 40, 52),))
    torch.testing.assert_close(
        made(photo, painting, tiny, recipe(), masks=white), made(photo, painting, tiny, recipe()), atol=2e-3, rtol=0
    )


def test_each_side_of_a_mask_comes_to_its_painting(make_tiny, photo, painting, other):
    tiny = make_tiny(padding="zeros")
    masks = Masks((white_left(), 1 - white_left()))
    settings = {"content_weight": 0, "tv_weight": 0.5, "detail_transfer": 1, "fine_steps": 20, "padding": "zeros"}
    chosen = recipe(method="gram", **settings)
    image = made(photo, [painting, other], tiny, chosen, masks=masks)

    def distance(part, style_image):
        found, wanted = (
            compute_statistics(x, tiny, ["relu1_1"], "gram")["relu1_1"][0] for x in (part, fit(style_image, 64))
        )
        return (found - wanted).square().mean().item()

    left, right = image[..., :26], image[..., -26:]
    assert distance(left, painting) < 0.5 * distance(left, other)
    assert distance(right, other) < 0.5 * distance(right, painting)


@pytest.mark.parametrize("method", ["gram", "moments"])
def test_with_masks_too_tiles_change_nothing(make_tiny, photo, painting, other, method):
    network = make_tiny(padding="replicate").double()
    masks = Masks((white_left().double(), None), protect=white_left().flip(3).double() * 0.5)
    photo, painting, other = photo.double(), painting.double(), other.double()
    found = [
        StyleLoss(
            photo, [painting, other], network, recipe(method=method, strength=0.7), 64, tiles, masks
        ).value_and_gradient(fit(photo, 64).flip(2))
        for tiles in (TilePlan(), TilePlan(2, 300))
    ]
    for whole, tiled in zip(*found, strict=True):
        torch.testing.assert_close(tiled, whole, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("method", ["gram", "moments"])
def test_the_gradient_is_that_of_finite_differences(make_tiny, photo, painting, other, method):
    network = make_tiny(padding="replicate", pooling="average").double()
    masks = Masks((white_left().double(), None), protect=white_left().flip(3).double() * 0.5)
    objective = StyleLoss(
        photo.double(),
        [painting.double(), other.double()],
        network,
        recipe(method=method, strength=0.6),
        64,
        masks=masks,
    )
    image = fit(photo.double(), 64) * 0.8 + 0.1
    direction = torch.sin(torch.arange(image.numel(), dtype=torch.float64) * 7.1).reshape(image.shape)
    slope = (objective(image + 1e-6 * direction) - objective(image - 1e-6 * direction)) / 2e-6
    gradient = objective.value_and_gradient(image)[1]
    assert (gradient * direction).sum().item() == pytest.approx(slope.item(), rel=1e-4)


def test_what_is_protected_stays_to_the_bit_at_every_step(tiny, photo, painting):
    for step in style(photo, painting, tiny, recipe(colors="content"), masks=Masks(protect=white_left())):
        kept = fit(fit(photo, 64), step.image.shape[-1])
        edge = step.image.shape[-1] // 2 - 3  # a row or two of the mask are gray once it is stretched
        assert torch.equal(step.image[..., :edge], kept[..., :edge])
    assert (step.image - kept)[..., -edge // 2 :].abs().mean() > 0.002


@pytest.mark.parametrize("method", ["gram", "moments", "neighbors"])
def test_under_a_black_mask_alone_no_style_is_asked_for(tiny, photo, painting, method):
    masks, settings = Masks((torch.zeros(1, 1, 9, 9),)), {"method": method, "tv_weight": 0, "detail_transfer": 1}
    step = [*style(photo, painting, tiny, recipe(**settings), masks=masks)][-1]
    away, usual = (
        (image - fit(photo, 64)).abs().mean() for image in (step.image, made(photo, painting, tiny, recipe(**settings)))
    )
    assert away < 0.01
    assert usual > 5 * away


@pytest.mark.slow
def test_strength_goes_from_the_photo_to_the_painting_and_never_back(tiny, photo, painting):
    images = [made(photo, painting, tiny, recipe(strength=s)) for s in (0, 0.25, 0.5, 0.75, 1)]
    kept = fit(photo, 64)
    torch.testing.assert_close(images[0], kept, atol=1e-4, rtol=0)
    away = [(image - kept).abs().mean().item() for image in images]
    assert away == sorted(away)
    assert torch.equal(images[-1], made(photo, painting, tiny, recipe()))


def test_the_photos_colors_are_kept_place_by_place(tiny, photo, painting):
    photo = 0.3 + 0.2 * photo  # so pale that every lightness has such a color
    image = made(photo, painting, tiny, recipe(colors="content"))
    kept, found = to_oklab(fit(photo, 64)), to_oklab(image)
    shown = (found[:, :1] > 0.25) & (found[:, :1] < 0.9)
    assert shown.float().mean() > 0.5
    torch.testing.assert_close((found * shown)[:, 1:], (kept * shown)[:, 1:], atol=2e-3, rtol=0)


def test_a_painting_is_painted_in_the_photos_colors_where_it_rules(photo, painting):
    left = white_left()
    seen = scale_painting(painting * 0.5 + 0.2, photo * 0.3 + 0.4, 52, recipe(colors="match"), left)
    wanted = color_stats((photo * 0.3 + 0.4)[..., :26])
    torch.testing.assert_close(color_stats(seen).mean, wanted.mean, atol=0.01, rtol=0)
    torch.testing.assert_close(color_stats(seen).covariance, wanted.covariance, atol=0.002, rtol=0)


def test_the_crop_is_what_the_style_is_taken_from(tiny, photo, painting):
    height, width = painting.shape[2:]
    part = painting[..., : height // 2, width // 2 :]
    assert torch.equal(
        made(photo, painting, tiny, recipe(style_crop=[0.5, 0, 1, 0.5])), made(photo, part, tiny, recipe())
    )
