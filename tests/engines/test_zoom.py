"""Films: the movement against closed forms, and what a film has to be whatever is dreamt."""

from itertools import pairwise

import pytest
import torch

from artcnn.engines.camera import advance_frame, blend_photo, camera_view, min_zoom, warp
from artcnn.engines.dream import DreamObjective, resolve_objectives
from artcnn.engines.guide import Guide
from artcnn.engines.zoom import count_dreamed_frames, zoom
from artcnn.errors import ArtcnnError
from artcnn.image import resize, size_of, video_size
from artcnn.recipes import DreamRecipe, VideoRecipe
from artcnn.settings import parse

SMALL = {
    "backbone": "tiny",
    "layers": ["relu2_1"],
    "size": 52,
    "octaves": 2,
    "jitter": 4,
    "step_size": 0.01,
} | dict.fromkeys(("max_rotation", "max_scale_change"), 0.0)


def film(**settings):
    return parse(VideoRecipe, {"frames": 4, "zoom": 1.05} | settings)


def recipe(**settings):
    return parse(DreamRecipe, SMALL | settings)


def frames(photo, network, settings, mask=None, **changes):
    return [step.image for step in zoom(photo, network, recipe(**changes), settings, mask=mask)]


@pytest.fixture
def left():
    """Return a mask that is black on the right, white on the left, and gray in between."""
    return torch.linspace(2, -1, 80).clamp(0, 1).expand(1, 1, 30, 80)


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
    enough = min_zoom(size, degrees)
    assert warp(canvas, enough * 1.03, degrees)[inside].max() < 0.2
    assert warp(canvas, enough * 0.97, degrees)[inside].max() > 0.8


@pytest.mark.parametrize("scale", [0.3, 0.04, 1e-3, 1e-12])
def test_what_is_very_small_is_the_mean_of_much_and_takes_no_time(photo, scale):
    """Mirrored again and again, a fine stripe becomes gray, whatever is in the middle."""
    stripes = torch.tensor([0.0, 1.0]).repeat(26).expand(1, 3, 40, 52)
    torch.testing.assert_close(warp(stripes, scale, 3), torch.full_like(stripes, 0.5), atol=0.1, rtol=0)
    assert warp(photo, scale, 3).isfinite().all()


@pytest.mark.parametrize("scale", [0.49, 0.3])
def test_a_smaller_picture_is_where_it_was(photo, scale):
    """What is made small in one way, and then in another, agrees with a plain reduction in the middle."""
    height, width = round(40 * scale), round(52 * scale)
    got, want = warp(photo, scale, 0), resize(photo, (height, width))
    top, left = (40 - height) // 2, (52 - width) // 2
    assert difference(got[..., top : top + height, left : left + width], want) < 0.03


def test_a_film_begins_with_the_photo_and_dreams(tiny, photo):
    settings, chosen = film(frames=5), recipe()
    steps = list(zoom(photo, tiny, chosen, settings))
    assert [(step.index, step.total, step.progress) for step in steps] == [(n, 5, n / 5) for n in range(1, 6)]
    assert torch.equal(steps[0].image, photo)
    assert {step.image.shape for step in steps} == {(1, 3, 40, 52)}
    assert all(step.image.min() >= 0 and step.image.max() <= 1 for step in steps)
    objective = DreamObjective(photo, tiny, chosen)
    moved = warp(photo, 1.05**4, 0)
    assert objective(steps[-1].image) > objective(moved) + 0.05
    assert difference(steps[-1].image, moved) < difference(steps[-1].image, photo), "it moves as it should"


def test_every_size_is_even(tiny, photo):
    assert video_size((301, 600), 513) == (256, 512)
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


def test_colors_are_drawn_to_the_photos(tiny, photo):
    free, drawn = (frames(photo, tiny, film(frames=12, color_match=share))[-1] for share in (0, 0.5))
    mean, spread = ([abs((f(x) - f(photo)).item()) for x in (free, drawn)] for f in (torch.mean, torch.std))
    assert mean[1] < mean[0]
    assert spread[1] < 0.5 * spread[0]


