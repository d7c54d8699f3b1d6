"""Activation grids: of a network whose answer is known, and against means and cosines in NumPy."""

import numpy as np
import pytest
import torch
from torch import nn

from artcnn.errors import ArtcnnError
from artcnn.inspection.grid import find_grid
from artcnn.inspection.models import open_model
from artcnn.visualizers.activation_grid import cell_side, draw_grid, place_vectors
from artcnn.visualizers.maximize import MaximizeConfig
from artcnn.visualizers.module_network import open_module
from artcnn.visualizers.network import open_sequential

ASCENT = MaximizeConfig(steps=30, learning_rate=0.1, l1=0.1)


def corners():
    """Return a network of two units: the top left of 3 x 3 pixels less the bottom right, and the other way round."""
    conv = nn.Conv2d(1, 2, 3, bias=False)
    conv.weight.data = torch.zeros(2, 1, 3, 3)
    conv.weight.data[:, 0, 0, 0] = torch.tensor([1.0, -1.0])
    conv.weight.data[:, 0, 2, 2] = torch.tensor([-1.0, 1.0])
    return open_sequential("corners", nn.Sequential(conv, nn.ReLU()), (1, 6, 6), ())


def test_each_place_wants_what_its_units_answer_to():
    image = torch.zeros(1, 1, 6, 6)
    image[0, 0, 0, 0], image[0, 0, 5, 5] = 1, 0.5
    grid = draw_grid(corners(), image, "1", 4, ASCENT)
    assert grid.pictures.shape == (4, 4, 1, 3, 3)
    assert grid.vectors[0, 0].tolist() == [1, 0]
    assert grid.vectors[3, 3].tolist() == [0, 0.5]
    for place, bright in (((0, 0), (0, 0)), ((3, 3), (2, 2))):
        drawn = grid.pictures[place][0]
        assert float(drawn[bright]) > 0.95
        drawn = drawn.clone()
        drawn[bright] = 0
        assert float(drawn.max()) < 0.1, "whatever else there is costs ink"
        assert float(grid.cosine[place]) == pytest.approx(1, abs=1e-3)


def test_places_that_are_too_many_are_means_of_neighbors():
    maps = torch.randn(1, 5, 6, 12, generator=torch.Generator().manual_seed(0))
    blocks = maps[0].numpy().reshape(5, 3, 2, 3, 4).mean((2, 4)).transpose(1, 2, 0)
    np.testing.assert_allclose(place_vectors(maps, 3), blocks, atol=1e-6)
    assert torch.equal(place_vectors(maps, 20), maps[0].permute(1, 2, 0))


def test_the_table_says_how_well_each_drawing_has_the_numbers_of_its_place():
    network, picture = open_model("mnist-lecture"), torch.rand(1, 1, 28, 28)
    found = find_grid(network, picture, "conv2", 3, steps=4)
    assert found.arrays["pictures"].shape == (3, 3, 1, 8, 8)
    for row in found.rows:
        place = row["row"], row["column"]
        with torch.no_grad():
            drawn = network.run(found.arrays["pictures"][place][None], ["conv2"])["conv2"][0, :, 0, 0].double().numpy()
        wanted = found.arrays["vectors"][place].double().numpy()
        cosine = drawn @ wanted / np.linalg.norm(drawn) / np.linalg.norm(wanted)
        assert row["cosine"] == pytest.approx(cosine, abs=1e-5)
        assert row["strength"] == pytest.approx(np.linalg.norm(wanted), rel=1e-5)
        assert int(row["units"].split()[0]) == wanted.argmax()


def test_where_there_are_no_places_it_says_so():
    lecture = open_model("mnist-lecture")
    assert cell_side(lecture, "conv2") == 8
    with pytest.raises(ArtcnnError, match="^fc1 has no places that see a part of the picture: choose an earlier layer"):
        cell_side(lecture, "fc1")

    class Fixed(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.head = nn.Conv2d(3, 4, 3), nn.Linear(4 * 36, 2)

        def forward(self, x):
            assert x.shape[2] == 8, "pictures of 8 pixels"
            return self.head(self.conv(x).flatten(1))

    with pytest.raises(ArtcnnError, match="^Fixed takes pictures of one size only, and not of 3 pixels"):
        cell_side(open_module(Fixed(), 8), "conv")
