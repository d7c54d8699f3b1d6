"""How a picture or a video was made: what it carries in its metadata."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artcnn.errors import ArtcnnError, ProvenanceError, printable
from artcnn.hashes import sha256_of
from artcnn.jobs.inputs import INPUTS
from artcnn.jobs.job import Job, fingerprint_of, name_of_video, parse_video
from artcnn.jobs.styles import network_sha256

if TYPE_CHECKING:
    from artcnn.backbones.precision import Precision
    from artcnn.presets import PictureKind
    from artcnn.recipes import FilmRecipe, Recipe, VideoRecipe

_NO_FILE = Path("-")
"""The path of an input that was in no file: it came from the standard input, or was in memory."""


@dataclass(frozen=True)
class Input:
    """A picture that another was made from: its name, where it was, and the sha256 of its bytes."""

    name: str
    path: Path
    sha256: str

    def state(self, path: Path) -> str:
        """Return whether the file at ``path`` is what it was: ``unchanged``, ``changed`` or ``missing``."""
        try:
            if not path.is_file():  # a picture of others may name a device, which has no end
                return "missing"
            same = sha256_of(path) == self.sha256
        except OSError:
            return "missing"
        return "unchanged" if same else "changed"

    def to_json(self, out: Path) -> dict[str, str]:
        """Return what the file ``out`` carries of it: the path is relative to its folder, and names no user's home."""
        folder = out.absolute().parent
        path = "-" if self.path == _NO_FILE else os.path.relpath(self.path.absolute(), folder)
        return {"name": self.name, "path": path, "sha256": self.sha256}


@dataclass(frozen=True)
class Provenance:
    """How a picture or a video was made.

    Attributes:
        kind: of the recipe.
        recipe: every setting, its precision decided.
        inputs: what it was made from.
        stopped_after: the step it was stopped after, of a video the frame; None where it is complete.
        video: how a video is made; None of a picture.
        version: artcnn's.
        fingerprint: the job's; None in what 0.1.0 made.
        asked: the recipe as it was asked for, where the machine may have decided on the precision.
        network: the sha256 of the network that ships, where it was made with that.
        folder: where the file will be, if it is first written elsewhere.
    """

    kind: "PictureKind"
    recipe: "Recipe"
    inputs: tuple[Input, ...]
    stopped_after: int | None
    video: "VideoRecipe | FilmRecipe | None"
    version: str
    fingerprint: str | None
    asked: "Recipe"
    network: str | None = None
    folder: Path | None = None

    @property
    def decided_precision(self) -> "Precision | None":
        """What it was computed in, or None where it is not said."""
        return None if self.recipe.precision == "auto" else self.recipe.precision

    def to_json(self, out: Path) -> str:
        """Return what the file ``out`` carries: paths are relative to its folder, and name no user's home.

        Of a zoom film, the number of its frames tells where it was stopped.

        Raises:
            ArtcnnError: it is too long for a picture's metadata.
        """
        from artcnn.files.provenance import check_provenance

        data: dict[str, Any] = {
            "artcnn": self.version,
            "kind": self.kind,
            "fingerprint": self.fingerprint,
            "recipe": self.recipe.model_dump(mode="json"),
            "precision": self.asked.precision,
            "inputs": [entry.to_json(self.folder / out.name if self.folder else out) for entry in self.inputs],
        }
        if self.network is not None:
            data["network"] = self.network
        if self.video is not None:
            data[name_of_video(self.video)] = self.video.model_dump(mode="json")
        if self.stopped_after is not None:
            data["stopped_after"] = self.stopped_after
        text = json.dumps(data)
        check_provenance(text)
        return text

    def describe(self, picture: Path) -> dict[str, Any]:
        """Return what ``artcnn show`` tells of a picture that was made this way, as plain data."""
        return {
            "artcnn": self.version,
            "kind": self.kind,
            "fingerprint": self.fingerprint,
            "inputs": [entry.to_json(picture) | {"state": entry.state(entry.path)} for entry in self.inputs],
            "stopped_after": self.stopped_after,
            "recipe": self.recipe.model_dump(),
            "video": None,
        } | ({} if self.video is None else {name_of_video(self.video): self.video.model_dump()})

    def is_of(self, job: Job, fingerprint: str) -> bool:
        """Return whether this came of a job, complete or not; of 0.1.0, by the recipe and the inputs' bytes.

        Args:
            job: the job.
            fingerprint: its fingerprint.
        """
        if self.fingerprint is not None:
            return self.fingerprint == fingerprint
        recipe, names = self.recipe, [entry.name for entry in self.inputs]
        if job.recipe.precision == "auto":
            recipe = recipe.model_copy(update={"precision": "auto"})
        if (self.kind, recipe, self.video, names) != (job.kind, job.recipe, job.video, [*job.sources()]):
            return False
        return fingerprint_of(job, {entry.name: entry.sha256 for entry in self.inputs}) == fingerprint


