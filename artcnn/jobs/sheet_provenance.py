"""How a sheet was made: what it carries in its metadata."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artcnn.errors import ProvenanceError, printable
from artcnn.jobs.provenance import Input, read_input
from artcnn.jobs.sweep import Sweep, join_labels

if TYPE_CHECKING:
    from artcnn.jobs.prepared import PreparedJob


@dataclass(frozen=True)
class SheetPicture:
    """One picture: what is typed for it, whether it was made, and the settings in which it differs."""

    options: str
    made: bool
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class SheetProvenance:
    """How a sheet was made.

    Attributes:
        version: artcnn's.
        command: what is typed for all pictures.
        inputs: what they were made from.
        recipe: the settings that all pictures share.
        pictures: row by row.
    """

    version: str
    command: str
    inputs: tuple[Input, ...]
    recipe: Mapping[str, Any]
    pictures: tuple[SheetPicture, ...]


def sheet_to_json(sweep: Sweep, jobs: "Sequence[PreparedJob]", command: str, out: Path, made: Collection[int]) -> str:
    """Return what a sheet carries, as JSON.

    Args:
        sweep: what is varied.
        jobs: of the pictures, row by row.
        command: what is typed for all.
        out: where the sheet goes; paths are relative to its folder.
        made: numbers of the pictures that are on it.
    """
    recipes = [job.recipe.model_dump(mode="json") for job in jobs]
    shared = {key: value for key, value in recipes[0].items() if all(recipe[key] == value for recipe in recipes)}
    pictures = [
        {"options": join_labels(labels), "made": number in made}
        | {"settings": {key: value for key, value in recipe.items() if key not in shared}}
        for number, (labels, recipe) in enumerate(zip(sweep.labels, recipes, strict=True))
    ]
    of_one = jobs[0].provenance
    inputs = [entry.to_json(out) for entry in of_one.inputs]
    head = {"artcnn": of_one.version, "kind": "sheet", "command": command, "inputs": inputs}
    return json.dumps(head | {"recipe": shared, "pictures": pictures})


def read_sheet(picture: Path) -> SheetProvenance | None:
    """Return how a sheet was made, or None if the file is no sheet of ours.

    Raises:
        PictureError: the file is no picture.
        ProvenanceError: its metadata do not hold together.
    """
    from artcnn.files.provenance import read_provenance
    from artcnn.old_recipes import upgrade
    from artcnn.presets import RECIPES

    try:
        data: dict[str, Any] = json.loads(read_provenance(picture) or "{}")
        if data.get("kind", data.get("command")) != "sheet":
            return None
        # 0.1.0 called the kind "command", and the command "typed".
        version = printable(str(data["artcnn"]))
        command = str(data["command"] if "kind" in data else data["typed"])
        model = next(recipe for kind, recipe in RECIPES.items() if kind == command.split()[1])
        pictures = tuple(
            SheetPicture(str(one["options"]), bool(one["made"]), upgrade(model, one["settings"], version))
            for one in data["pictures"]
        )
        inputs = tuple(read_input(entry, picture) for entry in data["inputs"])
        return SheetProvenance(version, command, inputs, upgrade(model, data["recipe"], version), pictures)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, StopIteration, RecursionError) as error:
        raise ProvenanceError(f"{picture}: the recipe in its metadata is damaged") from error