@pytest.mark.slow
@pytest.mark.parametrize("movement", [{"zoom": 1.04}, {"zoom": 1.04, "rotate": 1}, {"zoom": 0.96}, {"zoom": 1}])
def test_a_loop_has_no_jump(tiny, photo, movement):
    """From the last frame to the first it is no further than between neighbors, with the movement and without it."""
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


def test_colors_become_smoother_and_gray_stays(tiny, photo):
    """What is dreamt next to nothing shows what is done to each frame besides: no colored fringe can grow sharper."""
    last = frames(photo, tiny, film(zoom=1, step_scale=1e-6, color_match=0))[-1]
    gray, was = last.mean(1, keepdim=True), photo.mean(1, keepdim=True)
    torch.testing.assert_close(gray, was, atol=1e-4, rtol=0)
    assert (last - gray).diff(dim=3).abs().mean() < 0.7 * (photo - was).diff(dim=3).abs().mean()


@pytest.mark.parametrize("number", [1, 3, 7])
def test_from_any_frame_it_goes_on_with_the_same_bits(tiny, photo, left, number):
    settings = film(frames=8, rotate=2, loop=True)
    whole, states = [], []
    for step in zoom(photo, tiny, recipe(), settings, mask=left):
        whole.append(step)
        states.append({name: x.clone() for name, x in step.state().items()})
    rest = list(zoom(photo, tiny, recipe(), settings, state=states[number - 1], mask=left))
    assert [step.index for step in rest] == list(range(number + 1, 9))
    assert all(torch.equal(a.image, b.image) for a, b in zip(whole[number:], rest, strict=True))


@pytest.mark.parametrize("movement", [{}, {"zoom": 0.96, "rotate": 3}, {"loop": True}])
def test_a_white_mask_is_none_to_the_bit(tiny, photo, movement):
    settings = film(frames=6, **movement)
    pairs = zip(frames(photo, tiny, settings, torch.ones(1, 1, 9, 9)), frames(photo, tiny, settings), strict=True)
    assert all(torch.equal(masked, free) for masked, free in pairs)


@pytest.mark.parametrize("loop", [False, True])
def test_outside_of_the_mask_a_still_film_is_the_photo_to_the_bit(tiny, photo, left, loop):
    made = frames(photo, tiny, film(frames=6, zoom=1, loop=loop, color_match=0.5), left)
    black = (resize(left, size_of(photo)) == 0).expand_as(photo)
    assert 0.2 < black.float().mean() < 0.5
    assert all(torch.equal(frame[black], photo[black]) for frame in made)
    assert difference(made[2][~black], photo[~black]) > 0.003


@pytest.mark.parametrize("movement", [{"zoom": 1.05}, {"zoom": 0.95}, {"zoom": 1.1, "rotate": 4}])
def test_outside_of_the_mask_what_moves_is_only_moved(tiny, photo, left, movement):
    settings = film(frames=6, color_match=0.5, **movement)
    own = resize(left, size_of(photo))
    for number, frame in enumerate(frames(photo, tiny, settings, left)):
        moved, black = camera_view(photo, settings, number), (camera_view(own, settings, number) == 0).expand_as(photo)
        assert black.any()
        assert torch.equal(frame[black], moved[black])
        assert number == 0 or difference(frame[~black], moved[~black]) > 0.001


@pytest.mark.parametrize("axis", [2, 3])
def test_a_long_wave_is_as_high_after_many_frames(axis):
    """Moved on sideways by all parts of a pixel in turn, where bicubic interpolation alone makes it higher."""
    x = torch.arange(400.0)
    wave = (0.5 + 0.3 * torch.sin(0.4 * x)).expand(1, 1, 12, 400)
    wave = wave.transpose(2, 3) if axis == 2 else wave
    settings = film(zoom=1.01)
    moved, sharper = wave, wave
    for _ in range(60):
        moved, sharper = advance_frame(moved, settings), warp(sharper, 1.01, 0)
    heights = [
        (w.amax() - w.amin()).item() / 0.6 for w in (moved.narrow(axis, 150, 100), sharper.narrow(axis, 150, 100))
    ]
    assert heights[0] == pytest.approx(1, abs=0.02)
    assert heights[1] > 1.2


