"""What a picture is made from, and the story of it that the picture carries."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artcnn.errors import ArtcnnError
from artcnn.hashes import sha256_of

if TYPE_CHECKING:
    from artcnn.presets import PictureKind
    from artcnn.recipes import Recipe


@dataclass(frozen=True)
class Job:
    """A recipe and the pictures it is applied to.

    Attributes:
        kind: the command.
        recipe: every setting.
        inputs: the photo; for a style, the painting after it.
        stop_after: the step to stop after, where a run is to end as an interrupted one did.
    """

    kind: "PictureKind"
    recipe: "Recipe"
    inputs: tuple[Path, ...]
    stop_after: int | None = None


@dataclass(frozen=True)
class Input:
    """A picture that a story tells of: where it was, seen from the picture it became part of, and its sha256."""

    path: str
    sha256: str

    def beside(self, picture: Path) -> Path:
        """Return where it should be, for a story read from ``picture``."""
        return Path(os.path.normpath(picture.parent / self.path))

    def state(self, path: Path) -> str:
        """Return whether the file at ``path`` is what it was: ``unchanged``, ``changed`` or ``missing``."""
        try:
            same = sha256_of(path) == self.sha256
        except OSError:
            return "missing"
        return "unchanged" if same else "changed"


@dataclass(frozen=True)
class Story:
    """How a picture was made: the content of its metadata."""

    kind: "PictureKind"
    recipe: "Recipe"
    inputs: tuple[Input, ...]
    stopped_after: int | None
    version: str


def tell(job: Job, sha256s: tuple[str, ...], out: Path, stopped_after: int | None) -> str:
    """Return the story of the picture at ``out`` as JSON; paths are relative to its folder, and name no user's home."""
    from artcnn import __version__

    story = {
        "artcnn": __version__,
        "command": job.kind,
        "recipe": job.recipe.model_dump(),
        "inputs": [
            {"path": os.path.relpath(path.absolute(), out.absolute().parent), "sha256": sha256}
            for path, sha256 in zip(job.inputs, sha256s, strict=True)
        ],
    }
    return json.dumps(story if stopped_after is None else story | {"stopped_after": stopped_after})


def read(picture: Path) -> Story:
    """Return the story that a picture carries.

    Raises:
        ArtcnnError: the file is no picture, carries no story, or one that does not hold together.
    """
    from artcnn.media.story import read_story
    from artcnn.presets import make_recipe

    text = read_story(picture)
    if text is None:
        raise ArtcnnError(f"{picture}: artcnn did not make this picture, or its metadata was removed")
    try:
        data: dict[str, Any] = json.loads(text)
        kind = next(known for known in INPUT_NAMES if known == data["command"])
        inputs = tuple(Input(str(entry["path"]), str(entry["sha256"])) for entry in data["inputs"])
        settings, stopped_after = dict(data["recipe"]), data.get("stopped_after")
        if len(inputs) != len(INPUT_NAMES[kind]) or not isinstance(stopped_after, int | None):
            raise TypeError
    except (ValueError, TypeError, KeyError, AttributeError, StopIteration, RecursionError) as error:
        raise ArtcnnError(f"{picture}: the recipe in its metadata is damaged") from error
    return Story(kind, make_recipe(kind, settings), inputs, stopped_after, str(data.get("artcnn", "?")))


INPUT_NAMES: dict["PictureKind", tuple[str, ...]] = {"dream": ("photo",), "style": ("photo", "painting")}
"""What each command's inputs are called, in order."""
