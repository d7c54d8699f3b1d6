"""The patches that activate a unit most, against brute force."""

import pytest
import torch

from artcnn.errors import ArtcnnError
from artcnn.nets import mnist
from artcnn.visualizers.network import open_sequential
from artcnn.visualizers.patches import find_top_patches


@pytest.fixture
def network():
    with torch.random.fork_rng([]):
        torch.manual_seed(0)
        return open_sequential("net", mnist.lecture().eval(), (1, 28, 28), tuple("0123456789"))


@pytest.fixture
def pictures():
    return torch.rand(40, 1, 28, 28, generator=torch.Generator().manual_seed(1))


def test_one_of_each_picture_is_its_maximum(network, pictures):
    found = find_top_patches(network, "conv2", [3, 41], pictures.split(7), count=5)
    maps = network.run(pictures, ["conv2"])["conv2"].detach()
    for unit in (3, 41):
        best = maps[:, unit].flatten(1).max(1)
        order = best.values.argsort(descending=True)[:5]
        assert [patch.picture for patch in found[unit]] == order.tolist()
        assert [patch.value for patch in found[unit]] == pytest.approx(best.values[order].tolist(), rel=1e-5)
        for patch, place in zip(found[unit], best.indices[order].tolist(), strict=True):
            row, column = divmod(place, 11)
            assert patch.box == (2 * row, 2 * column, 2 * row + 8, 2 * column + 8)


def test_the_batches_do_not_matter(network, pictures):
    one = find_top_patches(network, "conv1", [0, 7], pictures.split(40), count=6, per_picture=3)
    many = find_top_patches(network, "conv1", [0, 7], pictures.split(1), count=6, per_picture=3)
    for unit in (0, 7):
        assert [(p.picture, p.box) for p in one[unit]] == [(p.picture, p.box) for p in many[unit]]


def test_places_of_one_picture_keep_apart_and_are_no_more_than_asked_for(network, pictures):
    found = find_top_patches(network, "conv2", [5], pictures[:2].split(1), count=9, per_picture=3)[5]
    assert len(found) == 6
    for number in (0, 1):
        boxes = [patch.box for patch in found if patch.picture == number]
        assert len(boxes) == 3
        for one in boxes:
            for other in boxes:
                assert one is other or max(abs(one[0] - other[0]), abs(one[1] - other[1])) > 4


def test_what_is_outside_of_the_box_does_not_matter(network, pictures):
    (patch, *_) = find_top_patches(network, "pool2", [11], [pictures], count=1)[11]
    top, left, bottom, right = patch.box
    masked = torch.zeros(1, 1, 28, 28)
    masked[..., max(0, top) : bottom, max(0, left) : right] = pictures[
        patch.picture, 0, max(0, top) : bottom, max(0, left) : right
    ]
    assert float(network.run(masked, ["pool2"])["pool2"][0, 11].detach()[top // 4, left // 4]) == pytest.approx(
        patch.value, abs=1e-6
    )


def test_what_has_no_places_says_so(network, pictures):
    with pytest.raises(ArtcnnError, match="every unit of fc1 sees the whole picture"):
        find_top_patches(network, "fc1", [0], [pictures])
    with pytest.raises(ArtcnnError, match="no unit conv1:25, only conv1:0 to conv1:24"):
        find_top_patches(network, "conv1", [25], [pictures])
