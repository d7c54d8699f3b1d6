"""Trainings of instant styles, on a VGG of few channels."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from artcnn.nets.instant import InstantNetwork, is_table
from artcnn.training.distributed import Processes
from artcnn.training.instant import Start, instant_training
from artcnn.training.loop import Epoch, Training
from artcnn.training_recipes import InstantTrainRecipe


@pytest.fixture
def begin(small_vgg, smooth_photos, small_recipe) -> Callable[..., Training]:
    """Return a function that begins a training of two styles."""

    def begin(processes: Processes | None = None, start: Start | None = None, **settings) -> Training:
        recipe = InstantTrainRecipe(**small_recipe.model_dump() | settings)
        noise = torch.Generator().manual_seed(4)
        paintings = [torch.rand(1, 3, 48, 64, generator=noise) for _ in range(2)]
        return instant_training(recipe, paintings, smooth_photos(1), smooth_photos(7), None, processes, start)

    return begin


def same(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[key], b[key]) for key in a)


def finish(training: Training) -> Training:
    for _ in training.run():
        pass
    return training


def randomize(network: InstantNetwork) -> None:
    noise = torch.Generator().manual_seed(8)
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if is_table(name):
                parameter += 0.5 * torch.randn(parameter.shape, generator=noise)


@pytest.mark.slow
def test_it_learns(begin):
    training = finish(begin(epochs=4, epoch_size=24, lr=0.01))
    first, *_, last = training.history
    assert last.validation_loss < first.validation_loss - 0.1
    assert last.validation.keys() == {"content", "style", "stability"}
    assert training.best == min(training.history, key=lambda epoch: epoch.validation_loss).index


@pytest.mark.slow
def test_going_on_gives_the_same_bits_as_never_having_stopped(begin):
    whole, first, second = finish(begin()), begin(), begin()
    for event in first.run():
        if isinstance(event, Epoch):
            break
    second.restore({name: value.clone() for name, value in first.state().items()}, first.history)
    assert same(finish(second).state(), whole.state())
    assert not same(finish(begin(seed=1)).state(), whole.state())


@pytest.mark.slow
def test_two_processes_minimize_what_one_does(begin):
    """The gradient of a step is the mean over the processes, which DistributedDataParallel takes."""
    alone = begin()
    randomize(alone.network)
    indices, noise = torch.arange(4), torch.Generator()

    def gradient(shard: torch.Tensor) -> list[torch.Tensor]:
        loss, _ = alone.goal.loss(alone.network, shard, noise)
        return list(torch.autograd.grad(loss, list(alone.network.parameters())))

    parts = [gradient(Processes(rank, 2).shard(indices)) for rank in range(2)]
    for whole, one, other in zip(gradient(indices), *parts, strict=True):
        torch.testing.assert_close((one + other) / 2, whole, rtol=1e-3, atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("only_styles", [True, False])
def test_only_scales_and_shifts_change_where_the_convolutions_are_shared(begin, only_styles):
    training = begin(only_styles=only_styles, epochs=1, epoch_size=4, warmup=0)
    before = {name: value.clone() for name, value in training.network.state_dict().items()}
    after = finish(training).network.state_dict()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed <= {name for name in before if is_table(name)} if only_styles else changed == before.keys()
    assert any(name.endswith(".scales") for name in changed)


def test_every_sample_is_new_and_styles_take_turns(begin):
    goal = begin().goal
    samples = [goal._draw(goal._training, 2 * index, 0.5) for index in range(len(goal))]
    assert len({sample.photo.numpy().tobytes() for sample in samples}) == len(goal) == 16
    assert [sample.style for sample in samples[:4]] == [0, 1, 0, 1]
    assert 2 < sum(sample.moved is not None for sample in samples) < 14


def test_the_objective_is_the_style_and_the_weighted_content(begin):
    content, style = torch.tensor([2.0, 3.0]), torch.tensor([5.0, 7.0])
    objective = begin(content_weight=4).goal._objective(content, style)
    torch.testing.assert_close(objective, torch.tensor([13.0, 19.0]))


@pytest.mark.slow
def test_the_weights_of_the_stability_do_not_depend_on_how_often_it_is_measured(begin):
    """Its expected value is the weight times the mean change of a sample."""
    training = begin(stability=1e4, noise=0.5)
    randomize(training.network)
    goal, noise = training.goal, torch.Generator()
    content, style, changes = goal._terms(
        training.network, [goal._draw(goal._training, 2 * index, 1) for index in range(16)]
    )
    moved = [goal._draw(goal._training, 2 * index, 0.5).moved is not None for index in range(16)]
    expected = goal._objective(content, style).mean() + 1e4 * changes[moved].sum() / (0.5 * 16)
    torch.testing.assert_close(goal.loss(training.network, torch.arange(16), noise)[0], expected, rtol=1e-4, atol=0)


@pytest.mark.slow
def test_a_painting_starts_from_the_style_with_the_lowest_loss(begin, small_recipe):
    network = InstantNetwork(3, small_recipe.widths, small_recipe.blocks, small_recipe.full_channels)
    randomize(network)
    training = begin(start=Start(network))
    goal, state = training.goal, network.state_dict()
    for number in range(2):
        losses = []
        for style in range(3):
            rows = {name: value[[style, style]] if is_table(name) else value for name, value in state.items()}
            training.network.load_state_dict(rows)
            samples = [goal._draw(goal._training, 2 * index, 0) for index in range(4)]
            with torch.no_grad():
                content, term, _ = goal._terms(training.network, [replace(sample, style=number) for sample in samples])
            losses.append(float(goal._objective(content, term).mean()))
        nearest = losses.index(min(losses))
        assert goal.nearest(network, number) == nearest
        begun = begin(start=Start(network)).network.state_dict()
        assert all(torch.equal(begun[name][number], state[name][nearest]) for name in state if is_table(name))
    given = begin(start=Start(network, [2, 0])).network.state_dict()
    assert all(torch.equal(given[name], value[[2, 0]] if is_table(name) else value) for name, value in state.items())
