"""RISE: which pixels an answer needs, found out by hiding parts of the picture at random."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

import torch
from torch import Tensor
from torch.nn import functional as F

from artcnn.image import Size, size_of
from artcnn.visualizers.network import Network

CELLS = 7
"""A mask is drawn with so many cells down and across."""

_PIXELS_AT_ONCE = 1 << 19
"""Pixels of all masked pictures together that are run at a time."""


@dataclass(frozen=True, eq=False)
class RiseEstimate:
    """What is known after some of the masks.

    Attributes:
        map: the mean probability of the answer while a pixel is seen, shape (H, W).
        mean: over all masks.
        error: the map's standard error: how far each of its values may well be off by chance, shape (H, W).
        done: masks so far.
        total: masks in all.
    """

    map: Tensor
    mean: float
    error: Tensor
    done: int
    total: int


def random_masks(count: int, size: Size, generator: torch.Generator, cells: int = CELLS, seen: float = 0.5) -> Tensor:
    """Return smooth random masks, shape (count, 1, *size), in [0, 1]; at 1 a picture is seen.

    Each cell of a small grid is seen with probability ``seen``. The grid is enlarged, bilinearly, to one cell more each
    way than the picture has, and the picture lies in it at a random place (Petsiuk et al. 2018, section 3.2).
    """
    cell = [ceil(side / cells) for side in size]
    grid = (torch.rand(count, 1, cells, cells, generator=generator) < seen).float()
    large = F.interpolate(grid, [(cells + 1) * side for side in cell], mode="bilinear", align_corners=False)
    tops, lefts = (torch.randint(side, (count,), generator=generator).tolist() for side in cell)
    parts = zip(large, tops, lefts, strict=True)
    return torch.stack([one[:, top : top + size[0], left : left + size[1]] for one, top, left in parts])


def rise(
    network: Network,
    image: Tensor,
    target: int,
    background: Tensor | None = None,
    masks: int = 4000,
    seed: int = 0,
    cells: int = CELLS,
) -> Iterator[RiseEstimate]:
    """Yield, batch by batch, how probable an answer is on average while a pixel is seen.

    S = sum_n p(I * M_n) M_n / sum_n M_n, with random masks M_n and the class's probability p (Petsiuk, Das and Saenko
    2018, arXiv:1806.07421, equation 6). Nothing goes into it but the network's answers.

    Differs from the paper: it divides by how often a pixel was seen, not by how often that is expected, so that chance
    does not lighten some pixels; and what a mask hides shows ``background``.

    Args:
        network: with classes.
        image: shape (1, C, H, W), in [0, 1].
        target: number of the class.
        background: of the image's shape; black by default.
        masks: how many.
        seed: of the masks.
        cells: of a mask, down and across.
    """
    hidden = torch.zeros_like(image) if background is None else background
    generator, size = torch.Generator().manual_seed(seed), size_of(image)
    batch = max(1, _PIXELS_AT_ONCE // image[0, 0].numel())
    sums = torch.zeros(5, *size, dtype=torch.float64)  # of m, p m, m^2, p m^2, p^2 m^2
    total = 0.0
    for first in range(0, masks, batch):
        some = random_masks(min(batch, masks - first), size, generator, cells)
        with torch.no_grad():
            p = network.logits(hidden + some * (image - hidden)).softmax(1)[:, target].double().view(-1, 1, 1)
        m = some[:, 0].double()
        sums += torch.stack([part.sum(0) for part in (m, p * m, m * m, p * m * m, p * p * m * m)])
        total += float(p.sum())
        done = first + len(some)
        yield _estimate(sums, total / done, done, masks)


def rise_map(network: Network, image: Tensor, target: int, background: Tensor | None = None) -> Tensor:
    """Return the last estimate's map, shape (H, W); the arguments are those of :func:`rise`."""
    *_, last = rise(network, image, target, background)
    return last.map


def _estimate(sums: Tensor, mean: float, done: int, masks: int) -> RiseEstimate:
    seen, answered, squares, crossed, answered_squares = sums
    found = answered / seen.clamp(min=1e-12)
    spread = answered_squares - 2 * found * crossed + found.square() * squares
    error = spread.clamp(min=0).sqrt() / seen.clamp(min=1e-12)
    return RiseEstimate(found.float(), mean, error.float(), done, masks)
