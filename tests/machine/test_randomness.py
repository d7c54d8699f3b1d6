"""A training's random numbers are its own, whatever else goes on."""

from threading import Thread

import torch
from torch import nn

from artcnn.datasets.examples import Examples
from artcnn.machine.randomness import SeededRandomness
from artcnn.training.classification import Classification
from artcnn.training.loop import Training
from artcnn.training_recipes import ClassifierRecipe


def training(seed: int) -> Training:
    """Return a training whose dropout would show other random numbers."""
    generator = torch.Generator().manual_seed(1)
    inputs = torch.randint(0, 256, (64, 1, 4, 4), generator=generator, dtype=torch.uint8)
    examples = Examples(inputs, (inputs.float().mean((1, 2, 3)) > 127).long(), ("dark", "light"), "noise")
    with SeededRandomness(seed):
        network = nn.Sequential(nn.Conv2d(1, 8, 3), nn.Flatten(), nn.Dropout(0.5), nn.Linear(32, 2))
    recipe = ClassifierRecipe(seed=seed, epochs=2, batch=8)
    return Training(network, recipe, Classification(recipe, examples, examples))


def weights(of: Training) -> bytes:
    return b"".join(tensor.numpy().tobytes() for tensor in of.network.state_dict().values())


def finished(seed: int) -> bytes:
    alone = training(seed)
    list(alone.run())
    return weights(alone)


def test_blocks_continue_each_other_and_leave_others_alone():
    torch.manual_seed(5)
    mine, expected = SeededRandomness(3), torch.rand(6, generator=torch.Generator().manual_seed(3))
    before = torch.rand(2)
    with mine:
        first = torch.rand(3)
    between = torch.rand(2)
    with mine:
        second = torch.rand(3)
    assert torch.equal(torch.cat([first, second]), expected)
    assert torch.equal(torch.cat([before, between]), torch.rand(4, generator=torch.Generator().manual_seed(5)))


def test_a_consumer_that_uses_random_numbers_changes_nothing():
    watched = training(0)
    for _ in watched.run():
        torch.rand(3)
    assert weights(watched) == finished(0)


def test_trainings_in_several_threads_are_those_that_run_alone():
    several = [training(seed) for seed in range(4)]
    threads = [Thread(target=lambda one=one: list(one.run())) for one in several]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [weights(one) for one in several] == [finished(seed) for seed in range(4)]
