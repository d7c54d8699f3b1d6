"""``artcnn inspect fool``: the smallest change of a picture that makes a network see something else."""

from pathlib import Path
from typing import Annotated, Any

import typer

from artcnn.cli import options
from artcnn.cli.inspect.model import ModelName, Out, check_model, class_of, model_sha256, open_model, read_input


def fool(
    image: Annotated[Path, typer.Argument(metavar="IMAGE", help="A picture of a digit.")],
    to: Annotated[str, typer.Option("--to", metavar="CLASS", help="What it is to be taken for.")],
    model: ModelName = "mnist-lecture",
    out: Out = None,
    quiet: options.Quiet = False,
) -> None:
    """Find the smallest change that makes the network take a picture for something else."""
    check_model(model)
    from artcnn.media.findings import check_new, new_folder, write_findings
    from artcnn.media.open import check_picture

    check_picture(image, smallest=8)
    network = open_model(model)
    target = class_of(network, to)
    path = out or new_folder(f"inspect-fool-{network.name}-{image.stem}")
    check_new(path)
    import torch

    from artcnn.inspect.fool import fool as look
    from artcnn.media.hashes import sha256_of
    from artcnn.media.sheet import Sheet
    from artcnn.media.tint import signed_colours

    picture = read_input(network, image, 224)
    found = look(network, picture, target)
    change = found.image - picture
    with torch.no_grad():
        before, after = (network.logits(inputs).softmax(1)[0] for inputs in (picture, found.image))
    was, is_now = (network.classes[int(p.argmax())] for p in (before, after))
    limit, length = float(change.abs().max()), float(change.norm())
    grey = [inputs[0].expand(3, -1, -1).mul(255).round().byte() for inputs in (picture, found.image)]
    tiles = torch.stack([grey[0], signed_colours(change, limit)[0], grey[1]])
    captions = [
        f"{was}, p = {float(before.max()):.3f}",
        f"the change, ±{limit:.3g}",
        f"{is_now}, p = {float(after.max()):.3f}",
    ]
    title = f"{network.name}: from {was} to {to} by a change of length {length:.3g}"
    row = {"was": was, "is": is_now, "length": length, "largest": limit, "steps": found.steps, "fooled": found.done}
    run: dict[str, Any] = {"command": "fool", "model": network.name, "model_sha256": model_sha256(model)}
    run |= {"image": str(image), "image_sha256": sha256_of(image), "to": to}
    sheet = Sheet(tiles, 3, captions, title, scale=6)
    write_findings(path, sheet, {"image": found.image, "picture": picture, "change": change}, [row], run)
    if not quiet:
        says = f"taken for {is_now}" if found.done else f"still taken for {is_now} after {found.steps} steps"
        typer.echo(f"{was}, now {says}: length {length:.3g}, largest change of a pixel {limit:.3g}")
        typer.echo(path / "sheet.png")
