"""``artcnn inspect fool``: the smallest change of a picture that makes a network sure of something else."""

from typing import TYPE_CHECKING, Annotated

import typer

from artcnn.cli import options
from artcnn.cli.inspect.look import Look, answer
from artcnn.cli.inspect.model import AnyPicture, ModelName, Out, class_of
from artcnn.errors import ArtcnnError

if TYPE_CHECKING:
    from torch import Tensor

    from artcnn.reports.results import Finding
    from artcnn.visualizers.network import Network

CONFIDENCE, STEPS = 0.99, 200

_FOOLED = (
    "{network}: p({was}) from {p_was_before:.3f} to {p_was_after:.3f}, "
    "p({to}) from {p_to_before:.3f} to {p_to_after:.3f}, by a change of length {length:.3g}"
)
_NOT_FOOLED = "{network}: not fooled in {steps} steps: p({to}) from {p_to_before:.3f} to {p_to_after:.3f}"


def fool(
    image: AnyPicture,
    to: Annotated[str, typer.Option("--to", metavar="CLASS", help="What it is to be taken for.")],
    confidence: Annotated[
        float, typer.Option(min=0.5, max=0.9999, help="How sure the network is to be of it: p, at least.")
    ] = CONFIDENCE,
    steps: Annotated[int, typer.Option(min=1, max=10_000, help="Steps of the descent.")] = STEPS,
    model: ModelName = "mnist-lecture",
    out: Out = None,
    html: options.Html = False,
    quiet: options.Quiet = False,
) -> None:
    """Find the smallest change of a picture that makes the network sure that it is something else.

    If so many steps are not enough, the picture that came closest is written, and the exit code is 1.
    """
    look = Look("fool", model, image, target=to)
    target = class_of(look.network, to)
    picture = look.picture()
    own, probabilities = answer(look.network, picture)
    if own == target:
        already = f"{image} is {look.network.classes[own]} to {look.network.name} already"
        raise ArtcnnError(f"{already} (p = {float(probabilities[own]):.3f}): choose another --to")
    look.go_to(out, image.stem)
    if not quiet:
        typer.echo(f"{steps} steps", err=True)
    finding = find_fool(look.network, picture, target, confidence, steps)
    path = look.write(finding, html)
    (row,) = finding.rows
    if not quiet:
        typer.echo(
            f"p({row['was']}) from {row['p_was_before']:.3f} to {row['p_was_after']:.3f}, "
            f"p({row['to']}) from {row['p_to_before']:.3f} to {row['p_to_after']:.3f}: "
            f"length {row['length']:.3g}, largest change of a pixel {row['largest']:.3g}"
        )
        typer.echo(path)
    if not row["fooled"]:
        reached = f"p({row['to']}) is {row['p_to_after']:.3f} after {steps} steps, not {confidence:g}"
        raise ArtcnnError(f"{reached}: allow more --steps, or ask for less --confidence")


def find_fool(
    network: "Network", picture: "Tensor", target: int, confidence: float = CONFIDENCE, steps: int = STEPS
) -> "Finding":
    """Return the smallest change of a picture (1, C, H, W) that makes the network so sure of the target."""
    import torch

    from artcnn.image import size_of
    from artcnn.reports.colormaps import scale_of, tile
    from artcnn.reports.messages import phrase
    from artcnn.reports.results import Finding, Tile
    from artcnn.visualizers.adversarial import ddn_attack

    found = ddn_attack(network, picture, target, confidence, steps)
    change = found.image - picture
    (was, before), (now, after) = (answer(network, inputs) for inputs in (picture, found.image))
    names = network.classes
    strongest = change.gather(1, change.abs().argmax(1, keepdim=True))  # of the colors
    size = size_of(picture)
    key = scale_of(strongest, phrase("the change"), signed=True)
    tiles = torch.cat([tile(picture, size), key.tint(strongest), tile(found.image, size)])
    row = {
        "was": names[was],
        "p_was_before": float(before[was]),
        "p_was_after": float(after[was]),
        "to": names[target],
        "p_to_before": float(before[target]),
        "p_to_after": float(after[target]),
        "is": names[now],
        "length": float(change.norm()),
        "largest": float(change.abs().max()),
        "fooled": found.success,
    }
    captions = [
        phrase("{answer}, p = {p:.3f}", answer=names[was], p=float(before[was])),
        phrase("the change"),
        phrase("{answer}, p = {p:.3f}", answer=names[now], p=float(after[now])),
    ]
    title = phrase(_FOOLED if found.success else _NOT_FOOLED, network=network.name, steps=steps, **row)
    arrays = {"original": picture, "change": change, "result": found.image}
    said = [Tile(caption, 0, key=key if number == 1 else None) for number, caption in enumerate(captions)]
    settings = {"to": names[target], "confidence": confidence, "steps": steps}
    return Finding("fool", title, [row], tiles, said, 3, max(1, 168 // max(size)), arrays, settings)
