"""Weight sharing: a convolution as a matrix, and its maps when the picture moves."""

from typing import Any

import torch
from torch import Tensor

from artcnn.inspection.input_kinds import input_kind
from artcnn.inspection.prediction import predict
from artcnn.inspection.sums import SIDE
from artcnn.reports.colormaps import Scale, enlarge, fit_scale, tile
from artcnn.reports.messages import message
from artcnn.reports.number_tiles import color_wheel, draw_numbers, frame
from artcnn.reports.results import Finding, Tile
from artcnn.visualizers.convolution import (
    Convolution,
    MatrixSize,
    convolution_matrix,
    convolve,
    count_entries,
    equivariance_error,
    run_first_convolution,
    shift,
    weight_indices,
)
from artcnn.visualizers.layer import Pair
from artcnn.visualizers.lecture import FILTERS, PICTURE
from artcnn.visualizers.network import Network
from artcnn.visualizers.receptive_field import receptive_fields

_WIDTH, _TALL = 792, 688  # of a matrix on the sheet, in pixels
_SHIFTS = 1, 2, 3, 4  # pixels, and as many as the strides
_LOST = 0.1  # pixels of ink
_MARGIN = 3  # pixels around a kernel, at least, that are taken along with what it lies on


def find_matrix(network: Network, convolution: Convolution, unit: int) -> Finding:
    """Return a convolution as the matrix of a fully connected layer, and how many numbers that has.

    Args:
        network: whose first layer it is.
        convolution: that layer, and its output for a picture.
        unit: whose part of the matrix is drawn.
    """
    example, name = convolve(PICTURE[None], FILTERS[:1, None]), f"{convolution.name}:{unit}"
    one, whole = count_entries(convolution.only(unit)), count_entries(convolution)
    counted = {"example": count_entries(example), name: one, convolution.name: whole}
    says = message("filter 1 of the lecture on 6 x 6 pixels: 16 x 36 entries, nine weights, a color each; white is 0")
    pictures, tiles = [_drawn(example, 0, values=True)], [Tile(says)]
    if one.rows <= _TALL and one.columns <= _WIDTH:
        template = "{unit}: {rows:,} x {columns:,} entries, {weights} weights, a color each"
        says = message(template, unit=name, rows=one.rows, columns=one.columns, weights=one.weights)
        pictures.append(_drawn(convolution, unit, values=False))
        tiles.append(Tile(says))
    title = message(
        "{layer} of {network} as a matrix: {rows:,} x {columns:,} entries, {weights:,} different weights",
        layer=convolution.name,
        network=network.name,
        rows=whole.rows,
        columns=whole.columns,
        weights=whole.weights,
    )
    return Finding(
        look="convolution-matrix",
        title=title,
        rows=[_row(layer, counts) for layer, counts in counted.items()],
        pictures=torch.cat(pictures),
        tiles=tiles,
        arrays={"kernel": convolution.weight[unit], "bias": convolution.bias},
        settings={"unit": name},
        convolution=convolution,
        matrix=True,
    )


def _row(name: str, counts: MatrixSize) -> dict[str, Any]:
    return {
        "layer": name,
        "rows": counts.rows,
        "columns": counts.columns,
        "entries": counts.entries,
        "zeros": counts.entries - counts.nonzero,
        "not_zero": counts.nonzero,
        "different": counts.weights,
        "biases": counts.biases,
    }


