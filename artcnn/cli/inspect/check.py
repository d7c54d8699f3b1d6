"""``artcnn inspect check``: whether the maps that say why an answer was given tell of the network at all."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from artcnn.cli import options
from artcnn.cli.inspect.look import Look
from artcnn.cli.inspect.model import Answer, AnyPicture, ModelName, Out
from artcnn.cli.table import print_table

if TYPE_CHECKING:
    from collections.abc import Mapping


def check(
    image: AnyPicture,
    target: Answer = None,
    seed: Annotated[int, typer.Option(metavar="NUMBER", help="Seed of the weights that are drawn anew.")] = 0,
    model: ModelName = "mnist-lecture",
    out: Out = None,
    html: options.Html = False,
    quiet: options.Quiet = False,
) -> None:
    """Test the maps of 'saliency' and 'occlusion': do they depend on what was learnt, do they name what matters?

    The weights are drawn anew, from the last layer down: a map that stays the same tells nothing of the network. Then
    pixels are taken away, or put back, in the order of each map: the answer should fall soon, or rise soon.
    """
    look = Look("check", model, image, target=target)
    number = look.target(target)
    look.go_to(out, image.stem)
    from artcnn.inspection.sanity_checks import find_check

    finding = find_check(look.network, look.picture(), number, seed, look.progress(quiet))
    path = look.write(finding, html)
    if not quiet:
        headings = "map", "taken away: area", "put back: area", "like that of a network without training"
        print_table(headings, [_cells(row) for row in finding.rows])
        typer.echo("taken away: the smaller the better; put back: the larger; the last: the nearer to 0.", err=True)
        typer.echo(path)


def _cells(row: "Mapping[str, Any]") -> tuple[str, ...]:
    last = row["correlation"]
    likeness = f"{last:+.2f}" if isinstance(last, float) else "empty" if row["empty"] else ""
    if row["deletion"] == "":
        return row["map"], "empty: says nothing", "", likeness
    return row["map"], f"{row['deletion']:.3f}", f"{row['insertion']:.3f}", likeness
