"""The loop, on a toy: points in the plane, told apart by a line or by a small network."""

import math

import pytest
import torch
from torch import nn

from artcnn.errors import DivergenceError
from artcnn.training.classification import Classification, evaluate, predict
from artcnn.training.distributed import Processes
from artcnn.training.loop import Batch, Epoch, Training, best_epoch, lr_factor
from artcnn.training_recipes import ClassifierRecipe


class Points:
    """Points in the plane; the label is whether they lie above a curve."""

    def __init__(self, count: int, seed: int) -> None:
        self.points = torch.randn(count, 2, 1, 1, generator=torch.Generator().manual_seed(seed))
        self.labels = (self.points[:, 1, 0, 0] > self.points[:, 0, 0, 0].sin()).long()

    def __len__(self) -> int:
        return len(self.labels)

    def batch(self, indices: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return self.points[indices], self.labels[indices]


def network(dropout: float = 0.0) -> nn.Sequential:
    with torch.random.fork_rng([]):
        torch.manual_seed(1)
        return nn.Sequential(
            nn.Conv2d(2, 16, 3, padding=1),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Flatten(),
            nn.Linear(16, 2),
        )


def training(**settings) -> Training:
    dropout = settings.pop("dropout", 0.0)
    recipe = ClassifierRecipe(**({"epochs": 4, "batch": 32, "lr": 0.02} | settings))
    return Training(network(dropout), recipe, Classification(recipe, Points(200, 0), Points(100, 1), jitter))


def jitter(points: torch.Tensor, labels: torch.Tensor, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    return points + 0.01 * torch.randn(points.shape, generator=generator), labels


def same(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[key], b[key]) for key in a)


@pytest.mark.slow
def test_it_learns():
    run = training(epochs=20)
    epochs = [event for event in run.run() if isinstance(event, Epoch)]
    assert epochs[-1].validation["accuracy"] > 0.95
    assert epochs[-1].loss < epochs[0].loss / 2
    assert [epoch.index for epoch in epochs] == list(range(1, 21))
    assert run.history == epochs


def test_steps_are_counted_and_the_last_incomplete_batch_waits():
    batches = [event for event in training().run() if isinstance(event, Batch)]
    assert [batch.index for batch in batches] == list(range(1, 25)), "six of 32 in 200, four times"
    assert {batch.total for batch in batches} == {24}
    assert [batch.epoch for batch in batches[5:7]] == [1, 2]


def test_fewer_examples_than_a_batch_are_one_batch():
    recipe = ClassifierRecipe(epochs=3, batch=128)
    run = Training(network(), recipe, Classification(recipe, Points(10, 0), Points(10, 1)))
    assert len([event for event in run.run() if isinstance(event, Batch)]) == 3


def test_the_rate_rises_along_a_line_and_falls_along_a_cosine():
    assert lr_factor(0, 0.2) == 0
    assert lr_factor(0.1, 0.2) == pytest.approx(0.5)
    assert lr_factor(0.2, 0.2) == pytest.approx(1)
    assert lr_factor(0.6, 0.2) == pytest.approx(0.5)
    assert lr_factor(0.4, 0.2) == pytest.approx((1 + math.cos(math.pi / 4)) / 2)
    assert lr_factor(1, 0.2) == pytest.approx(0)
    assert lr_factor(0, 0.0) == 1


def test_a_step_is_adamws():
    """One step against the formula of arXiv:1711.05101, algorithm 2, by hand."""
    recipe = ClassifierRecipe(epochs=1, batch=200, lr=0.1, warmup=0.0, weight_decay=0.3)
    data = Points(200, 0)
    line = nn.Sequential(nn.Flatten(), nn.Linear(2, 2))
    before = line[1].weight.detach().clone()
    loss = nn.functional.cross_entropy(line(data.points), data.labels)
    (gradient,) = torch.autograd.grad(loss, line[1].weight)
    for _ in Training(line, recipe, Classification(recipe, data, Points(10, 1))).run():
        pass
    # At the first step both bias-corrected moments are the gradient itself.
    expected = before * (1 - 0.1 * 0.3) - 0.1 * gradient / (gradient.abs() + 1e-8)
    torch.testing.assert_close(line[1].weight.detach(), expected, atol=1e-5, rtol=0)


def test_the_average_follows_the_weights():
    run = training(ema_decay=0.5, epochs=1)
    average = None
    for event in run.run():
        if isinstance(event, Batch):
            now = run.network[5].weight.detach()
            average = now.clone() if average is None else 0.5 * average + 0.5 * now
    torch.testing.assert_close(run.eval_network[5].weight.detach(), average)


def test_the_epoch_that_is_kept_is_the_one_that_is_chosen():
    run = training(epochs=12)
    states = {}
    for event in run.run():
        if isinstance(event, Epoch):
            states[event.index] = {name: value.clone() for name, value in run.eval_network.state_dict().items()}
            assert run.best == best_epoch(run.history)
    assert same(run.best_state, states[run.best])


def test_the_last_epoch_within_one_standard_error_of_the_lowest_is_chosen():
    def epochs(*losses):
        return [Epoch(index, 1.0, {}, loss, 0.1, {}, 1.0) for index, loss in enumerate(losses, start=1)]

    assert best_epoch(epochs(0.5)) == 1
    assert best_epoch(epochs(0.5, 0.3, 0.2, 0.28, 0.31)) == 4
    assert best_epoch(epochs(0.1, 0.5, 0.6)) == 1
    assert best_epoch(epochs(0.3, 0.3, 0.3)) == 3


def test_an_epoch_is_read_as_it_is_written_in_cards_and_those_of_before_too():
    numbers = {
        "index": 3,
        "loss": 0.5,
        "train_accuracy": 0.8,
        "validation_loss": 0.6,
        "validation_error": 0.1,
        "validation_accuracy": 0.7,
        "seconds": 2.5,
    }
    epoch = Epoch.from_json(numbers)
    assert (epoch.train, epoch.validation) == ({"accuracy": 0.8}, {"accuracy": 0.7})
    assert list(epoch.to_json().items()) == list(numbers.items()), "in the same order"
    painted = Epoch(1, 2.0, {}, 1.0, 0.0, {"content": 3.0, "style": 4.0}, 9.0)
    assert Epoch.from_json(painted.to_json()) == painted
    with pytest.raises(TypeError, match="no 'hostile'"):
        Epoch.from_json(numbers | {"hostile": 1.0})
    with pytest.raises(KeyError):
        Epoch.from_json({"index": 1})


def test_a_gradient_is_shortened_and_some_parameters_learn_faster_or_not_at_all():
    recipe = ClassifierRecipe(epochs=1, batch=200, lr=0.1, warmup=0.0, weight_decay=0.0, clip=1e-9)
    line, data = nn.Sequential(nn.Flatten(), nn.Linear(2, 2), nn.Linear(2, 2), nn.Linear(2, 2)), Points(200, 0)
    line[2].requires_grad_(False)
    before = {name: value.clone() for name, value in line.state_dict().items()}
    goal = Classification(recipe, data, Points(10, 1))
    run = Training(line, recipe, goal, rates={"3.weight": 3.0})
    for _ in run.run():
        pass
    moved = {name: float((value - before[name]).abs().max()) for name, value in line.state_dict().items()}
    assert moved["2.weight"] == moved["2.bias"] == 0
    gradients = [parameter.grad for parameter in line.parameters() if parameter.grad is not None]
    assert float(nn.utils.get_total_norm(gradients)) == pytest.approx(1e-9, rel=1e-3)
    # The first step of Adam is lr * g / (|g| + 1e-8), where the gradient is shortened to less than 1e-8.
    first = next(parameter for name, parameter in line.named_parameters() if name == "3.weight")
    expected = 0.3 * first.grad / (first.grad.abs() + 1e-8)
    torch.testing.assert_close(before["3.weight"] - first.detach(), expected, rtol=1e-3, atol=1e-7)


def test_epochs_that_are_a_part_take_turns_until_all_examples_were_seen():
    run = training(epoch_size=60, batch=20, epochs=7)
    seen = []
    batch = run.goal.training.batch
    run.goal.training.batch = lambda indices: seen.append(indices) or batch(indices)
    for _ in run.run():
        pass
    epochs = [torch.cat(seen[3 * index : 3 * index + 3]) for index in range(7)]
    assert all(len(epoch) == 60 for epoch in epochs)
    for first in (0, 3):
        assert len(torch.cat(epochs[first : first + 3]).unique()) == 180, "three epochs of 200 examples repeat none"
    assert not torch.equal(epochs[0], epochs[3])


def test_bfloat16_is_for_layers_only():
    whole, half = training(), training(precision="bfloat16")
    for run in (whole, half):
        for _ in run.run():
            pass
    assert all(value.dtype == torch.float32 for value in half.state().values() if value.is_floating_point())
    assert half.history[-1].loss == pytest.approx(whole.history[-1].loss, rel=0.05)
    assert half.history[-1].loss != whole.history[-1].loss


@pytest.mark.parametrize("settings", [{}, {"ema_decay": 0.9, "dropout": 0.4}, {"epoch_size": 80}])
def test_going_on_gives_the_same_bits_as_never_having_stopped(settings):
    whole = training(**settings)
    for _ in whole.run():
        pass
    first = training(**settings)
    for event in first.run():
        if isinstance(event, Epoch) and event.index == 2:
            state = {name: value.clone() for name, value in first.state().items()}
            history = list(first.history)
            break
    second = training(**settings)
    second.restore(state, history)
    for _ in second.run():
        pass
    assert same(second.state(), whole.state())
    assert second.best == whole.best


def test_a_state_of_another_network_is_refused():
    goal = Classification(ClassifierRecipe(), Points(9, 0), Points(9, 0))
    other = Training(nn.Sequential(nn.Flatten(), nn.Linear(2, 2)), ClassifierRecipe(), goal)
    with pytest.raises(ValueError, match="another network"):
        training().restore(other.state(), [])


@pytest.mark.parametrize("group", ["network", "best", "optimizer"])
def test_a_state_with_something_missing_or_too_much_is_refused(group):
    run = training()
    for event in run.run():
        if isinstance(event, Epoch):
            break
    state = run.state()
    name = next(name for name in state if name.startswith(group))
    for spoilt in (
        {key: value for key, value in state.items() if key != name},
        state | {f"{group}.99.x": torch.ones(3)},
    ):
        with pytest.raises(ValueError, match="another network"):
            training().restore(spoilt, run.history)


def test_the_seed_is_the_only_randomness():
    torch.manual_seed(11)
    before = torch.random.get_rng_state()
    first, second = training(dropout=0.3), training(dropout=0.3)
    for _ in first.run():
        pass
    assert torch.equal(before, torch.random.get_rng_state())
    torch.manual_seed(12)
    for _ in second.run():
        pass
    assert same(first.state(), second.state())
    third = training(dropout=0.3, seed=1)
    for _ in third.run():
        pass
    assert not same(first.state(), third.state())


def test_evaluation_is_the_mean_over_all_and_puts_the_mode_back():
    net, data = network(dropout=0.5), Points(1500, 2)
    net.train()
    loss, error, accuracy = evaluate(net, data)
    assert net.training
    logits = net.eval()(data.points).detach()
    losses = nn.functional.cross_entropy(logits, data.labels, reduction="none")
    assert loss == pytest.approx(float(losses.mean()), rel=1e-5)
    assert error == pytest.approx(float(losses.std(correction=0)) / 1500**0.5, rel=1e-4)
    assert accuracy == pytest.approx(float((logits.argmax(1) == data.labels).float().mean()))
    torch.testing.assert_close(predict(net, data), logits)


def test_several_processes_share_every_example_out_once():
    indices = torch.arange(11)
    parts = [Processes(rank, 3).shard(indices) for rank in range(3)]
    assert sorted(torch.cat(parts).tolist()) == indices.tolist()


DIVERGING = {"lr": 1.0, "weight_decay": 10.0}
"""AdamW multiplies weights by 1 - 10 of the full rate: nine times as large, each step."""


def diverge(run: Training) -> str:
    with pytest.raises(DivergenceError) as error:
        for _ in run.run():
            pass
    return str(error.value)


def test_a_training_that_diverges_stops_in_its_first_epoch_and_says_what_to_lower():
    run = training(**DIVERGING, warmup=0.0, epochs=40)
    says = diverge(run)
    assert says.startswith("the training diverged in epoch ")
    assert says.endswith("lower lr, which is 1, and weight_decay, which is 10")
    assert (run.best, len(run.history)) == (best_epoch(run.history) if run.history else 0, len(run.history))
    assert all(math.isfinite(epoch.validation_loss) for epoch in run.history)


def test_what_was_reached_before_a_divergence_is_good():
    run = training(**DIVERGING, warmup=0.95, epochs=30)
    diverge(run)
    assert 2 <= len(run.history) < 30
    assert run.best_state.keys() == run.network.state_dict().keys()
    assert all(value.isfinite().all() for value in run.best_state.values())
    assert all(math.isfinite(value) for epoch in run.history for value in epoch.to_json().values())


def test_a_gradient_that_is_not_finite_never_reaches_the_weights():
    run = training()
    batch, taken = run.goal.training.batch, 0

    def broken(indices):
        nonlocal taken
        taken += 1
        points, labels = batch(indices)
        return points * (math.nan if taken == 9 else 1), labels

    run.goal.training.batch = broken
    assert "the gradient is not finite: lower lr, which is 0.02" in diverge(run)
    assert (taken, len(run.history)) == (9, 1)
    assert all(p.isfinite().all() for p in run.network.parameters())


@pytest.mark.parametrize(("poison", "says"), [(1e9, "the validation loss is "), (-math.inf, "weights are not finite")])
def test_an_epoch_whose_weights_are_good_for_nothing_is_not_one(poison, says):
    run = training(epochs=2)
    steps = run.run()
    for event in steps:
        if isinstance(event, Epoch):
            break
    for event in steps:
        if event.index == event.total:
            with torch.no_grad():
                # Of one filter's output a ReLU makes zero: the loss stays as it was.
                (run.network[5].weight if poison > 0 else run.network[1].bias[:1]).fill_(poison)
                if poison > 0:
                    run.network[5].weight[0] *= -1
            break
    with pytest.raises(DivergenceError, match=says):
        next(steps)
    assert len(run.history) == run.best == 1
