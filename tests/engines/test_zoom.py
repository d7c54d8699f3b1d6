"""Films: the movement against closed forms, and what a film has to be whatever is dreamt."""

from itertools import pairwise

import pytest
import torch

from artcnn.engines.dream import DreamObjective
from artcnn.engines.zoom import film_size, least_zoom, warp, zoom
from artcnn.errors import ArtcnnError
from artcnn.image import resize, size_of
from artcnn.recipes import DreamRecipe, FilmSettings, parse

SMALL = {"layers": ["relu2_1"], "size": 52, "octaves": 2, "jitter": 4, "step_size": 0.01}


def film(**settings):
    return parse(FilmSettings, {"frames": 4, "zoom": 1.05} | settings)


def recipe(**settings):
    return parse(DreamRecipe, SMALL | settings)


def frames(photo, network, settings, **changes):
    return [step.image for step in zoom(photo, network, recipe(**changes), settings)]


def difference(a, b):
    return (a - b).abs().mean().item()


def test_no_movement_is_exact(photo):
    assert warp(photo, 1, 0) is photo


@pytest.mark.parametrize(("degrees", "quarters"), [(90, 1), (180, 2), (-90, -1)])
def test_a_quarter_turn_is_counter_clockwise(photo, degrees, quarters):
    square = photo[..., :40]
    torch.testing.assert_close(warp(square, 1, degrees), torch.rot90(square, quarters, (2, 3)), atol=1e-5, rtol=0)


@pytest.mark.parametrize("scale", [0.8, 1.02, 1.25])
@pytest.mark.parametrize("axis", [2, 3])
def test_a_slope_becomes_flatter_as_it_grows(scale, axis):
    """Of 0.5 + s (x - middle) there comes 0.5 + s / scale (x - middle), away from the mirror at the borders."""
    x = torch.linspace(-0.25, 0.25, 60)
    slope, want = ((0.5 + part).expand(1, 3, 60, 60) for part in (x, x / scale))
    if axis == 2:
        slope, want = slope.transpose(2, 3), want.transpose(2, 3)
    got = warp(slope, scale, 0)
    torch.testing.assert_close(got[..., 10:-10, 10:-10], want[..., 10:-10, 10:-10], atol=1e-3, rtol=0)


@pytest.mark.parametrize("size", [(160, 240), (240, 160), (200, 200)])
@pytest.mark.parametrize("degrees", [0.5, -3, 20])
def test_from_the_least_zoom_on_a_turn_shows_nothing_of_beyond(size, degrees):
    """On a canvas of which the frame is the middle, and white beyond it, no corner turns white."""
    canvas = torch.ones(1, 3, size[0] * 3, size[1] * 3)
    inside = (..., slice(size[0], 2 * size[0]), slice(size[1], 2 * size[1]))
    canvas[inside] = 0
    enough = least_zoom(size, degrees)
    assert warp(canvas, enough * 1.03, degrees)[inside].max() < 0.2
    assert warp(canvas, enough * 0.97, degrees)[inside].max() > 0.8


def test_a_film_begins_with_the_photo_and_dreams(tiny, photo):
    settings, chosen = film(frames=5), recipe()
    steps = list(zoom(photo, tiny, chosen, settings))
    assert [(step.index, step.total, step.done) for step in steps] == [(n, 5, n / 5) for n in range(1, 6)]
    assert torch.equal(steps[0].image, photo)
    assert {step.image.shape for step in steps} == {(1, 3, 40, 52)}
    assert all(step.image.min() >= 0 and step.image.max() <= 1 for step in steps)
    objective = DreamObjective(photo, tiny, chosen)
    moved = warp(photo, 1.05**4, 0)
    assert objective(steps[-1].image) > objective(moved) + 0.05
    assert difference(steps[-1].image, moved) < difference(steps[-1].image, photo), "it moves as it should"


def test_every_size_is_even(tiny, photo):
    assert film_size((301, 600), 513) == (256, 512)
    assert {size_of(frame) for frame in frames(photo, tiny, film(), size=49)} == {(38, 48)}
    with pytest.raises(ArtcnnError, match="use size 42 or more"):
        frames(photo, tiny, film(), size=35)


def test_same_seed_same_bits_and_another_seed_another_film(tiny, photo):
    state, before = torch.get_rng_state(), photo.clone()
    first, again, other = (torch.cat(frames(photo, tiny, film(loop=True), seed=seed)) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(photo, before)


def test_colours_are_drawn_to_the_photos(tiny, photo):
    free, drawn = (frames(photo, tiny, film(frames=12, colours=colours))[-1] for colours in (0, 0.5))
    mean, spread = ([abs((f(x) - f(photo)).item()) for x in (free, drawn)] for f in (torch.mean, torch.std))
    assert mean[1] < mean[0]
    assert spread[1] < 0.5 * spread[0]


@pytest.mark.parametrize("movement", [{"zoom": 1.04}, {"zoom": 1.04, "rotate": 1}, {"zoom": 0.96}, {"zoom": 1}])
def test_a_loop_has_no_jump(tiny, photo, movement):
    """From the last frame to the first it is no further than between neighbours, with the movement and without it."""
    settings = film(frames=24, loop=True, **movement)
    made = frames(resize(photo, (80, 104)), tiny, settings, size=104)
    around = [*made, made[0]]
    for compensated in (False, True):
        steps = [
            difference(warp(a, settings.zoom, settings.rotate) if compensated else a, b) for a, b in pairwise(around)
        ]
        assert steps[-1] <= max(steps[:-1]), compensated
    ends = frames(resize(photo, (80, 104)), tiny, film(frames=24, **movement), size=104)
    assert difference(ends[-1], ends[0]) > 2 * difference(made[-1], made[0]), "without the loop there is one"


def test_colours_become_smoother_and_grey_stays(tiny, photo):
    """What is dreamt next to nothing shows what is done to each frame besides: no coloured fringe can grow sharper."""
    last = frames(photo, tiny, film(zoom=1, pace=1e-6, colours=0))[-1]
    grey, was = last.mean(1, keepdim=True), photo.mean(1, keepdim=True)
    torch.testing.assert_close(grey, was, atol=1e-4, rtol=0)
    assert (last - grey).diff(dim=3).abs().mean() < 0.7 * (photo - was).diff(dim=3).abs().mean()
