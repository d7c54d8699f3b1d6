"""``artcnn inspect filters``: the patterns that a layer looks for."""

from typing import Annotated

import typer

from artcnn.cli import options
from artcnn.cli.inspect.look import Look
from artcnn.cli.inspect.model import ModelName, Out


def filters(
    layer: Annotated[
        str | None,
        typer.Argument(metavar="[LAYER]", help="A convolution ('artcnn inspect layers') [default: the first]."),
    ] = None,
    model: ModelName = "mnist-lecture",
    first: Annotated[int, typer.Option(min=1, help="Filters of a deeper layer that are shown.")] = 24,
    out: Out = None,
    quiet: options.Quiet = False,
) -> None:
    """Show a layer's kernels: white counts for, black against, mid-grey not at all; one scale for all.

    Of a deeper layer, each row is a filter: its strongest slices, each reading one map of the layer before.
    """
    look = Look("filters", model)
    network = look.network
    name = layer or next(
        (known.name for known in network.layers if known.kind == "convolution"), network.layers[0].name
    )
    from artcnn.inspect.filters import filters as kernels_of
    from artcnn.media.sheet import Sheet
    from artcnn.media.tint import signed_grey

    found = kernels_of(network, name)
    look.go_to(out, name)
    count = len(found.kernels)
    rows = [
        {"unit": f"{name}:{unit}", "norm": float(found.norms[unit])}
        | ({} if found.slices is None else {"strongest_inputs": " ".join(map(str, found.slices[unit].tolist()))})
        for unit in range(count)
    ]
    if found.slices is None:
        tiles, columns = signed_grey(found.kernels, found.limit), min(count, 8)
        captions = [f":{unit}" for unit in range(count)]
        says = f"{name} of {network.name}: {count} kernels, black -{found.limit:.3g}, grey 0, white +{found.limit:.3g}"
    else:
        shown, columns = found.kernels[:first], found.kernels.shape[1]
        tiles = signed_grey(shown.flatten(0, 1)[:, None], found.limit)
        captions = [f":{unit} of {source}" for unit, row in enumerate(found.slices[:first].tolist()) for source in row]
        says = f"{name} of {network.name}: strongest slices, a filter a row; black and white ±{found.limit:.3g}"
    sheet = Sheet(tiles, columns, captions, says, scale=max(1, 72 // tiles.shape[-1]))
    path = look.write(sheet, {"filters": found.weight}, rows, layer=name, limit=found.limit)
    if not quiet:
        typer.echo(path)
