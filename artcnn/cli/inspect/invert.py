"""``artcnn inspect invert``: a picture rebuilt from what a layer knows of it."""

from typing import Annotated

import typer

from artcnn.cli import options
from artcnn.cli.inspect.look import Look
from artcnn.cli.inspect.model import AnyPicture, ModelName, Out


def invert(
    image: AnyPicture,
    layers: Annotated[list[str], typer.Argument(metavar="LAYER...", help="One or more, from shallow to deep.")],
    model: ModelName = "mnist-lecture",
    size: Annotated[int, typer.Option(min=32, max=1024, help="Longer side of a photo, in pixels.")] = 160,
    steps: Annotated[int, typer.Option(min=1, max=10_000, help="Steps of the descent.")] = 300,
    seed: Annotated[int, typer.Option(metavar="NUMBER", help="Seed of the start.")] = 0,
    out: Out = None,
    quiet: options.Quiet = False,
) -> None:
    """Rebuild a picture from one layer's features alone: what that layer still knows, and what it has forgotten."""
    look = Look("invert", model, image, size)
    network = look.network
    for name in layers:
        network.layer(name)
    look.go_to(out, image.stem)
    import torch

    from artcnn.inspect.invert import invert as rebuild
    from artcnn.media.sheet import Sheet

    picture = look.picture()
    pictures, captions, rows = [picture], ["the picture"], []
    for name in layers:
        if not quiet:
            typer.echo(f"{name}: {steps} steps", err=True)
        *_, moment = rebuild(network, picture, name, steps, seed=seed)
        left = float(moment.values[0])
        pictures.append(moment.inputs)
        captions.append(f"{name}, {100 * left:.2g} % off")
        rows.append({"layer": name, "difference": left})
    tiles = torch.cat(pictures).mul(255).round().byte()
    title = f"{network.name}: rebuilt from one layer each, and how far its features are off"
    scale = max(1, 168 // max(tiles.shape[2:]))
    arrays = {"image": pictures[-1], "picture": picture}
    arrays |= {f"image_{name}": found for name, found in zip(layers, pictures[1:], strict=True)}
    sheet = Sheet(tiles, min(len(tiles), 6), captions, title, scale)
    path = look.write(sheet, arrays, rows, layers=layers, size=size, steps=steps, seed=seed)
    if not quiet:
        typer.echo(path)
