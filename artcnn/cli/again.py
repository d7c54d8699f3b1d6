"""``artcnn again``: a picture or a film made anew from the recipe that it carries."""

from pathlib import Path
from typing import Annotated

import typer

from artcnn.cli import options
from artcnn.errors import ArtcnnError


def again(
    picture: Annotated[Path, typer.Argument(metavar="PICTURE", help="A picture or a film that artcnn made.")],
    inputs: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PHOTO [PAINTING ...]]", help="Where its inputs are now, if they were moved."),
    ] = None,
    *,
    run: options.Run,
) -> None:
    """Make a picture or a film anew from the recipe in it.

    It has the same bytes, on the same machine, if the inputs are the same.
    """
    from artcnn.cli import job

    story = job.read(picture)
    names = [entry.name for entry in story.inputs]
    if inputs and len(inputs) != len(names):
        raise ArtcnnError(f"{picture} was made from {' and '.join(names)}: give {len(names)}, not {len(inputs)}")
    paths = inputs or [entry.beside(picture) for entry in story.inputs]
    for entry, path in zip(story.inputs, paths, strict=True):
        state = entry.state(path)
        if state == "missing":
            raise ArtcnnError(
                f"the {entry.name} {path} is not there: say where it is, "
                f"artcnn again {picture} {' '.join(names).upper()}"
            )
        if state == "changed" and not run.quiet:
            typer.echo(f"note: the {entry.name} {path} has changed since, and so will the picture", err=True)

    made = job.Job(story.kind, story.recipe, dict(zip(names, paths, strict=True)), story.stopped_after, story.film)
    if story.film is not None:
        from artcnn.cli.film import film

        film([made], run, picture.suffix)
        return
    from artcnn.cli.run import run as make_pictures

    make_pictures([made], run)
