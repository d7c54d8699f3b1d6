"""Films that are dreamt: the detail goes along, only what is new is dreamt anew, and its strength is held."""

from itertools import pairwise

import pytest
import torch
from still_films import SIZE, carried, make

from artcnn.engines.dream import dream
from artcnn.engines.film_dream import DreamPainter
from artcnn.recipes import DreamRecipe
from artcnn.settings import parse

RECIPE = parse(
    DreamRecipe,
    {"backbone": "tiny", "layers": ["relu2_1"], "size": 512, "octaves": 2, "steps": 5, "jitter": 4, "step_size": 0.02},
)


def test_the_first_frame_is_the_dream_of_a_photo_of_its_size(tiny, photo):
    picture, value = DreamPainter(tiny, RECIPE).paint_alone(photo)
    *_, last = dream(photo, tiny, RECIPE.model_copy(update={"size": 52}))
    assert torch.equal(picture, last.image)
    assert value == last.value


def test_reliable_detail_goes_on_and_the_light_is_the_frames(tiny, photo):
    """A darker frame gets the same detail: what is carried is the change, not the picture."""
    painter = DreamPainter(tiny, RECIPE)
    picture, _ = painter.paint_alone(photo)
    detail = painter.carries(photo, picture)
    darker = photo * 0.9
    made, _ = painter.paint_next(darker, carried(detail), 1.0)
    assert (made - darker - detail).abs().mean() < 0.2 * detail.abs().mean()
    assert (made - darker).mean().item() == pytest.approx(detail.mean().item(), abs=0.002)


def test_where_nothing_is_reliable_a_frame_is_dreamt_anew(tiny, photo):
    painter = DreamPainter(tiny, RECIPE)
    alone, made = painter.paint_alone(photo)[0], painter.paint_next(photo, carried(photo * 0.5, 0.0), 1.0)[0]
    assert (made - photo).std().item() == pytest.approx((alone - photo).std().item(), rel=0.4)
    reference = (alone - photo).flatten() - (alone - photo).mean()
    assert torch.cosine_similarity(reference, (made - photo).flatten(), 0) > 0.7, "and much like a first frame"


def test_detail_that_faded_or_grew_returns_to_its_strength(tiny, photo):
    painter = DreamPainter(tiny, RECIPE)
    detail = painter.carries(photo, painter.paint_alone(photo)[0])
    strengths = []
    film_of = detail
    for _ in range(6):
        made, _ = painter.paint_next(photo, carried(film_of), 1.0)
        film_of = painter.carries(photo, made)
        strengths.append((film_of.std() / detail.std()).item())
    assert all(0.9 < strength < 1.1 for strength in strengths)


def test_a_still_scene_stays_still(tiny, photo):
    made = make([photo] * 5, DreamPainter(tiny, RECIPE))
    assert (made[0] - photo).abs().mean() > 10 / 255
    assert all((a - b).abs().mean() < 1 / 255 for a, b in pairwise(made))


def test_less_coherence_dreams_more(tiny, photo):
    painter = DreamPainter(tiny, RECIPE)
    detail = 0.2 * torch.sin(torch.arange(52) * 0.8).expand(1, 3, *SIZE)
    away = [
        (painter.paint_next(photo, carried(detail), coherence)[0] - photo - detail).abs().mean()
        for coherence in (1.0, 0.6, 0.2)
    ]
    assert away[0] < away[1] < away[2]


def test_outside_of_the_mask_is_the_frame_to_the_bit(tiny, photo):
    mask = torch.zeros(1, 1, *SIZE)
    mask[..., :26] = 1
    painter = DreamPainter(tiny, RECIPE, mask=mask)
    made, _ = painter.paint_next(photo, carried(torch.full_like(photo, 0.1)), 1.0)
    assert torch.equal(made[..., 26:], photo[..., 26:])
    assert (made - photo)[..., :26].abs().mean() > 0.05
