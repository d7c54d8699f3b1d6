"""``artcnn inspect invert``: a picture rebuilt from what a layer knows of it."""

from pathlib import Path
from typing import Annotated, Any

import typer

from artcnn.cli import options
from artcnn.cli.inspect.model import ModelName, Out, check_model, model_sha256, open_model, read_input


def invert(
    image: Annotated[Path, typer.Argument(metavar="IMAGE", help="A picture: of a digit, or a photo for a backbone.")],
    layers: Annotated[list[str], typer.Argument(metavar="LAYER...", help="One or more, from shallow to deep.")],
    model: ModelName = "mnist-lecture",
    size: Annotated[int, typer.Option(min=32, max=1024, help="Longer side of a photo, in pixels.")] = 160,
    steps: Annotated[int, typer.Option(min=1, max=10_000, help="Steps of the descent.")] = 300,
    seed: Annotated[int, typer.Option(metavar="NUMBER", help="Seed of the start.")] = 0,
    out: Out = None,
    quiet: options.Quiet = False,
) -> None:
    """Rebuild a picture from one layer's features alone: what that layer still knows, and what it has forgotten."""
    check_model(model)
    from artcnn.media.findings import check_new, new_folder, write_findings
    from artcnn.media.open import check_picture

    check_picture(image, smallest=8)
    network = open_model(model, size)
    for name in layers:
        network.layer(name)
    path = out or new_folder(f"inspect-invert-{network.name}-{image.stem}")
    check_new(path)
    import torch

    from artcnn.inspect.invert import invert as look
    from artcnn.media.hashes import sha256_of
    from artcnn.media.sheet import Sheet

    picture = read_input(network, image, size)
    pictures, captions, rows = [picture], ["the picture"], []
    for name in layers:
        if not quiet:
            typer.echo(f"{name}: {steps} steps", err=True)
        *_, moment = look(network, picture, name, steps, seed=seed)
        left = float(moment.values[0])
        pictures.append(moment.inputs)
        captions.append(f"{name}, {100 * left:.2g} % off")
        rows.append({"layer": name, "difference": left})
    tiles = torch.cat(pictures).mul(255).round().byte()
    title = f"{network.name}: rebuilt from one layer each, and how far its features are off"
    scale = max(1, 168 // max(tiles.shape[2:]))
    run: dict[str, Any] = {"command": "invert", "model": network.name, "model_sha256": model_sha256(model)}
    run |= {"image": str(image), "image_sha256": sha256_of(image), "layers": layers}
    run |= {"size": size, "steps": steps, "seed": seed}
    arrays = {"image": pictures[-1], "picture": picture}
    arrays |= {f"image_{name}": found for name, found in zip(layers, pictures[1:], strict=True)}
    sheet = Sheet(tiles, min(len(tiles), 6), captions, title, scale)
    write_findings(path, sheet, arrays, rows, run)
    if not quiet:
        typer.echo(path / "sheet.png")