def _drawn(convolution: Convolution, unit: int, *, values: bool) -> Tensor:
    """Return a unit's matrix as a picture: a color for each weight of the kernel, and white where it is zero."""
    colors = color_wheel(weight_indices(convolution), convolution.weight[0].numel())
    if values:
        return draw_numbers(convolution_matrix(convolution, unit), colors, (_TALL, _WIDTH))
    white = torch.full((1, 3, _TALL, _WIDTH), 255, dtype=torch.uint8)
    top, left = ((room - size) // 2 for room, size in zip((_TALL, _WIDTH), colors.shape[2:], strict=True))
    white[..., top : top + colors.shape[2], left : left + colors.shape[3]] = colors
    return white


def find_shifted(network: Network, picture: Tensor, convolution: Convolution, unit: int) -> Finding:
    """Return one unit's map of a piece of the picture in two places, and of the picture shifted, pooled or not.

    Args:
        network: whose first layer it is.
        picture: shape (1, C, H, W), in [0, 1].
        convolution: that layer, and its output for the picture.
        unit: whose maps are shown.
    """
    fields, layers = receptive_fields(network), [convolution.name]
    layers += [layer.name for layer in network.layers if layer.kind == "pooling" and fields[layer.name]][:1]
    shown = 0, 1, max(2, *(field.stride[1] for layer in layers if (field := fields[layer])))
    moves = _choose_shifts(network, picture, shown)
    with torch.no_grad():
        found = {pixels: network.run(shift(picture, *pixels), layers) for pixels in moves}
    units = {layer: unit % found[0, 0][layer].shape[1] for layer in layers}
    strip = _Strip(network, units)
    strip.add_repeated(picture, convolution, unit)
    rows: list[dict[str, Any]] = []
    for pixels in moves:
        row: dict[str, Any] = {"down": pixels[0], "right": pixels[1]}
        for layer, number in units.items():
            field = fields[layer]
            assert field is not None  # noqa: S101 - a first convolution and what is chosen above have one
            before, after = (found[at][layer][0, number] for at in ((0, 0), pixels))
            row[f"apart_{layer}"] = equivariance_error(before, after, pixels, field)
        if network.classes:
            label, probabilities = predict(network, shift(picture, *pixels))
            row |= {"label": network.classes[label], "probability": float(probabilities[label])}
        rows.append(row)
        if pixels[1] in shown:
            apart = {layer: row[f"apart_{layer}"] for layer in layers}
            strip.add(shift(picture, *pixels), found[pixels], pixels, apart)
    says = "{network}: one unit, {unit}, for all places, and its map when the picture moves"
    name = f"{convolution.name}:{unit}"
    return Finding(
        look="convolution-moved",
        title=message(says, network=network.name, unit=name),
        rows=rows,
        pictures=torch.cat(strip.pictures),
        tiles=strip.tiles,
        columns=1 + len(layers),
        arrays={f"{layer}_moved_{right}": maps[layer][0] for (_, right), maps in found.items() for layer in layers},
        settings={"unit": name},
    )


def _choose_shifts(network: Network, picture: Tensor, shown: tuple[int, ...]) -> list[Pair]:
    """Return moves down and right, of a word in time only; of a digit, more than those shown only if no ink is lost."""
    kind = input_kind(network.kind)
    moves = [(pixels if kind.moves_down else 0, pixels) for pixels in sorted({*shown, *_SHIFTS})]
    if kind.colored or not kind.moves_down:
        return moves
    lost = [float(picture.sum() - shift(picture, *pixels).sum()) for pixels in moves]
    return [pixels for pixels, ink in zip(moves, lost, strict=True) if pixels[1] in shown or ink < _LOST]


class _Strip:
    """Rows of a picture and one unit's maps of it, all on one scale for each layer."""

    def __init__(self, network: Network, units: dict[str, int]) -> None:
        self._network, self._units = network, units
        self._scales: dict[str, Scale] = {}
        self.pictures: list[Tensor] = []
        self.tiles: list[Tile] = []

    def add(self, picture: Tensor, maps: dict[str, Tensor], pixels: Pair, apart: dict[str, float]) -> None:
        """Add a picture moved by some pixels, and its maps."""
        if any(pixels):
            group = message("Moved {down} px down, {right} px right", down=pixels[0], right=pixels[1])
        else:
            group = message("The picture, and one unit's map of it")
        self.pictures.append(tile(picture, (SIDE, SIDE)))
        self.tiles.append(Tile(message("the picture"), group=group))
        for layer, unit in self._units.items():
            values = maps[layer][0, unit]
            scale = self._scales.setdefault(layer, fit_scale(values, message("{layer}", layer=layer), signed=True))
            self.pictures.append(_tinted(values, scale))
            name = f"{layer}:{unit}"
            says = message("{unit}", unit=name)
            if any(pixels):
                same = apart[layer] < 1e-4 * scale.high
                says = (
                    message("{unit}: moved along", unit=name)
                    if same
                    else message("{unit}: off by up to {apart:.2g}", unit=name, apart=apart[layer])
                )
            self.tiles.append(
                Tile(says, group=group, grid=(values.shape[0], values.shape[1]), key=scale, values=values)
            )

    def add_repeated(self, picture: Tensor, convolution: Convolution, unit: int) -> None:
        """Add a piece of the picture put in two places, and the unit's map of that."""
        twice, places = _repeat_patch(picture, convolution, unit)
        values = run_first_convolution(self._network, twice).maps[unit]
        scale = self._scales.setdefault(
            convolution.name, fit_scale(convolution.maps[unit], message("{layer}", layer=convolution.name), signed=True)
        )
        seen, mapped = tile(twice, (SIDE, SIDE)), _tinted(values, scale)
        grid = values.shape[0], values.shape[1]
        for row, column in places:
            top, left = (
                at * step - around
                for at, step, around in zip((row, column), convolution.stride, convolution.padding, strict=True)
            )
            box = top, left, top + convolution.weight.shape[2], left + convolution.weight.shape[3]
            seen = frame(seen, box, (twice.shape[2], twice.shape[3]))
            mapped = frame(mapped, (row, column, row + 1, column + 1), grid)
        group = message("The same piece of the picture in two places, one unit")
        one, other = (float(values[place]) for place in places)
        says = message("{unit}: {one:.3f} and {other:.3f}", unit=f"{convolution.name}:{unit}", one=one, other=other)
        self.pictures += [seen, mapped]
        self.tiles += [
            Tile(message("a piece of it, twice"), group=group),
            Tile(says, group=group, grid=grid, key=scale, values=values),
        ]


def _repeat_patch(picture: Tensor, convolution: Convolution, unit: int) -> tuple[Tensor, list[tuple[int, int]]]:
    """Return a black picture with what the unit finds most in two places, and these places of its map."""
    _, row, column = convolution.strongest(unit)
    sizes, kernel = picture.shape[2:], convolution.weight.shape[2:]
    spans, moves = [], []
    for at, size, side, step, around in zip(
        (row, column), sizes, kernel, convolution.stride, convolution.padding, strict=True
    ):
        margin = max(_MARGIN, size // 16)
        first, last = max(0, at * step - around - margin), min(size, at * step - around + side + margin)
        spans.append((first, last))
        # By whole strides, so that the kernel lies on the pieces as it lies on the picture.
        near, far = (size // 8 - first) // step, (size - size // 8 - last) // step
        moves.append([max(near, -(first // step)), min(far, (size - last) // step)])  # never beyond the edge
    (top, bottom), (left, right) = spans
    piece, twice, places = picture[..., top:bottom, left:right], torch.zeros_like(picture), []
    for down, across in zip(*moves, strict=True):
        y, x = top + down * convolution.stride[0], left + across * convolution.stride[1]
        twice[..., y : y + bottom - top, x : x + right - left] = piece
        places.append((row + down, column + across))
    return twice, places


def _tinted(values: Tensor, scale: Scale) -> Tensor:

    return enlarge(scale.to_rgb(values[None, None]), (SIDE, SIDE))
