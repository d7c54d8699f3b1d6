"""``artcnn inspect convolution``: what a convolution computes, and why it is made that way."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from artcnn.cli import options
from artcnn.cli.inspect.look import Look
from artcnn.cli.inspect.model import ModelName, Out, hears, units_of
from artcnn.errors import ArtcnnError

if TYPE_CHECKING:
    from torch import Tensor

    from artcnn.reports.messages import Phrase
    from artcnn.reports.results import Finding
    from artcnn.visualizers.network import Network

DIGIT = 32
"""Of MNIST's test set: a plain 3."""

_NEAR = 96  # longer side, in pixels, of a photo whose single pixels are to be seen


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

    name, picture = (image.name, look.picture()) if image else example_of(network, DIGIT)
    parts = find_parts(network, picture, name, None if unit is None else _unit(network, unit), digits)
    look.go_to(out, *([image.stem] if image else []))
    findings = {part: make() for part, make in parts.items() if callable(make)}
    folder = look.write_parts(findings, name, html)
    if not quiet:
        for part, finding in findings.items():
            typer.echo(f"{folder / part / 'sheet.png'}: {finding.title}")
        if html:
            typer.echo(folder / "page.html")


def find_parts(
    network: "Network", picture: "Tensor", name: str, unit: int | None = None, digits: int = 0
) -> "dict[str, Callable[[], Finding] | Phrase]":
    """Return what makes each part, by the name of its folder, or why there is none.

    Args:
        network: whose first layer is a convolution.
        picture: shape (1, C, H, W), in [0, 1].
        name: the picture's.
        unit: of the first layer; by default that with the largest number in its map.
        digits: of MNIST's test set that are shrunk, too, where the network reads digits.

    Raises:
        ArtcnnError: the first layer is no convolution.
    """
    from artcnn.cli.inspect.shapes import find_shapes
    from artcnn.cli.inspect.sharing import find_matrix, find_moved
    from artcnn.cli.inspect.shrinking import find_pooling, find_shrunken
    from artcnn.cli.inspect.sums import find_example, find_sum
    from artcnn.image import fit
    from artcnn.reports.messages import phrase
    from artcnn.visualizers.convolution import run_first_convolution

    made = run_first_convolution(network, picture)
    near = picture if picture.shape[1] == 1 else fit(picture, _NEAR)
    seen = made if near is picture else run_first_convolution(network, near)
    chosen = seen.strongest()[0] if unit is None else unit
    parts: dict[str, Callable[[], Finding] | Phrase] = {
        "example": find_example,
        "picture": partial(find_sum, network, near, name, seen, chosen),
        "matrix": partial(find_matrix, network, made, chosen),
        "moved": partial(find_moved, network, picture, made, chosen),
        "shrunken": partial(find_shrunken, network, picture, digits if reads_digits(network) else 0),
        "pooling": partial(find_pooling, network, made, chosen),
        "shapes": partial(find_shapes, network, picture),
    }
    if not network.classes:
        parts["shrunken"] = phrase("it has no output layer, so no answers to ask about")
    elif hears(network):
        parts["shrunken"] = phrase("a word with fewer frequencies is another sound, not the same one smaller")
    return parts


def reads_digits(network: "Network") -> bool:
    """Return whether a network reads MNIST's digits."""
    return network.input_shape == (1, 28, 28) and network.classes == tuple("0123456789")


def _unit(network: "Network", text: str) -> int:
    """Return the number of the unit of the first layer that ``UNIT`` or ``LAYER:UNIT`` names."""
    first = network.layers[0].name
    layer, units = units_of(network, text if ":" in text else f"{first}:{text}", default=1)
    if layer != first or len(units) > 1:
        raise ArtcnnError(f"--unit {text}: choose one unit of the first layer, such as {first}:{units[0]}")
    return units[0]
