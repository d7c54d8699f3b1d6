"""Which place of a painting looks most like each place of a picture: nearest neighbours of features, in bounded memory.

Kolkin, Kucera, Paris, Sykora, Shechtman and Shakhnarovich 2022, "Neural Neighbor Style Transfer" (arXiv:2203.13215).
Pictures are compared cell by cell, on a grid of squares. A layer may have many places in a cell, or one for several.
"""

from collections.abc import Mapping, Sequence
from math import inf

import torch
import torch.nn.functional as F
from torch import Tensor

from artcnn.image import Size, size_of
from artcnn.spatial import at_least_float32, flatten_spatial

CELL = 4
"""Pixels of a cell of the grid of a small picture: a quarter of its size, as in the paper."""

MAX_CELLS = 4096
"""Cells beyond which they are made twice as wide: what is compared grows with the square of their number."""

_ROWS = 1024
"""Cells of the picture that are compared at a time with all of the painting's."""

_PLACES = 1 << 16
"""Places of a layer that are gathered at a time."""

_ROUNDS = 200
"""Steps in which the paintings' shares are brought to what is wanted."""


def cell_size(size: Size) -> int:
    """Return how many pixels wide the cells of a picture of (height, width) pixels are: 4, or 8, 16, ... if large."""
    cell = CELL
    while (size[0] // cell) * (size[1] // cell) > MAX_CELLS:
        cell *= 2
    return cell


def grid_size(size: Size, cell: int) -> Size:
    """Return how many whole cells of ``cell`` pixels there are down and across a picture of (height, width) pixels."""
    return size[0] // cell, size[1] // cell


def pool_cells(x: Tensor, grid: Size, *, parts: int = 1) -> Tensor:
    """Return what a layer, shape (1, C, H, W), is in each cell of a grid, shape (cells, numbers).

    Args:
        x: of the layer.
        grid: cells down and across.
        parts: a cell is known by the means of so many parts of it down, and as many across; fewer where the layer has
            fewer places there.
    """
    (down, across), (height, width) = grid, size_of(x)
    if height < down:
        each = down // height
        rows, columns = (torch.arange(n, device=x.device) // each for n in grid)
        return flatten_spatial(x[:, :, rows.clamp(max=height - 1)][..., columns.clamp(max=width - 1)])
    places = height // down
    parts = min(parts, places)
    x = F.avg_pool2d(x[..., : down * places, : across * places], places // parts)[..., : down * parts, : across * parts]
    return flatten_spatial(x) if parts == 1 else F.unfold(x, parts, stride=parts)[0].T


def hypercolumns(cells: Mapping[str, Tensor], weights: Mapping[str, float]) -> Tensor:
    """Return for each cell one vector of length 1, shape (cells, numbers of all layers): all that is known of it.

    Each layer is centred by its mean over the cells, as in the paper, and brought to the same mean square, times its
    weight: or the layers of the largest numbers would decide alone.

    Args:
        cells: by layer, shape (cells, numbers).
        weights: by layer.
    """
    parts = []
    for layer, weight in weights.items():
        x = at_least_float32(cells[layer])
        x = x - x.mean(0)
        # The floor keeps a picture of a single colour from dividing by zero.
        parts.append(x * (weight / x.square().sum(1).mean().clamp_min(1e-12)).sqrt())
    return F.normalize(torch.cat(parts, 1), dim=1).to(next(iter(cells.values())).dtype)


def nearest_neighbors(queries: Tensor, keys: Tensor) -> tuple[Tensor, Tensor]:
    """Return each query's largest inner product with a key, shape (queries,), and that key's number, shape (queries,).

    Args:
        queries: shape (queries, C).
        keys: shape (keys, C).
    """
    found = [(rows @ keys.T).max(1) for rows in torch.split(queries, _ROWS)]
    return torch.cat([at_least_float32(best.values) for best in found]), torch.cat([best.indices for best in found])


def assign_paintings(similarity: Tensor, weights: Sequence[float], area: Tensor | None = None) -> Tensor:
    """Return which of several paintings each cell takes: each has its share of the cells, those that it fits best.

    To each painting's similarities a number is added, and the largest sum wins. The numbers are those that make the
    shares right: the dual of optimal transport from the cells to the paintings, climbed by its gradient.

    Args:
        similarity: of each cell's best match in each painting, shape (paintings, cells).
        weights: of the paintings, which add up to 1; one of weight 0 gets nothing.
        area: how much each cell counts, shape (cells,); all alike by default.

    Returns:
        Numbers of paintings, shape (cells,).
    """
    wanted = torch.tensor(weights, device=similarity.device)
    similarity = similarity.masked_fill((wanted == 0)[:, None], -inf)
    area = torch.ones_like(similarity[0]) if area is None else area
    extra = torch.zeros_like(wanted)
    for number in range(_ROUNDS if (wanted > 0).sum() > 1 else 0):
        chosen = (similarity + extra[:, None]).argmax(0)
        have = torch.zeros_like(wanted).index_add_(0, chosen, area) / area.sum().clamp_min(1e-6)
        extra = extra + (wanted - have) / (number + 1) ** 0.5
    return (similarity + extra[:, None]).argmax(0)


def gather_features(x: Tensor, match: Tensor, taken: Tensor, grid: Size, cells: Size, size: Size) -> Tensor:
    """Return a layer of a picture, some cells of which are taken from a painting, as vectors of length 1.

    A place that lies in several cells is the mean of theirs, which is shorter: the inner product with it is the mean
    of those with them. The last places, in no whole cell, are what is behind the match of the cell beside them.

    Args:
        x: the painting's layer, shape (1, C, h, w).
        match: for each cell of the picture the number of one of the painting, shape (cells,).
        taken: which cells of the picture are taken from it, shape (cells,); the others are 0.
        grid: cells of the picture, down and across.
        cells: of the painting, down and across.
        size: (height, width) of the picture's layer.

    Returns:
        Shape (1, C, height, width), in the dtype of ``x``, channels last in memory.
    """
    theirs = size_of(x)
    down, across = match // cells[1], match % cells[1]
    if size[0] < grid[0]:
        each = grid[0] // size[0]
        row, column = ((n // each).clamp(max=m - 1) for n, m in zip((down, across), theirs, strict=True))
        found = _taken_of(x, row * theirs[1] + column, taken)
        whole = found.reshape(1, *grid, -1).permute(0, 3, 1, 2)[..., : size[0] * each, : size[1] * each]
        return F.avg_pool2d(at_least_float32(whole), each).to(x.dtype, memory_format=torch.channels_last)
    places = size[0] // grid[0]
    y, x_ = (torch.arange(n, device=x.device) for n in size)
    cell_y, cell_x = ((n // places).clamp(max=m - 1) for n, m in zip((y, x_), grid, strict=True))
    of = (cell_y[:, None] * grid[1] + cell_x).flatten()
    row = down[of] * places + (y - cell_y * places).repeat_interleave(size[1])
    column = across[of] * places + (x_ - cell_x * places).repeat(size[0])
    found = _taken_of(x, row.clamp(max=theirs[0] - 1) * theirs[1] + column.clamp(max=theirs[1] - 1), taken[of])
    return found.reshape(1, *size, -1).permute(0, 3, 1, 2)


def _taken_of(x: Tensor, places: Tensor, taken: Tensor) -> Tensor:
    """Return the features at some places of a layer, by their numbers, of length 1 where taken, else 0: (places, C)."""
    rows = flatten_spatial(x)
    found = rows.new_zeros(len(places), rows.shape[1])
    for wanted in torch.split(taken.nonzero()[:, 0], _PLACES):
        found[wanted] = F.normalize(at_least_float32(rows[places[wanted]]), dim=1).to(x.dtype)
    return found
