"""What a convolution computes, number by number: the lecture's example, and a picture of one's own."""

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from artcnn.inspection.input_kinds import input_kind
from artcnn.reports.colormaps import Scale, enlarge, scale_of, tile
from artcnn.reports.messages import Message, message
from artcnn.reports.number_tiles import draw_numbers, frame
from artcnn.reports.results import Finding, Tile
from artcnn.visualizers.convolution import Convolution, Terms, convolve
from artcnn.visualizers.lecture import FILTERS, PICTURE
from artcnn.visualizers.network import Network
from artcnn.visualizers.receptive_field import ReceptiveField

SIDE = 150
"""Height and width of a picture on the sheets, in pixels."""

_BOX = SIDE, SIDE
_CHANNELS = "red", "green", "blue"


def find_example() -> Finding:
    """Return the lecture's example: each filter at one place, sliding, and its maps by strides of 1 and 2."""
    one, two = (convolve(PICTURE[None], FILTERS[:, None], stride) for stride in (1, 2))
    ink = Scale("gray", 0, 1).to_rgb(PICTURE[None, None])
    pictures: list[Tensor] = []
    tiles: list[Tile] = []

    def add(drawn: Tensor, tile: Tile) -> None:
        pictures.append(drawn)
        tiles.append(tile)

    def window(row: int, column: int) -> Tensor:
        return draw_numbers(PICTURE, ink, _BOX, (row, column, row + 3, column + 3))

    for unit in range(len(FILTERS)):
        _, row, column = one.strongest(unit)
        terms, number = one.terms(unit, row, column), unit + 1
        group = message("Filter {number}", number=number)
        if unit == 0:
            add(draw_numbers(PICTURE, ink, _BOX), Tile(message("the picture"), group=group))
        else:
            add(window(row, column), Tile(message("where it fits best"), group=group))
        add(_numbers(terms.kernel[0], 1.0), Tile(message("its nine weights"), group=group))
        says = message("products: sum {value:g}", value=terms.value)
        add(_numbers(terms.products[0], 1.0), Tile(says, group=group))
        for made in (one, two):
            step = made.stride[0]
            says = message(
                "stride {stride}: {height} x {width} sums",
                stride=step,
                height=made.maps.shape[1],
                width=made.maps.shape[2],
            )
            shown = _numbers(made.maps[unit], 4.0)
            add(shown, map_tile(says, made, unit, "", group))
        if unit == 0:
            group = message("Filter 1 slides along the first row: a sum at each place")
            for place, value in enumerate(one.maps[0, 0].tolist()):
                add(window(0, place), Tile(message("sum {value:g}", value=value), group=group))
            again = int(one.maps[0, 3, 0])
            add(window(3, 0), Tile(message("again, elsewhere: sum {value:g}", value=again), group=group))
    rows: list[dict[str, Any]] = [
        {"filter": unit + 1, "stride": made.stride[0], "row": row, "column": column, "sum": value}
        for unit in range(len(FILTERS))
        for made in (one, two)
        for row, line in enumerate(made.maps[unit].tolist())
        for column, value in enumerate(line)
    ]
    title = message("The lecture's example: 6 x 6 pixels, two filters of 3 x 3")
    arrays = {"picture": PICTURE, "filters": FILTERS, "stride_1": one.maps, "stride_2": two.maps}
    return Finding("convolution", title, rows, torch.cat(pictures), tiles, 5, 1, arrays, {}, PICTURE[None, None], one)


