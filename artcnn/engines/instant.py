"""Instant styles: a photo painted in one pass of a network (Johnson, Alahi and Fei-Fei 2016, arXiv:1603.08155)."""

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from artcnn.backbones.precision import DTYPES
from artcnn.colors import transfer_luminance
from artcnn.engines.step import Step
from artcnn.image import fit, resize, size_of
from artcnn.nets.instant import UNIT, InstantNetwork
from artcnn.recipes import InstantRecipe


def instant(
    content: Tensor, network: InstantNetwork, weights: Tensor, recipe: InstantRecipe, protect: Tensor | None = None
) -> Iterator[Step]:
    """Yield ``content`` painted: a single step.

    Args:
        content: the photo, shape (1, 3, H, W), sRGB in [0, 1].
        network: has the recipe's styles, in order.
        weights: of the styles, shape (1, styles); they add up to 1.
        recipe: every setting, its precision decided.
        protect: where the photo stays as it is, shape (1, 1, h, w), of any size: 1 there.
    """
    assert recipe.precision != "auto"  # noqa: S101 - it is decided before
    content = fit(content, recipe.size)
    height, width = size_of(content)
    with torch.no_grad():
        whole = F.pad(content, (0, -width % UNIT, 0, -height % UNIT), mode="reflect")
        painted = network(whole, weights, DTYPES[recipe.precision])[..., :height, :width]
        if recipe.colors == "content":
            painted = transfer_luminance(painted, content)
        painted = torch.lerp(content, painted, recipe.strength)
        if protect is not None:
            painted = torch.lerp(painted, content, resize(protect, (height, width)))
    yield Step(painted, 0.0, 1, 1, 1.0, f"{width} x {height}")
