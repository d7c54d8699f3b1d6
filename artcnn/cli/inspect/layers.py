"""``artcnn inspect layers``: what a network is made of, and what its layers are called."""

import json
from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING, Annotated, Any

import typer

from artcnn.cli import options
from artcnn.cli.inspect.look import Look
from artcnn.cli.inspect.model import ModelName, Out, example
from artcnn.cli.table import print_table

if TYPE_CHECKING:
    from artcnn.reports.results import Finding
    from artcnn.visualizers.network import Network


_SIZES = "output", "kernel", "stride", "receptive_field"


def layers(
    model: ModelName = "mnist-lecture",
    size: Annotated[
        int | None, typer.Option(min=32, max=4096, help="Side of the photo, in pixels, for a VGG [default: 224].")
    ] = None,
    as_json: options.AsJson = False,
    html: Annotated[bool, typer.Option("--html", help="Write a page of it, that opens in any browser.")] = False,
    out: Out = None,
) -> None:
    """List a network's layers: shape, receptive field, weights, and what a fully connected layer would need.

    Examples: artcnn inspect layers · artcnn inspect layers --model vgg16
    """
    look = Look("layers", model, size=size)
    network = look.network
    if html or out:
        look.go_to(out)
        typer.echo(look.write(find_layers(network), html))
        return
    rows = _rows(network)
    if as_json:
        typer.echo(json.dumps(rows))
        return
    headings = "layer", "kind", "output", "stride", "sees", "weights", "fully connected"
    print_table(headings, [_cells(row) for row in rows])
    total, dense = (sum(row[key] or 0 for row in rows) for key in ("parameters", "fully_connected"))
    typer.echo(f"\n{total:,} weights in all; fully connected layers of the same shapes would need {dense:,}.")
    if network.teacher:
        typer.echo(f"Of AlexNet's shape, not AlexNet's own: learnt from {network.teacher}'s features.", err=True)
    typer.echo("sees: pixels of the picture that one unit sees, in a row. Next:\n", err=True)
    for command in _next(network, model):
        typer.echo(f"  {command}", err=True)


def find_layers(network: "Network") -> "Finding":
    """Return what a network is made of: a table, a line for each layer."""
    from artcnn.reports.messages import phrase
    from artcnn.reports.results import Finding

    rows = [
        row | {key: _by(row[key]) if row[key] and any(row[key]) else None for key in _SIZES} for row in _rows(network)
    ]
    weights = sum(row["parameters"] for row in rows)
    dense = sum(row["fully_connected"] or 0 for row in rows)
    title = phrase(
        "{network}: {weights:,} weights in all; fully connected layers of the same shapes would need {dense:,}",
        network=network.name,
        weights=weights,
        dense=dense,
    )
    return Finding("layers", title, rows)


def _rows(network: "Network") -> list[dict[str, Any]]:
    from artcnn.visualizers.receptive_field import receptive_fields

    fields, shapes, before = receptive_fields(network.layers), network.shapes(), network.input_shape
    rows: list[dict[str, Any]] = []
    shape: tuple[int, ...] = before
    for layer in network.layers:
        field, output = fields[layer.name], shapes[layer.name]
        learns = layer.weight is not None
        rows.append(
            {
                "name": layer.name,
                "kind": layer.kind,
                "output": output,
                "kernel": layer.kernel,
                "stride": field.stride if field else None,
                "receptive_field": field.size if field else None,
                "parameters": layer.parameters,
                "fully_connected": (prod(shape) + 1) * prod(output) if learns else None,
            }
        )
        shape = output
    return rows


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    kernel = f" {_by(row['kernel'])}" if max(row["kernel"]) > 1 else ""
    return (
        row["name"],
        row["kind"] + kernel,
        _by(row["output"]),
        _by(row["stride"]) if row["stride"] else "-",
        _by(row["receptive_field"]) if row["receptive_field"] else "all",
        f"{row['parameters']:,}" if row["parameters"] else "",
        f"{row['fully_connected']:,}" if row["fully_connected"] else "",
    )


def _by(sizes: Sequence[int]) -> str:
    return "x".join(map(str, sizes))


def _next(network: "Network", model: str) -> list[str]:
    """Return three commands to go on with."""
    convolutions = [layer.name for layer in network.layers if layer.kind == "convolution"]
    first, last = (convolutions[0], convolutions[-1]) if convolutions else (network.layers[0].name,) * 2
    image, alone = example(network), len(convolutions) == 1
    return [
        f"artcnn inspect filters {first} --model {model}",
        f"artcnn inspect activations {image} {first if alone else f'{first} {last}'} --model {model}",
        f"artcnn inspect {'patches' if alone else 'filters'} {last} --model {model}",
    ]
