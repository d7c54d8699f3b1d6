import pytest
import torch

from artcnn.engines.descent import (
    FIRST_MOVE,
    LARGEST_MOVE,
    BoundedLBFGS,
    Descent,
    make_optimizer,
    newton_direction,
)
from artcnn.recipes import StyleRecipe

TARGET = torch.linspace(-0.5, 1.5, 3 * 32 * 32).reshape(1, 3, 32, 32)


def distance(image):
    return (image - TARGET).square().sum()


class Of:
    """A loss whose gradient is autograd's."""

    def __init__(self, total):
        self.total = total

    def total_and_gradient(self, image):
        x = image.detach().clone().requires_grad_()
        with torch.enable_grad():
            total = self.total(x)
        return total.detach(), torch.autograd.grad(total, x)[0]


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_a_quadratic_within_bounds_is_solved(optimizer):
    image = torch.full((1, 3, 32, 32), 0.5)
    descent = Descent(image, Of(distance), make_optimizer(image, StyleRecipe(optimizer=optimizer), None))
    for _ in range(60):
        descent.step()
    descent.settle()
    torch.testing.assert_close(image.detach(), TARGET.clamp(0, 1), atol=0.02, rtol=0)


class Thrown(torch.optim.SGD):
    """An optimiser that, at every fifth step, throws the picture to the other end."""

    count = 0

    def step(self, closure):
        loss = closure()
        self.count += 1
        (group,) = self.param_groups
        for x in group["params"]:
            x.data = 1 - x.data if self.count % 5 == 0 else x.data - 0.1 * x.grad
        return loss


def test_a_loss_that_is_no_number_is_brought_back():
    def broken(image):
        return distance(image) if image.detach().mean() < 0.7 else distance(image) * float("nan")

    image = torch.full((1, 3, 32, 32), 0.5)
    optimizer = torch.optim.SGD([image], lr=0.1)
    optimizer.state[image] = {"learnt": 1}
    descent = Descent(image, Of(broken), optimizer)
    descent.step()
    best = image.detach().clone()
    descent.step()
    with torch.no_grad():
        image.fill_(0.9)
    assert descent.step() != descent.step()  # not a number, then one
    assert descent.best_loss <= distance(best).item()
    assert image.isfinite().all()


@pytest.mark.parametrize("steps", [4, 5, 6, 10])
def test_it_never_ends_above_its_best(steps):
    image = torch.full((1, 3, 32, 32), 0.5)
    descent = Descent(image, Of(distance), Thrown([image], lr=1))
    losses = [descent.step() for _ in range(steps)]
    descent.settle()
    assert distance(image.detach()).item() <= min(losses)


def test_the_direction_is_that_of_the_dense_bfgs_matrix():
    """Nocedal and Wright, "Numerical Optimization", equation 6.17, started at the scaled identity of equation 7.20."""
    random = torch.Generator().manual_seed(0)
    a = torch.randn(6, 6, generator=random, dtype=torch.float64)
    hessian = a @ a.T + torch.eye(6, dtype=torch.float64)
    moves = [(s, hessian @ s) for s in torch.randn(4, 6, generator=random, dtype=torch.float64)]
    s, y = moves[-1]
    inverse = torch.eye(6, dtype=torch.float64) * (s @ y) / (y @ y)
    for s, y in moves:
        left = torch.eye(6, dtype=torch.float64) - torch.outer(s, y) / (s @ y)
        inverse = left @ inverse @ left.T + torch.outer(s, s) / (s @ y)
    gradient = torch.randn(6, generator=random, dtype=torch.float64)
    torch.testing.assert_close(newton_direction(gradient, moves), inverse @ gradient)
    torch.testing.assert_close(newton_direction(moves[-1][1], moves), moves[-1][0])


def test_the_first_step_moves_a_value_by_the_same_whatever_the_losss_unit():
    gradient = torch.linspace(-1, 3, 50)
    for unit in (1e-9, 1.0, 1e9):
        assert newton_direction(gradient * unit, []).abs().mean().item() == pytest.approx(FIRST_MOVE)
    assert (newton_direction(torch.zeros(5), []) == 0).all()


def test_no_value_moves_far_in_one_step_nor_beyond_its_bounds():
    image = torch.tensor([[0.0, 1.0, 0.5, 0.97]], requires_grad=True)
    optimizer = BoundedLBFGS(image, lr=1e6)

    def closure():
        image.grad = torch.tensor([[1.0, -1.0, 1.0, -1.0]])
        return 0.0

    optimizer.step(closure)
    torch.testing.assert_close(image.detach(), torch.tensor([[0.0, 1.0, 0.5 - LARGEST_MOVE, 1.0]]))
