"""Spatial guidance: which painting's style applies where, and what stays as it is (Gatys et al. 2017, 1611.07865)."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from artcnn.errors import ArtcnnError
from artcnn.image import Size, blur, resize
from artcnn.recipes import check_blend

FEATHER = 0.01
"""Standard deviation of the Gaussian that softens a mask's edges, relative to the picture's longer side."""


@dataclass(frozen=True, eq=False)
class Masks:
    """Where each style applies: images of shape (1, 1, h, w), 0 to 1, of any size, stretched over the photo.

    Attributes:
        paintings: for each painting how much its style applies at a place. Paintings without a mask (None, or beyond
            the end) share what the masks leave.
        protect: how much the photo stays as it is; where it is 1, exactly.
    """

    paintings: tuple[Tensor | None, ...] = ()
    protect: Tensor | None = None


NO_MASKS = Masks()


@dataclass(frozen=True, eq=False)
class Region:
    """Places with the same style.

    Attributes:
        weights: of each painting in the style's blend; they add up to 1.
        share: how much each place belongs to the region, shape (1, 1, H, W), 0 to 1; None for 1 everywhere.
    """

    weights: tuple[float, ...]
    share: Tensor | None = None


def partition(count: int, blend: Sequence[float], masks: Masks, size: Size) -> list[Region]:
    """Return the regions of a picture: one for each painting with a mask, and one for all others.

    At place p painting i has the share ``b_i m_i(p) / sum_j b_j m_j(p)``. b is its weight in the blend, and m its mask,
    or 1 minus the largest mask if it has none. Where every mask is black, and each painting has one, there is no style.

    Args:
        count: number of paintings.
        blend: their weights; empty for equal ones. Paintings of weight 0 take no part.
        masks: where they apply, and what is protected.
        size: (height, width) of the picture, in pixels.

    Raises:
        ArtcnnError: there are more weights or masks than paintings, or fewer weights, or all of them are 0.
    """
    check_blend(count, blend)
    weights = list(blend) or [1.0] * count
    if len(masks.paintings) > count:
        raise ArtcnnError(f"there is a mask of painting {len(masks.paintings)}, and {count} paintings")
    given = list(masks.paintings) + [None] * (count - len(masks.paintings))
    masked = [i for i in range(count) if given[i] is not None and weights[i] > 0]
    others = [i for i in range(count) if given[i] is None and weights[i] > 0]
    rest = sum(weights[i] for i in others)
    blended = tuple(weights[i] / rest if i in others else 0.0 for i in range(count))
    free = None if masks.protect is None else 1 - protection_mask(masks.protect, size)
    if not masked:
        return [Region(blended, free)]
    pulls = [weights[i] * feather(mask, size) for i in masked if (mask := given[i]) is not None]
    styles = [tuple(float(j == i) for j in range(count)) for i in masked]
    if others:
        largest = torch.stack([pull / weights[i] for i, pull in zip(masked, pulls, strict=True)]).amax(0)
        pulls.append(rest * (1 - largest))
        styles.append(blended)
    total = torch.stack(pulls).sum(0)
    shares = [pull / total.clamp_min(1e-6) for pull in pulls]
    regions = [Region(of, share if free is None else share * free) for of, share in zip(styles, shares, strict=True)]
    # A mask that is black, or that lies wholly under the protected part, makes no region.
    return [region for region in regions if region.share is not None and region.share.amax() > 0]


def feather(mask: Tensor, size: Size) -> Tensor:
    """Return a mask at a picture's size with soft edges, shape (1, 1, H, W)."""
    return blur(resize(mask, size), FEATHER * max(size)).clamp(0, 1)


def protection_mask(mask: Tensor, size: Size) -> Tensor:
    """Return a mask at a picture's size with edges softened outwards: what is white stays white."""
    sharp = resize(mask, size)
    return torch.maximum(sharp, (2 * blur(sharp, FEATHER * max(size))).clamp(0, 1))


def resize_share(share: Tensor, size: Size) -> Tensor:
    """Return how much each place of a layer of (height, width) belongs to a region, shape (1, 1, height, width)."""
    return F.adaptive_avg_pool2d(share, size)
