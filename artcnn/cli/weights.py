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
    from artcnn.backbones import listing

    rows = listing.list_weights()
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
    from artcnn.backbones.listing import layers_of

    found = layers_of(name)
    width = max(8, *map(len, found))
    for layer, channels in found.items():
        typer.echo(f"{layer:<{width}} {channels:>4}")


def _print_rows(rows: list[dict[str, Any]]) -> None:
    shown = [row | {"MB": f"{row['megabytes']:.1f}", "verified": "yes" if row["verified"] else "no"} for row in rows]
    headings = "name", "network", "layers", "MB", "license", "status", "verified"
    print_table(headings, [[row[heading] for heading in headings] for row in shown])
