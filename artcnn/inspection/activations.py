"""``artcnn inspect activations``: what each map of a layer answers to a picture."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from artcnn.inspection.input_kinds import input_kind
from artcnn.reports.colormaps import enlarge, scale_of, tile
from artcnn.reports.messages import message
from artcnn.reports.results import Finding, Tile
from artcnn.visualizers.activations import compute_activations
from artcnn.visualizers.convolution import run_first_convolution
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
    fields = receptive_fields(network)
    own = {second.name: first.name for first, second in pairwise(network.layers) if second.kind == "ReLU"}
    height, width = picture.shape[2:]
    scale = _TILE / max(height, width) if board is None else max(_POINT, _TILE // height)
    box = max(1, round(height * scale)), max(1, round(width * scale))
    if board is None:
        pictures, tiles = [tile(picture, box)], [Tile(message("the picture"))]
    else:
        pictures = [board.mark(tile(board.picture(box[0] // height), box))]
        tiles = [Tile(message("{whose} to move;\nred: the last move", whose=board.whose))]
    rows = list[dict[str, Any]]()
    first = network.layers[0]
    shows_first = first.kind == "convolution" and any(own.get(name, name) == first.name for name in found)
    made = run_first_convolution(network, picture) if shows_first else None
    for name, maps in found.items():
        order = [unit for unit in maps.order if (wanted := units[name]) is None or unit in wanted]
        group = message("{layer}", layer=name)
        if len(order) > shown:
            group = message("{layer}: the strongest {count} of {all}", layer=name, count=shown, all=len(order))
        key = scale_of(maps.maps, group)
        pictures.append(enlarge(key.to_rgb(maps.maps[order[:shown], None]), box))
        for place, unit in enumerate(order):
            if place < shown:
                says = "{unit}, silent" if maps.silent[unit] else "{unit}"
                caption, values = message(says, unit=f"{name}:{unit}"), maps.maps[unit]
                source, grid = own.get(name, name), (values.shape[0], values.shape[1])
                kernel = unit if made is not None and source == made.name else None
                tiles.append(
                    Tile(
                        caption,
                        row=len(rows),
                        unit=f"{source}:{unit}",
                        group=group,
                        field=fields[name],
                        grid=grid,
                        key=key,
                        values=values,
                        kernel=kernel,
                    )
                )
            measures = {"maximum": maps.maximum, "mean": maps.mean, "degree": maps.degree}
            row: dict[str, Any] = {"unit": f"{name}:{unit}"}
            row |= {measure: float(values[unit]) for measure, values in measures.items()}
            rows.append(row | {"silent": bool(maps.silent[unit])})
    title = message(
        "{network}: {image}, then its maps, the strongest first; one scale for each layer",
        network=network.name,
        image=image,
    )
    arrays = {"image": picture, "activations": list(found.values())[-1].maps}
    arrays |= {f"activations_{name}": maps.maps for name, maps in found.items()}
    ranges = {name: [float(maps.maps.min()), float(maps.maps.max())] for name, maps in found.items()}
    settings = {"layers": list(found), "size": max(height, width), "ranges": ranges}
    columns, original = 12 if board is None else 8, input_kind(network.kind).page_picture(picture)
    every = torch.cat(pictures)
    return Finding("activations", title, rows, every, tiles, columns, 1, arrays, settings, original, made)
