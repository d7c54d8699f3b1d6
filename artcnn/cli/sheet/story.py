"""The story that a sheet carries: what each of its pictures was made with."""

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artcnn.cli.job import Input, Job, tell
from artcnn.cli.sheet.vary import typed
from artcnn.errors import ArtcnnError

if TYPE_CHECKING:
    from artcnn.reports.contact_sheet import Label


def tell_sheet(
    jobs: Sequence[Job],
    options: "Sequence[Sequence[Label]]",
    command: str,
    sha256s: Mapping[str, str],
    out: Path,
    made: Collection[int],
) -> str:
    """Return the story of the sheet at ``out`` as JSON.

    Args:
        jobs: of the pictures, row by row.
        options: what one types for each, besides what is for all.
        command: what one types for all.
        sha256s: of the inputs, by name.
        out: where the sheet goes; paths are relative to its folder.
        made: numbers of the pictures that are on it.
    """
    recipes = [job.recipe.model_dump() for job in jobs]
    shared = {key: value for key, value in recipes[0].items() if all(recipe[key] == value for recipe in recipes)}
    pictures = [
        {"options": typed(labels), "made": number in made}
        | {"settings": {key: value for key, value in recipe.items() if key not in shared}}
        for number, (labels, recipe) in enumerate(zip(options, recipes, strict=True))
    ]
    story = json.loads(tell(jobs[0], sha256s, out, None))
    return json.dumps(story | {"command": "sheet", "typed": command, "recipe": shared, "pictures": pictures})


def show_sheet(picture: Path, *, as_json: bool) -> bool:
    """Print how a sheet was made, and return whether the file is one.

    Raises:
        ArtcnnError: the file is no picture, or carries a story that does not hold together.
    """
    import tomli_w
    import typer

    from artcnn.files.provenance import read_provenance

    try:
        data: dict[str, Any] = json.loads(read_provenance(picture) or "{}")
        if data.get("command") != "sheet":
            return False
        entries = [Input(*(str(entry[key]) for key in ("name", "path", "sha256"))) for entry in data["inputs"]]
        shared, pictures = (
            dict(data["recipe"]),
            [(one["options"], one["made"], one["settings"]) for one in data["pictures"]],
        )
        version, command = str(data["artcnn"]), str(data["typed"])
        settings = [dict(own) for _, _, own in pictures]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ArtcnnError(f"{picture}: the recipe in its metadata is damaged") from error
    inputs = [vars(entry) | {"state": entry.state(entry.beside(picture))} for entry in entries]
    if as_json:
        typer.echo(json.dumps(data | {"inputs": inputs}, indent=2))
        return True
    typer.echo(f"# made by artcnn {version}, artcnn sheet\n# {command}")
    for one in inputs:
        typer.echo(f"# {one['name']}: {one['path']} ({one['state']}), sha256 {one['sha256']}")
    for number, (options, made, _) in enumerate(pictures):
        typer.echo(f"# picture {number + 1}: {options}{'' if made else ' (not made)'}")
    typer.echo(tomli_w.dumps({"recipe": _given(shared), "pictures": [_given(own) for own in settings]}), nl=False)
    return True


def _given(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that are given: TOML has no word for nothing."""
    return {key: value for key, value in settings.items() if value is not None}
