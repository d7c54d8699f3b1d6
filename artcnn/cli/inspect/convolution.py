"""``artcnn inspect convolution``: what a convolution computes, and why it is made that way."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from artcnn.cli import options
from artcnn.cli.inspect.look import Look
from artcnn.cli.inspect.model import ModelName, Out
from artcnn.errors import ArtcnnError
from artcnn.inspection.names import units_of
from artcnn.inspection.options import LECTURE_DIGIT

if TYPE_CHECKING:
    from artcnn.visualizers.network import Network


def convolution(
    image: Annotated[
        Path | None, typer.Argument(metavar="[IMAGE]", help="A picture [default: a digit or a photo of the package].")
    ] = None,
    model: ModelName = "mnist-lecture",
    unit: Annotated[
        str | None, typer.Option(metavar="[LAYER:]UNIT", help="Of the first layer [default: what finds most].")
    ] = None,
    digits: Annotated[
        int, typer.Option(min=0, max=10_000, help="Test digits that are shrunk, too, by networks of digits.")
    ] = 200,
    out: Out = None,
    html: options.Html = False,
    quiet: options.Quiet = False,
) -> None:
    """Show a convolution's arithmetic, its matrix, one unit for all places, fewer pixels, pooling and all shapes.

    A folder for each: example, picture, matrix, moved, shrunken, pooling, shapes.

    Examples: artcnn inspect convolution --html · artcnn inspect convolution photo.jpg -m vgg16 --unit 5
    """
    look = Look("convolution", model, image)
    network = look.network
    from artcnn.cli.inspect.report import example_of
    from artcnn.inspection.convolution import find_parts

    name, picture = (image.name, look.picture()) if image else example_of(network, LECTURE_DIGIT)
    parts = find_parts(network, picture, name, None if unit is None else _unit(network, unit), digits)
    look.go_to(out, *([image.stem] if image else []))
    findings = {part: make() for part, make in parts.items() if callable(make)}
    folder = look.write_parts(findings, name, html)
    if not quiet:
        for part, finding in findings.items():
            typer.echo(f"{folder / part / 'sheet.png'}: {finding.title}")
        if html:
            typer.echo(folder / "page.html")


def _unit(network: "Network", text: str) -> int:
    """Return the number of the unit of the first layer that ``UNIT`` or ``LAYER:UNIT`` names."""
    first = network.layers[0].name
    layer, units = units_of(network, text if ":" in text else f"{first}:{text}", default=1)
    if layer != first or len(units) > 1:
        raise ArtcnnError(f"--unit {text}: choose one unit of the first layer, such as {first}:{units[0]}")
    return units[0]
