"""What a picture is made from, and the story of it that the picture carries."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artcnn.errors import ArtcnnError, ProvenanceError
from artcnn.hashes import sha256_of

if TYPE_CHECKING:
    from artcnn.presets import PictureKind
    from artcnn.recipes import Recipe, VideoRecipe


@dataclass(frozen=True)
class Job:
    """A recipe and the pictures it is applied to, to make a picture or a film.

    Attributes:
        kind: the command.
        recipe: every setting.
        inputs: by what each is, as ``INPUTS`` has it. ``-`` is the standard input.
        stop_after: the step, of a film the frame, to stop after, where a run is to end as an interrupted one did.
        film: the movement and the length of a film; None where a picture is to be made.
    """

    kind: "PictureKind"
    recipe: "Recipe"
    inputs: Mapping[str, Path]
    stop_after: int | None = None
    film: "VideoRecipe | None" = None

    @property
    def photo(self) -> Path:
        """The picture that becomes another: the first of the inputs."""
        return next(iter(self.inputs.values()))

    @property
    def others(self) -> dict[str, Path]:
        """The inputs other than the photo, by name."""
        return dict([*self.inputs.items()][1:])


@dataclass(frozen=True)
class Input:
    """A picture that a story tells of: where it was, seen from the picture it became part of, and its sha256."""

    name: str
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
    """How a picture or a film was made: the content of its metadata."""

    kind: "PictureKind"
    recipe: "Recipe"
    inputs: tuple[Input, ...]
    stopped_after: int | None
    film: "VideoRecipe | None"
    version: str

    def is_of(self, job: Job) -> bool:
        """Return whether this is the story of that job, finished or not: the same recipe, inputs of the same bytes."""
        made = self.kind, self.recipe, self.film, [entry.name for entry in self.inputs]
        same = made == (job.kind, job.recipe, job.film, [*job.inputs])
        return same and all(entry.state(job.inputs[entry.name]) == "unchanged" for entry in self.inputs)


def tell(job: Job, sha256s: Mapping[str, str], out: Path, stopped_after: int | None) -> str:
    """Return the story of the picture at ``out`` as JSON; paths are relative to its folder, and name no user's home.

    Raises:
        ArtcnnError: it is too long to fit into a picture.
    """
    from artcnn import __version__
    from artcnn.files.provenance import check_provenance
    from artcnn.files.streams import STREAM

    story = {
        "artcnn": __version__,
        "kind": job.kind,
        "recipe": job.recipe.model_dump(),
        "inputs": [
            {
                "name": name,
                "path": str(path) if path == STREAM else os.path.relpath(path.absolute(), out.absolute().parent),
                "sha256": sha256s[name],
            }
            for name, path in job.inputs.items()
        ],
    }
    if job.film is not None:
        story["film"] = job.film.model_dump()
    text = json.dumps(story if stopped_after is None else story | {"stopped_after": stopped_after})
    check_provenance(text)
    return text


def read(picture: Path) -> Story:
    """Return the story that a picture or a film carries.

    A film's is written before its frames are made: where it was stopped, its frames tell.

    Raises:
        ArtcnnError: the file is no picture, carries no story, or one that does not hold together.
    """
    from artcnn.files.provenance import read_provenance
    from artcnn.files.video import count_frames
    from artcnn.presets import RECIPES, make_recipe
    from artcnn.recipes import BEFORE, VideoRecipe, parse, upgrade

    text = read_provenance(picture)
    if text is None:
        raise ProvenanceError(f"{picture}: artcnn did not make it, or its metadata was removed")
    try:
        data: dict[str, Any] = json.loads(text)
        made = data["kind"] if "kind" in data else data["command"]  # as it was called before 0.2.0
        if made == "sheet":
            raise ArtcnnError(f"{picture} is a sheet of many pictures: 'artcnn show {picture}' tells how each is made")
        kind = next(known for known in INPUTS if known == made)
        inputs = tuple(Input(*(str(entry[key]) for key in ("name", "path", "sha256"))) for entry in data["inputs"])
        version, stopped_after = str(data.get("artcnn", "?")), data.get("stopped_after")
        settings = {**BEFORE.get(kind, {}), **upgrade(RECIPES[kind], data["recipe"], version)}
        film = None if data.get("film") is None else upgrade(VideoRecipe, data["film"], version)
        names = " ".join(entry.name for entry in inputs)
        if not re.fullmatch(INPUTS[kind], names) or not isinstance(stopped_after, int | None):
            raise TypeError
    except (ValueError, TypeError, KeyError, AttributeError, StopIteration, RecursionError) as error:
        raise ProvenanceError(f"{picture}: the recipe in its metadata is damaged") from error
    filmed = None if film is None else parse(VideoRecipe, film)
    if filmed is not None and (count := count_frames(picture)) < filmed.frames:
        stopped_after = count
    return Story(kind, make_recipe(kind, settings), inputs, stopped_after, filmed, version)


INPUTS: dict["PictureKind", str] = {
    "dream": r"photo( guide( guide_mask)?)?( mask)?",
    "style": r"photo painting( painting\d+)*( painting\d*_mask)*( protect)?",
    "texture": r"painting( painting\d+)*",
}
"""What each command's inputs are called, in order: as a pattern of their names with spaces between."""


def is_mask(name: str) -> bool:
    """Return whether an input of that name says where, and is no picture to look at."""
    return name.endswith("mask") or name == "protect"
