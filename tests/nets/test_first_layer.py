"""The shipped filters of AlexNet's shape are what they are said to be: edges of all directions, and colors."""

import re
from pathlib import Path

import pytest
import torch

from artcnn.files.model import read_model
from artcnn.hashes import sha256_of

FINEST = 0.25  # cycles a pixel: half of what a grid of pixels can hold


@pytest.fixture(scope="module")
def model():
    return read_model("alexnet11", "features")


@pytest.fixture(scope="module")
def kernels(model):
    return model.network.conv1.weight.detach()


def spectrum(kernels):
    """Return the energy of each kernel by frequency, (96, 64, 64), and the frequencies down and across."""
    cycles = torch.fft.fftfreq(64)
    return torch.fft.fft2(kernels, s=(64, 64)).abs().square().sum(1), cycles[:, None], cycles[None]


def test_the_shape_is_alexnets(model):
    assert model.network.conv1.weight.shape == (96, 3, 11, 11)
    assert model.network(torch.zeros(1, 3, 227, 227)).shape == (1, 96, 55, 55)
    assert (model.card.classes, model.card.recipe["teacher"]) == ((), "vgg16")


def test_the_notice_names_this_file(model):
    digest = re.search(r"96 filters \(sha256 of the file (\w+)", (Path(__file__).parents[2] / "NOTICE").read_text())[1]
    assert sha256_of(model.path).startswith(digest)


def test_each_is_of_length_one_and_few_are_alike(model, kernels):
    unit = kernels.flatten(1)
    torch.testing.assert_close(unit.norm(dim=1), torch.ones(96))
    alike = ((unit @ unit.T - torch.eye(96)).max(1).values > 0.9).sum()
    assert alike == model.card.metrics["like another"] == 4


def test_few_are_noise(kernels):
    energy, down, across = spectrum(kernels)
    fine = (energy * (down**2 + across**2 > FINEST**2)).sum((1, 2)) / energy.sum((1, 2))
    assert (fine > 0.5).sum() <= 10


def test_the_grey_ones_are_edges_of_all_directions(kernels):
    """Each peak of a spectrum is a direction; all twelfths of a half turn have one, and its energy is around there."""
    energy, down, across = spectrum(kernels[:48])
    peak = energy.flatten(1).argmax(1)
    rows, columns = down.flatten()[peak // 64], across.flatten()[peak % 64]
    turn = torch.atan2(rows, columns) % torch.pi
    assert len(set((turn / torch.pi * 12).floor().clamp(max=11).int().tolist())) >= 10
    near = ((down - rows.view(-1, 1, 1)) ** 2 + (across - columns.view(-1, 1, 1)) ** 2).sqrt() < 0.12
    mirrored = ((down + rows.view(-1, 1, 1)) ** 2 + (across + columns.view(-1, 1, 1)) ** 2).sqrt() < 0.12
    there = (energy * (near | mirrored)).sum((1, 2)) / energy.sum((1, 2))
    assert there.median() > 0.8


def test_the_last_ones_are_colors(kernels):
    color = (kernels - kernels.mean(1, keepdim=True)).square().sum((1, 2, 3))
    assert (color[1:] >= color[:-1] - 1e-5).all(), "from gray to colorful"
    assert (color[-16:] > 0.5).all()
    assert (color[:32] < 0.1).all()
