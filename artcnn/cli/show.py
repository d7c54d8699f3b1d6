"""``artcnn show``: the recipe that a picture or a film carries."""

import json
from pathlib import Path
from typing import Annotated

import typer

from artcnn.cli import options


def show(
    picture: Annotated[Path, typer.Argument(metavar="PICTURE", help="A picture or a film that artcnn made.")],
    as_json: options.AsJson = False,
) -> None:
    """Print how a picture or a film was made: command, inputs, every setting."""
    import tomli_w

    from artcnn.cli import job
    from artcnn.cli.sheet.story import show_sheet

    if show_sheet(picture, as_json=as_json):
        return
    story = job.read(picture)
    inputs = [vars(entry) | {"state": entry.state(entry.beside(picture))} for entry in story.inputs]
    if as_json:
        whole = {
            "artcnn": story.version,
            "kind": story.kind,
            "inputs": inputs,
            "stopped_after": story.stopped_after,
            "recipe": story.recipe.model_dump(),
            "film": None if story.film is None else story.film.model_dump(),
        }
        typer.echo(json.dumps(whole, indent=2))
        return
    typer.echo(f"# made by artcnn {story.version}, artcnn {story.kind}")
    for entry in inputs:
        typer.echo(f"# {entry['name']}: {entry['path']} ({entry['state']}), sha256 {entry['sha256']}")
    if story.stopped_after is not None:
        typer.echo(f"# interrupted after {'step' if story.film is None else 'frame'} {story.stopped_after}")
    if story.film is not None:  # as it is typed: what is below is a preset, which has no film's settings
        settings = story.film.model_dump(mode="json").items()
        typer.echo(f"# {' '.join(f'--film {name}={json.dumps(value)}' for name, value in settings)}")
    typer.echo(tomli_w.dumps({"kind": story.kind, **story.recipe.model_dump(exclude_none=True)}), nl=False)
