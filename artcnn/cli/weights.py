"""``artcnn weights``: list pretrained weights, download them, and list their layers."""

import json
from typing import Annotated, Any

import typer

from artcnn.cli.group import App
from artcnn.cli.table import print_table

app = App("List pretrained weights, download them, and list their layers.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="A name that 'artcnn weights' lists.")]


@app.callback(invoke_without_command=True)
def list_weights(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print the table as JSON.")] = False,
) -> None:
    """List the pretrained weights: size, license, where they are, and whether their sha256 is right."""
    if context.invoked_subcommand:
        return
    rows = _rows()
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
    else:
        _print_rows(rows)


@app.command()
def fetch(name: Name) -> None:
    """Download weights into the cache, unless they are there, and print their path."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

    from artcnn.backbones import weights

    chosen = weights.find(name)
    if weights.status(chosen) not in ("bundled", "installed"):
        typer.echo(f"{name}: {chosen.megabytes:.0f} MB, {chosen.source}; license {chosen.license}", err=True)
    console = Console(stderr=True)
    columns = BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(name, total=None)
        path = weights.fetch(chosen, lambda done, total: bar.update(task, completed=done, total=total or None))
    typer.echo(path)


@app.command()
def layers(name: Name) -> None:
    """Print the name of each layer, as --layer takes it, and its number of channels.

    The last layer of a classifier is called class, and its channels are the classes.
    """
    from artcnn.backbones.layers import BLOCKS, layer_channels
    from artcnn.backbones.weights import find

    architecture = find(name).architecture
    if architecture in BLOCKS:
        found = layer_channels(architecture)
    else:
        from artcnn.backbones.classifier_backbone import classifier_channels

        found = classifier_channels(architecture)
    width = max(8, *map(len, found))
    for layer, channels in found.items():
        typer.echo(f"{layer:<{width}} {channels:>4}")


def _rows() -> list[dict[str, Any]]:
    """Return one row for each weight file: what it is, and whether it is on this disk."""
    from artcnn.backbones.weights import WEIGHTS, location, status, verify

    rows: list[dict[str, Any]] = []
    for weights in WEIGHTS.values():
        state = status(weights)
        row = {
            "name": weights.name,
            "network": weights.architecture,
            "layers": _layers(weights.architecture),
            "megabytes": weights.megabytes,
            "license": weights.license,
            "status": state,
            "verified": verify(weights),
            "source": weights.source,
            "path": None if state == "not installed" else str(location(weights)),
        }
        rows.append(row)
    return rows


def _layers(architecture: str) -> str:
    """Return a few words about the layers of a network."""
    from artcnn.backbones.layers import BLOCKS, layer_channels

    if architecture not in BLOCKS:
        return "classifier, 1000 classes"
    layers = list(layer_channels(architecture))
    return f"{sum(layer.startswith('conv') for layer in layers)} conv, to {layers[-1]}"


def _print_rows(rows: list[dict[str, Any]]) -> None:
    shown = [row | {"MB": f"{row['megabytes']:.1f}", "verified": "yes" if row["verified"] else "no"} for row in rows]
    headings = "name", "network", "layers", "MB", "license", "status", "verified"
    print_table(headings, [[row[heading] for heading in headings] for row in shown])