def provenance_of(job: Job, recipe: "Recipe", sha256s: Mapping[str, str]) -> Provenance:
    """Return how the complete result of a job is made.

    Args:
        job: what is made.
        recipe: its recipe, the precision decided.
        sha256s: of the inputs, by name.
    """
    from artcnn import __version__

    inputs = tuple(
        Input(name, source if isinstance(source, Path) else _NO_FILE, sha256s[name])
        for name, source in job.sources().items()
    )
    fingerprint = fingerprint_of(job, sha256s)
    network = network_sha256(recipe)
    return Provenance(job.kind, recipe, inputs, None, job.video, __version__, fingerprint, job.recipe, network)


def read_provenance(picture: Path) -> Provenance:
    """Return how a picture or a video was made, from its metadata.

    Raises:
        PictureError: the file is no picture.
        ProvenanceError: artcnn did not make it, or its metadata do not hold together.
    """
    from artcnn.files import provenance
    from artcnn.files.video import count_frames
    from artcnn.old_recipes import BEFORE, upgrade
    from artcnn.presets import RECIPES, make_recipe
    from artcnn.recipes import FilmRecipe, VideoRecipe

    text = provenance.read_provenance(picture)
    if text is None:
        raise ProvenanceError(f"{picture}: artcnn did not make it, or its metadata was removed")
    try:
        data: dict[str, Any] = json.loads(text)
        named = data["kind"] if "kind" in data else data["command"]  # 0.1.0 called it the command, and a video a film
        if named == "sheet":
            raise ArtcnnError(f"{picture} is a sheet of many pictures: 'artcnn show {picture}' tells how each is made")
        kind = next(known for known in INPUTS if known == named)
        inputs = tuple(read_input(entry, picture) for entry in data["inputs"])
        INPUTS[kind].from_named({entry.name: entry for entry in inputs})
        version, network = printable(str(data["artcnn"])), data.get("network")
        stopped_after, fingerprint = data.get("stopped_after"), data.get("fingerprint")
        settings = {**BEFORE.get(kind, {}), **upgrade(RECIPES[kind], data["recipe"], version)}
        asked = settings | ({"precision": data["precision"]} if "precision" in data else {})
        film = "kind" in data and "film" in data
        filmed = data.get("film") if film else data.get("video", data.get("film"))
        model = FilmRecipe if film else VideoRecipe
        filmed = None if filmed is None else upgrade(model, filmed, version)
        if not isinstance(stopped_after, int | None) or not all(
            isinstance(text, str | None) for text in (fingerprint, network)
        ):
            raise TypeError
    except (ValueError, TypeError, KeyError, AttributeError, StopIteration, RecursionError) as error:
        raise ProvenanceError(f"{picture}: the recipe in its metadata is damaged") from error
    recipe, video = make_recipe(kind, settings), None if filmed is None else parse_video(filmed, film=film)
    if isinstance(video, VideoRecipe) and (count := count_frames(picture)) < video.frames:
        stopped_after = count
    return Provenance(
        kind, recipe, inputs, stopped_after, video, version, fingerprint, make_recipe(kind, asked), network
    )


def read_input(entry: Mapping[str, Any], picture: Path) -> Input:
    """Return what metadata say of one input: they tell its path as seen from the picture."""
    path = Path(str(entry["path"]))
    if path != _NO_FILE:
        path = Path(os.path.normpath(picture.parent / path))
    return Input(str(entry["name"]), path, str(entry["sha256"]))
