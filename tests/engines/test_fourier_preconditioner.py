"""The curvature by frequency: of a loss whose Hessian is a convolution it is the convolution's spectrum."""

import pytest
import torch

from artcnn.engines.fourier_preconditioner import FourierPreconditioner

RANDOM = torch.Generator().manual_seed(0)


def hessian(x):
    """Return ``x`` and a part of its roughness: on a torus, a convolution of spectrum 1 + 4 (sin^2 + sin^2)."""
    rough = 4 * x - sum(x.roll(shift, axis) for shift in (1, -1) for axis in (2, 3))
    return (x + rough) / (x.shape[2] * x.shape[3])  # a loss that is a mean over places


def learned(size, moves=6):
    spectrum = FourierPreconditioner()
    for _ in range(moves):
        move = torch.randn(1, 3, *size, generator=RANDOM)
        spectrum.update(move, hessian(move))
    return spectrum


@pytest.mark.parametrize("size", [(64, 48), (63, 65), (128, 96)])
def test_newtons_step_undoes_the_hessian_at_the_size_it_was_learned_and_at_another(size):
    spectrum = learned((64, 48))
    image = torch.randn(1, 3, *size, generator=RANDOM)
    step = spectrum.apply(hessian(image))
    assert torch.nn.functional.cosine_similarity(step.flatten(), image.flatten(), dim=0) > 0.99
    assert (step - image).norm() < 0.12 * image.norm()
    # A step along the gradient itself, however long, would leave far more.
    gradient = hessian(image)
    best = gradient * (gradient * image).sum() / gradient.square().sum()
    assert (best - image).norm() > 0.3 * image.norm()


def test_it_is_linear_and_symmetric_so_that_lbfgs_may_start_from_it():
    spectrum = learned((40, 33))
    a, b = torch.randn(2, 1, 3, 40, 33, generator=RANDOM, dtype=torch.float64)
    torch.testing.assert_close((spectrum.apply(a) * b).sum(), (spectrum.apply(b) * a).sum(), rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(spectrum.apply(a + 2 * b), spectrum.apply(a) + 2 * spectrum.apply(b))


@pytest.mark.parametrize("size", [(40, 33), (40, 34), (33, 40), (1, 7), (8, 1), (5, 2)])
def test_the_square_is_that_of_the_step(size):
    spectrum = learned((40, 33))
    gradient = torch.randn(1, 3, *size, generator=RANDOM, dtype=torch.float64)
    square = (spectrum.apply(gradient) * gradient).sum()
    assert square > 0
    torch.testing.assert_close(spectrum.quadratic_form(gradient), square)


def test_colors_curve_by_themselves():
    """Light and the two differences of colors are told apart; a red gradient is moved in all three."""
    spectrum = FourierPreconditioner()
    for _ in range(4):
        move = torch.randn(1, 3, 32, 32, generator=RANDOM)
        light = move.mean(1, keepdim=True).expand_as(move)
        spectrum.update(move, (move + 9 * light) / 1024)
    gray = torch.randn(1, 1, 32, 32, generator=RANDOM).expand(1, 3, 32, 32)
    torch.testing.assert_close(spectrum.apply(10 * gray / 1024), gray, atol=0.05, rtol=0)
    color = torch.randn(1, 1, 32, 32, generator=RANDOM) * torch.tensor([1.0, 0, -1]).view(1, 3, 1, 1)
    torch.testing.assert_close(spectrum.apply(color / 1024), color, atol=0.6, rtol=0)  # at least a fifth of the mean


def test_it_knows_nothing_before_a_move():
    assert FourierPreconditioner().apply(torch.ones(1, 3, 8, 8)) is None
