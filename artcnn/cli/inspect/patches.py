"""``artcnn inspect patches``: what a unit is for."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from artcnn.cli import options
from artcnn.cli.inspect.look import Look
from artcnn.cli.inspect.model import ModelName, Out
from artcnn.errors import ArtcnnError
from artcnn.inspection.names import units_of

if TYPE_CHECKING:
    pass


def patches(
    units: Annotated[str, typer.Argument(metavar="LAYER[:UNIT]", help="Such as conv2, conv2:7 or conv2:0-11.")],
    images: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="The collection [default: MNIST's digits, 480 spoken ones, or 150 small pictures]."
        ),
    ] = None,
    count: Annotated[int, typer.Option(min=1, max=100, help="Patches of each unit.")] = 9,
    per_picture: Annotated[int, typer.Option(min=1, max=20, help="At most how many of one picture.")] = 1,
    model: ModelName = "mnist-lecture",
    out: Out = None,
    html: options.Html = False,
    quiet: options.Quiet = False,
) -> None:
    """Find the patches of a collection that activate a unit most, and show each alone and in its picture.

    A * marks a patch that touches the picture's border.
    """
    if images is not None and not images.is_dir():
        what = "give a folder of pictures, not a file" if images.exists() else "there is no such folder"
        raise ArtcnnError(f"--images {images}: {what}")
    look = Look("patches", model, units=[units])
    name, numbers = units_of(look.network, units, default=6)
    from artcnn.inspection.collection import Collection
    from artcnn.inspection.patches import find_patches

    collection = Collection(look.network, images)
    look.go_to(out, units.replace(":", "-"))
    path = look.write(find_patches(look.network, name, numbers, collection, count, per_picture), html)
    if not quiet:
        typer.echo(path)
