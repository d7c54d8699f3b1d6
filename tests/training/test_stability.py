"""What is painted of a moved photo is compared with the painted photo, moved."""

import pytest
import torch

from artcnn.training.stability import MARGIN, change, move, random_movement

SIDE = 96


def smooth(side: int) -> torch.Tensor:
    at = torch.arange(side, dtype=torch.float32) - (side - 1) / 2
    y, x = torch.meshgrid(at, at, indexing="ij")
    return torch.stack([(x / 11 + y / 7).sin(), (x / 13).cos(), (x * y / 900).sin()])[None] / 2.5 + 0.5


def movements(count: int) -> list[torch.Tensor]:
    noise = torch.Generator().manual_seed(0)
    return [random_movement(noise) for _ in range(count)]


def test_the_identity_changes_nothing_however_the_photo_is_moved():
    crop = torch.rand(1, 3, SIDE + 2 * MARGIN, SIDE + 2 * MARGIN, generator=torch.Generator().manual_seed(3))
    photo = crop[..., MARGIN:-MARGIN, MARGIN:-MARGIN]
    for movement in movements(20):
        assert float(change(photo, move(crop, movement, SIDE), movement)) < 1e-9


def test_a_map_of_single_pixels_moves_along_with_whole_pixels_exactly():
    crop = smooth(SIDE + 2 * MARGIN)
    shifts = [movement for movement in movements(40) if torch.equal(movement[:, :2], torch.eye(2))]
    assert 10 < len(shifts) < 30
    for movement in shifts:
        moved = move(crop, movement, SIDE)
        assert float(change(crop[..., MARGIN:-MARGIN, MARGIN:-MARGIN] ** 2, moved**2, movement)) < 1e-9


def test_what_stays_in_its_place_on_the_canvas_is_unstable():
    crop, canvas = smooth(SIDE + 2 * MARGIN), torch.rand(1, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(1))
    photo, movement = crop[..., MARGIN:-MARGIN, MARGIN:-MARGIN], torch.tensor([[1.0, 0, 3], [0, 1, -2]])
    unstable = change(photo + canvas, move(crop, movement, SIDE) + canvas, movement)
    assert float(unstable) == pytest.approx(1 / 6, rel=0.1), "twice the variance of the canvas, 1 / 12"


def test_a_shift_by_whole_pixels_copies_pixels():
    crop, movement = torch.rand(1, 3, 20, 20), torch.tensor([[1.0, 0, 2], [0, 1, -3]])
    torch.testing.assert_close(move(crop, movement, 10), crop[..., 2:12, 7:17], rtol=0, atol=1e-5)


def test_movements_are_small():
    for movement in movements(100):
        turn, shift = movement[:, :2], movement[:, 2]
        assert float(shift.abs().max()) <= 8
        assert float(turn.det().sqrt()) == pytest.approx(1, abs=0.041)
        assert abs(float(turn[0, 1])) < 0.032
