"""The story that a sheet carries: what each of its pictures was made with."""

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artcnn.cli.sheet.vary import typed
from artcnn.errors import ArtcnnError

if TYPE_CHECKING:
    from artcnn.jobs.prepared import PreparedJob
    from artcnn.reports.contact_sheet import Label


def tell_sheet(
    prepared: "Sequence[PreparedJob]",
    options: "Sequence[Sequence[Label]]",
    command: str,
    out: Path,
    made: Collection[int],
) -> str:
    """Return the story of the sheet at ``out`` as JSON.

    Args:
        prepared: the pictures' jobs, row by row.
        options: what one types for each, besides what is for all.
        command: what one types for all.
        out: where the sheet goes; paths are relative to its folder.
        made: numbers of the pictures that are on it.
    """
    recipes = [job.recipe.model_dump() for job in prepared]
    shared = {key: value for key, value in recipes[0].items() if all(recipe[key] == value for recipe in recipes)}
    pictures = [
        {"options": typed(labels), "made": number in made}
        | {"settings": {key: value for key, value in recipe.items() if key not in shared}}
        for number, (labels, recipe) in enumerate(zip(options, recipes, strict=True))
    ]
    story = json.loads(prepared[0].provenance.to_json(out))
    del story["fingerprint"], story["precision"]
    return json.dumps(story | {"kind": "sheet", "command": command, "recipe": shared, "pictures": pictures})


def show_sheet(picture: Path, *, as_json: bool) -> bool:
    """Print how a sheet was made, and return whether the file is one.

    Raises:
        ArtcnnError: the file is no picture, or carries a story that does not hold together.
    """
    import tomli_w
    import typer

    from artcnn.files.provenance import read_provenance
    from artcnn.jobs.provenance import read_input
    from artcnn.presets import RECIPES
    from artcnn.recipes import upgrade

    try:
        data: dict[str, Any] = json.loads(read_provenance(picture) or "{}")
        if data.get("kind", data.get("command")) != "sheet":
            return False
        entries = [read_input(entry, picture) for entry in data["inputs"]]
        # Before 0.2.0 the kind was called "command", and the command "typed".
        version, command = str(data["artcnn"]), str(data["command"] if "kind" in data else data["typed"])
        model = next(recipe for kind, recipe in RECIPES.items() if kind == command.split()[1])
        shared = upgrade(model, data["recipe"], version)
        pictures = [dict(one) | {"settings": upgrade(model, one["settings"], version)} for one in data["pictures"]]
        lines = [f"{one['options']}{'' if one['made'] else ' (not made)'}" for one in pictures]
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, StopIteration, RecursionError) as error:
        raise ArtcnnError(f"{picture}: the recipe in its metadata is damaged") from error
    inputs = [entry.to_json(picture) | {"state": entry.state(entry.path)} for entry in entries]
    if as_json:
        told = {"artcnn": version, "kind": "sheet", "command": command, "inputs": inputs}
        typer.echo(json.dumps(told | {"recipe": shared, "pictures": pictures}, indent=2))
        return True
    typer.echo(f"# made by artcnn {version}, artcnn sheet\n# {command}")
    for one in inputs:
        typer.echo(f"# {one['name']}: {one['path']} ({one['state']}), sha256 {one['sha256']}")
    for number, line in enumerate(lines):
        typer.echo(f"# picture {number + 1}: {line}")
    settings = [_given(one["settings"]) for one in pictures]
    typer.echo(tomli_w.dumps({"recipe": _given(shared), "pictures": settings}), nl=False)
    return True


def _given(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that are given: TOML has no word for nothing."""
    return {key: value for key, value in settings.items() if value is not None}
