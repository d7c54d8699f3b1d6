"""``artcnn inspect fool``: the smallest change of a picture that makes a network see something else."""

from typing import Annotated

import typer

from artcnn.cli import options
from artcnn.cli.inspect.look import Look
from artcnn.cli.inspect.model import DigitPicture, ModelName, Out, class_of


def fool(
    image: DigitPicture,
    to: Annotated[str, typer.Option("--to", metavar="CLASS", help="What it is to be taken for.")],
    model: ModelName = "mnist-lecture",
    out: Out = None,
    quiet: options.Quiet = False,
) -> None:
    """Find the smallest change that makes the network take a picture for something else."""
    look = Look("fool", model, image)
    network = look.network
    target = class_of(network, to)
    look.go_to(out, image.stem)
    import torch

    from artcnn.image import size_of
    from artcnn.inspect.fool import fool as change_of
    from artcnn.media.sheet import Sheet
    from artcnn.media.tint import signed_colours, tile

    picture = look.picture()
    found = change_of(network, picture, target)
    change = found.image - picture
    (first, before), (last, after) = (look.answer(inputs, None) for inputs in (picture, found.image))
    was, is_now = network.classes[first], network.classes[last]
    limit, length = float(change.abs().max()), float(change.norm())
    seen = [tile(inputs, size_of(inputs)) for inputs in (picture, found.image)]
    tiles = torch.cat([seen[0], signed_colours(change, limit), seen[1]])
    captions = [
        f"{was}, p = {float(before.max()):.3f}",
        f"the change, ±{limit:.3g}",
        f"{is_now}, p = {float(after.max()):.3f}",
    ]
    title = f"{network.name}: from {was} to {to} by a change of length {length:.3g}"
    row = {"was": was, "is": is_now, "length": length, "largest": limit, "steps": found.steps, "fooled": found.done}
    arrays = {"image": found.image, "picture": picture, "change": change}
    path = look.write(Sheet(tiles, 3, captions, title, scale=6), arrays, [row], to=to)
    if not quiet:
        says = f"taken for {is_now}" if found.done else f"still taken for {is_now} after {found.steps} steps"
        typer.echo(f"{was}, now {says}: length {length:.3g}, largest change of a pixel {limit:.3g}")
        typer.echo(path)
