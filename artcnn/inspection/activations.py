"""Activations: what each map of a layer answers to a picture."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from artcnn.inspection.input_kinds import input_kind
from artcnn.reports.colormaps import Scale, enlarge, fit_scale, tile
from artcnn.reports.messages import Message, message
from artcnn.reports.results import Finding, Tile
from artcnn.visualizers.activations import LayerActivations, compute_activations
from artcnn.visualizers.convolution import Convolution, run_first_convolution
from artcnn.visualizers.network import Network
from artcnn.visualizers.receptive_field import receptive_fields

if TYPE_CHECKING:
    from artcnn.inspection.board import Board  # needs the extra "go"

_TILE = 84  # pixels on the sheet
_POINT = 7  # of those, of a point of a board


def find_activations(
    network: Network,
    picture: Tensor,
    units: Mapping[str, Sequence[int] | None],
    image: str = "the picture",
    shown: int = 64,
    board: "Board | None" = None,
) -> Finding:
    """Return the maps of each layer, the strongest first, the first ``shown`` of them as pictures.

    Args:
        network: whose maps they are.
        picture: shape (1, C, H, W), in [0, 1].
        units: by layer, which of its maps; None for all.
        image: the picture's name.
        shown: pictures of each layer.
        board: what people see, where the picture is a position of Go.
    """
    found = compute_activations(network, picture, list(units))
    height, width = picture.shape[2:]
    sheet = _Sheet(network, picture, board, shown, first=_first_maps(network, picture, list(found)))
    for name, maps in found.items():
        sheet.add(name, maps, units[name])
    says = "{network}: {image}, then its maps, the strongest first; one scale for each layer"
    arrays = {"image": picture, "activations": list(found.values())[-1].maps}
    arrays |= {f"activations_{name}": maps.maps for name, maps in found.items()}
    ranges = {name: [float(maps.maps.min()), float(maps.maps.max())] for name, maps in found.items()}
    return Finding(
        look="activations",
        title=message(says, network=network.name, image=image),
        rows=sheet.rows,
        pictures=torch.cat(sheet.pictures),
        tiles=sheet.tiles,
        columns=12 if board is None else 8,
        arrays=arrays,
        settings={"layers": list(found), "size": max(height, width), "ranges": ranges},
        picture=input_kind(network.kind).page_picture(picture),
        convolution=sheet.first,
    )


def _first_maps(network: Network, picture: Tensor, names: Sequence[str]) -> Convolution | None:
    """Return the first convolution, where some layers are its maps, or the ReLU behind it."""
    first, *others = network.layers
    behind = [others[0].name] if others and others[0].kind == "ReLU" else []
    shows_first = first.kind == "convolution" and any(name in (first.name, *behind) for name in names)
    return run_first_convolution(network, picture) if shows_first else None


class _Sheet:
    """The picture, then the maps of one layer after the other, and a row for each map."""

    def __init__(
        self, network: Network, picture: Tensor, board: "Board | None", shown: int, first: Convolution | None
    ) -> None:
        self._fields = receptive_fields(network)
        # A ReLU has no units of its own, but those of the layer before it.
        self._own = {second.name: first.name for first, second in pairwise(network.layers) if second.kind == "ReLU"}
        self._shown = shown
        self.first = first
        height, width = picture.shape[2:]
        scale = _TILE / max(height, width) if board is None else max(_POINT, _TILE // height)
        self._size = max(1, round(height * scale)), max(1, round(width * scale))
        if board is None:
            self.pictures, caption = [tile(picture, self._size)], message("the picture")
        else:
            self.pictures = [board.mark(tile(board.picture(self._size[0] // height), self._size))]
            caption = message("{whose} to move;\nred: the last move", whose=board.player)
        self.tiles, self.rows = [Tile(caption)], list[dict[str, Any]]()

    def add(self, name: str, maps: LayerActivations, units: Sequence[int] | None) -> None:
        """Add a layer's maps, or some of them, the strongest first."""
        order = [unit for unit in maps.order if units is None or unit in units]
        group = message("{layer}", layer=name)
        if len(order) > self._shown:
            says = "{layer}: the strongest {count} of {all}"
            group = message(says, layer=name, count=self._shown, all=len(order))
        key = fit_scale(maps.maps, group)
        self.pictures.append(enlarge(key.to_rgb(maps.maps[order[: self._shown], None]), self._size))
        for unit in order[: self._shown]:
            self.tiles.append(self._tile(name, maps, unit, len(self.rows) + order.index(unit), group, key))
        for unit in order:
            measures = {"maximum": maps.maximum, "mean": maps.mean, "degree": maps.degree}
            row: dict[str, Any] = {"unit": f"{name}:{unit}"}
            row |= {measure: float(values[unit]) for measure, values in measures.items()}
            self.rows.append(row | {"silent": bool(maps.silent[unit])})

    def _tile(self, name: str, maps: LayerActivations, unit: int, row: int, group: Message, key: Scale) -> Tile:
        values, source = maps.maps[unit], self._own.get(name, name)
        says = "{unit}, silent" if maps.silent[unit] else "{unit}"
        return Tile(
            message(says, unit=f"{name}:{unit}"),
            row=row,
            unit=f"{source}:{unit}",
            group=group,
            field=self._fields[name],
            grid=(values.shape[0], values.shape[1]),
            key=key,
            values=values,
            kernel=unit if self.first is not None and source == self.first.name else None,
        )