@pytest.mark.slow
def test_where_little_is_dreamt_the_photo_does_not_ring(tiny, photo):
    """Under a mask that is nearly black forty frames stay close to the photo moved at once, and do not go its way
    frame by frame."""
    settings, gray = film(frames=40, zoom=1.02, step_scale=1e-6, color_match=0), torch.full((1, 1, 9, 9), 0.05)
    made, moved, step_by_step = frames(photo, tiny, settings, gray)[-1], camera_view(photo, settings, 39), photo
    for _ in range(39):
        step_by_step = warp(step_by_step, 1.02, 0)
    made, moved, step_by_step = (x.mean(1) for x in (made, moved, step_by_step))
    assert difference(made, moved) < 0.2 * difference(step_by_step, moved)


def test_what_was_dreamt_is_counted_until_the_mask_is_out_of_sight(tiny, photo):
    rim = torch.zeros(1, 1, 40, 52)
    rim[..., :6] = 1
    settings = film(frames=20, zoom=1.1)
    count = count_dreamed_frames(settings, range(20), rim)
    assert 1 < count < 12
    made = frames(photo, tiny, settings, rim)
    assert not torch.equal(made[count], camera_view(photo, settings, count))
    assert torch.equal(made[-1], camera_view(photo, settings, 19))
    assert count_dreamed_frames(settings, range(20), None) == 19
    assert count_dreamed_frames(settings, range(15, 20), None) == 5
    assert count_dreamed_frames(settings, range(15, 20), rim) == 0
    returning = settings.model_copy(update={"loop": True})
    assert count_dreamed_frames(returning, range(15, 20), rim) > 0, "the photo brings its mask with it"


def test_a_black_mask_moves_the_photo(tiny, photo):
    for loop in (False, True):
        settings = film(frames=6, loop=loop)
        made = frames(photo, tiny, settings, torch.zeros(1, 1, 9, 9))
        assert all(torch.equal(frame, camera_view(photo, settings, n)) for n, frame in enumerate(made))


@pytest.mark.parametrize("movement", [{"zoom": 1.03}, {"zoom": 1.02, "rotate": 2}, {"zoom": 1.03, "loop": True}])
def test_what_is_moved_at_once_is_what_is_moved_frame_by_frame(movement):
    """Of a picture of long waves, which bicubic interpolation hardly changes, also where the photo comes up again."""
    down, across = torch.linspace(0, 5, 120)[:, None], torch.linspace(0, 7, 160)
    waves = (0.5 + 0.4 * torch.sin(down + torch.tensor([0, 1, 2])[:, None, None]) * torch.cos(across))[None]
    settings, picture = film(frames=16, **movement), waves
    for number in range(1, 16):
        picture = blend_photo(advance_frame(picture, settings), waves, settings, number)
        inside = (..., slice(12, -12), slice(12, -12))  # a mirror has an edge
        got = camera_view(waves, settings, number)
        torch.testing.assert_close(got[inside], picture[inside], atol=2e-2, rtol=0)
        assert difference(got[inside], picture[inside]) < 5e-3
    assert difference(got, waves) > 0.02 or "loop" in movement


def test_colors_within_a_mask_are_drawn_to_the_photos_own_there(tiny, photo, left):
    own = resize(left, size_of(photo))
    inside = (own == 1).expand_as(photo)
    free, drawn = (
        frames(photo, tiny, film(frames=12, zoom=1, color_match=share), left)[-1][inside] for share in (0, 0.5)
    )
    wanted = photo[inside]
    assert abs(drawn.std() - wanted.std()) < 0.5 * abs(free.std() - wanted.std())


def test_a_guide_raises_the_match_with_it(tiny, photo, painting):
    chosen, guide = recipe(), Guide(painting, size=52)
    objective = DreamObjective(photo, tiny, chosen, objectives=resolve_objectives(photo, tiny, chosen, guide=guide))
    guided, free = (
        [*zoom(photo, tiny, chosen, film(frames=6, zoom=1), guide=given)][-1].image for given in (guide, None)
    )
    assert objective(guided) > objective(photo) + 0.05
    assert not torch.equal(guided, free)
