"""Optical flow by OpenCV: it finds known motion, and stands behind the interface."""

import pytest
import torch

from artcnn.engines.motion import FlowEstimator
from artcnn.engines.optical_flow import InverseSearchFlow
from artcnn.image import blur, crop


@pytest.fixture
def scene():
    noise = torch.rand(1, 3, 120, 160, generator=torch.Generator().manual_seed(3))
    smooth = blur(noise, 2.0)
    return (smooth - smooth.min()) / (smooth.max() - smooth.min())


def test_known_motion_is_found(scene):
    """A window moves 3 pixels to the right and 2 down, so what it shows was farther to the right and down."""
    flow: FlowEstimator = InverseSearchFlow()
    before, after = scene[..., 10:-10, 10:-10], scene[..., 12:-8, 13:-7]
    motion = flow.estimate(before, after)
    assert motion.flow.shape == (1, 2, 100, 140)
    errors = (motion.flow - torch.tensor([3.0, 2.0]).view(1, 2, 1, 1))[..., 10:-10, 10:-10].abs()
    assert errors.mean() < 0.1
    assert motion.reliable[..., 10:-10, 10:-10].mean() > 0.95
    assert not motion.is_cut


def test_the_same_frame_does_not_move(scene):
    motion = InverseSearchFlow().estimate(scene, scene.clone())
    assert (motion.flow == 0).all()
    assert (motion.reliable == 1).all()


def test_another_scene_is_a_cut(scene):
    assert InverseSearchFlow().estimate(scene, crop(scene.flip(3), (0, 0, 1, 1)).flip(2)).is_cut


def test_the_same_frames_give_the_same_bits(scene):
    before, after = scene[..., :-4, :-4], scene[..., 3:-1, 2:-2]
    first, again = (InverseSearchFlow().estimate(before, after) for _ in range(2))
    assert torch.equal(first.flow, again.flow)
