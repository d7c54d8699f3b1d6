"""Films in the style of paintings: the temporal term, what a frame begins from, and what the last ones leave of it."""

from itertools import pairwise

import pytest
import torch
from still_films import SIZE, carried, make

from artcnn.engines.film_carry import Carried
from artcnn.engines.film_style import StylePainter
from artcnn.engines.guidance import Masks
from artcnn.engines.style import make_loss, style
from artcnn.engines.style_loss import StyleLoss
from artcnn.losses import temporal_loss
from artcnn.recipes import StyleRecipe
from artcnn.settings import parse

SMALL = {
    "backbone": "tiny",
    "content_layers": ["relu2_1"],
    "style_layers": ["relu1_1", "relu2_1=0.5"],
    "size": 512,
    "min_size": 45,
    "coarse_steps": 4,
    "fine_steps": 12,
}


def recipe(**settings):
    return parse(StyleRecipe, SMALL | settings)


def test_the_temporal_term_is_the_papers_and_its_gradient_the_closed_form(photo):
    earlier, weight = photo.flip(3).double(), torch.rand(1, 1, *SIZE, dtype=torch.float64)
    image = photo.double().requires_grad_(True)
    loss = temporal_loss(image, earlier, weight)
    by_hand = sum((weight[0, 0] * (image[0, c] - earlier[0, c]) ** 2).sum() for c in range(3)) / image.numel()
    assert loss.item() == pytest.approx(by_hand.item())
    loss.backward()
    torch.testing.assert_close(image.grad, 2 * weight * (image - earlier).detach() / image.numel())


def test_a_loss_with_an_anchor_has_one_more_term(tiny, photo, painting):
    loss_of, image = StyleLoss(photo, painting, tiny, recipe(), 52), photo.flip(2) * 0.8 + 0.1
    before, free = loss_of.value_and_gradient(image)
    loss_of.set_anchor(photo, torch.full((1, 1, *SIZE), 30.0))
    loss, gradient = loss_of.value_and_gradient(image)
    assert loss.item() == pytest.approx(before.item() + 30 * (image - photo).square().mean().item(), rel=1e-5)
    assert loss.item() == pytest.approx(loss_of(image).item(), rel=1e-5)
    torch.testing.assert_close(gradient - free, 60 * (image - photo) / image.numel(), atol=1e-7, rtol=1e-4)
    loss_of.set_photo(photo)
    assert loss_of.value_and_gradient(image)[0] == before, "another photo, and no anchor"


@pytest.mark.parametrize("settings", [{}, {"strength": 0.5}, {"method": "gram"}, {"method": "neighbors"}])
@pytest.mark.parametrize("protected", [False, True])
def test_a_loss_for_another_photo_is_that_of_a_new_loss(tiny, photo, painting, settings, protected):
    masks = Masks(protect=torch.ones(1, 1, 2, 2).tril()) if protected else Masks()
    other, image = photo.flip(3), photo.flip(2)
    reused, new = (make_loss(x, [painting], tiny, recipe(size=52, **settings), 52, masks=masks) for x in (photo, other))
    reused.retarget(image, 0, 1)
    reused.set_photo(other)
    for loss_of in (reused, new):
        loss_of.retarget(image, 0, 1)
    assert torch.equal(reused(image), new(image))


def test_the_first_frame_is_the_picture_of_a_photo_of_its_size(tiny, photo, painting):
    picture, value = StylePainter([painting], tiny, recipe()).paint_alone(photo)
    *_, last = style(photo, painting, tiny, recipe(size=52))
    assert torch.equal(picture, last.image)
    assert value == last.value


