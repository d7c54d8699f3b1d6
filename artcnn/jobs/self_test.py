"""A few steps of a dream, against stored values: does this machine compute what others do?"""

from dataclasses import dataclass
from time import perf_counter
from typing import Final

import torch
from torch import Tensor

from artcnn.backbones.base import Backbone, load_backbone
from artcnn.backbones.precision import Precision
from artcnn.backbones.tiled_autograd import reduce_features
from artcnn.engines.dream import dream
from artcnn.objectives import LayerActivation
from artcnn.recipes import DreamRecipe
from artcnn.spatial import mean_square

_LAYER: Final = "relu4_3"
_SIDE: Final = 64

EXPECTED: Final = (137.3459, 1.256880, 1.272867, 1.381907)
"""What double precision gives: the root mean square of VGG-16's relu4_3, then the objective before each step."""

TOLERANCE: Final[dict[Precision, float]] = {"float32": 0.01, "bfloat16": 0.085}
"""How far a value may be from the expected one, relative to that.

Ten convolutions lie before relu4_3. Each rounds its input and its weights by a part of at most u, and adds products in
float32. If all errors point the same way, a value is off by (1 + u)^20 - 1. For bfloat16 u is 2^-8, which makes 0.081.
For float32 on a CPU u is 2^-24; a sum of 4,608 products then adds most, ten times 4608 u = 0.003. NVIDIA cards may
round the factors to TF32, u = 2^-11, which makes 0.010. Errors are as often up as down, and values are means over many
places: seen were 0.0000002 in float32 and 0.0005 in bfloat16.
"""


@dataclass(frozen=True)
class SelfTest:
    """What a few steps gave on one device, in one precision.

    Attributes:
        device: ``"cpu"``, ``"cuda"`` or ``"mps"``.
        precision: of the network.
        values: as ``EXPECTED``.
        deviation: the largest difference from an expected value, relative to that.
        tolerance: the largest that is allowed.
        seconds: the steps took, without loading the network.
        error: what was raised instead, in words; None if nothing was.
    """

    device: str
    precision: Precision
    values: tuple[float, ...] = ()
    deviation: float | None = None
    tolerance: float = 0.0
    seconds: float = 0.0
    error: str | None = None

    @property
    def passed(self) -> bool:
        """Return whether all values are as expected."""
        return self.deviation is not None and self.deviation <= self.tolerance


def run_self_test(device: torch.device, precision: Precision) -> SelfTest:
    """Return what a few steps of a small dream give on a device.

    It takes a second, or minutes where a precision is not the device's own: ask ``backbones.precision.fastest`` first.

    Raises:
        WeightsError: the network is missing or damaged.
    """
    recipe = self_test_recipe(precision)
    backbone = load_backbone(recipe, device)
    began = perf_counter()
    values = self_test_values(self_test_picture().to(device), backbone, recipe)
    deviation = max(abs(value / expected - 1) for value, expected in zip(values, EXPECTED, strict=True))
    return SelfTest(device.type, precision, values, deviation, TOLERANCE[precision], perf_counter() - began)


def self_test_recipe(precision: Precision) -> DreamRecipe:
    """Return the recipe of the dream: every setting that its values depend on."""
    return DreamRecipe(
        backbone="vgg16",
        layers=(LayerActivation(layer=_LAYER),),
        size=_SIDE,
        octaves=1,
        steps=len(EXPECTED) - 1,
        step_size=0.006,
        jitter=32,
        max_rotation=0,  # its random numbers depend on the type that they are drawn in
        max_scale_change=0,
        optimizer="gradient",
        smoothing=0.5,
        calm=1.0,
        palette=0.5,
        strength=1.0,
        colors="dream",
        pooling="max",
        padding="replicate",
        seed=0,
        precision=precision,
    )


def self_test_picture() -> Tensor:
    """Return the picture, shape (1, 3, 64, 64), in [0, 1]: of integers, so that it is the same bits everywhere."""
    y, x = torch.meshgrid(torch.arange(_SIDE), torch.arange(_SIDE), indexing="ij")
    levels = x * y, (x * x + y * y) // 32, 3 * x + 5 * y
    return torch.stack([level % _SIDE for level in levels])[None] / (_SIDE - 1)


def self_test_values(picture: Tensor, backbone: Backbone, recipe: DreamRecipe) -> tuple[float, ...]:
    """Return what ``EXPECTED`` has, of a network and a recipe."""
    (square,) = reduce_features(picture, backbone, {_LAYER}, lambda _, x, __: (mean_square(x),))[_LAYER]
    return square.sqrt().item(), *(step.value for step in dream(picture, backbone, recipe))
