from types import SimpleNamespace

import pytest
import torch

from artcnn.engines.fourier_preconditioner import FourierPreconditioner
from artcnn.engines.lbfgs import FIRST_STEP, MAX_STEP, BoundedLBFGS, CurvaturePair, lbfgs_direction
from artcnn.engines.optimizers import ADAM_STEP, Adam, Safeguard, make_optimizer
from artcnn.errors import DivergenceError
from artcnn.recipes import StyleRecipe

TARGET = torch.linspace(-0.5, 1.5, 3 * 32 * 32).reshape(1, 3, 32, 32)
GRAY = torch.full((1, 3, 32, 32), 0.5)


def distance(image):
    return (image - TARGET).square().sum()


class Run:
    """Steps of an optimizer on a loss whose gradient is autograd's."""

    def __init__(self, image, loss, optimizer):
        self.image, self.loss, self.optimizer = image, loss, optimizer

    def step(self):
        x = self.image.detach().clone().requires_grad_()
        loss = self.loss(x)
        self.image = self.optimizer.step(self.image, loss.detach(), torch.autograd.grad(loss, x)[0])
        return loss.item()


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_a_quadratic_within_bounds_is_solved(optimizer):
    run = Run(GRAY, distance, make_optimizer(StyleRecipe(optimizer=optimizer)))
    for _ in range(60):
        run.step()
    torch.testing.assert_close(run.optimizer.best_of(run.image, distance), TARGET.clamp(0, 1), atol=0.02, rtol=0)


class Thrown:
    """An optimizer that, at every fifth step, throws the picture to the other end."""

    count = 0
    was_reset = False

    def step(self, image, gradient):
        self.count += 1
        return 1 - image if self.count % 5 == 0 else image - 0.1 * gradient

    def reset(self):
        self.was_reset = True


def test_a_loss_that_is_no_number_is_brought_back():
    def broken(image):
        return distance(image) if image.detach().mean() < 0.7 else distance(image) * float("nan")

    thrown = Thrown()
    run = Run(GRAY, broken, Safeguard(thrown))
    run.step()
    best = run.optimizer.best
    run.image = torch.full_like(GRAY, 0.9)
    assert run.step() != run.step()  # not a number, then one
    assert thrown.was_reset
    assert run.optimizer.best_loss == distance(best).item()
    assert run.image.isfinite().all()


def test_a_loss_that_is_no_number_again_ends_the_descent():
    def broken(image):
        return distance(image) * (1 if image.detach().mean() < 0.7 else float("nan"))

    thrown = Thrown()
    thrown.step = lambda image, gradient: torch.full_like(image, 0.9)
    run = Run(GRAY, broken, Safeguard(thrown))
    run.step()  # to where there is no loss,
    run.step()  # back to the best,
    run.step()  # and there again
    with pytest.raises(DivergenceError, match="lower the weights or step_size"):
        run.step()
    assert torch.equal(run.optimizer.best, GRAY)


def test_a_loss_that_is_no_number_from_the_start_ends_the_descent():
    run = Run(GRAY, lambda image: distance(image) * float("nan"), Safeguard(Thrown()))
    with pytest.raises(DivergenceError, match="diverged"):
        run.step()


@pytest.mark.parametrize("steps", [4, 5, 6, 10])
def test_it_never_ends_above_its_best(steps):
    run = Run(GRAY, distance, Safeguard(Thrown()))
    losses = [run.step() for _ in range(steps)]
    assert distance(run.optimizer.best_of(run.image, distance)).item() <= min(losses)


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_no_image_that_was_handed_out_is_changed_later(optimizer):
    run = Run(GRAY, distance, make_optimizer(StyleRecipe(optimizer=optimizer)))
    images = []
    for _ in range(4):
        run.step()
        images.append((run.image, run.image.clone()))
    assert all(torch.equal(image, copy) for image, copy in images)
    assert torch.equal(GRAY, torch.full((1, 3, 32, 32), 0.5))


def test_the_direction_is_that_of_the_dense_bfgs_matrix():
    """Nocedal and Wright, "Numerical Optimization", equation 6.17, started at a matrix scaled as by equation 7.20."""
    random = torch.Generator().manual_seed(0)
    a = torch.randn(6, 6, generator=random, dtype=torch.float64)
    hessian = a @ a.T + torch.eye(6, dtype=torch.float64)
    b = torch.randn(6, 6, generator=random, dtype=torch.float64)
    began = b @ b.T + torch.eye(6, dtype=torch.float64)
    moves = [
        CurvaturePair(s, hessian @ s, s @ hessian @ s) for s in torch.randn(4, 6, generator=random, dtype=torch.float64)
    ]
    s, y, _ = moves[-1]
    inverse = began * (s @ y) / (y @ began @ y)
    for s, y, _ in moves:
        left = torch.eye(6, dtype=torch.float64) - torch.outer(s, y) / (s @ y)
        inverse = left @ inverse @ left.T + torch.outer(s, s) / (s @ y)
    gradient = torch.randn(6, generator=random, dtype=torch.float64)
    start = SimpleNamespace(apply=began.matmul, quadratic_form=lambda y: y @ began @ y)
    torch.testing.assert_close(lbfgs_direction(gradient, moves, start), inverse @ gradient)
    torch.testing.assert_close(lbfgs_direction(moves[-1].gradient_change, moves, start), moves[-1].step)