def find_sum(network: Network, picture: Tensor, image: str, made: Convolution, unit: int) -> Finding:
    """Return where a unit of the first layer finds most in a picture (1, C, H, W), and the sum behind that number."""
    _, row, column = made.strongest(unit)
    terms = made.terms(unit, row, column)
    box, (height, width) = field_of(made).box(row, column), picture.shape[2:]
    scale, grid = scale_of(made.maps[unit], signed=True), made.maps.shape[1:]
    mapped = enlarge(scale.to_rgb(made.maps[unit][None, None]), _BOX)
    mapped = frame(mapped, (row, column, row + 1, column + 1), (grid[0], grid[1]))
    pictures: list[Tensor] = []
    tiles: list[Tile] = []
    grey = len(terms.patch) == 1
    lies = message("what it lies on") if grey else message("the network's input there")
    limits = [float(part.abs().max()) for part in (terms.patch, terms.kernel, terms.products)]
    for channel in range(len(terms.patch)):
        group = message("One place, one sum") if grey else message("{color}", color=_CHANNELS[channel])
        if channel == 0:
            pictures.append(frame(tile(picture, _BOX), box, (height, width)))
            tiles.append(Tile(message("where it finds most"), group=group))
        else:
            pictures.append(torch.full((1, 3, *_BOX), 255, dtype=torch.uint8))
            tiles.append(Tile(group=group))
        pictures.append(_numbers(terms.patch[channel], limits[0], ink=grey))
        pictures += [
            _numbers(part[channel], limit)
            for part, limit in zip((terms.kernel, terms.products), limits[1:], strict=True)
        ]
        total = message("products: sum {value:.3f}", value=float(terms.products[channel].sum()))
        tiles += [Tile(says, group=group) for says in (lies, message("its weights"), total)]
        if channel == 0:
            pictures.append(mapped)
            own = map_tile(message("its map"), made, unit, f"{made.name}:{unit}", group)
            tiles.append(replace(own, key=scale))
    title = message(
        "{unit} of {network}, {image}: sum {sum}, plus bias {bias} = {value}",
        unit=f"{made.name}:{unit}",
        network=network.name,
        image=image,
        **_that_add_up(terms),
    )
    row_of = {"unit": f"{made.name}:{unit}", "row": row, "column": column, "sum": float(terms.products.sum())}
    rows = [row_of | {"bias": float(terms.bias), "value": float(made.maps[unit, row, column])}]
    arrays = {"image": picture, "map": made.maps[unit], "kernel": terms.kernel, "patch": terms.patch}
    settings = {"unit": f"{made.name}:{unit}"}
    return Finding(
        "convolution",
        title,
        rows,
        torch.cat(pictures),
        tiles,
        5,
        1,
        arrays,
        settings,
        input_kind(network.kind).page_picture(picture),
        made,
    )


def field_of(made: Convolution) -> ReceptiveField:
    """Return what of the picture the places of a first layer's maps see."""
    kernel = made.weight.shape[2], made.weight.shape[3]
    return ReceptiveField(kernel, made.stride, (-made.padding[0], -made.padding[1]))


def map_tile(caption: Message, made: Convolution, unit: int, name: str, group: Message) -> Tile:
    """Return what is said of a map of a first layer: on a page, each of its places has its number and its sum."""
    values = made.maps[unit]
    grid = values.shape[0], values.shape[1]
    return Tile(caption, unit=name, group=group, field=field_of(made), grid=grid, values=values, kernel=unit)


def _that_add_up(terms: Terms) -> dict[str, str]:
    """Return sum, bias and value with as few digits, from three on, as still add up when they are rounded."""
    total, bias = float(terms.products.sum()), float(terms.bias)
    for digits in range(3, 7):
        shown = {"sum": round(total, digits), "bias": round(bias, digits), "value": round(total + bias, digits)}
        if round(shown["sum"] + shown["bias"], digits) == shown["value"]:
            break
    return {name: f"{value:.{digits}f}" for name, value in shown.items()}


def _numbers(values: Tensor, limit: float, *, ink: bool = False) -> Tensor:
    """Return numbers drawn in colors, blue below 0 and red above, or in grey, black at 0, as ink is."""
    scale = Scale("gray", 0, 1) if ink else Scale("diverging", -limit, limit)
    return draw_numbers(values, scale.to_rgb(values[None, None]), _BOX)
