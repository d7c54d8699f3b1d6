"""What steers a dream: a mask, a guide, channels, strength, the photo's own colors."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from artcnn.backbones.tiles import TilePlan
from artcnn.colors import to_oklab
from artcnn.engines import guide as guides
from artcnn.engines.dream import DreamObjective, dream, resolve_objectives
from artcnn.engines.guide import Guide
from artcnn.errors import ArtcnnError
from artcnn.image import fit, resize, size_of
from artcnn.recipes import DreamRecipe
from artcnn.settings import parse
from artcnn.spatial import channel_mean_squares

SMALL = {
    "backbone": "tiny",
    "layers": ["relu2_1"],
    "size": 64,
    "octaves": 3,
    "octave_scale": 1.2,
    "steps": 3,
    "jitter": 4,
    "smoothing": 1.5,
}


def recipe(**settings):
    return parse(DreamRecipe, SMALL | settings)


def last_of(*arguments, **keywords):
    *_, last = dream(*arguments, **keywords)
    return last.image


@pytest.fixture
def mask():
    """Return a mask of another shape than the photo: black, a slope of grays, white, with a hard edge below."""
    mask = torch.linspace(-1, 2, 90).clamp(0, 1).repeat(60, 1)[None, None]
    mask[..., 40:, :] = 0
    return mask


@pytest.mark.parametrize("colors", ["dream", "content"])
def test_where_the_mask_is_black_every_pixel_of_the_photo_stays_to_the_bit(tiny, photo, mask, colors):
    large = fit(photo, 64)
    black = (resize(mask, size_of(large)) == 0).expand_as(large)
    assert 0.3 < black.float().mean() < 0.9
    for step in dream(photo, tiny, recipe(colors=colors), mask=mask):
        size = size_of(step.image)
        outside = (resize(mask, size) == 0).expand_as(step.image)
        assert torch.equal(step.image[outside], resize(large, size)[outside])
    assert (step.image - large).abs()[~black].mean() > 0.003


def test_a_gray_mask_is_in_between(tiny, photo):
    large = fit(photo, 64)
    whole, half = (last_of(photo, tiny, recipe(), mask=torch.full((1, 1, 8, 8), gray)) for gray in (1.0, 0.5))
    assert 0.2 < (half - large).abs().mean() / (whole - large).abs().mean() < 0.8


def test_a_white_mask_is_none(tiny, photo):
    torch.testing.assert_close(
        last_of(photo, tiny, recipe(), mask=torch.ones(1, 1, 9, 9)), last_of(photo, tiny, recipe()), atol=1e-4, rtol=0
    )


def test_a_black_mask_leaves_the_photo(tiny, photo):
    assert torch.equal(last_of(photo, tiny, recipe(), mask=torch.zeros(1, 1, 9, 9)), fit(photo, 64))


@pytest.mark.slow
def test_strength_goes_from_the_photo_to_the_dream(tiny, photo):
    images = [last_of(photo, tiny, recipe(strength=strength)) for strength in (0, 0.25, 0.5, 0.75, 1)]
    distances = [(image - images[0]).abs().mean() for image in images]
    assert torch.equal(images[0], fit(photo, 64))
    assert torch.equal(images[-1], last_of(photo, tiny, recipe()))
    for near, far in pairwise(distances):
        assert 0.1 * distances[-1] < far - near < 0.5 * distances[-1]


def test_the_photos_own_colors_are_those_of_each_of_its_places(tiny, photo):
    photo = 0.4 + 0.2 * photo  # in the middle of the gamut, where every lightness has its colors
    chosen = recipe(palette=0, step_size=0.003)
    dreamt, kept = (
        to_oklab(last_of(photo, tiny, chosen.model_copy(update={"colors": c}))) for c in ("dream", "content")
    )
    own = to_oklab(fit(photo, 64))
    torch.testing.assert_close(kept[:, 1:], own[:, 1:], atol=1e-4, rtol=0)
    torch.testing.assert_close(kept[:, :1], dreamt[:, :1], atol=1e-4, rtol=0)
    assert (dreamt[:, 1:] - own[:, 1:]).abs().mean() > 0.003


def test_channels_are_chosen_once_by_what_the_photo_excites_at_the_size_of_the_result(tiny, photo):
    large = fit(photo, 64)
    (features,) = tiny.features(large, ["relu2_1"]).values()
    order = np.argsort(features[0].square().mean((1, 2)).numpy())
    assert len(set(channel_mean_squares(features).tolist())) == 6
    for tiles in (TilePlan(), TilePlan(2, 512)):
        strong, weak = resolve_objectives(large, tiny, recipe(layers=["relu2_1:strong2", "conv2_1:weak3=2"]), tiles)
        assert set(strong.channels) == set(order[-2:].tolist())
        assert (set(weak.channels), weak.weight) == (set(order[:3].tolist()), 2)
    numbers = "+".join(map(str, strong.channels))
    named = last_of(photo, tiny, recipe(layers=[f"relu2_1:{numbers}"]))
    assert torch.equal(last_of(photo, tiny, recipe(layers=["relu2_1:strong2"])), named)


@pytest.mark.slow
def test_a_guide_that_is_the_photo_raises_the_match(tiny, photo):
    for layers in (["relu2_1"], ["conv2_1:1+4", "relu1_1"]):
        chosen, large = recipe(layers=layers, guide_size=64), fit(photo, 64)
        excited = resolve_objectives(large, tiny, chosen, guide=Guide(photo, size=64))
        objective = DreamObjective(large, tiny, chosen, objectives=excited)
        assert objective(last_of(photo, tiny, chosen, guide=Guide(photo, size=64))) > objective(large) + 0.05, layers


def test_the_match_is_numpys_best_dot_product(tiny, photo, painting):
    excited = resolve_objectives(photo, tiny, recipe(layers=["conv2_1", "relu2_1:4+1"]), guide=Guide(painting, size=52))
    for match, channels in zip(excited, ([0, 1, 2, 3, 4, 5], [4, 1]), strict=True):
        x, y = (tiny.features(image, [match.layer])[match.layer] for image in (photo, fit(painting, 52)))
        x, y = (z[0, channels].flatten(1).T.double().numpy() for z in (x, y))
        y = y / np.sqrt((y**2).sum(1).mean())
        expected = (x @ y.T).max(1).mean() / 6**0.5
        assert match.value(match.reduce(tiny.features(photo, [match.layer])[match.layer])) == pytest.approx(expected)


def test_tiles_match_a_guide_as_the_whole_picture_does(tiny, photo, painting):
    large, chosen = fit(photo, 64), recipe(layers=["relu1_1", "relu2_1:0+3"])
    found = []
    for tiles in (TilePlan(), TilePlan(2, 512)):
        excited = resolve_objectives(large, tiny, chosen, tiles, Guide(painting, size=48))
        found.append(DreamObjective(large, tiny, chosen, tiles, excited).value_and_gradient(large))
    (value, gradient), (in_tiles, gradient_in_tiles) = found
    torch.testing.assert_close(in_tiles, value)
    torch.testing.assert_close(gradient_in_tiles, gradient)


def test_only_the_white_part_of_a_guide_guides(tiny, photo, painting):
    large, chosen = fit(photo, 64), recipe()
    mask = torch.zeros(1, 1, 64, 43)
    mask[..., 32:, :] = 1
    (part,) = resolve_objectives(large, tiny, chosen, guide=Guide(painting, mask, size=64))
    (features,) = tiny.features(fit(painting, 64), ["relu2_1"]).values()
    below = features[0, :, 16:].flatten(1).T
    (all_of_it,) = resolve_objectives(large, tiny, chosen, guide=Guide(painting, size=64))
    assert len(part.vectors) == len(below) < len(all_of_it.vectors)
    torch.testing.assert_close(part.vectors, below / below.square().sum(1).mean().sqrt())
    with pytest.raises(ArtcnnError, match="the guide's mask is black"):
        resolve_objectives(large, tiny, chosen, guide=Guide(painting, torch.zeros(1, 1, 64, 43), size=64))


def test_too_thin_a_guide_is_refused_with_the_size_that_would_do(tiny, photo):
    with pytest.raises(ArtcnnError, match="the guide would be 384 x 19 pixels.* set guide_size to 640 or more"):
        resolve_objectives(photo, tiny, recipe(), guide=Guide(torch.zeros(1, 3, 40, 800)))


def test_the_search_is_done_in_parts_and_a_large_guide_looked_at_here_and_there(tiny, photo, painting, monkeypatch):
    large, chosen = fit(photo, 64), recipe()
    (whole,) = resolve_objectives(large, tiny, chosen, guide=Guide(painting, size=64))
    x = tiny.features(large, ["relu2_1"])["relu2_1"]
    expected = whole.reduce(x)
    monkeypatch.setattr(guides, "MAX_SCORES", 3 * len(whole.vectors))
    torch.testing.assert_close(whole.reduce(x), expected)
    monkeypatch.setattr(guides, "MAX_GUIDE_VECTORS", 50)
    (few,) = resolve_objectives(large, tiny, chosen, guide=Guide(painting, size=64))
    assert len(few.vectors) == 50
    assert 0.5 * expected < few.reduce(x) <= expected


def test_a_steered_run_taken_up_ends_with_the_same_bits(tiny, photo, painting, mask):
    chosen = recipe(layers=["relu2_1:strong3"], colors="content", strength=0.6, guide_size=48)
    steered = {"mask": mask, "guide": Guide(painting, size=48)}
    steps = [(step.image, step.state()) for step in dream(photo, tiny, chosen, **steered)]
    for number in (1, 3, 7):
        *_, last = dream(photo, tiny, chosen, state=steps[number][1], **steered)
        assert torch.equal(last.image, steps[-1][0])
