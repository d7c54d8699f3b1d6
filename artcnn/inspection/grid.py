"""Activation grid: at each place of a picture, what its activations want to see."""

from dataclasses import replace
from math import ceil
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from artcnn.inspection.input_kinds import input_kind
from artcnn.inspection.progress import Counter, Progress, silent
from artcnn.reports.colormaps import tile
from artcnn.reports.messages import message
from artcnn.reports.results import Finding, Tile
from artcnn.visualizers.activation_grid import INK, PHOTO, ActivationGrid, draw_grid
from artcnn.visualizers.network import Network
from artcnn.visualizers.receptive_field import ReceptiveField, receptive_fields

_SIDE = 448  # pixels of the grid on the sheet, about
_PAPER = 0.94  # between the pictures
_SMALLEST = 0.25  # a picture's side, as a part of its place
_STRONGEST = 3  # units of each place, in the table

_TITLE = "{network}, {layer}: what each place wants to see; the larger, the stronger its activations"


def find_grid(
    network: Network,
    picture: Tensor,
    layer: str,
    cells: int,
    steps: int | None = None,
    seed: int = 0,
    on_progress: Progress = silent,
) -> Finding:
    """Return a picture (1, C, H, W), and beside it what a layer's activations at each of its places want to see.

    Args:
        network: which stays as it is.
        picture: what it is shown.
        layer: whose activations.
        cells: at most so many places each way.
        steps: of the ascents.
        seed: of the start and the random transforms.
        on_progress: is told how many places are done, every few seconds.

    Raises:
        ArtcnnError: the layer has no places, or the network takes no small pictures.
    """
    base = PHOTO if input_kind(network.kind).colored else INK
    config = replace(base, steps=steps or base.steps)
    count = Counter(f"{layer}: {{}} of {{}} places", on_progress)
    grid = draw_grid(network, picture, layer, cells, config, seed, count)
    strength = grid.vectors.norm(dim=2)
    rows, columns = strength.shape
    part = ceil(_SIDE / max(rows, columns))
    drawn = _arrange(grid, strength / strength.max().clamp(min=1e-12), part)
    places = Tile(
        message("{layer}", layer=layer),
        field=_field(network, layer, (rows, columns)),
        grid=(rows, columns),
        values=strength,
    )
    return Finding(
        look="grid",
        title=message(_TITLE, network=network.name, layer=layer),
        rows=[_row(grid, strength, row, column) for row in range(rows) for column in range(columns)],
        pictures=torch.cat([tile(picture, (rows * part, columns * part)), tile(drawn, (rows * part, columns * part))]),
        tiles=[Tile(message("the picture")), places],
        columns=2,
        arrays={"image": picture, "vectors": grid.vectors, "pictures": grid.pictures},
        settings={"layer": layer, "cells": cells, "seed": seed, "steps": config.steps},
        picture=picture,
    )


def _field(network: Network, layer: str, grid: tuple[int, int]) -> ReceptiveField | None:
    """Return what the places of a grid see together; None where they are not as many of the layer's each."""
    field, shape = receptive_fields(network)[layer], network.shapes()[layer]
    if field is None or shape[1] % grid[0] or shape[2] % grid[1]:
        return None
    down, across = shape[1] // grid[0], shape[2] // grid[1]
    size = field.size[0] + (down - 1) * field.stride[0], field.size[1] + (across - 1) * field.stride[1]
    return ReceptiveField(size, (field.stride[0] * down, field.stride[1] * across), field.start)


def _row(grid: ActivationGrid, strength: Tensor, row: int, column: int) -> dict[str, Any]:
    """Return the numbers of a place, and its strongest units."""
    strongest = grid.vectors[row, column].topk(min(_STRONGEST, grid.vectors.shape[2])).indices.tolist()
    return {
        "row": row,
        "column": column,
        "strength": float(strength[row, column]),
        "cosine": float(grid.cosine[row, column]),
        "units": " ".join(map(str, strongest)),
    }


def _arrange(grid: ActivationGrid, share: Tensor, part: int) -> Tensor:
    """Return all pictures on one paper, shape (1, C, H, W), each as large as its share of the strongest.

    Args:
        grid: the pictures.
        share: of each place, shape (rows, columns), in [0, 1]: of the area.
        part: pixels of a place, each way.
    """
    rows, columns, channels = grid.pictures.shape[:3]
    paper = torch.full((1, channels, rows * part, columns * part), _PAPER)
    for row in range(rows):
        for column in range(columns):
            side = max(1, round(part * max(_SMALLEST, float(share[row, column]) ** 0.5)) - 1)
            picture = grid.pictures[row, column][None]
            mode = "area" if picture.shape[-1] > side else "nearest"
            top, left = row * part + (part - side) // 2, column * part + (part - side) // 2
            paper[..., top : top + side, left : left + side] = F.interpolate(picture, (side, side), mode=mode)
    return paper