@pytest.mark.slow
def test_a_frame_keeps_to_the_last_pictures_and_still_comes_closer_to_the_style(tiny, photo, painting):
    painter = StylePainter([painting], tiny, recipe())
    before, _ = painter.paint_alone(photo)
    noisy = (before + 0.1 * torch.sin(torch.arange(3.0 * 40 * 52) * 7).reshape(1, 3, *SIZE)).clamp(0, 1)
    made, _ = painter.paint_next(photo, carried(noisy), 1.0)
    loss_of = StyleLoss(photo, painting, tiny, recipe(), 52)
    assert loss_of(made) < 0.9 * loss_of(noisy)
    near, free = ((painter.paint_next(photo, carried(noisy), c)[0] - noisy).abs().mean() for c in (1.0, 0.05))
    assert near < 0.7 * free


def test_where_nothing_is_reliable_a_frame_begins_as_a_picture_does(tiny, photo, painting):
    painter = StylePainter([painting], tiny, recipe())
    made, _ = painter.paint_next(photo, carried(torch.zeros_like(photo), 0.0), 1.0)
    other, _ = painter.paint_next(photo, carried(torch.ones_like(photo), 0.0), 1.0)
    assert torch.equal(made, other)
    alone, _ = painter.paint_alone(photo)
    loss_of = StyleLoss(photo, painting, tiny, recipe(), 52)
    assert loss_of(made) < loss_of(alone) + 0.3 * (loss_of(photo) - loss_of(alone))


@pytest.mark.slow
def test_what_is_painted_before_does_not_matter(tiny, photo, painting):
    """A run that goes on after a kill has a new painter."""
    used, new = (StylePainter([painting], tiny, recipe(method="neighbors", strength=0.8)) for _ in range(2))
    used.paint_next(photo.flip(3), carried(photo), 1.0)
    first, again = (painter.paint_next(photo, carried(photo.flip(2)), 0.7)[0] for painter in (used, new))
    assert torch.equal(first, again)


@pytest.mark.slow
@pytest.mark.parametrize("settings", [{}, {"method": "neighbors"}, {"colors": "content"}, {"colors": "match"}])
def test_a_still_scene_stays_still_and_keeps_its_colors(tiny, photo, painting, settings):
    made = make([photo] * 4, StylePainter([painting], tiny, recipe(fine_steps=60, **settings)))
    assert all((a - b).abs().mean() < 1 / 255 for a, b in pairwise(made))
    assert ((made[-1] - made[0]).mean((2, 3)).abs() < 1 / 255).all()


def test_what_is_protected_is_the_frame(tiny, photo, painting):
    mask = torch.zeros(1, 1, *SIZE)
    mask[..., :26] = 1
    painter = StylePainter([painting], tiny, recipe(), masks=Masks(protect=mask))
    made, _ = painter.paint_next(photo, carried(1 - photo), 1.0)
    torch.testing.assert_close(made[..., :26], photo[..., :26], atol=1e-6, rtol=0)
    assert (made - photo)[..., 40:].abs().mean() > 0.05


def test_an_instant_picture_is_the_first_guess(tiny, photo, painting):
    asked = []

    def start(frame):
        asked.append(frame)
        return frame.flip(1)

    painter = StylePainter([painting], tiny, recipe(init="instant"), start=start)
    painter.paint_alone(photo)
    painter.paint_next(photo, carried(photo, 0.5), 1.0)
    assert len(asked) == 2


def test_without_strength_a_frame_stays_as_it_is(tiny, photo, painting):
    painter = StylePainter([painting], tiny, recipe(strength=0))
    torch.testing.assert_close(painter.paint_next(photo, carried(1 - photo), 1.0)[0], photo, atol=1e-6, rtol=0)


def test_the_clips_colors_become_darker_with_the_clip(tiny, photo, painting):
    painter = StylePainter([painting], tiny, recipe(colors="content"))
    before, _ = painter.paint_alone(photo)
    change = torch.full((1, 3, 1, 1), -0.2)
    dark, _ = painter.paint_next(photo - 0.2, Carried(before, torch.ones(1, 1, *SIZE), change), 1.0)
    assert (dark.mean() - before.mean()).item() == pytest.approx(-0.2, abs=0.05)
