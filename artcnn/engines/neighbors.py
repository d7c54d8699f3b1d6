"""Nearest neighbors of features: the place of a painting most similar to each place of a picture, in bounded memory.

Kolkin, Kucera, Paris, Sykora, Shechtman and Shakhnarovich 2022, "Neural Neighbor Style Transfer" (arXiv:2203.13215).
Pictures are compared cell by cell on a grid of squares. A layer may have many places in a cell, or one for several.
"""

from collections.abc import Mapping, Sequence
from math import inf

import torch
import torch.nn.functional as F
from torch import Tensor

from artcnn.image import Size, size_of
from artcnn.spatial import at_least_float32, flatten_spatial

MIN_CELL = 4
"""Pixels of a small picture's cells: the grid is a quarter of its size, as in the paper."""

MAX_CELLS = 4096
"""Number of cells above which cells are made twice as wide: the cost grows with the square of their number."""

_ROWS = 1024
"""Cells of the picture that are compared with the painting at a time."""

_PLACES = 1 << 16
"""Places of a layer that are gathered at a time."""

_ROUNDS = 200
"""Gradient steps that bring the paintings' shares to the wanted ones."""


def cell_size(size: Size) -> int:
    """Return the width of the cells, in pixels, of a picture of (height, width): 4, or 8, 16, ... if it is large."""
    cell = MIN_CELL
    while (size[0] // cell) * (size[1] // cell) > MAX_CELLS:
        cell *= 2
    return cell


def grid_size(size: Size, cell: int) -> Size:
    """Return how many whole cells of ``cell`` pixels a picture of (height, width) has, down and across."""
    return size[0] // cell, size[1] // cell


def pool_cells(x: Tensor, grid: Size, *, parts: int = 1) -> Tensor:
    """Return a layer's features in each cell, shape (cells, numbers): means over parts of the cell.

    Args:
        x: the layer, shape (1, C, H, W).
        grid: number of cells down and across.
        parts: number of parts of a cell, down and across; fewer if the layer has fewer places in a cell.
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
    """Return one vector of length 1 for each cell, shape (cells, numbers of all layers).

    Each layer is centered by its mean over the cells, as in the paper, and scaled to the same mean square, times its
    weight; otherwise the layers with the largest values alone would decide.

    Args:
        cells: by layer, shape (cells, numbers).
        weights: by layer.
    """
    parts = []
    for layer, weight in weights.items():
        x = at_least_float32(cells[layer])
        x = x - x.mean(0)
        # The floor keeps a picture of a single color from dividing by zero.
        parts.append(x * (weight / x.square().sum(1).mean().clamp_min(1e-12)).sqrt())
    return F.normalize(torch.cat(parts, 1), dim=1).to(next(iter(cells.values())).dtype)


def nearest_neighbors(queries: Tensor, keys: Tensor) -> tuple[Tensor, Tensor]:
    """Return each query's largest inner product with a key, and the index of that key, both of shape (queries,).

    Args:
        queries: shape (queries, C).
        keys: shape (keys, C).
    """
    found = [(rows @ keys.T).max(1) for rows in torch.split(queries, _ROWS)]
    return torch.cat([at_least_float32(best.values) for best in found]), torch.cat([best.indices for best in found])


def assign_paintings(similarity: Tensor, weights: Sequence[float], area: Tensor | None = None) -> Tensor:
    """Return which painting each cell takes: each painting gets its share, the cells that it matches best.

    This is optimal transport from cells to paintings. A number is added to each painting's similarities, and the
    largest sum wins; the numbers, the dual variables, are found by gradient ascent.

    Args:
        similarity: of each cell's best match in each painting, shape (paintings, cells).
        weights: of the paintings, with a sum of 1; weight 0 gets no cell.
        area: weight of each cell, shape (cells,); equal by default.

    Returns:
        Indices of paintings, shape (cells,).
    """
    wanted = torch.tensor(weights, device=similarity.device)
    similarity = similarity.masked_fill((wanted == 0)[:, None], -inf)
    area = torch.ones_like(similarity[0]) if area is None else area
    dual = torch.zeros_like(wanted)
    for number in range(_ROUNDS if (wanted > 0).sum() > 1 else 0):
        chosen = (similarity + dual[:, None]).argmax(0)
        have = torch.zeros_like(wanted).index_add_(0, chosen, area) / area.sum().clamp_min(1e-6)
        dual = dual + (wanted - have) / (number + 1) ** 0.5
    return (similarity + dual[:, None]).argmax(0)


def gather_features(x: Tensor, match: Tensor, taken: Tensor, grid: Size, cells: Size, size: Size) -> Tensor:
    """Return a layer of a picture put together from a painting's features, as vectors of length 1.

    A place that lies in several cells gets the mean of theirs, which is shorter: its inner product is the mean of
    theirs. Places beyond the last whole cell get what lies behind the match of the cell beside them.

    Args:
        x: the painting's layer, shape (1, C, h, w).
        match: for each cell of the picture, the index of the painting's cell, shape (cells,).
        taken: which cells of the picture are taken from this painting, shape (cells,); the others are 0.
        grid: number of cells of the picture, down and across.
        cells: number of cells of the painting, down and across.
        size: (height, width) of the picture's layer.

    Returns:
        Shape (1, C, height, width), in the dtype of ``x``, channels last in memory.
    """
    source_size = size_of(x)
    down, across = match // cells[1], match % cells[1]
    if size[0] < grid[0]:
        each = grid[0] // size[0]
        row, column = ((n // each).clamp(max=m - 1) for n, m in zip((down, across), source_size, strict=True))
        found = _gather_normalized(x, row * source_size[1] + column, taken)
        whole = found.reshape(1, *grid, -1).permute(0, 3, 1, 2)[..., : size[0] * each, : size[1] * each]
        return F.avg_pool2d(at_least_float32(whole), each).to(x.dtype, memory_format=torch.channels_last)
    places = size[0] // grid[0]
    rows, columns = (torch.arange(n, device=x.device) for n in size)
    cell_row, cell_column = ((n // places).clamp(max=m - 1) for n, m in zip((rows, columns), grid, strict=True))
    cell = (cell_row[:, None] * grid[1] + cell_column).flatten()
    row = down[cell] * places + (rows - cell_row * places).repeat_interleave(size[1])
    column = across[cell] * places + (columns - cell_column * places).repeat(size[0])
    place = row.clamp(max=source_size[0] - 1) * source_size[1] + column.clamp(max=source_size[1] - 1)
    return _gather_normalized(x, place, taken[cell]).reshape(1, *size, -1).permute(0, 3, 1, 2)


def _gather_normalized(x: Tensor, places: Tensor, taken: Tensor) -> Tensor:
    """Return a layer's features at some places, by index, as vectors of length 1, or 0 where not taken: (places, C)."""
    features = flatten_spatial(x)
    found = features.new_zeros(len(places), features.shape[1])
    for wanted in torch.split(taken.nonzero()[:, 0], _PLACES):
        found[wanted] = F.normalize(at_least_float32(features[places[wanted]]), dim=1).to(x.dtype)
    return found
