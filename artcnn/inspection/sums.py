"""What a convolution computes, number by number: the lecture's example, and a picture of one's own."""

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from artcnn.inspection.input_kinds import input_kind
from artcnn.reports.colormaps import Scale, enlarge, fit_scale, tile
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
    sheet = _Example(one, two)
    sheet.add_filter(0)
    sheet.add_slide()
    sheet.add_filter(1)
    rows: list[dict[str, Any]] = [
        {"filter": unit + 1, "stride": convolution.stride[0], "row": row, "column": column, "sum": value}
        for unit in range(len(FILTERS))
        for convolution in (one, two)
        for row, line in enumerate(convolution.maps[unit].tolist())
        for column, value in enumerate(line)
    ]
    return Finding(
        look="convolution",
        title=message("The lecture's example: 6 x 6 pixels, two filters of 3 x 3"),
        rows=rows,
        pictures=torch.cat(sheet.pictures),
        tiles=sheet.tiles,
        columns=5,
        arrays={"picture": PICTURE, "filters": FILTERS, "stride_1": one.maps, "stride_2": two.maps},
        picture=PICTURE[None, None],
        convolution=one,
    )


class _Example:
    """The lecture's picture and its two filters, as tiles."""

    def __init__(self, one: Convolution, two: Convolution) -> None:
        self._one, self._two = one, two
        self._ink = Scale("gray", 0, 1).to_rgb(PICTURE[None, None])
        self.pictures: list[Tensor] = []
        self.tiles: list[Tile] = []

    def add_filter(self, unit: int) -> None:
        """Add a filter where it fits best, its sum there, and its maps."""
        _, row, column = self._one.strongest(unit)
        terms, group = self._one.terms(unit, row, column), message("Filter {number}", number=unit + 1)
        if unit == 0:
            self._add(draw_numbers(PICTURE, self._ink, _BOX), Tile(message("the picture"), group=group))
        else:
            self._add(self._window(row, column), Tile(message("where it fits best"), group=group))
        self._add(_numbers(terms.kernel[0], 1.0), Tile(message("its nine weights"), group=group))
        says = message("products: sum {value:g}", value=terms.value)
        self._add(_numbers(terms.products[0], 1.0), Tile(says, group=group))
        for convolution in (self._one, self._two):
            _, height, width = convolution.maps.shape
            template = "stride {stride}: {height} x {width} sums"
            says = message(template, stride=convolution.stride[0], height=height, width=width)
            self._add(_numbers(convolution.maps[unit], 4.0), map_tile(says, convolution, unit, "", group))

    def add_slide(self) -> None:
        """Add the first filter at each place of the first row, and at one of the fourth."""
        group = message("Filter 1 slides along the first row: a sum at each place")
        for place, value in enumerate(self._one.maps[0, 0].tolist()):
            self._add(self._window(0, place), Tile(message("sum {value:g}", value=value), group=group))
        again = message("again, elsewhere: sum {value:g}", value=int(self._one.maps[0, 3, 0]))
        self._add(self._window(3, 0), Tile(again, group=group))

    def _window(self, row: int, column: int) -> Tensor:
        return draw_numbers(PICTURE, self._ink, _BOX, (row, column, row + 3, column + 3))

    def _add(self, drawn: Tensor, of: Tile) -> None:
        self.pictures.append(drawn)
        self.tiles.append(of)


