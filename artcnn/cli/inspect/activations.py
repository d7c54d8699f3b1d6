"""``artcnn inspect activations``: what each map of a layer answers to a picture."""

from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any

import typer

from artcnn.cli import options
from artcnn.cli.inspect.look import Look
from artcnn.cli.inspect.model import AnyPicture, ModelName, Out, beside, units_of
from artcnn.cli.table import print_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from torch import Tensor

    from artcnn.cli.inspect.board import Board
    from artcnn.reports.results import Finding
    from artcnn.visualizers.activations import LayerActivations
    from artcnn.visualizers.network import Network

_TILE = 84  # pixels on the sheet
_POINT = 7  # of those, of a point of a board


def activations(
    image: AnyPicture,
    layers: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[LAYER[:UNIT]]...",
            help="Such as conv2, conv2:7 or conv2:0-11 ('artcnn inspect layers') [default: all layers with maps].",
        ),
    ] = None,
    model: ModelName = "mnist-lecture",
    size: Annotated[
        int | None, typer.Option(min=32, max=4096, help="Longer side of a photo, in pixels, for a VGG [default: 224].")
    ] = None,
    out: Out = None,
    html: options.Html = False,
    quiet: options.Quiet = False,
) -> None:
    """Show a picture's feature maps, those with the largest maximum first."""
    look = Look("activations", model, image, size=size, units=layers or ())
    network = look.network
    names = layers or [layer.name for layer in network.layers if layer.kind in ("convolution", "pooling")]
    units = dict[str, list[int]]()
    for name, some in (units_of(network, name) for name in names):
        units[name] = sorted({*units.get(name, []), *some})
    look.go_to(out, image.stem)
    from artcnn.visualizers.activations import compute_activations

    picture = look.picture()
    found = compute_activations(network, picture, list(units))
    finding = activations_found(network, picture, image.name, found, units=units, board=look.board)
    path = look.write(finding, html)
    if not quiet:
        whole = [name for name in units if name in names]
        if whole:
            headings = "layer", "maps", "lowest", "highest", "silent maps", "largest maxima"
            print_table(headings, [_summary(name, found[name]) for name in whole])
        if len(whole) < len(units):
            rows = [row for name in units if name not in whole for row in _of_units(name, found[name], units[name])]
            print_table(("unit", "maximum", "mean", "degree", "rank by maximum"), rows)
        typer.echo(path)


def activations_found(
    network: "Network",
    picture: "Tensor",
    image: str,
    found: "dict[str, LayerActivations]",
    shown: int = 64,
    units: "Mapping[str, list[int]] | None" = None,
    board: "Board | None" = None,
) -> "Finding":
    """Return the maps of each layer, the strongest first, the first ``shown`` of them as pictures.

    Args:
        network: whose maps they are.
        picture: shape (1, C, H, W), in [0, 1].
        image: its name.
        found: by layer.
        shown: pictures of each layer.
        units: which maps, by layer; all by default.
        board: what people see, where the picture is a position of Go.
    """
    import torch

    from artcnn.reports.colormaps import enlarged, scale_of, tile
    from artcnn.reports.messages import phrase
    from artcnn.reports.results import Finding, Tile
    from artcnn.visualizers.convolution import run_first_convolution
    from artcnn.visualizers.receptive_field import receptive_fields

    fields = receptive_fields(network.layers)
    own = {second.name: first.name for first, second in pairwise(network.layers) if second.kind == "ReLU"}
    height, width = picture.shape[2:]
    scale = _TILE / max(height, width) if board is None else max(_POINT, _TILE // height)
    box = max(1, round(height * scale)), max(1, round(width * scale))
    if board is None:
        pictures, tiles = [tile(picture, box)], [Tile(phrase("the picture"))]
    else:
        pictures = [board.mark(tile(board.picture(box[0] // height), box))]
        tiles = [Tile(phrase("{whose} to move;\nred: the last move", whose=board.whose))]
    rows = list[dict[str, Any]]()
    first = network.layers[0]
    shows_first = first.kind == "convolution" and any(own.get(name, name) == first.name for name in found)
    made = run_first_convolution(network, picture) if shows_first else None
    for name, maps in found.items():
        order = [unit for unit in maps.order if units is None or unit in units[name]]
        group = phrase("{layer}", layer=name)
        if len(order) > shown:
            group = phrase("{layer}: the strongest {count} of {all}", layer=name, count=shown, all=len(order))
        key = scale_of(maps.maps, group)
        pictures.append(enlarged(key.tint(maps.maps[order[:shown], None]), box))
        for place, unit in enumerate(order):
            if place < shown:
                says = "{unit}, silent" if maps.silent[unit] else "{unit}"
                caption, values = phrase(says, unit=f"{name}:{unit}"), maps.maps[unit]
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
    title = phrase(
        "{network}: {image}, then its maps, the strongest first; one scale for each layer",
        network=network.name,
        image=image,
    )
    arrays = {"image": picture, "activations": list(found.values())[-1].maps}
    arrays |= {f"activations_{name}": maps.maps for name, maps in found.items()}
    ranges = {name: [float(maps.maps.min()), float(maps.maps.max())] for name, maps in found.items()}
    settings = {"layers": list(found), "size": max(height, width), "ranges": ranges}
    columns, original = 12 if board is None else 8, beside(network, picture)
    every = torch.cat(pictures)
    return Finding("activations", title, rows, every, tiles, columns, 1, arrays, settings, original, made)


def _summary(name: str, found: "LayerActivations") -> tuple[str, ...]:
    strongest = ", ".join(f"{unit} ({float(found.maximum[unit]):.4g})" for unit in found.order[:3])
    return (
        name,
        str(len(found.maps)),
        f"{float(found.maps.min()):.4g}",
        f"{float(found.maps.max()):.4g}",
        str(int(found.silent.sum())),
        strongest,
    )


def _of_units(name: str, found: "LayerActivations", units: list[int]) -> "Iterator[tuple[str, ...]]":
    order = found.order
    for unit in sorted(units, key=order.index):
        numbers = (f"{float(values[unit]):.4g}" for values in (found.maximum, found.mean, found.degree))
        rank = f"{order.index(unit) + 1} of {len(order)}" + (", silent" if found.silent[unit] else "")
        yield f"{name}:{unit}", *numbers, rank
