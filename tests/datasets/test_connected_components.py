"""Connected pieces of a mask, against another implementation."""

import numpy as np
import pytest
from scipy import ndimage

from artcnn.datasets.connected_components import Components, label_components


@pytest.mark.parametrize("density", [0.0, 0.1, 0.4, 0.6, 1.0])
def test_pieces_are_those_of_scipy(density):
    mask = np.random.default_rng(0).random((60, 83)) < density
    expected, count = ndimage.label(mask, np.ones((3, 3)))
    components = Components.from_mask(mask)
    assert len(components.area) == count + 1
    assert ((components.numbers > 0) == mask).all()
    for number in range(1, count + 1):
        own = components.numbers == number
        assert len(np.unique(expected[own])) == 1
        assert own.sum() == components.area[number] == (expected == expected[own][0]).sum()
        rows, columns = np.nonzero(own)
        box = rows.min(), columns.min(), rows.max() + 1, columns.max() + 1
        assert tuple(components.box[number]) == box
        assert components.size[number] == max(box[2] - box[0], box[3] - box[1])


def test_a_long_spiral_is_one_piece():
    mask = np.zeros((9, 9), dtype=bool)
    mask[0] = mask[8] = mask[:, 8] = True
    mask[2, 0:7] = mask[6, 2:7] = mask[2:9, 0] = True
    mask[4, 4] = True
    assert len(np.unique(label_components(mask)[mask])) == 3, "a long spiral, the bar in it, and a dot"
