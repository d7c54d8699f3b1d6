"""``artcnn inspect filters``: the patterns that a layer looks for."""

from typing import TYPE_CHECKING, Annotated

import typer

from artcnn.cli import options
from artcnn.cli.inspect.look import Look
from artcnn.cli.inspect.model import ModelName, Out

if TYPE_CHECKING:
    from artcnn.inspect.filters import Filters
    from artcnn.inspect.network import Network
    from artcnn.media.findings import Finding


def filters(
    layer: Annotated[
        str | None,
        typer.Argument(metavar="[LAYER]", help="A convolution ('artcnn inspect layers') [default: the first]."),
    ] = None,
    model: ModelName = "mnist-lecture",
    first: Annotated[int, typer.Option(min=1, help="Filters of a deeper layer that are shown.")] = 24,
    out: Out = None,
    html: options.Html = False,
    quiet: options.Quiet = False,
) -> None:
    """Show a layer's kernels: red counts for, blue against, white not at all; one scale for all.

    Of a layer that reads colors, a kernel is one: what is brighter than grey counts for.

    Of a deeper layer, each row is a filter: its strongest slices, each reading one map of the layer before.
    """
    look = Look("filters", model)
    network = look.network
    name = layer or next(
        (known.name for known in network.layers if known.kind == "convolution"), network.layers[0].name
    )
    from artcnn.inspect.filters import filters as kernels_of

    found = kernels_of(network, name)
    look.go_to(out, name)
    path = look.write(filters_found(network, name, found, list(range(len(found.kernels)))[:first]), html)
    if not quiet:
        typer.echo(path)


def filters_found(network: "Network", name: str, found: "Filters", shown: list[int]) -> "Finding":
    """Return a layer's kernels as pictures: all of a first layer, of a deeper one the strongest slices of some."""
    from artcnn.media.findings import Finding, Tile
    from artcnn.media.phrase import phrase
    from artcnn.media.tint import Scale

    count, fields = len(found.kernels), {"layer": name, "network": network.name}
    colored = found.slices is None and found.kernels.shape[1] == 3
    says = phrase("weight, in each of red, green and blue") if colored else phrase("weight")
    key = Scale("grey" if colored else "signed", -found.limit, found.limit, says)
    units = [f"{name}:{unit}" for unit in range(count)]
    planes = network.planes if name == network.layers[0].name else ()
    rows = [
        {"unit": own, "norm": float(found.norms[unit])}
        | ({} if found.slices is None else {"strongest_inputs": " ".join(map(str, found.slices[unit].tolist()))})
        for unit, own in enumerate(units)
    ]
    if found.slices is None:
        pictures, columns = key.tint(found.kernels), min(count, 8)
        tiles = [Tile(phrase(":{unit}", unit=unit), unit, own, key=key) for unit, own in enumerate(units)]
        title = phrase("{layer} of {network}: {count} kernels", **fields, count=count)
    else:
        columns = found.kernels.shape[1]
        pictures = key.tint(found.kernels[shown].flatten(0, 1)[:, None])
        tiles = [
            Tile(
                phrase(":{unit} of {source}", unit=unit, source=planes[source] if planes else source),
                unit,
                units[unit],
                phrase("{unit}", unit=units[unit]),
                key=key,
            )
            for unit in shown
            for source in found.slices[unit].tolist()
        ]
        title = phrase("{layer} of {network}: strongest slices, a filter a row", **fields)
    settings, scale = {"layer": name, "limit": found.limit}, max(1, (120 if planes else 72) // pictures.shape[-1])
    return Finding("filters", title, rows, pictures, tiles, columns, scale, {"filters": found.weight}, settings)
