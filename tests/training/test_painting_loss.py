"""The loss of many pictures at once is Gatys's, made relative, and its gradient is right."""

import sys
from pathlib import Path

import pytest
import torch

from artcnn.backbones.vgg import load_vgg
from artcnn.training.painting_loss import PaintingLoss, gram_matrices

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

import reference

LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1")


def pictures(count: int, size: int = 32, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    return torch.rand(count, 3, size, size, generator=torch.Generator().manual_seed(1), dtype=torch.float64).to(dtype)


@pytest.mark.slow
def test_its_terms_are_those_of_the_reference_relative_to_what_is_aimed_at(monkeypatch, photo, painting):
    monkeypatch.setattr(reference, "WEIGHTS", str(Path(__file__).parents[2] / reference.WEIGHTS))
    photo, painting = photo[..., :40, :48].contiguous(), painting[..., :48, :40].contiguous()
    loss = PaintingLoss(load_vgg(), [1 - painting, painting], (*LAYERS, "relu5_1"))
    painted = torch.stack([photo[0].flip(2), photo[0] * 0.5])
    content, style = loss.terms(painted, loss.content(photo.expand(2, -1, -1, -1)), torch.tensor([1, 0]))
    layers = reference.network()
    for number, target in enumerate((painting, 1 - painting)):
        goal, found = reference.Objective(photo, target, layers), reference.features(painted[number, None], layers)
        difference = found[reference.CONTENT_LAYER] - goal.content
        expected = difference.square().mean() / goal.content.square().mean()
        torch.testing.assert_close(content[number], expected, rtol=2e-4, atol=0)
        grams = ((reference.gram(found[index]), gram) for index, gram in goal.grams.items())
        expected = sum((gram - wanted).square().mean() / wanted.square().mean() for gram, wanted in grams)
        torch.testing.assert_close(style[number], expected, rtol=2e-4, atol=0)


def test_the_gradient_is_that_of_finite_differences(small_vgg):
    loss = PaintingLoss(small_vgg.double(), list(pictures(2).split(1)), LAYERS)
    target, which, h = loss.content(pictures(3)), torch.tensor([0, 1, 1]), 1e-8
    image = (0.3 + 0.4 * pictures(3).flip(3)).requires_grad_()
    direction = torch.randn(image.shape, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    for term in range(2):
        (gradient,) = torch.autograd.grad(loss.terms(image, target, which)[term].sum(), image)
        with torch.no_grad():
            ahead, behind = (loss.terms(image + step * direction, target, which)[term].sum() for step in (h, -h))
        torch.testing.assert_close((gradient * direction).sum(), (ahead - behind) / (2 * h), rtol=1e-4, atol=0)


def test_gram_matrices_are_sums_over_places_and_their_gradient_is_right():
    features = torch.randn(2, 3, 4, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    expected = torch.einsum("nchw,ndhw->ncd", features, features) / (3 * 4 * 5)
    torch.testing.assert_close(gram_matrices(features), expected)
    assert torch.autograd.gradcheck(gram_matrices, features.requires_grad_())


def test_each_picture_has_its_own_loss(small_vgg):
    loss = PaintingLoss(small_vgg, list(pictures(2, dtype=torch.float32).split(1)), LAYERS)
    some, which = pictures(3, dtype=torch.float32), torch.tensor([1, 0, 1])
    content, style = loss.terms(some, loss.content(some.flip(2)), which)
    for number in range(3):
        one = some[number : number + 1]
        alone = loss.terms(one, loss.content(one.flip(2)), which[number : number + 1])
        torch.testing.assert_close((content[number], style[number]), (alone[0][0], alone[1][0]))


def test_a_painting_has_its_own_style_and_a_photo_its_own_content(small_vgg):
    both = pictures(2, dtype=torch.float32)
    loss = PaintingLoss(small_vgg, list(both.split(1)), LAYERS)
    content, style = loss.terms(both, loss.content(both), torch.tensor([0, 1]))
    torch.testing.assert_close(content, torch.zeros(2), rtol=0, atol=1e-9)
    torch.testing.assert_close(style, torch.zeros(2), rtol=0, atol=1e-6)
    swapped = loss.terms(both, loss.content(both.flip(0)), torch.tensor([1, 0]))
    assert all(float(term.min()) > 1e-3 for term in swapped)
