"""Which painting rules where in a picture, and what no painting may touch."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from artcnn.errors import ArtcnnError
from artcnn.image import Size, blur, resize
from artcnn.recipes import check_blend

FEATHER = 0.01
"""Standard deviation of the Gaussian that softens a mask's edges, of the picture's longer side."""


@dataclass(frozen=True, eq=False)
class Masks:
    """What a style may do where: images of shape (1, 1, h, w), 0 to 1, of any size; they are stretched to the photo.

    Attributes:
        paintings: for each painting how far it rules at a place, None for one without a mask, which has what the
            others leave; fewer masks than paintings are filled up by None.
        protect: how far the photo stays as it is; where it is 1, exactly.
    """

    paintings: tuple[Tensor | None, ...] = ()
    protect: Tensor | None = None


NO_MASKS = Masks()


@dataclass(frozen=True, eq=False)
class Region:
    """Places that have one style.

    Attributes:
        weights: of the paintings, which the style is blended of; they add up to 1.
        share: how far each place belongs to it, shape (1, 1, H, W), 0 to 1; None where every place does as a whole.
    """

    weights: tuple[float, ...]
    share: Tensor | None = None


def partition(count: int, blend: Sequence[float], masks: Masks, size: Size) -> list[Region]:
    """Return the regions of a picture of (height, width), one for each painting with a mask and one for the others.

    At a place p painting i has the share b_i m_i(p) / sum_j b_j m_j(p), where b is its weight in the blend and m its
    mask, or what the largest mask leaves. Where no painting has a mask's grey or white, and none is without, no style
    is asked for. Paintings of weight 0 have no part in anything.

    Args:
        count: of the paintings.
        blend: their weights, or nothing for equal ones.
        masks: where they rule.
        size: of the picture.

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
    alone = [tuple(float(j == i) for j in range(count)) for i in masked]
    if others:
        largest = torch.stack([pull / weights[i] for i, pull in zip(masked, pulls, strict=True)]).amax(0)
        pulls.append(rest * (1 - largest))
        alone.append(blended)
    total = torch.stack(pulls).sum(0)
    shares = [pull / total.clamp_min(1e-6) for pull in pulls]
    regions = [Region(of, share if free is None else share * free) for of, share in zip(alone, shares, strict=True)]
    # A mask that is black, or wholly under what is protected, has no place to have a style.
    return [region for region in regions if region.share is not None and region.share.amax() > 0]


def feather(mask: Tensor, size: Size) -> Tensor:
    """Return a mask at a picture's size, its edges softened, shape (1, 1, H, W)."""
    return blur(resize(mask, size), FEATHER * max(size)).clamp(0, 1)


def protection_mask(mask: Tensor, size: Size) -> Tensor:
    """Return a mask at a picture's size, its edges softened outwards: what is white stays so."""
    sharp = resize(mask, size)
    return torch.maximum(sharp, (2 * blur(sharp, FEATHER * max(size))).clamp(0, 1))


def resize_share(share: Tensor, size: Size) -> Tensor:
    """Return how far each place of a layer of (height, width) belongs to a region, shape (1, 1, height, width)."""
    return F.adaptive_avg_pool2d(share, size)
