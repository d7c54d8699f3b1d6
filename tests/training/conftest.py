"""What the tests of instant styles share: a VGG of few channels, small photos, and a recipe for them."""

from collections.abc import Callable

import pytest
import torch

from artcnn.backbones import layers
from artcnn.backbones.vgg import VGGBackbone
from artcnn.datasets.photos import Photos
from artcnn.training_recipes import InstantTrainRecipe

SIZES = ((4, 4), (6, 6), (6, 6, 6), (8, 8, 8))


@pytest.fixture
def small_vgg(monkeypatch: pytest.MonkeyPatch) -> VGGBackbone:
    """Return a VGG-16 of four stages and few channels, which trainings of instant styles use."""
    monkeypatch.setitem(layers.BLOCKS, "small", SIZES)
    noise, channels, state = torch.Generator().manual_seed(5), 3, {}
    for name, index in layers.convolution_index("small").items():
        count = layers.layer_channels("small")[name]
        weight = torch.randn(count, channels, 3, 3, generator=noise)
        state[f"features.{index}.weight"] = weight * (2 / (9 * channels)) ** 0.5
        state[f"features.{index}.bias"] = 0.1 * torch.randn(count, generator=noise)
        channels = count
    network = VGGBackbone("small", "small", state, mean=(0.5, 0.5, 0.5), std=(0.1, 0.1, 0.1))
    monkeypatch.setattr("artcnn.training.instant.load_vgg", lambda **_: network)
    return network


@pytest.fixture
def smooth_photos() -> Callable[[int], Photos]:
    """Return a maker of a few photos of waves, by the seed."""

    def make(seed: int) -> Photos:
        y, x = torch.meshgrid(torch.arange(120.0), torch.arange(150.0), indexing="ij")
        waves = [torch.stack([(a * x / 9 + y / (b + 7)).sin() for b in range(3)]) for a in range(seed, seed + 3)]
        return Photos(tuple((127 + 120 * wave).to(torch.uint8) for wave in waves), "waves")

    return make


@pytest.fixture
def small_recipe() -> InstantTrainRecipe:
    """Return the recipe of a training of four steps in two epochs."""
    return InstantTrainRecipe(
        epochs=2,
        epoch_size=8,
        batch=4,
        validation=4,
        crop=64,
        painting_size=64,
        precision="float32",
        widths=(4, 4, 6),
        blocks=(1, 1, 0),
        full_channels=4,
        stability_share=0.5,
        ema_decay=0.5,
    )
