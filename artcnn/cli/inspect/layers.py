"""``artcnn inspect layers``: what a network is made of, and what its layers are called."""

import json
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Any

import typer

from artcnn.cli import options
from artcnn.cli.inspect.command import run_method
from artcnn.cli.inspect.options import DEFAULT_MODEL, Lang, LookOptions, ModelName, Out, Own, Scale
from artcnn.cli.table import print_table
from artcnn.inspection.input_kinds import input_kind
from artcnn.inspection.layer_methods import Layers
from artcnn.inspection.outline import read_outline
from artcnn.inspection.own_networks import OwnSettings
from artcnn.inspection.subject import open_subject

if TYPE_CHECKING:
    from artcnn.visualizers.network import Network


def layers(
    model: ModelName = DEFAULT_MODEL,
    size: Annotated[
        int | None, typer.Option(min=32, max=4096, help="Side of the photo, in pixels, for a VGG [default: 224].")
    ] = None,
    as_json: options.AsJson = False,
    html: Annotated[bool, typer.Option("--html", help="Write a page of it, that opens in any browser.")] = False,
    out: Out = None,
    lang: Lang = "en",
    scale: Scale = "screen",
    own: Own = OwnSettings(),  # noqa: B008 - it is frozen
) -> None:
    """List a network's layers: shape, receptive field, weights, and what a fully connected layer would need.

    Examples: artcnn inspect layers · artcnn inspect layers --model vgg16
    """
    method = Layers(size)
    if html or out:
        run_method(method, None, LookOptions(model, out, html, lang=lang, scale=scale), own)
        return
    method.check(read_outline(model, own), None)
    network = open_subject(model, None, size or method.side, settings=own).network
    from artcnn.inspection.layers import list_layers

    rows = list_layers(network)
    if as_json:
        typer.echo(json.dumps(rows))
        return
    headings = "layer", "kind", "output", "stride", "sees", "weights", "fully connected"
    cells = [_cells(row) for row in rows]
    total, dense = network.count_weights(), sum(row["fully_connected"] or 0 for row in rows)
    if network.is_chain:
        print_table(headings, cells)
        typer.echo(f"\n{total:,} weights in all; fully connected layers of the same shapes would need {dense:,}.")
    else:  # what a layer reads, and so what a fully connected one would need, is not known
        print_table(headings[:-1], [row[:-1] for row in cells])
        typer.echo(f"\n{total:,} weights in all.")
        if blocks := network.block_names():
            typer.echo(f"Blocks of these layers have names, too: {', '.join(blocks)}", err=True)
    if network.teacher:
        typer.echo(f"Of AlexNet's shape, not AlexNet's own: learned from {network.teacher}'s features.", err=True)
    typer.echo("sees: pixels of the picture that one unit sees, in a row. Next:\n", err=True)
    for command in _next(network, " ".join(map(quote, [model, *own.arguments()]))):
        typer.echo(f"  {command}", err=True)


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    from artcnn.inspection.layers import size_text

    kernel = f" {size_text(row['kernel'])}" if max(row["kernel"]) > 1 else ""
    return (
        row["name"],
        row["kind"] + kernel,
        size_text(row["output"]),
        size_text(row["stride"]) if row["stride"] else "-",
        size_text(row["receptive_field"]) if row["receptive_field"] else "all",
        f"{row['parameters']:,}" if row["parameters"] else "",
        f"{row['fully_connected']:,}" if row["fully_connected"] else "",
    )


def _next(network: "Network", model: str) -> list[str]:
    """Return three commands to go on with; ``model`` is typed behind ``--model``."""
    convolutions = [layer.name for layer in network.layers if layer.kind == "convolution"]
    first, last = (convolutions[0], convolutions[-1]) if convolutions else (network.layers[0].name,) * 2
    image, alone = _example(network), len(convolutions) == 1
    return [
        f"artcnn inspect filters {first} --model {model}",
        f"artcnn inspect activations {image} {first if alone else f'{first} {last}'} --model {model}",
        f"artcnn inspect {'patches' if alone else 'filters'} {last} --model {model}",
    ]


def _example(network: "Network") -> str:
    """Return the path of a file that the network can be shown, as it is typed here."""
    path, here = input_kind(network.kind).sample_file(), Path.cwd()
    return quote(str(path.relative_to(here) if path.is_relative_to(here) else path))
