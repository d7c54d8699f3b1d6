import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from artcnn.losses import channel_means, content_loss, gram_matrix, style_loss, total_variation

features = hnp.arrays(
    np.float64,
    st.tuples(st.just(1), st.integers(1, 5), st.integers(1, 6), st.integers(1, 6)),
    elements=st.floats(-10, 10),
)


@pytest.mark.slow
@settings(deadline=None)
@given(features)
def test_gram_matrix_is_the_sum_of_outer_products_of_each_position(x):
    _, channels, height, width = x.shape
    expected = np.zeros((channels, channels))
    for row in range(height):
        for column in range(width):
            expected += np.outer(x[0, :, row, column], x[0, :, row, column])
    got = gram_matrix(torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(got, expected / (channels * height * width), rtol=1e-10, atol=1e-12)


@pytest.mark.slow
@settings(deadline=None)
@given(features, st.randoms(use_true_random=False))
def test_gram_matrix_does_not_know_where_things_are(x, random):
    flat = x.reshape(*x.shape[:2], -1)
    order = list(range(flat.shape[2]))
    random.shuffle(order)
    shuffled = flat[:, :, order].reshape(x.shape)
    torch.testing.assert_close(gram_matrix(torch.from_numpy(shuffled)), gram_matrix(torch.from_numpy(x)))


def test_losses_of_equal_things_are_zero_and_of_a_constant_difference_its_square():
    x = torch.arange(24.0).reshape(1, 2, 3, 4)
    assert content_loss(x, x) == 0
    assert content_loss(x + 3, x) == 9
    assert style_loss(x[0, 0], x[0, 0] - 2) == 4


def test_total_variation_in_closed_form():
    assert total_variation(torch.full((1, 3, 5, 7), 0.3)) == 0
    ramp = torch.arange(7.0).expand(1, 3, 5, 7) * 0.1
    torch.testing.assert_close(total_variation(ramp), torch.tensor(0.01))
    chess = (torch.arange(6)[:, None] + torch.arange(6)).remainder(2).float().expand(1, 3, 6, 6)
    assert total_variation(chess) == 2


def test_gradients_are_those_of_finite_differences():
    x = torch.linspace(-1, 1, 24, dtype=torch.float64).reshape(1, 2, 3, 4).requires_grad_(True)
    target = torch.eye(2, dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda t: style_loss(gram_matrix(t), target), x)
    assert torch.autograd.gradcheck(total_variation, x)
    assert torch.autograd.gradcheck(lambda t: content_loss(t, torch.ones_like(t)), x)


def test_the_gram_matrix_of_bfloat16_features_is_summed_in_float32():
    x = torch.randn(1, 12, 90, 70, generator=torch.Generator().manual_seed(0)).relu().bfloat16()
    exact, got = gram_matrix(x.double()), gram_matrix(x)
    assert got.dtype == torch.float32
    # Each of eight partial sums is rounded to eight bits: an error of at most 2^-9, divided by the root of eight.
    assert float(((got - exact).abs() / exact).mean()) < 2**-9 / 8**0.5
    rounded = x.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(gram_matrix(rounded).square().sum(), rounded)
    precise = x.double().requires_grad_()
    (expected,) = torch.autograd.grad(gram_matrix(precise).square().sum(), precise)
    assert float((gradient - expected).norm() / expected.norm()) < 2**-7


def test_the_means_of_channels_are_summed_in_parts_in_float32(monkeypatch):
    monkeypatch.setattr("artcnn.losses._ROWS", 7)
    x = torch.linspace(-1, 3, 2 * 5 * 6, dtype=torch.float64).reshape(1, 2, 5, 6).requires_grad_(True)
    torch.testing.assert_close(channel_means(x), x.mean((0, 2, 3)))
    assert torch.autograd.gradcheck(channel_means, x)
    rough = torch.rand(1, 3, 40, 50, generator=torch.Generator().manual_seed(0)).bfloat16()
    torch.testing.assert_close(channel_means(rough), rough.float().mean((0, 2, 3)), rtol=1e-5, atol=0)
