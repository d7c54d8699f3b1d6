"""Steps along the spectrum, and random moves: closed forms and invariants."""

import pytest
import torch

from artcnn.engines.dream import DreamObjective, dream, gradient_step
from artcnn.engines.spectral_adam import SpectralAdam
from artcnn.image import random_affine
from artcnn.recipes import DreamRecipe
from artcnn.settings import parse

SMALL = {
    "backbone": "tiny",
    "layers": ["relu2_1"],
    "size": 64,
    "octaves": 2,
    "steps": 3,
    "jitter": 4,
    "optimizer": "spectral_adam",
}


def recipe(**settings):
    return parse(DreamRecipe, SMALL | settings)


def noise(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def spectrum(x):
    """Of a picture with its mirror images around it."""
    x = torch.cat([x, x.flip(3)], 3)
    return torch.fft.rfft2(torch.cat([x, x.flip(2)], 2), norm="ortho")


def test_the_first_step_has_every_frequencys_own_length_and_sign():
    """Adam's first step is as long for any gradient; here times the wavelength, up to 128 pixels, to the power 1.25."""
    gradient = noise(1, 3, 24, 36)
    step, slope = spectrum(SpectralAdam(5).update(gradient)), spectrum(gradient)
    down, across = torch.fft.fftfreq(48)[:, None], torch.fft.rfftfreq(72)[None]
    longest = min(128, 36)
    length = (down.square() + across.square()).sqrt().clamp_min(1 / longest) ** -1.25
    there = slope.abs() > 1e-2  # of mirrored pictures the highest waves are zero
    torch.testing.assert_close(step.abs()[there], length.expand(1, 3, -1, -1)[there], rtol=2e-3, atol=0)
    torch.testing.assert_close((step / step.abs())[there], (slope / slope.abs())[there], rtol=0, atol=2e-3)


def test_a_direction_does_not_depend_on_the_gradients_unit_and_turns_with_it():
    gradients = [noise(1, 3, 20, 30, seed=seed) for seed in range(3)]
    plain, large, mirrored = SpectralAdam(3), SpectralAdam(3), SpectralAdam(3)
    for gradient in gradients:
        expected = plain.update(gradient)
        torch.testing.assert_close(large.update(1e-6 * gradient), expected, rtol=1e-3, atol=1e-3)
        torch.testing.assert_close(mirrored.update(gradient.flip(3)).flip(3), expected, rtol=1e-3, atol=1e-3)
        assert plain.lr_scale == pytest.approx(1 - (plain.count - 1) / 3)


def test_a_blank_gradient_gives_no_direction():
    assert SpectralAdam(3).update(torch.zeros(1, 3, 9, 8)).abs().max() == 0


def test_a_picture_that_is_round_stays_so_whatever_its_frame():
    """A bell in the middle of a wide picture is the same turned by any angle: nothing is sheared."""
    y, x = torch.meshgrid(torch.arange(60) - 29.5, torch.arange(100) - 49.5, indexing="ij")
    bell = torch.exp(-(x.square() + y.square()) / 200)[None, None]
    seen = x.square() + y.square() < 29**2  # beyond, what is mirrored comes in
    for seed in range(4):
        turned = random_affine(bell, 90, 0, torch.Generator().manual_seed(seed))
        torch.testing.assert_close(turned[..., seen], bell[..., seen], atol=0.01, rtol=0)
    torch.testing.assert_close(random_affine(noise(1, 3, 9, 14), 0, 0, torch.Generator()), noise(1, 3, 9, 14))


def test_scaling_is_by_the_ratio_at_most():
    width = []
    bell = torch.exp(-((torch.arange(120) - 59.5) ** 2) / 200).expand(1, 1, 120, 120)
    for seed in range(40):
        seen = random_affine(bell, 0, 0.3, torch.Generator().manual_seed(seed))
        width.append(float((seen[0, 0, 60] > 0.5).sum() / (bell[0, 0, 60] > 0.5).sum()))
    assert 1 / 1.3 - 0.06 < min(width) < 0.85
    assert 1.2 < max(width) < 1 / 0.7 + 0.06


def test_the_gradient_goes_back_through_the_move(tiny, photo):
    """Against the whole chain by autograd."""
    chosen = recipe(optimizer="gradient", max_rotation=30, max_scale_change=0.3, jitter=0, smoothing=0, palette=0)
    objective = DreamObjective(photo, tiny, chosen)
    after, value = gradient_step(photo, objective, torch.eye(3), chosen, torch.Generator().manual_seed(3))
    generator = torch.Generator().manual_seed(3)
    torch.randint(0, 1, (2,), generator=generator)  # the shift, of none
    image = photo.clone().requires_grad_()
    seen = random_affine(image, 30, 0.3, generator)
    expected, slope = objective.value_and_gradient(seen.detach())
    (gradient,) = torch.autograd.grad(seen, image, slope)
    assert value == pytest.approx(expected.item())
    room = torch.where(gradient > 0, 1 - photo, photo)
    change = chosen.step_size * gradient / gradient.abs().mean() * (room / 0.15).clamp(max=1)
    torch.testing.assert_close(after, (photo + change).clamp(0, 1), atol=1e-6, rtol=1e-4)


def test_a_climb_taken_up_at_any_step_ends_with_the_same_bits(tiny, photo):
    chosen = recipe(max_rotation=10, max_scale_change=0.2)
    states, images = [], []
    for step in dream(photo, tiny, chosen):
        states.append({name: x.clone() for name, x in step.state().items()})
        images.append(step.image)
    assert not torch.equal(images[-1], images[-2])
    for number, state in enumerate(states[:-1]):
        rest = [step.image for step in dream(photo, tiny, chosen, state=state)]
        assert all(map(torch.equal, rest, images[number + 1 :]))
        assert len(rest) == len(images) - number - 1
