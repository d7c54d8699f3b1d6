"""``artcnn again``: make a picture or a film again from its metadata."""

from pathlib import Path
from typing import Annotated

import typer

from artcnn.cli import options
from artcnn.errors import ArtcnnError


def again(
    picture: Annotated[Path, typer.Argument(metavar="PICTURE", help="A picture or a film that artcnn made.")],
    inputs: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PHOTO [PAINTING ...]]", help="Its inputs, if they were moved."),
    ] = None,
    *,
    run: options.RunAgain,
) -> None:
    """Make a picture or a film again, from the recipe in its metadata.

    From the same inputs, on the same machine, it has the same bytes.
    """
    from artcnn import __version__
    from artcnn.jobs.inputs import INPUTS
    from artcnn.jobs.job import Job
    from artcnn.jobs.provenance import read_provenance
    from artcnn.jobs.styles import network_sha256

    made = read_provenance(picture)
    names = [entry.name for entry in made.inputs]
    if inputs and len(inputs) != len(names):
        hint = f"give {len(names)} files, not {len(inputs)}"
        raise ArtcnnError(f"{picture} was made from {' and '.join(names)}", hint=hint)
    paths = inputs or [entry.path for entry in made.inputs]
    for entry, path in zip(made.inputs, paths, strict=True):
        state = entry.state(path)
        if state == "missing":
            raise ArtcnnError(
                f"the {entry.name} {path} is not there",
                hint=f"say where it is: artcnn again {picture} {' '.join(names).upper()}",
            )
        if state == "changed" and not run.quiet:
            typer.echo(f"note: the {entry.name} {path} has changed since, so the result will be another", err=True)
    if made.network not in (None, network_sha256(made.recipe)) and not run.quiet:
        typer.echo("note: the styles that ship have changed since, so the result will be another", err=True)

    if _minor(made.version) != _minor(__version__) and not run.quiet:
        typer.echo(f"note: artcnn {made.version} made it, and {__version__} may paint it otherwise", err=True)

    from artcnn.cli.run import run as run_jobs

    job = Job(made.asked, INPUTS[made.kind].from_named(dict(zip(names, paths, strict=True))), made.video)
    suffix = None if made.video is None else picture.suffix
    run_jobs([job], run, precision=made.decided_precision, stop_after=made.stopped_after, suffix=suffix)


def _minor(version: str) -> list[str]:
    """Return the parts of a version between which looks do not change."""
    return version.split(".")[:2]
