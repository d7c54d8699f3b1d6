"""``artcnn inspect fool``: the smallest change of a picture that makes a network sure of something else."""

from typing import TYPE_CHECKING, Annotated

import typer

from artcnn.cli import options
from artcnn.cli.inspect.look import Look
from artcnn.cli.inspect.model import AnyPicture, ModelName, Out
from artcnn.errors import ArtcnnError
from artcnn.inspection.names import class_of
from artcnn.inspection.options import ADVERSARIAL_STEPS, CONFIDENCE

if TYPE_CHECKING:
    pass


def fool(
    image: AnyPicture,
    to: Annotated[str, typer.Option("--to", metavar="CLASS", help="What it is to be taken for.")],
    confidence: Annotated[
        float, typer.Option(min=0.5, max=0.9999, help="How sure the network is to be of it: p, at least.")
    ] = CONFIDENCE,
    steps: Annotated[int, typer.Option(min=1, max=10_000, help="Steps of the descent.")] = ADVERSARIAL_STEPS,
    model: ModelName = "mnist-lecture",
    out: Out = None,
    html: options.Html = False,
    quiet: options.Quiet = False,
) -> None:
    """Find the smallest change of a picture that makes the network sure that it is something else.

    If so many steps are not enough, the picture that came closest is written, and the exit code is 1.
    """
    look = Look("fool", model, image, target=to)
    from artcnn.inspection.answers import find_answer

    target = class_of(look.network, to)
    picture = look.picture()
    own, probabilities = find_answer(look.network, picture)
    if own == target:
        already = f"{image} is {look.network.classes[own]} to {look.network.name} already"
        raise ArtcnnError(f"{already} (p = {float(probabilities[own]):.3f}): choose another --to")
    look.go_to(out, image.stem)
    if not quiet:
        typer.echo(f"{steps} steps", err=True)
    from artcnn.inspection.adversarial import find_adversarial

    finding = find_adversarial(look.network, picture, target, confidence, steps)
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
