"""``artcnn inspect invert``: a picture rebuilt from what a layer knows of it."""

from typing import TYPE_CHECKING, Annotated

import typer

from artcnn.cli import options
from artcnn.cli.inspect.look import Look
from artcnn.cli.inspect.model import AnyPicture, ModelName, Out

if TYPE_CHECKING:
    pass


def invert(
    image: AnyPicture,
    layers: Annotated[list[str], typer.Argument(metavar="LAYER...", help="One or more, from shallow to deep.")],
    model: ModelName = "mnist-lecture",
    size: Annotated[
        int | None, typer.Option(min=32, max=1024, help="Longer side of a photo, in pixels, for a VGG [default: 160].")
    ] = None,
    steps: Annotated[int, typer.Option(min=1, max=10_000, help="Steps of the descent.")] = 300,
    seed: Annotated[int, typer.Option(metavar="NUMBER", help="Seed of the start.")] = 0,
    out: Out = None,
    html: options.Html = False,
    quiet: options.Quiet = False,
) -> None:
    """Rebuild a picture from one layer's features alone: what that layer still knows, and what it has forgotten."""
    look = Look("invert", model, image, 160, size=size, units=layers)
    for name in layers:
        look.network.layer(name)
    look.go_to(out, image.stem)
    from artcnn.inspection.feature_inversion import find_inverse

    path = look.write(find_inverse(look.network, look.picture(), layers, steps, seed, look.progress(quiet)), html)
    if not quiet:
        typer.echo(path)
