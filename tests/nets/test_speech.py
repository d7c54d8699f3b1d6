"""Networks that hear words: shapes, weights, and what frequency filters can and cannot tell."""

import pytest
import torch

from artcnn.datasets import spectrogram
from artcnn.nets import speech
from artcnn.nets.kinds import build, input_shape
from artcnn.training_recipes import MnistRecipe, SpeechRecipe, TrainRecipe
from artcnn.visualizers.network import open_sequential
from artcnn.visualizers.receptive_field import receptive_fields


@pytest.mark.parametrize("filters", ["both", "frequency", "time", "dense"])
def test_it_takes_a_spectrogram(filters):
    network = build(SpeechRecipe(filters=filters), 7).eval()
    assert network(torch.zeros(3, *input_shape(SpeechRecipe()))).shape == (3, 7)


def test_its_input_is_the_spectrograms():
    assert input_shape(SpeechRecipe()) == (1, spectrogram.BANDS, spectrogram.FRAMES)


def test_a_recipe_builds_its_network():
    assert next(build(MnistRecipe(arch="lecture"), 10).named_children())[0] == "conv1"
    with pytest.raises(TypeError, match="no network for a TrainRecipe"):
        build(TrainRecipe(), 10)


def test_frequency_filters_see_all_of_the_second_and_move_along_frequency():
    network = speech.frequency(10)
    assert network.conv1.weight.shape == (64, 1, 7, 64)
    fields = receptive_fields(open_sequential("f", network, input_shape(SpeechRecipe()), ()))
    assert fields["conv1"].size == (7, 64)
    assert fields["pool3"].size[1] == 64
    # What moves up by a band moves up its answer, away from the edges; what moves in time is something else.
    image = torch.zeros(1, 1, 40, 64)
    image[..., 15:20, 20:40] = torch.rand(5, 20, generator=torch.Generator().manual_seed(0))
    answer = network.conv1(image)
    torch.testing.assert_close(network.conv1(image.roll(3, 2)), answer.roll(3, 2))
    assert not torch.allclose(network.conv1(image.roll(3, 3)), answer)


def test_time_filters_see_all_frequencies_and_move_along_time():
    network = speech.time(10)
    assert network.conv1.weight.shape == (64, 1, 40, 7)
    image = torch.zeros(1, 1, 40, 64)
    image[..., 15:20, 20:40] = torch.rand(5, 20, generator=torch.Generator().manual_seed(0))
    answer = network.conv1(image)
    torch.testing.assert_close(network.conv1(image.roll(3, 3)), answer.roll(3, 3))
    assert not torch.allclose(network.conv1(image.roll(3, 2)), answer)


def test_the_dense_network_has_nearly_as_many_weights():
    counts = {name: sum(p.numel() for p in speech.build(name, 10).parameters()) for name in ("both", "dense")}
    assert counts == {"both": 92_834, "dense": 92_819}


@pytest.mark.parametrize("filters", ["both", "frequency", "time"])
def test_a_receptive_field_is_where_the_gradient_is(filters):
    chain = speech.build(filters, 4).double().eval()
    for name, parameter in chain.named_parameters():
        torch.nn.init.constant_(parameter, 0.0 if name.endswith("bias") else 0.01)
    for module in list(chain.children()):
        if isinstance(module, torch.nn.MaxPool2d):
            chain[[*chain.children()].index(module)] = torch.nn.AvgPool2d(module.kernel_size)
    network = open_sequential(filters, chain, input_shape(SpeechRecipe()), ())
    image = torch.rand(1, 1, 40, 64, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    for name, field in receptive_fields(network).items():
        if field is None:
            continue
        inputs = image.clone().requires_grad_()
        maps = network.run(inputs, [name])[name]
        row, column = maps.shape[2] // 2, maps.shape[3] // 2
        (slope,) = torch.autograd.grad(maps[0, 0, row, column], inputs)
        rows, columns = (slope[0, 0].abs().amax(axis).nonzero().flatten() for axis in (1, 0))
        top, left, bottom, right = field.box(row, column)
        seen = (int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1)
        assert seen == (max(top, 0), max(left, 0), min(bottom, 40), min(right, 64)), name
