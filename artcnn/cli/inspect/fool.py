"""``artcnn inspect fool``: the smallest change of a picture that makes a network see something else."""

from typing import TYPE_CHECKING, Annotated

import typer

from artcnn.cli import options
from artcnn.cli.inspect.look import Look, answer
from artcnn.cli.inspect.model import AnyPicture, ModelName, Out, class_of

if TYPE_CHECKING:
    from torch import Tensor

    from artcnn.inspect.network import Network
    from artcnn.media.findings import Finding


def fool(
    image: AnyPicture,
    to: Annotated[str, typer.Option("--to", metavar="CLASS", help="What it is to be taken for.")],
    model: ModelName = "mnist-lecture",
    out: Out = None,
    html: options.Html = False,
    quiet: options.Quiet = False,
) -> None:
    """Find the smallest change that makes the network take a picture for something else."""
    look = Look("fool", model, image)
    target = class_of(look.network, to)
    look.go_to(out, image.stem)
    finding = find_fool(look.network, look.picture(), target)
    path = look.write(finding, html)
    if not quiet:
        (row,) = finding.rows
        says = f"taken for {row['is']}" if row["fooled"] else f"still taken for {row['is']} after {row['steps']} steps"
        typer.echo(
            f"{row['was']}, now {says}: length {row['length']:.3g}, largest change of a pixel {row['largest']:.3g}"
        )
        typer.echo(path)


def find_fool(network: "Network", picture: "Tensor", target: int) -> "Finding":
    """Return the smallest change that makes of the network's answer to a picture (1, C, H, W) the target."""
    import torch

    from artcnn.image import size_of
    from artcnn.inspect.fool import fool as change_of
    from artcnn.media.findings import Finding, Tile
    from artcnn.media.phrase import phrase
    from artcnn.media.tint import scale_of, tile

    found = change_of(network, picture, target)
    change = found.image - picture
    (was, before), (now, after) = (answer(network, inputs) for inputs in (picture, found.image))
    limit, length = float(change.abs().max()), float(change.norm())
    strongest = change.gather(1, change.abs().argmax(1, keepdim=True))  # of the colours
    size = size_of(picture)
    key = scale_of(strongest, phrase("the change"), signed=True)
    tiles = torch.cat([tile(picture, size), key.tint(strongest), tile(found.image, size)])
    captions = [
        phrase("{answer}, p = {p:.3f}", answer=network.classes[was], p=float(before.max())),
        phrase("the change"),
        phrase("{answer}, p = {p:.3f}", answer=network.classes[now], p=float(after.max())),
    ]
    title = phrase(
        "{network}: from {was} to {to} by a change of length {length:.3g}",
        network=network.name,
        was=network.classes[was],
        to=network.classes[target],
        length=length,
    )
    row = {
        "was": network.classes[was],
        "is": network.classes[now],
        "length": length,
        "largest": limit,
        "steps": found.steps,
        "fooled": found.done,
    }
    arrays = {"image": found.image, "picture": picture, "change": change}
    said = [Tile(caption, 0, key=key if number == 1 else None) for number, caption in enumerate(captions)]
    scale = max(1, 168 // max(size))
    return Finding("fool", title, [row], tiles, said, 3, scale, arrays, {"to": network.classes[target]})
