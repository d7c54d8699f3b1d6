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

    from artcnn.cli.sheet.story import show_sheet
    from artcnn.jobs.provenance import read_provenance

    if show_sheet(picture, as_json=as_json):
        return
    made = read_provenance(picture)
    inputs = [entry.to_json(picture) | {"state": entry.state(entry.path)} for entry in made.inputs]
    if as_json:
        whole = {
            "artcnn": made.version,
            "kind": made.kind,
            "fingerprint": made.fingerprint,
            "inputs": inputs,
            "stopped_after": made.stopped_after,
            "recipe": made.recipe.model_dump(),
            "video": None if made.video is None else made.video.model_dump(),
        }
        typer.echo(json.dumps(whole, indent=2))
        return
    typer.echo(f"# made by artcnn {made.version}, artcnn {made.kind}")
    for entry in inputs:
        typer.echo(f"# {entry['name']}: {entry['path']} ({entry['state']}), sha256 {entry['sha256']}")
    if made.stopped_after is not None:
        typer.echo(f"# interrupted after {'step' if made.video is None else 'frame'} {made.stopped_after}")
    if made.video is not None:  # as it is typed: what is below is a preset, which has no film's settings
        settings = made.video.model_dump(mode="json").items()
        typer.echo(f"# {' '.join(f'--film {name}={json.dumps(value)}' for name, value in settings)}")
    typer.echo(tomli_w.dumps({"kind": made.kind, **made.recipe.model_dump(exclude_none=True)}), nl=False)
