"""``artcnn inspect activations``: what each map of a layer answers to a picture."""

from typing import TYPE_CHECKING, Annotated

import typer

from artcnn.cli import options
from artcnn.cli.inspect.look import Look
from artcnn.cli.inspect.model import AnyPicture, ModelName, Out
from artcnn.cli.table import print_table
from artcnn.inspection.names import units_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from artcnn.visualizers.activations import LayerActivations


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
    from artcnn.inspection.activations import find_activations

    picture = look.picture()
    finding = find_activations(network, picture, units, image.name, board=look.board)
    path = look.write(finding, html)
    if not quiet:
        from artcnn.visualizers.activations import summarize_maps

        found = {name: summarize_maps(finding.arrays[f"activations_{name}"]) for name in units}
        whole = [name for name in units if name in names]
        if whole:
            headings = "layer", "maps", "lowest", "highest", "silent maps", "largest maxima"
            print_table(headings, [_summary(name, found[name]) for name in whole])
        if len(whole) < len(units):
            rows = [row for name in units if name not in whole for row in _of_units(name, found[name], units[name])]
            print_table(("unit", "maximum", "mean", "degree", "rank by maximum"), rows)
        typer.echo(path)


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
