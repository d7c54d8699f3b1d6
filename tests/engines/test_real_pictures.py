"""The real network on real photos, small: what makes a picture ugly, measured."""

import pytest
import torch

from artcnn.backbones.base import load_backbone
from artcnn.engines.dream import dream
from artcnn.engines.style import style
from artcnn.engines.style_loss import StyleLoss
from artcnn.files.read import read_picture
from artcnn.files.write import quantize
from artcnn.image import fit
from artcnn.presets import load_recipe

pytestmark = pytest.mark.slow


def clipped(image):
    return ((quantize(image) == 0) | (quantize(image) == 1)).float().mean().item()


def contrast(image, block=16):
    """Return the standard deviation within each square of 16 pixels."""
    squares = image.mean(1).unfold(1, block, block).unfold(2, block, block)
    return squares.std(dim=(-1, -2))


def edge_over_inside(image):
    """Return how much the outermost rows and columns differ from their neighbors, over what is usual inside."""
    down, across = (image.diff(dim=2).abs().mean((0, 1, 3)), image.diff(dim=3).abs().mean((0, 1, 2)))
    return max(x[i].item() / x[4:-4].mean().item() for x in (down, across) for i in (0, -1))


@pytest.mark.exhaustive
@pytest.mark.parametrize("sample", ["castle.jpg", "machu_picchu.webp", "cat.webp"])
def test_a_default_dream_is_not_neon_not_gray_not_blurred_and_has_no_frame(samples, sample):
    recipe = load_recipe("dream", "default", size=192)
    photo = fit(read_picture(samples / sample).pixels, 192)
    *_, last = dream(photo, load_backbone(recipe), recipe)
    assert clipped(last.image) < clipped(photo) + 0.02
    assert contrast(last.image).min() > 0.5 * contrast(photo).min()  # what is smooth stays so, and gets no smoother
    assert contrast(last.image).mean() > contrast(photo).mean()
    assert edge_over_inside(last.image) < 2


def test_a_default_style_keeps_the_photo_and_takes_the_painting(samples):
    recipe = load_recipe("style", "default", size=192)
    photo, painting = (fit(read_picture(samples / n).pixels, 192) for n in ("castle.jpg", "church_at_auvers.jpg"))
    network = load_backbone(recipe)
    *_, last = style(photo, painting, network, recipe)
    objective = StyleLoss(photo, painting, network, recipe, 192)
    with torch.no_grad():
        before, after = objective.terms(photo), objective.terms(last.image)
    assert after.style < before.style / 10
    assert after.content < recipe.content_weight  # less than the features' own mean square: the photo is still there
    assert clipped(last.image) < 0.02
    assert edge_over_inside(last.image) < 2