def find_sum(network: Network, picture: Tensor, image: str, convolution: Convolution, unit: int) -> Finding:
    """Return where a unit of the first layer is largest, and the sum behind that number.

    Args:
        network: whose layer it is.
        picture: shape (1, C, H, W), in [0, 1].
        image: its name.
        convolution: the first layer, and its output for the picture.
        unit: of that layer.
    """
    _, row, column = convolution.strongest(unit)
    terms, name = convolution.terms(unit, row, column), f"{convolution.name}:{unit}"
    pictures, tiles = list[Tensor](), list[Tile]()
    for channel in range(len(terms.patch)):
        drawn, of = _sum_of(terms, channel)
        if channel == 0:
            where, mapped = _where(picture, convolution, unit)
            group, last = of[0].group, map_tile(message("its map"), convolution, unit, name, of[0].group)
            pictures += [where, *drawn, mapped]
            tiles += [Tile(message("where it finds most"), group=group), *of]
            tiles.append(replace(last, key=fit_scale(convolution.maps[unit], signed=True)))
        else:
            pictures += [torch.full((1, 3, *_BOX), 255, dtype=torch.uint8), *drawn]
            tiles += [Tile(group=of[0].group), *of]
    says = "{unit} of {network}, {image}: sum {sum}, plus bias {bias} = {value}"
    line = {"unit": name, "row": row, "column": column, "sum": float(terms.products.sum())}
    return Finding(
        look="convolution",
        title=message(says, unit=name, network=network.name, image=image, **_format_sum(terms)),
        rows=[line | {"bias": float(terms.bias), "value": float(convolution.maps[unit, row, column])}],
        pictures=torch.cat(pictures),
        tiles=tiles,
        columns=5,
        arrays={"image": picture, "map": convolution.maps[unit], "kernel": terms.kernel, "patch": terms.patch},
        settings={"unit": name},
        picture=input_kind(network.kind).page_picture(picture),
        convolution=convolution,
    )


def _sum_of(terms: Terms, channel: int) -> tuple[list[Tensor], list[Tile]]:
    """Return one channel of a sum: what the kernel lies on, its weights, and their products."""
    gray = len(terms.patch) == 1
    group = message("One place, one sum") if gray else message("{color}", color=_CHANNELS[channel])
    lies = message("what it lies on") if gray else message("the network's input there")
    drawn = [_numbers(terms.patch[channel], float(terms.patch.abs().max()), ink=gray)]
    drawn += [_numbers(part[channel], float(part.abs().max())) for part in (terms.kernel, terms.products)]
    total = message("products: sum {value:.3f}", value=float(terms.products[channel].sum()))
    return drawn, [Tile(says, group=group) for says in (lies, message("its weights"), total)]


def _where(picture: Tensor, convolution: Convolution, unit: int) -> tuple[Tensor, Tensor]:
    """Return the picture and a unit's map of it, framed where the unit is largest."""
    _, row, column = convolution.strongest(unit)
    height, width = picture.shape[2:]
    _, rows, columns = convolution.maps.shape
    mapped = enlarge(fit_scale(convolution.maps[unit], signed=True).to_rgb(convolution.maps[unit][None, None]), _BOX)
    return (
        frame(tile(picture, _BOX), field_of(convolution).box(row, column), (height, width)),
        frame(mapped, (row, column, row + 1, column + 1), (rows, columns)),
    )


def field_of(convolution: Convolution) -> ReceptiveField:
    """Return what of the picture the places of a first layer's maps see."""
    kernel = convolution.weight.shape[2], convolution.weight.shape[3]
    return ReceptiveField(kernel, convolution.stride, (-convolution.padding[0], -convolution.padding[1]))


def map_tile(caption: Message, convolution: Convolution, unit: int, name: str, group: Message) -> Tile:
    """Return the tile of a map of a first layer: on a page, each of its places shows its number and its sum."""
    values = convolution.maps[unit]
    grid = values.shape[0], values.shape[1]
    return Tile(caption, unit=name, group=group, field=field_of(convolution), grid=grid, values=values, kernel=unit)


def _format_sum(terms: Terms) -> dict[str, str]:
    """Return sum, bias and value with as few digits, from three on, as still add up when they are rounded."""
    total, bias = float(terms.products.sum()), float(terms.bias)
    for digits in range(3, 7):
        shown = {"sum": round(total, digits), "bias": round(bias, digits), "value": round(total + bias, digits)}
        if round(shown["sum"] + shown["bias"], digits) == shown["value"]:
            break
    return {name: f"{value:.{digits}f}" for name, value in shown.items()}


def _numbers(values: Tensor, limit: float, *, ink: bool = False) -> Tensor:
    """Return numbers drawn in colors, blue below 0 and red above, or in gray, black at 0, as ink is."""
    scale = Scale("gray", 0, 1) if ink else Scale("diverging", -limit, limit)
    return draw_numbers(values, scale.to_rgb(values[None, None]), _BOX)
