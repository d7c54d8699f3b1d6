"""The story that a sheet carries: what each of its pictures was made with."""

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artcnn.cli.job import Input, Job, tell
from artcnn.cli.sheet.vary import typed
from artcnn.errors import ArtcnnError

if TYPE_CHECKING:
    from artcnn.media.contact import Label


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

    from artcnn.media.story import read_story

    try:
        data: dict[str, Any] = json.loads(read_story(picture) or "{}")
        if data.get("command") != "sheet":
            return False
        entries = [Input(*(str(entry[key]) for key in ("name", "path", "sha256"))) for entry in data["inputs"]]
        inputs = [vars(entry) | {"state": entry.state(entry.beside(picture))} for entry in entries]
        if as_json:
            typer.echo(json.dumps(data | {"inputs": inputs}, indent=2))
            return True
        lines = [f"# made by artcnn {data['artcnn']}, artcnn sheet", f"# {data['typed']}"]
        lines += [f"# {one['name']}: {one['path']} ({one['state']}), sha256 {one['sha256']}" for one in inputs]
        for number, one in enumerate(data["pictures"]):
            state = "" if one["made"] else " (not made)"
            lines.append(f"# picture {number + 1}: {one['options']}{state}")
        settings = {"recipe": data["recipe"], "pictures": [one["settings"] for one in data["pictures"]]}
        typer.echo("\n".join(lines))
        typer.echo(tomli_w.dumps(settings), nl=False)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ArtcnnError(f"{picture}: the recipe in its metadata is damaged") from error
    return True
