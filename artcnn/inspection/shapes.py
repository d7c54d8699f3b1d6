"""From the picture to the output: what each layer computes, and its shape."""

from collections.abc import Sequence
from math import ceil, prod, sqrt
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from artcnn.inspection.layers import size_text
from artcnn.reports.colormaps import fit_scale, tile
from artcnn.reports.messages import message
from artcnn.reports.number_tiles import draw_numbers
from artcnn.reports.results import Finding, Tile
from artcnn.visualizers.layer import Layer
from artcnn.visualizers.network import Network

_SIDE = 248  # of a picture on the sheet, in pixels
_FEW = 16  # numbers that stand one below the other
_GRAY = 190  # around maps


def find_shapes(network: Network, picture: Tensor) -> Finding:
    """Return the output of each layer for a picture (1, C, H, W), and its shape."""
    with torch.no_grad():
        found = network.run(picture, [layer.name for layer in network.layers])
    before = tuple(picture.shape[1:])
    pictures = [_fitted(tile(picture, (picture.shape[2], picture.shape[3])))]
    tiles = [Tile(message("the picture: {shape}", shape=size_text(before)))]
    rows: list[dict[str, Any]] = []
    for layer in network.layers:
        shape = tuple(found[layer.name].shape[1:])
        rows.append(_row(layer, shape))
        if shape != before and len(shape) in (1, 3):  # the others only change the numbers, or give no maps
            weights = rows[-1]["weights_of_a_filter"]
            says = message("{layer}: {shape}", layer=layer.name, shape=size_text(shape))
            if weights:
                says = message(
                    "{layer}: {shape}, {weights} weights a filter",
                    layer=layer.name,
                    shape=size_text(shape),
                    weights=weights,
                )
            pictures.append(_drawn(found[layer.name][0], before))
            tiles.append(Tile(says, len(rows) - 1))
        before = shape
    title = message(
        "{network}: from the picture to the last layer, wherever the shape changes; blue below 0, red above",
        network=network.name,
    )
    return Finding(
        look="convolution-shapes",
        title=title,
        rows=rows,
        pictures=torch.cat(pictures),
        tiles=tiles,
        columns=4,
    )


def _row(layer: Layer, shape: tuple[int, ...]) -> dict[str, Any]:
    convolution = layer.kind == "convolution" and layer.weight is not None
    return {
        "layer": layer.name,
        "kind": layer.kind,
        "output": size_text(shape),
        "numbers": prod(shape),
        "filters": layer.weight.shape[0] if convolution and layer.weight is not None else None,
        "weights_of_a_filter": layer.weight[0].numel() if convolution and layer.weight is not None else None,
        "parameters": layer.parameters,
    }


def _drawn(output: Tensor, before: Sequence[int]) -> Tensor:
    """Return a layer's numbers as one picture: maps side by side; flattened ones in a row for each map."""
    if output.ndim == 1:
        columns = prod(before[1:]) if len(before) == 3 else 1 if len(output) <= _FEW else ceil(sqrt(len(output)))
        spare = -len(output) % columns
        maps = F.pad(output, (0, spare)).view(1, -1, columns)
    else:
        maps = output
    colors = fit_scale(output, signed=True).to_rgb(maps[:, None])
    if output.ndim == 1 and len(output) <= _FEW:
        return draw_numbers(maps[0], colors, (_SIDE, _SIDE))
    _, _, height, width = colors.shape
    if output.ndim == 1:
        return _fitted(colors, (_SIDE, _SIDE))
    across = min(len(colors), ceil(sqrt(len(colors) * height / width)))
    gap = int(len(colors) > 1)
    paper = torch.full(
        (3, -(-len(colors) // across) * (height + gap), across * (width + gap)), _GRAY, dtype=torch.uint8
    )
    for number, one in enumerate(colors):
        top, left = number // across * (height + gap), number % across * (width + gap)
        paper[:, top : top + height, left : left + width] = one
    return _fitted(paper[None])


def _fitted(picture: Tensor, size: tuple[int, int] | None = None) -> Tensor:
    """Return a picture, (1, 3, h, w) bytes, as large as a tile holds without changing its shape, gray around it.

    Args:
        picture: the picture.
        size: to be stretched to, height and width: what has no shape of its own.
    """
    longest = max(picture.shape[2:])
    height, width = size or (max(1, round(_SIDE * side / longest)) for side in picture.shape[2:])
    mode = "nearest" if longest <= _SIDE else "area"
    fitted = F.interpolate(picture.float(), (height, width), mode=mode).round().byte()
    paper = torch.full((1, 3, _SIDE, _SIDE), _GRAY, dtype=torch.uint8)
    top, left = (_SIDE - height) // 2, (_SIDE - width) // 2
    paper[:, :, top : top + height, left : left + width] = fitted
    return paper
