import torch

from artcnn.datasets.augment_digits import distort


def digits(count: int = 4) -> torch.Tensor:
    pictures = torch.zeros(count, 1, 28, 28)
    pictures[:, :, 6:22, 12:15] = 1
    return pictures


def test_no_strength_is_no_change():
    torch.testing.assert_close(distort(digits(), torch.Generator(), 0.0, 0.0), digits())


def test_the_generator_is_the_only_randomness():
    before = torch.random.get_rng_state()
    first = distort(digits(), torch.Generator().manual_seed(5), 1.0, 0.1)
    assert torch.equal(first, distort(digits(), torch.Generator().manual_seed(5), 1.0, 0.1))
    assert not torch.equal(first, distort(digits(), torch.Generator().manual_seed(6), 1.0, 0.1))
    assert torch.equal(before, torch.random.get_rng_state())


def test_each_digit_has_a_distortion_of_its_own_and_stays_ink():
    made = distort(digits(8), torch.Generator().manual_seed(0), 1.0, 0.06)
    assert len({tuple(picture.flatten().tolist()) for picture in made}) == 8
    assert made.min() >= 0
    assert made.max() <= 1 + 1e-6
    amount = made.sum((1, 2, 3)) / digits(8).sum((1, 2, 3))
    assert (amount > 0.7).all()
    assert (amount < 1.4).all()


def test_more_strength_moves_more():
    def change(strength: float) -> float:
        made = distort(digits(64), torch.Generator().manual_seed(1), strength)
        return float((made - digits(64)).abs().mean())

    assert 0 < change(0.25) < change(1.0) < change(2.0)