def test_the_first_step_moves_a_value_by_the_same_whatever_the_losss_unit():
    gradient = torch.linspace(-1, 3, 50)
    for unit in (1e-9, 1.0, 1e9):
        direction = lbfgs_direction(gradient * unit, [], FourierPreconditioner())
        assert direction.abs().mean().item() == pytest.approx(FIRST_STEP)
    assert (lbfgs_direction(torch.zeros(5), [], FourierPreconditioner()) == 0).all()


def test_no_value_moves_far_in_one_step_nor_beyond_its_bounds():
    image = torch.tensor([0.0, 1.0, 0.5, 0.97]).expand(1, 3, 2, 4)
    gradient = torch.tensor([1.0, -1.0, 1.0, -1.0]).expand(1, 3, 2, 4)
    moved = BoundedLBFGS(step_size=1e6).step(image, gradient)
    torch.testing.assert_close(moved[0, 0, 0], torch.tensor([0.0, 1.0, 0.5 - MAX_STEP, 1.0]))


def test_it_learns_from_as_many_moves_as_are_allowed_and_keeps_none_for_nothing(monkeypatch):
    seen = []
    monkeypatch.setattr(
        "artcnn.engines.lbfgs.lbfgs_direction",
        lambda gradient, moves, *rest: seen.append(len(moves)) or lbfgs_direction(gradient, moves, *rest),
    )
    for most, learned_from in ((10**9, 9), (5 * 32 * 32, 5), (1, 1)):
        monkeypatch.setattr("artcnn.engines.lbfgs.MAX_HISTORY_PIXELS", most)
        optimizer = BoundedLBFGS(0.1)
        run = Run(GRAY, lambda x: (x - TARGET).pow(4).sum(), Safeguard(optimizer))
        for _ in range(10):
            run.step()
        assert seen[-10:] == [min(step, learned_from) for step in range(10)]
        assert len(optimizer.history) == min(9, most // (32 * 32) - 1 if most > 1 else 0)


def test_adam_is_torchs_and_carries_its_moments_to_another_size():
    theirs = GRAY.clone().requires_grad_()
    reference = torch.optim.Adam([theirs], lr=ADAM_STEP * 0.1, betas=(0.9, 0.99))
    ours, image = Adam(0.1), GRAY
    for _ in range(5):
        theirs.grad = 2 * (theirs.detach() - TARGET)
        image = ours.step(image, 2 * (image - TARGET))
        reference.step()
    torch.testing.assert_close(image, theirs.detach().clamp(0, 1), atol=1e-6, rtol=1e-5)
    ours.next_scale()
    moved = ours.step(torch.full((1, 3, 64, 64), 0.5), torch.zeros(1, 3, 64, 64))
    assert ours.count == 6
    assert (moved - 0.5).abs().mean() > ADAM_STEP * 0.1 / 3


def test_other_targets_are_come_to_with_the_curvature_that_was_learned():
    """Of a quadratic the curvature is the same wherever its minimum is: what was learned of one serves the other."""
    weights = 1 + 50 * TARGET.flip(3).square()

    def towards(target):
        return lambda image: (weights * (image - target).square()).sum()

    def left(kept):
        run = Run(GRAY, towards(TARGET), Safeguard(BoundedLBFGS()))
        for _ in range(15):
            run.step()
        run.loss = towards(1 - TARGET)
        run.optimizer.retarget()
        assert run.optimizer.best_loss == float("inf")
        if not kept:
            run.optimizer.optimizer.reset()
        for _ in range(5):
            run.step()
        return run.loss(run.image).item()

    assert left(kept=True) < left(kept=False)


def test_a_new_scale_keeps_the_curvature_of_each_frequency_and_no_history():
    run = Run(GRAY, distance, Safeguard(BoundedLBFGS()))
    for _ in range(3):
        run.step()
    run.optimizer.next_scale()
    optimizer = run.optimizer.optimizer
    assert (len(optimizer.history), run.optimizer.best, run.optimizer.best_loss) == (0, None, float("inf"))
    assert optimizer.preconditioner.apply(torch.ones(1, 3, 16, 16)) is not None
