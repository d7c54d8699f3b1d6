"""``artcnn inspect invert``: a picture rebuilt from what a layer knows of it."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from artcnn.cli import options
from artcnn.cli.inspect.look import Look
from artcnn.cli.inspect.model import AnyPicture, ModelName, Out

if TYPE_CHECKING:
    from torch import Tensor

    from artcnn.inspect.network import Network
    from artcnn.media.findings import Finding


def invert(
    image: AnyPicture,
    layers: Annotated[list[str], typer.Argument(metavar="LAYER...", help="One or more, from shallow to deep.")],
    model: ModelName = "mnist-lecture",
    size: Annotated[int, typer.Option(min=32, max=1024, help="Longer side of a photo, in pixels.")] = 160,
    steps: Annotated[int, typer.Option(min=1, max=10_000, help="Steps of the descent.")] = 300,
    seed: Annotated[int, typer.Option(metavar="NUMBER", help="Seed of the start.")] = 0,
    out: Out = None,
    html: options.Html = False,
    quiet: options.Quiet = False,
) -> None:
    """Rebuild a picture from one layer's features alone: what that layer still knows, and what it has forgotten."""
    look = Look("invert", model, image, size)
    for name in layers:
        look.network.layer(name)
    look.go_to(out, image.stem)
    path = look.write(find_inverse(look.network, look.picture(), layers, steps, seed, quiet), html)
    if not quiet:
        typer.echo(path)


def find_inverse(
    network: "Network", picture: "Tensor", layers: list[str], steps: int, seed: int = 0, quiet: bool = False
) -> "Finding":
    """Return a picture (1, C, H, W) rebuilt from each of the layers alone."""
    import torch

    from artcnn.inspect.invert import invert as rebuild
    from artcnn.inspect.receptive_field import ReceptiveField
    from artcnn.media.findings import Finding, Tile
    from artcnn.media.phrase import phrase

    height, width = picture.shape[2:]
    pictures, tiles, rows = [picture], [Tile(phrase("the picture"))], list[dict[str, Any]]()
    for name in layers:
        if not quiet:
            typer.echo(f"{name}: {steps} steps", err=True)
        *_, moment = rebuild(network, picture, name, steps, seed=seed)
        left = float(moment.values[0])
        pictures.append(moment.inputs)
        caption = phrase("{layer}, {percent:.2g} % off", layer=name, percent=100 * left)
        tiles.append(Tile(caption, len(rows), field=ReceptiveField((1, 1), (1, 1), (0, 0)), grid=(height, width)))
        rows.append({"layer": name, "difference": left})
    title = phrase("{network}: rebuilt from one layer each, and how far its features are off", network=network.name)
    arrays = {"image": pictures[-1], "picture": picture}
    arrays |= {f"image_{name}": found for name, found in zip(layers, pictures[1:], strict=True)}
    settings = {"layers": layers, "size": max(height, width), "steps": steps, "seed": seed}
    shown, scale = torch.cat(pictures).mul(255).round().byte(), max(1, 168 // max(height, width))
    columns = min(len(shown), 6)
    return Finding("invert", title, rows, shown, tiles, columns, scale, arrays, settings, picture)
