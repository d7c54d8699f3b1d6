"""``artcnn inspect filters``: the patterns that a layer looks for."""

from typing import TYPE_CHECKING, Annotated

import typer

from artcnn.cli import options
from artcnn.cli.inspect.look import Look
from artcnn.cli.inspect.model import ModelName, Out
from artcnn.inspection.names import units_of

if TYPE_CHECKING:
    pass


def filters(
    layer: Annotated[
        str | None,
        typer.Argument(
            metavar="[LAYER[:UNIT]]",
            help="A convolution ('artcnn inspect layers'), or some of its filters, as conv1:3 [default: the first].",
        ),
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
    look = Look("filters", model, units=[layer] if layer else ())
    network = look.network
    text = layer or next(
        (known.name for known in network.layers if known.kind == "convolution"), network.layers[0].name
    )
    from artcnn.inspection.filters import find_filters
    from artcnn.visualizers.filters import read_filters

    name, units = units_of(network, text)
    if ":" not in text and read_filters(network, name).slices is not None:
        units = units[:first]
    look.go_to(out, text.replace(":", "-"))
    path = look.write(find_filters(network, name, units), html)
    if not quiet:
        typer.echo(path)
