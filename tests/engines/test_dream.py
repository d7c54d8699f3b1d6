from itertools import islice

import pytest
import torch

from artcnn.engines.dream import HEADROOM, DreamObjective, color_preconditioner, dream, gradient_step, octave_sizes
from artcnn.engines.step import STEP_PIXELS
from artcnn.errors import ArtcnnError
from artcnn.recipes import DreamRecipe
from artcnn.settings import parse

SMALL = {"backbone": "tiny", "layers": ["relu2_1"], "size": 64, "octaves": 2, "steps": 3, "jitter": 4}


def recipe(**settings):
    return parse(DreamRecipe, SMALL | settings)


def test_octaves_grow_by_the_scale_up_to_the_size():
    assert octave_sizes((300, 600), recipe(octaves=3, octave_scale=2)) == [(75, 150), (150, 300), (300, 600)]
    assert octave_sizes((100, 200), recipe(octaves=9, octave_scale=2)) == [(50, 100), (100, 200)]


def test_a_dream_excites_what_it_was_asked_to(tiny, photo):
    for layers in (["relu2_1"], ["conv2_1:3"], ["relu1_1=0.3", "conv2_1:0"]):
        chosen = recipe(layers=layers)
        *_, last = dream(photo, tiny, chosen)
        large = torch.nn.functional.interpolate(photo, (49, 64), mode="bicubic", antialias=True).clamp(0, 1)
        objective = DreamObjective(large, tiny, chosen)
        assert objective(last.image) > objective(large) + 0.05, layers


def test_steps_count_up_and_the_work_is_done_at_the_end(tiny, photo):
    steps = list(dream(photo, tiny, recipe()))
    assert [step.index for step in steps] == [1, 2, 3, 4, 5, 6]
    assert {step.total for step in steps} == {6}
    small, large = 35 * 46 + STEP_PIXELS, 49 * 64 + STEP_PIXELS
    assert [step.progress for step in steps] == pytest.approx(
        [n * small / (3 * small + 3 * large) for n in (1, 2, 3)]
        + [(3 * small + n * large) / (3 * small + 3 * large) for n in (1, 2, 3)]
    )
    assert steps[0].stage == "octave 1 of 2, 46 x 35"
    assert steps[-1].image.shape == (1, 3, 49, 64)
    assert all(step.image.min() >= 0 and step.image.max() <= 1 for step in steps)


def test_same_seed_same_bits_and_another_seed_another_dream(tiny, photo):
    first, again, other = (list(dream(photo, tiny, recipe(seed=seed)))[-1].image for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_nothing_of_the_callers_is_changed(tiny, photo):
    before, weights = photo.clone(), {k: v.clone() for k, v in tiny.named_buffers()}
    random_state = torch.get_rng_state()
    steps = list(dream(photo, tiny, recipe()))
    kept = [step.image.clone() for step in steps]
    list(dream(photo, tiny, recipe(seed=5)))
    assert torch.equal(photo, before)
    assert all(torch.equal(v, weights[k]) for k, v in tiny.named_buffers())
    assert torch.equal(torch.get_rng_state(), random_state)
    assert all(torch.equal(step.image, image) for step, image in zip(steps, kept, strict=True))
    assert photo.grad is None


def test_the_photo_stays_sharp_where_nothing_is_dreamt(tiny, photo):
    """Detail is carried between octaves, not the picture: with vanishing steps the photo comes back untouched."""
    *_, last = dream(photo, tiny, recipe(octaves=4, octave_scale=1.1, step_size=1e-9))
    large = torch.nn.functional.interpolate(photo, (49, 64), mode="bicubic", antialias=True).clamp(0, 1)
    torch.testing.assert_close(last.image, large, atol=1e-6, rtol=0)


def test_a_border_never_sees_the_opposite_one(tiny):
    """A spot at the right edge changes nothing at the left one, whatever the jitter."""
    plain = torch.full((1, 3, 64, 64), 0.5)
    plain[..., 20:40, 20:40] = 0.7
    spotted = plain.clone()
    spotted[..., -6:] = 0.1
    chosen = recipe(octaves=1, steps=1, jitter=16, palette=0, smoothing=0)
    left = []
    for image in (plain, spotted):
        change = next(iter(dream(image, tiny, chosen))).image - image
        left.append(change[..., :8] / change[..., 20:40].abs().mean())
    torch.testing.assert_close(left[0] / left[0].abs().mean(), left[1] / left[1].abs().mean(), atol=1e-4, rtol=1e-3)


def test_values_near_the_bounds_are_pushed_there_gently(tiny, photo):
    """Equal pushes move a value near white or black by its distance from it, over the headroom."""
    image = (1.6 * photo - 0.3).clamp(0.003, 0.997)
    chosen = recipe(step_size=1e-4, jitter=0, max_rotation=0, max_scale_change=0, smoothing=0, palette=0)
    after, _ = gradient_step(image, DreamObjective(image, tiny, chosen), torch.eye(3), chosen, torch.Generator())
    _, gradient = DreamObjective(image, tiny, chosen).value_and_gradient(image)
    push = 1e-4 * gradient / gradient.abs().mean()
    room = torch.where(push > 0, 1 - image, image)
    assert (room < HEADROOM).float().mean() > 0.1
    torch.testing.assert_close(after - image, push * (room / HEADROOM).clamp(max=1), atol=1e-6, rtol=1e-3)


def test_a_full_palette_leaves_a_gray_photo_gray_and_none_does_not(tiny, photo):
    gray = photo.mean(1, keepdim=True).expand(1, 3, -1, -1)
    for strength, is_gray in ((1, True), (0, False)):
        *_, last = dream(gray, tiny, recipe(palette=strength))
        spread = (last.image.amax(1) - last.image.amin(1)).max()
        assert bool(spread < 1e-3) == is_gray


def test_the_palette_is_the_covariance_scaled_to_the_identitys_trace(photo):
    torch.testing.assert_close(color_preconditioner(photo, 0), torch.eye(3))
    covariance = torch.cov(photo[0].flatten(1), correction=0)
    torch.testing.assert_close(color_preconditioner(photo, 1), 3 * covariance / covariance.trace())
    torch.testing.assert_close(color_preconditioner(torch.full((1, 3, 8, 8), 0.5), 1), torch.eye(3))


def test_a_single_color_is_no_reason_to_fail(tiny):
    *_, last = dream(torch.full((1, 3, 40, 52), 0.5), tiny, recipe(padding="replicate"))
    assert last.image.isfinite().all()


def test_an_engine_stops_where_its_consumer_does(tiny, photo):
    assert len(list(islice(dream(photo, tiny, recipe()), 2))) == 2


def test_an_unknown_layer_is_named_before_the_first_step(tiny, photo):
    with pytest.raises(ArtcnnError, match="no layer 'relu4_3'"):
        next(dream(photo, tiny, recipe(layers=["relu4_3"])))


def test_a_run_taken_up_at_any_step_ends_with_the_same_bits(tiny, photo):
    states, images = [], []
    for step in dream(photo, tiny, recipe()):
        states.append({name: x.clone() for name, x in step.state().items()})
        images.append(step.image)
    for number, state in enumerate(states[:-1]):
        rest = [step.image for step in dream(photo, tiny, recipe(), state=state)]
        assert len(rest) == len(images) - number - 1
        assert all(map(torch.equal, rest, images[number + 1 :]))
