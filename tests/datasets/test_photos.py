"""Crops of photos at random."""

import torch

from artcnn.datasets.photos import Photos


def generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def slopes(height: int, width: int) -> torch.Tensor:
    """Return a photo whose red is its row and whose green is its column."""
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    return torch.stack([y, x, torch.zeros_like(x)]).to(torch.uint8)


def test_a_crop_is_a_square_of_a_photo_at_one_scale_for_both_axes():
    photos = Photos((slopes(200, 250),), "slopes")
    mirrored = 0
    for seed in range(40):
        crop = photos.crop(64, generator(seed))
        assert crop.shape == (1, 3, 64, 64)
        down, across = (crop * 255).diff(dim=2)[0, 0, 8:-8].mean(), (crop * 255).diff(dim=3)[0, 1, :, 8:-8].mean()
        assert abs(down - abs(across)) < 0.05
        assert 0.65 < down < 1.55, "between 0.7 and 1.5 pixels of the photo"
        mirrored += int(across < 0)
    assert 10 < mirrored < 30


def test_a_photo_that_is_too_small_is_enlarged_whole():
    photos = Photos((slopes(40, 40),), "small")
    crop = photos.crop(96, generator(0)) * 255
    assert float(crop[0, 0].min()) < 1
    assert float(crop[0, 0].max()) > 38


def test_the_same_generator_gives_the_same_crop_and_every_photo_has_its_turn():
    photos = Photos(tuple(torch.full((3, 50, 60), value, dtype=torch.uint8) for value in (0, 100, 200)), "gray")
    assert torch.equal(photos.crop(32, generator(3)), photos.crop(32, generator(3)))
    seen = {round(float(photos.crop(32, generator(seed)).mean()) * 255) for seed in range(30)}
    assert seen == {0, 100, 200}


def test_the_hash_is_that_of_pixels_and_sizes():
    one = Photos((slopes(20, 30),), "a")
    assert one.sha256() == Photos((slopes(20, 30),), "b").sha256()
    assert one.sha256() != Photos((slopes(20, 30).reshape(3, 30, 20),), "a").sha256()
    assert one.sha256() != Photos((slopes(20, 30) + 1,), "a").sha256()
