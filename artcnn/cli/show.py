"""``artcnn show``: the recipe that a picture or a film carries."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from artcnn.cli import options

if TYPE_CHECKING:
    from collections.abc import Mapping

    from artcnn.jobs.sheet_provenance import SheetProvenance


def show(
    picture: Annotated[Path, typer.Argument(metavar="PICTURE", help="A picture or a film that artcnn made.")],
    as_json: options.AsJson = False,
) -> None:
    """Print how a picture or a film was made. That is the command, the inputs and every setting."""
    import tomli_w

    from artcnn.jobs.command import video_options
    from artcnn.jobs.provenance import read_provenance
    from artcnn.jobs.sheet_provenance import read_sheet

    if (sheet := read_sheet(picture)) is not None:
        _show_sheet(sheet, picture, as_json)
        return
    made = read_provenance(picture)
    if as_json:
        typer.echo(json.dumps(made.describe(picture), indent=2))
        return
    inputs = made.describe(picture)["inputs"]
    typer.echo(f"# made by artcnn {made.version}, artcnn {made.kind}")
    for entry in inputs:
        typer.echo(f"# {entry['name']}: {entry['path']} ({entry['state']}), sha256 {entry['sha256']}")
    if made.stopped_after is not None:
        typer.echo(f"# interrupted after {'step' if made.video is None else 'frame'} {made.stopped_after}")
    if made.video is not None:  # as it is typed: what is below is a preset, which has no film's settings
        typer.echo(f"# {' '.join(video_options(made.video))}")
    typer.echo(tomli_w.dumps({"kind": made.kind, **made.recipe.model_dump(exclude_none=True)}), nl=False)


def _show_sheet(sheet: "SheetProvenance", picture: Path, as_json: bool) -> None:
    """Print how a sheet was made."""
    import tomli_w

    inputs = [entry.to_json(picture) | {"state": entry.state(entry.path)} for entry in sheet.inputs]
    pictures = [vars(one) for one in sheet.pictures]
    if as_json:
        head = {"artcnn": sheet.version, "kind": "sheet", "command": sheet.command, "inputs": inputs}
        typer.echo(json.dumps(head | {"recipe": sheet.recipe, "pictures": pictures}, indent=2))
        return
    typer.echo(f"# made by artcnn {sheet.version}, artcnn sheet\n# {sheet.command}")
    for entry in inputs:
        typer.echo(f"# {entry['name']}: {entry['path']} ({entry['state']}), sha256 {entry['sha256']}")
    for number, one in enumerate(sheet.pictures, start=1):
        typer.echo(f"# picture {number}: {one.options}{'' if one.made else ' (not made)'}")
    settings = [_given(one.settings) for one in sheet.pictures]
    typer.echo(tomli_w.dumps({"recipe": _given(sheet.recipe), "pictures": settings}), nl=False)


def _given(settings: "Mapping[str, Any]") -> "dict[str, Any]":
    """Return the settings that have a value: TOML has no word for none."""
    return {key: value for key, value in settings.items() if value is not None}
