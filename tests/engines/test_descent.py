import pytest
import torch

from artcnn.engines.descent import Descent, make_optimizer
from artcnn.recipes import StyleRecipe

TARGET = torch.linspace(-0.5, 1.5, 3 * 32 * 32).reshape(1, 3, 32, 32)


def distance(image):
    return (image - TARGET).square().sum()


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_a_quadratic_within_bounds_is_solved(optimizer):
    image = torch.full((1, 3, 32, 32), 0.5, requires_grad=True)
    descent = Descent(image, distance, make_optimizer(image, StyleRecipe(optimizer=optimizer), None))
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

    image = torch.full((1, 3, 32, 32), 0.5, requires_grad=True)
    optimizer = torch.optim.SGD([image], lr=0.1)
    optimizer.state[image] = {"learnt": 1}
    descent = Descent(image, broken, optimizer)
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
    image = torch.full((1, 3, 32, 32), 0.5, requires_grad=True)
    descent = Descent(image, distance, Thrown([image], lr=1))
    losses = [descent.step() for _ in range(steps)]
    descent.settle()
    assert distance(image.detach()).item() <= min(losses)
